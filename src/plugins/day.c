#include "plugins/day.h"

#include "plugins/whole_file.h"

#include "alerts/daily.h"
#include "alerts/summary.h"

#include <stdlib.h>
#include <time.h>

#define REPORT_MODE 0640
#define FOLDER_MODE 0750

/* HOST-YYYY-MM-DD.md; "/" cannot be in a host, and does not begin a name. */
static void write_report(const struct alerts *a, const char *host,
                         const char *text) {
  char path[PATH_MAX];
  char date[16];
  char name[DATA_MAX_NAME_LEN];
  char err[256];
  time_t now = (time_t)alerts_wall();
  struct tm tm;
  sstrncpy(name, host, sizeof(name));
  for (char *c = name; *c != '\0'; c++)
    if (*c == '/' || (*c == '.' && c == name))
      *c = '_';
  if (localtime_r(&now, &tm) == NULL ||
      strftime(date, sizeof(date), "%Y-%m-%d", &tm) == 0)
    return;
  if (snprintf(path, sizeof(path), "%s/%s-%s.md", a->config.report_dir, name,
               date) >= (int)sizeof(path))
    return;
  if (whole_file_write(path, text, strlen(text), REPORT_MODE, false, err,
                       sizeof(err)) != 0)
    WARNING(ALERTS_PLUGIN ": %s: %s", path, err);
}

static void notify(const struct alerts *a, const struct summary *s) {
  notification_t n = {.severity = NOTIF_OKAY, .time = cdtime()};
  summary_notice(s, n.message);
  sstrncpy(n.host, s->host, sizeof(n.host));
  sstrncpy(n.plugin, ALERTS_PLUGIN, sizeof(n.plugin));
  sstrncpy(n.type, "summary", sizeof(n.type));
  notify_send(a->notify, &n);
}

struct reports { /* made under the lock, written outside */
  struct report {
    char host[DATA_MAX_NAME_LEN];
    char *text;
  } * list;
  size_t num;
};

static void add_report(struct reports *reports, const char *host, char *text) {
  struct report *list =
      realloc(reports->list, (reports->num + 1) * sizeof(*list));
  if (list == NULL) {
    free(text);
    return;
  }
  reports->list = list;
  sstrncpy(list[reports->num].host, host, sizeof(list->host));
  list[reports->num++].text = text;
}

/* Only its last part; where that fails, the first report says so. */
static void make_folder(const char *path) {
  if (mkdir(path, FOLDER_MODE) == 0)
    chmod(path, FOLDER_MODE);
}

static void write_reports(const struct alerts *a, struct reports *reports) {
  if (reports->num > 0)
    make_folder(a->config.report_dir);
  for (size_t i = 0; i < reports->num; i++) {
    write_report(a, reports->list[i].host, reports->list[i].text);
    free(reports->list[i].text);
  }
  free(reports->list);
}

static void sum_up_host(struct alerts *a, struct reports *reports,
                        const struct hubday *hubs, size_t num) {
  const struct summary s = {.host = hubs->host,
                            .hubs = hubs,
                            .hubs_num = num,
                            .incidents = a->memory.incidents,
                            .wall = alerts_wall()};
  notify(a, &s);
  char *report = a->config.report_dir != NULL ? summary_report(&s) : NULL;
  if (report != NULL)
    add_report(reports, s.host, report);
}

/* The hubs are ordered by host. */
static void sum_up(struct alerts *a, struct reports *reports) {
  size_t num = 0;
  const struct hubview **views = hubviews_list(a->memory.hubs, NULL, &num);
  struct hubday *hubs =
      views != NULL ? hubdays_of(views, num, alerts_now(a)) : NULL;
  for (size_t first = 0, next = 0; hubs != NULL && first < num; first = next) {
    while (next < num && strcmp(hubs[next].host, hubs[first].host) == 0)
      next++;
    sum_up_host(a, reports, &hubs[first], next - first);
  }
  free(hubs);
  free(views);
}

void day_tick(struct alerts *a) {
  static double due;
  int hour = 0;
  int minute = 0;
  double wall = alerts_wall();
  bool wanted = a->config.daily_summary != NULL;
  if (wanted)
    daily_parse(a->config.daily_summary, &hour, &minute);
  double next = daily_next(hour, minute, wall);
  if (due > 0 && wall >= due) {
    struct reports reports = {NULL};
    pthread_mutex_lock(&a->lock);
    incidents_expire(a->memory.incidents, wall);
    if (wanted)
      sum_up(a, &reports);
    hubviews_end_day(a->memory.hubs, wall);
    pthread_mutex_unlock(&a->lock);
    write_reports(a, &reports);
  }
  due = next;
}
