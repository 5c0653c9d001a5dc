#include "ctl/hubpage.h"

int command_status(const struct ctl *c) {
  char err[CTL_ERROR_MAX];
  struct json_object *json = NULL;
  struct page *p = c->json ? NULL : page_for_stdout();
  if (hubpage_look(c, p, &json, err, sizeof(err)) != 0) {
    page_destroy(p);
    return ctl_fail(c, "%s", err);
  }
  if (p != NULL)
    page_print(p);
  else
    ctl_print_json(json);
  return CTL_CLEAR;
}
