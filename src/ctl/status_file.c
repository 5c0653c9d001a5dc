/* SPDX-License-Identifier: MIT */
#include "ctl/status_file.h"

#include "util/file.h"
#include "util/format.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Active alerts first, then worst, then oldest. */
static int compare_alerts(const void *a, const void *b) {
  const struct alert *x = a;
  const struct alert *y = b;
  if (alert_is_active(x) != alert_is_active(y))
    return alert_is_active(x) ? -1 : 1;
  if (x->level != y->level)
    return x->level > y->level ? -1 : 1;
  return (x->since > y->since) - (x->since < y->since);
}

/* ---- file ---- */

static void describe_unreadable(const char *path, int error, char *err,
                                size_t size) {
  if (error == ENOENT)
    snprintf(err, size,
             "there is no %s\n"
             "  Is the alert plugin loaded? LoadPlugin mcp_hub_alerts\n"
             "  Has it a StateFile?         status.json is written beside it\n"
             "  Is it somewhere else?       mcphubctl -S FILE",
             path);
  else if (error == EACCES)
    snprintf(err, size,
             "no permission to read %s\n"
             "  Run this as root; for a group, put StateFile into a folder of "
             "it (chmod 2750)",
             path);
  else if (error == EINVAL || error == EFBIG)
    snprintf(err, size, "%s: expected a regular file of at most %u MiB", path,
             STATUS_FILE_MAX >> 20);
  else if (error == ENOMEM)
    snprintf(err, size, "out of memory");
  else
    snprintf(err, size, "cannot read %s: %s", path, strerror(error));
}

static struct status_json *load(const struct ctl *c, char *err, size_t size) {
  char unused[128];
  struct stat st;
  size_t len = 0;
  bool out_of_memory = false;
  char *text = file_read(c->status_file, STATUS_FILE_MAX, &st, &len, unused,
                         sizeof(unused));
  if (text == NULL) {
    describe_unreadable(c->status_file, errno, err, size);
    return NULL;
  }
  struct status_json *s =
      status_json_read(text, len, c->host, c->hub, &out_of_memory);
  free(text);
  if (s == NULL && out_of_memory)
    snprintf(err, size, "out of memory");
  else if (s == NULL)
    snprintf(err, size,
             "%s is not a status of the alert plugin (version 1)\n"
             "  Do this command and the plugin come from one installation?",
             c->status_file);
  return s;
}

static int check_hub(const struct status_json *s, const struct ctl *c,
                     char *err, size_t size) {
  const struct json_object *list = json_list(s->tree, "hubs");
  if (s->hubs_num > 0 || (c->hub == NULL && c->host == NULL))
    return 0;
  int put = snprintf(err, size,
                     "the alert plugin knows no %s \"%s\"\n  It "
                     "knows:",
                     c->hub != NULL ? "hub" : "host",
                     c->hub != NULL ? c->hub : c->host);
  for (size_t i = 0; i < json_length(list) && put > 0 && (size_t)put < size;
       i++) {
    const struct json_object *o = json_element(list, i);
    put +=
        snprintf(err + put, size - (size_t)put, "%s %s on %s", i > 0 ? "," : "",
                 json_text(o, "hub", ""), json_text(o, "host", ""));
  }
  if (json_length(list) == 0 && put > 0 && (size_t)put < size)
    snprintf(err + put, size - (size_t)put, " none");
  return -1;
}

static int check_age(const struct status_json *s, const struct ctl *c,
                     double now, char *err, size_t size) {
  char age[FORMAT_MAX];
  if (now - s->time <= c->max_age)
    return 0;
  format_duration(now - s->time, age);
  snprintf(err, size,
           "%s is %s old: what it says may be over\n"
           "  Is collectd running?      systemctl status collectd\n"
           "  Is its interval that long? mcphubctl --max-age 10m",
           c->status_file, isnan(s->time) ? "unknown times" : age);
  return -1;
}

struct status_json *status_file_read(const struct ctl *c, double now, char *err,
                                     size_t err_size) {
  struct status_json *s = load(c, err, err_size);
  if (s == NULL)
    return NULL;
  qsort(s->alerts, s->alerts_num, sizeof(*s->alerts), compare_alerts);
  if (check_age(s, c, now, err, err_size) == 0 &&
      check_hub(s, c, err, err_size) == 0)
    return s;
  status_json_free(s);
  return NULL;
}

bool status_file_says_since(const struct alert *a) {
  char since[FORMAT_MAX];
  return strstr(a->message, format_moment(a->since, since)) != NULL;
}
