#include "ctl/amount.h"
#include "ctl/page.h"
#include "ctl/statusfile.h"
#include "ctl/values.h"

#include <math.h>
#include <string.h>
#include <time.h>

static void put_line(struct page *p, const struct statusfile_alert *a) {
  char since[AMOUNT_MAX];
  enum page_style style = page_level_style(a->level);
  page_put(p, style, "%s", alert_level_name(a->level));
  page_put(p, PAGE_BOLD, " %s", a->rule);
  page_put(p, PAGE_PLAIN, " %s%s%s: %s", *a->hub != '\0' ? a->hub : a->plugin,
           *a->host != '\0' ? " on " : "", a->host, a->message);
  page_put(p, PAGE_FAINT, " (%s since %s)", a->status,
           amount_moment(a->since, since));
  page_end_line(p);
}

/* Those that are there and disturb nobody. */
static void put_quiet(struct page *p, const struct statusfile *s) {
  static const char *const names[] = {"pending", "silenced", "inhibited"};
  for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++) {
    size_t num = 0;
    for (size_t i = 0; i < s->alerts_num; i++)
      num += strcmp(s->alerts[i].status, names[k]) == 0;
    if (num > 0) {
      page_put(p, PAGE_FAINT, "%zu %s", num, names[k]);
      page_end_line(p);
    }
  }
}

static void print_text(const struct statusfile *s, size_t active) {
  /* As long as the alert says: a line each, for mails and grep. */
  struct page *p = page_create(1000, page_wants_colour(stdout));
  if (p == NULL)
    return;
  if (active == 0) {
    page_put(p, PAGE_GOOD, "clear");
    page_end_line(p);
  }
  for (size_t i = 0; i < s->alerts_num; i++)
    if (statusfile_is_active(&s->alerts[i]))
      put_line(p, &s->alerts[i]);
  put_quiet(p, s);
  if (!s->rules_current) {
    page_put(p, PAGE_WARN,
             "alerts.json was edited and the edit rejected: "
             "older rules are in force");
    page_end_line(p);
  }
  page_print(p);
}

static void print_json(const struct statusfile *s, enum alert_level worst) {
  struct json_object *o = json_object_new_object();
  struct json_object *list = json_object_new_array();
  for (size_t i = 0; i < s->alerts_num; i++)
    json_object_array_add(list, json_object_get(s->alerts[i].json));
  json_object_object_add(o, "time", ctl_json_number(s->time));
  json_object_object_add(o, "exit",
                         json_object_new_int(ctl_exit_status(worst)));
  json_object_object_add(o, "worst",
                         json_object_new_string(alert_level_name(worst)));
  json_object_object_add(o, "rules_current",
                         json_object_new_boolean(s->rules_current));
  json_object_object_add(o, "alerts", list);
  ctl_print_json(o);
}

/* Without status.json: how many there are, if collectd tells. */
static void count_alerts(const struct ctl *c, char *buf, size_t size) {
  char err[CTL_ERROR_MAX];
  double critical = 0;
  double warning = 0;
  size_t num = 0;
  struct values *v = values_open(c, err, sizeof(err));
  if (v == NULL)
    return;
  const struct hub_name *hubs = values_hubs(v, &num);
  for (size_t i = 0; i < num; i++) {
    critical +=
        values_get(v, &hubs[i], VALUES_ALERTS, "mcp_alerts", "critical");
    warning += values_get(v, &hubs[i], VALUES_ALERTS, "mcp_alerts", "warning");
  }
  values_close(v);
  if (!isnan(critical + warning))
    snprintf(buf, size,
             "\n  collectd counts %.0f critical and %.0f warning alerts",
             critical, warning);
}

int command_check(const struct ctl *c) {
  char err[CTL_ERROR_MAX];
  char counts[128] = "";
  struct statusfile *s =
      statusfile_read(c, (double)time(NULL), err, sizeof(err));
  if (s == NULL) {
    count_alerts(c, counts, sizeof(counts));
    return ctl_fail(c, "%s%s", err, counts);
  }
  enum alert_level worst = ALERT_OK;
  size_t active = 0;
  for (size_t i = 0; i < s->alerts_num; i++) {
    if (!statusfile_is_active(&s->alerts[i]))
      continue;
    active++;
    if (s->alerts[i].level > worst)
      worst = s->alerts[i].level;
  }
  if (c->json)
    print_json(s, worst);
  else
    print_text(s, active);
  statusfile_free(s);
  return ctl_exit_status(worst);
}
