#include "ctl/hubpage.h"

int command_status(const struct ctl *c) {
  char err[CTL_ERROR_MAX];
  struct sight sight;
  if (sight_take(&sight, c, err, sizeof(err)) != 0)
    return ctl_fail(c, "%s", err);
  struct page *p = c->json ? NULL : page_for_stdout();
  if (c->json) {
    ctl_print_json(hubpage_json(&sight));
  } else if (p != NULL) {
    hubpage_put(p, &sight);
    page_print(p);
  }
  sight_free(&sight);
  return CTL_CLEAR;
}
