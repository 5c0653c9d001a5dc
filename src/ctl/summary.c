/* SPDX-License-Identifier: MIT */
/* mcphubctl summary: the daily report, now. */
#include "ctl/output.h"
#include "ctl/status_file.h"

#include "report/summary.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* One report per host; hubs are ordered by host. */
static int print_text(const struct status_json *s,
                      const struct ruleset *rules) {
  if (s->hubs_num == 0)
    output_format("The alert plugin has seen no hub yet.\n");
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
    output_format("%s%s", first > 0 ? "\n" : "", report);
    free(report);
  }
  return 0;
}

static int print_json(const struct status_json *s) {
  struct json_writer w = CTL_JSON;
  json_begin_object(&w, NULL);
  json_put_number(&w, "time", s->time);
  status_json_put_hubs(&w, s);
  status_json_put_incidents(&w, s);
  json_end_object(&w);
  return ctl_print_json(&w);
}

int command_summary(const struct ctl *c) {
  char err[CTL_ERROR_MAX];
  struct status_json *s =
      status_file_read(c, (double)time(NULL), err, sizeof(err));
  if (s == NULL)
    return ctl_fail(c, "%s", err);
  struct ruleset *rules = status_json_rules(s);
  int status = rules == NULL ? -1
               : c->json     ? print_json(s)
                             : print_text(s, rules);
  ruleset_destroy(rules);
  status_json_free(s);
  return status == 0 ? CTL_CLEAR : ctl_fail(c, "out of memory");
}
