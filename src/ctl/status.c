/* SPDX-License-Identifier: MIT */
/* mcphubctl status: the page, once. */
#include "ctl/hub_page.h"

int command_status(const struct ctl *c) {
  char err[CTL_ERROR_MAX];
  struct json_writer json = CTL_JSON;
  struct page *p = c->json ? NULL : page_for_stdout();
  if (!c->json && p == NULL)
    return ctl_fail(c, "out of memory");
  if (hub_page_look(c, p, &json, err, sizeof(err)) != 0) {
    page_destroy(p);
    json_writer_clear(&json);
    return ctl_fail(c, "%s", err);
  }
  int status = c->json ? ctl_print_json(&json) : page_print(p);
  return status == 0 ? CTL_CLEAR : ctl_fail(c, "out of memory");
}
