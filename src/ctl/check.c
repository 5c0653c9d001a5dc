/* SPDX-License-Identifier: MIT */
/* mcphubctl check: one line for each alert; the exit status for scripts. */
#include "ctl/collectd_client.h"
#include "ctl/page.h"
#include "ctl/status_file.h"
#include "util/format.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static void put_alert(struct page *p, const struct alert *a) {
  char since[FORMAT_MAX];
  bool active = alert_is_active(a);
  enum page_style plain = active ? PAGE_PLAIN : PAGE_FAINT;
  if (!active) /* starts with the reason */
    page_put(p, PAGE_FAINT, "%s: ", alert_status_word(a->status));
  page_put(p, active ? page_level_style(a->level) : PAGE_FAINT, "%s",
           alert_level_name(a->level));
  page_put(p, active ? PAGE_BOLD : PAGE_FAINT, " %s", a->rule_name);
  const struct series *of = &a->series;
  page_put(p, plain, " %s%s%s: %s",
           *of->plugin_instance != '\0' ? of->plugin_instance : of->plugin,
           *of->host != '\0' ? " on " : "", of->host, a->message);
  if (!status_file_says_since(a))
    page_put(p, PAGE_FAINT, ", since %s", format_moment(a->since, since));
  if (active && a->status != STATUS_FIRING)
    page_put(p, PAGE_FAINT, " (%s)", alert_status_word(a->status));
  page_end_line(p);
}

static void put_alerts(struct page *p, const struct status_json *s) {
  size_t pending = 0;
  for (size_t i = 0; i < s->alerts_num; i++)
    if (alert_is_active(&s->alerts[i]))
      put_alert(p, &s->alerts[i]);
  for (size_t i = 0; i < s->alerts_num; i++)
    if (s->alerts[i].status == STATUS_PENDING)
      pending++;
    else if (!alert_is_active(&s->alerts[i]))
      put_alert(p, &s->alerts[i]);
  if (pending == 0)
    return;
  page_put(p, PAGE_FAINT, "%zu pending", pending);
  page_end_line(p);
}

static int print_text(const struct status_json *s, size_t active) {
  /* One line per alert without wrapping, for mail and grep. */
  struct page *p = page_create(1000, page_wants_colour(stdout));
  if (p == NULL)
    return -1;
  if (active == 0) {
    page_put(p, PAGE_GOOD, "clear");
    page_end_line(p);
  }
  put_alerts(p, s);
  if (!s->rules_current) {
    page_put(p, PAGE_WARN,
             "alerts.json was edited and the edit rejected: "
             "older rules are in force");
    page_end_line(p);
  }
  return page_print(p);
}

static int print_json(const struct status_json *s, enum alert_level worst) {
  struct json_writer w = CTL_JSON;
  json_begin_object(&w, NULL);
  json_put_number(&w, "time", s->time);
  json_put_number(&w, "exit", ctl_exit_status(worst));
  json_put_text(&w, "worst", alert_level_name(worst));
  json_put_flag(&w, "rules_current", s->rules_current);
  status_json_put_alerts(&w, s);
  json_end_object(&w);
  return ctl_print_json(&w);
}

/* Without status.json: the counts from collectd, if any. */
static void count_alerts(const struct ctl *c, char *buf, size_t size) {
  char err[CTL_ERROR_MAX];
  double critical = 0;
  double warning = 0;
  size_t num = 0;
  struct collectd_client *v = collectd_client_open(c, err, sizeof(err));
  if (v == NULL)
    return;
  const struct hub_name *hubs = collectd_client_hubs(v, &num);
  for (size_t i = 0; i < num; i++) {
    critical += collectd_client_get(v, &hubs[i], COLLECTD_CLIENT_ALERTS,
                                    "mcp_alerts", "critical");
    warning += collectd_client_get(v, &hubs[i], COLLECTD_CLIENT_ALERTS,
                                   "mcp_alerts", "warning");
  }
  collectd_client_close(v);
  if (!isnan(critical + warning))
    snprintf(buf, size,
             "\n  collectd counts %.0f critical and %.0f warning alerts",
             critical, warning);
}

/* True: collectd has ended. Not every collectd has a socket; without permission
 * for it the answer is unknown. */
static bool has_ended(const struct ctl *c, char *err, size_t err_size) {
  bool known =
      strcmp(c->socket, CTL_SOCKET) != 0 || access(c->socket, F_OK) == 0;
  int fd = known ? collectd_client_connect(c->socket, err, err_size) : -1;
  bool ended = known && fd < 0 && errno != EACCES;
  if (fd >= 0)
    close(fd);
  return ended;
}

int command_check(const struct ctl *c) {
  char err[CTL_ERROR_MAX];
  char counts[128] = "";
  struct status_json *s =
      status_file_read(c, (double)time(NULL), err, sizeof(err));
  if (s == NULL) {
    count_alerts(c, counts, sizeof(counts));
    return ctl_fail(c, "%s%s", err, counts);
  }
  if (has_ended(c, err, sizeof(err))) {
    status_json_free(s);
    return ctl_fail(c, "cannot tell whether all is clear: %s", err);
  }
  if (s->hubs_num == 0 && s->alerts_num == 0) {
    status_json_free(s);
    return ctl_fail(c, "cannot tell whether all is clear: "
                       "the alert plugin has seen no hub yet");
  }
  enum alert_level worst = ALERT_OK;
  size_t active = 0;
  for (size_t i = 0; i < s->alerts_num; i++) {
    if (!alert_is_active(&s->alerts[i]))
      continue;
    active++;
    if (s->alerts[i].level > worst)
      worst = s->alerts[i].level;
  }
  int status = c->json ? print_json(s, worst) : print_text(s, active);
  status_json_free(s);
  return status == 0 ? ctl_exit_status(worst) : ctl_fail(c, "out of memory");
}
