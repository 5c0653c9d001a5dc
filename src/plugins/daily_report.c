/* SPDX-License-Identifier: MIT */
#include "plugins/daily_report.h"

#include "plugins/persistence.h"

#include "report/daily_time.h"
#include "report/summary.h"

#include <stdlib.h>
#include <time.h>

#define REPORT_MODE 0640
#define FOLDER_MODE 0750

struct day {  /* copied under the lock, formatted without it */
  bool waits; /* to be formatted */
  double now; /* engine's time */
  double wall;
  struct hub_stats *hubs;
  size_t hubs_num;
  struct incidents *incidents;
};

struct reports { /* sent, still to be written */
  double made;   /* epoch seconds */
  struct report {
    char host[DATA_MAX_NAME_LEN];
    char notification[MESSAGE_MAX];
    char *text; /* NULL: written, or not to be written */
    bool failing;
  } * list;
  size_t num;
};

static void free_reports(struct reports *reports) {
  for (size_t i = 0; i < reports->num; i++)
    free(reports->list[i].text);
  free(reports->list);
  *reports = (struct reports){0};
}

static void free_day(struct day *day) {
  free(day->hubs);
  incidents_destroy(day->incidents);
  *day = (struct day){0};
}

/* ---- copy and format ---- */

/* -1: out of memory, the day continues. */
static int end_day(struct alerts_plugin *a, double wall, struct day *day) {
  bool wanted = a->config.daily_summary != NULL;
  struct day ended = {.waits = wanted, .wall = wall};
  pthread_mutex_lock(&a->lock);
  ended.now = alerts_now(a);
  incidents_expire(a->memory.incidents, wall);
  if (wanted) {
    ended.hubs = hub_stats_table_copy(a->memory.hubs, NULL, &ended.hubs_num);
    ended.incidents = incidents_copy(a->memory.incidents);
  }
  bool copied = ended.hubs != NULL && ended.incidents != NULL;
  if (copied || !wanted)
    hub_stats_table_end_day(a->memory.hubs, wall);
  pthread_mutex_unlock(&a->lock);
  if (copied || !wanted) {
    free_day(day);
    *day = ended;
    return 0;
  }
  free_day(&ended);
  return -1;
}

/* -1: out of memory. */
static int sum_up_host(const struct alerts_plugin *a, struct reports *reports,
                       const struct summary *s) {
  struct report *list =
      realloc(reports->list, (reports->num + 1) * sizeof(*list));
  if (list == NULL)
    return -1;
  struct report *report = &list[reports->num++];
  *report = (struct report){.text = NULL};
  reports->list = list;
  sstrncpy(report->host, s->host, sizeof(report->host));
  summary_message(s, report->notification);
  if (a->config.report_dir == NULL)
    return 0;
  report->text = summary_report(s);
  return report->text != NULL ? 0 : -1;
}

/* Hubs are ordered by host. -1: out of memory. */
static int sum_up(const struct alerts_plugin *a, const struct day *day,
                  struct reports *reports) {
  size_t num = day->hubs_num;
  struct hub_report *hubs = hub_reports_of(day->hubs, num, day->now);
  struct ruleset *rules = rules_file_again(&a->rules);
  int status = hubs != NULL && rules != NULL ? 0 : -1;
  for (size_t first = 0, next = 0; status == 0 && first < num; first = next) {
    while (next < num && strcmp(hubs[next].host, hubs[first].host) == 0)
      next++;
    const struct summary s = {.host = hubs[first].host,
                              .hubs = &hubs[first],
                              .hubs_num = next - first,
                              .incidents = day->incidents,
                              .rules = rules,
                              .wall = day->wall};
    status = sum_up_host(a, reports, &s);
  }
  ruleset_destroy(rules);
  free(hubs);
  return status;
}

/* ---- send and write ---- */

static void notify(const struct alerts_plugin *a, const struct report *report) {
  notification_t n = {.severity = NOTIF_OKAY, .time = cdtime()};
  sstrncpy(n.message, report->notification, sizeof(n.message));
  sstrncpy(n.host, report->host, sizeof(n.host));
  sstrncpy(n.plugin, ALERTS_PLUGIN, sizeof(n.plugin));
  sstrncpy(n.type, "summary", sizeof(n.type));
  notification_queue_send(a->notify, &n);
}

/* HOST-YYYY-MM-DD.md; "/" and a leading "." of the host become "_". */
static int report_path(const struct alerts_plugin *a, const char *host,
                       double made, char path[PATH_MAX]) {
  char date[16];
  char name[DATA_MAX_NAME_LEN];
  time_t day = (time_t)made;
  struct tm tm;
  sstrncpy(name, host, sizeof(name));
  for (char *c = name; *c != '\0'; c++)
    if (*c == '/' || (*c == '.' && c == name))
      *c = '_';
  if (localtime_r(&day, &tm) == NULL ||
      strftime(date, sizeof(date), "%Y-%m-%d", &tm) == 0)
    return -1;
  int len =
      snprintf(path, PATH_MAX, "%s/%s-%s.md", a->config.report_dir, name, date);
  return len < PATH_MAX ? 0 : -1;
}

/* Creates the last directory only; an error shows when the report is
 * written. */
static void make_folder(const char *path) {
  if (mkdir(path, FOLDER_MODE) == 0)
    chmod(path, FOLDER_MODE);
}

/* Failed reports are written again next time. */
static void write_reports(const struct alerts_plugin *a,
                          struct reports *reports) {
  char path[PATH_MAX];
  for (size_t i = 0; i < reports->num; i++) {
    struct report *report = &reports->list[i];
    if (report->text == NULL)
      continue;
    make_folder(a->config.report_dir);
    if (report_path(a, report->host, reports->made, path) == 0 &&
        persistence_write(path, report->text, strlen(report->text), REPORT_MODE,
                          false, &report->failing) != 0)
      continue;
    free(report->text);
    report->text = NULL;
  }
}

/* ---- schedule ---- */

static double next_after(const struct alerts_plugin *a, double wall) {
  int hour = 0;
  int minute = 0;
  if (a->config.daily_summary != NULL)
    daily_time_parse(a->config.daily_summary, &hour, &minute);
  return daily_time_next(hour, minute, wall);
}

/* Replaces the reports of the previous day. -1: out of memory, try again. */
static int make_reports(struct alerts_plugin *a, struct day *day,
                        struct reports *reports) {
  struct reports fresh = {.made = day->wall};
  if (sum_up(a, day, &fresh) != 0) {
    free_reports(&fresh);
    return -1;
  }
  free_day(day);
  free_reports(reports);
  *reports = fresh;
  for (size_t i = 0; i < fresh.num; i++)
    notify(a, &fresh.list[i]);
  return 0;
}

void daily_report_tick(struct alerts_plugin *a) {
  static struct day day;
  static struct reports reports;
  static double due;
  static bool failing;
  double wall = alerts_wall();
  int status = due > 0 && wall >= due ? end_day(a, wall, &day) : 0;
  if (status == 0)
    due = next_after(a, wall);
  if (status == 0 && day.waits)
    status = make_reports(a, &day, &reports);
  if (status != 0 && !failing)
    adapter_log(LOG_WARNING, ALERTS_PLUGIN
                ": the daily summary: out of memory; it comes later");
  failing = status != 0;
  write_reports(a, &reports);
}
