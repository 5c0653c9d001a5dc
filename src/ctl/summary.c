/* SPDX-License-Identifier: MIT */
#include "ctl/status_file.h"

#include "report/summary.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A report for each host; the hubs are ordered by it. */
static int print_text(const struct status_file *s,
                      const struct ruleset *rules) {
  if (s->hubs_num == 0)
    printf("The alert plugin has seen no hub yet.\n");
  for (size_t first = 0, next = 0; first < s->hubs_num; first = next) {
    const char *host = s->hubs[first].host;
    while (next < s->hubs_num && strcmp(s->hubs[next].host, host) == 0)
      next++;
    const struct summary summary = {.host = host,
                                    .hubs = &s->hubs[first],
                                    .hubs_num = next - first,
                                    .incidents = s->incidents,
                                    .rules = rules,
                                    .wall = s->time};
    char *report = summary_report(&summary);
    if (report == NULL)
      return -1;
    printf("%s%s", first > 0 ? "\n" : "", report);
    free(report);
  }
  return 0;
}

static int print_json(const struct status_file *s) {
  struct json_object *o = ctl_json_object();
  ctl_json_add(o, "time", ctl_json_number(s->time));
  ctl_json_add(o, "hubs", json_object_get(s->hubs_json));
  ctl_json_add(o, "incidents", json_object_get(s->incidents_json));
  return ctl_print_json(o);
}

int command_summary(const struct ctl *c) {
  char err[CTL_ERROR_MAX];
  struct status_file *s =
      status_file_read(c, (double)time(NULL), err, sizeof(err));
  if (s == NULL)
    return ctl_fail(c, "%s", err);
  struct ruleset *rules = status_file_rules(s);
  int status = rules == NULL ? -1
               : c->json     ? print_json(s)
                             : print_text(s, rules);
  ruleset_destroy(rules);
  status_file_free(s);
  return status == 0 ? CTL_CLEAR : ctl_fail(c, "out of memory");
}
