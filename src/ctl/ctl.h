/* SPDX-License-Identifier: MIT */
/* ctl.h - what all commands of mcphubctl share: the options given, the exit
 * statuses, and how a command says that it cannot tell.
 *
 * A command returns its exit status and prints what it found to stdout; with
 * `json`, one JSON value and nothing else. */
#ifndef CTL_CTL_H
#define CTL_CTL_H

#include "rules/rule.h"
#include "util/json.h"

#include <stdbool.h>
#include <stddef.h>

enum ctl_status {
  CTL_CLEAR = 0,
  CTL_WARNING = 1,
  CTL_CRITICAL = 2,
  CTL_UNKNOWN = 3 /* cannot tell; also wrong usage */
};

#define CTL_TYPES_MAX 16
#define CTL_ERROR_MAX 1024

#define CTL_SOCKET "/var/run/collectd-unixsock" /* where Debian has it */

struct ctl { /* strings are argv's or constants */
  const char *socket;
  const char *status_file;
  const char *host; /* NULL: all */
  const char *hub;  /* NULL: all */
  bool json;
  double max_age;     /* of status.json, seconds */
  double every;       /* watch, seconds */
  double period;      /* baseline, seconds */
  const char *csv;    /* rules replay */
  const char *series; /* rules replay: of a single file */
  bool rates;         /* rules replay: the recorder stored rates */
  bool scores;        /* rules replay: of anomaly, instead of notices */
  const char *types[CTL_TYPES_MAX];
  size_t types_num;
  char **args; /* after the command's name */
  int args_num;
};

/* Says why, on stderr and with `json` also as {"error": …}; control characters
 * do not get through. Returns CTL_UNKNOWN. */
int ctl_fail(const struct ctl *c, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* The exit status for the worst alert: info disturbs nobody. */
int ctl_exit_status(enum alert_level worst);

/* Begin with this what --json prints. */
#define CTL_JSON                                                               \
  { .ascii = true }
/* Prints and clears it: 0; -1 without memory for all of it, and nothing is
 * printed. */
int ctl_print_json(struct json_writer *w);

/* The whole program, without main(), so that tests can link it. */
int mcphubctl(int argc, char **argv);

int command_status(const struct ctl *c);
int command_watch(const struct ctl *c);
int command_check(const struct ctl *c);
int command_baseline(const struct ctl *c);
int command_summary(const struct ctl *c);
int command_rules_check(const struct ctl *c);
int command_rules_replay(const struct ctl *c);
int command_test_notification(const struct ctl *c);

#endif
