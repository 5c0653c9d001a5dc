/* SPDX-License-Identifier: MIT */
/* mcphubctl test-notification: sends a marked notification through collectd. */
#include "ctl/collectd_client.h"
#include "ctl/output.h"

#include "util/utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define NAME_MAX_BYTES 128

static const struct {
  const char *level;
  const char *severity;
} levels[] = {
    {"critical", "failure"}, {"warning", "warning"}, {"info", "okay"}};

/* NULL: unknown level. */
static const char *severity_of(const char *level) {
  for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++)
    if (strcmp(levels[i].level, level) == 0)
      return levels[i].severity;
  return NULL;
}

/* The host name that collectd uses, if known. A quote would end the option. */
static void find_host(const struct ctl *c, char *buf, size_t size) {
  char err[CTL_ERROR_MAX];
  struct ctl any = *c;
  char name[NAME_MAX_BYTES] = "";
  any.host = NULL;
  struct collectd_client *v =
      c->host == NULL ? collectd_client_open(&any, err, sizeof(err)) : NULL;
  const char *own = v != NULL ? collectd_client_own_host(v) : NULL;
  gethostname(name, sizeof(name) - 1);
  const char *host = c->host != NULL ? c->host : own != NULL ? own : name;
  utf8_copy(buf, size, host, strlen(host), "\"\\");
  collectd_client_close(v);
}

static int deliver(const struct ctl *c, const char *level, const char *host) {
  if (c->json) {
    struct json_writer w = CTL_JSON;
    json_begin_object(&w, NULL);
    json_put_flag(&w, "sent", true);
    json_put_text(&w, "host", host);
    json_put_text(&w, "level", level);
    json_end_object(&w);
    return ctl_print_json(&w) == 0 ? CTL_CLEAR : ctl_fail(c, "out of memory");
  }
  output_format(
      "collectd took a test notice of level %s from %s.\n"
      "Look where notices should arrive for one that begins with TEST.\n",
      level, host);
  return CTL_CLEAR;
}

int command_test_notification(const struct ctl *c) {
  const char *level = c->args_num > 0 ? c->args[0] : "warning";
  const char *severity = severity_of(level);
  char host[NAME_MAX_BYTES];
  char command[1024];
  char answer[512];
  char err[CTL_ERROR_MAX];
  if (severity == NULL)
    return ctl_fail(c, "\"%s\": expected critical, warning or info", level);
  find_host(c, host, sizeof(host));
  snprintf(
      command, sizeof(command),
      "PUTNOTIF severity=%s time=%lld host=\"%s\" "
      "plugin=" COLLECTD_CLIENT_ALERTS
      " type=test s:rule=test s:level=%s s:status=test "
      "message=\"TEST of level %s by mcphubctl on %s: nothing is wrong\"\n",
      severity, (long long)time(NULL), host, level, level, host);
  if (collectd_client_command(c, command, answer, sizeof(answer), err,
                              sizeof(err)) != 0)
    return ctl_fail(c, "%s", err);
  return strtol(answer, NULL, 10) == 0 && *answer == '0'
             ? deliver(c, level, host)
             : ctl_fail(c, "collectd refuses the notice: %s", answer);
}
