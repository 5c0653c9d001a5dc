/* SPDX-License-Identifier: MIT */
/* ctl.h - options, exit statuses and error output of all mcphubctl commands.
 *
 * A command prints its result to stdout and returns its exit status; with
 * `json` it prints exactly one JSON value. */
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
  CTL_UNKNOWN = 3 /* state unknown, or wrong usage */
};

#define CTL_TYPES_MAX 16
#define CTL_ERROR_MAX 1024

#define CTL_SOCKET "/var/run/collectd-unixsock" /* Debian's path */

struct ctl { /* strings are from argv or constant */
  const char *socket;
  const char *status_file;
  const char *host; /* NULL: all */
  const char *hub;  /* NULL: all */
  bool json;
  double max_age;     /* greatest age of status.json, seconds */
  double every;       /* of watch, seconds */
  double period;      /* of baseline, seconds */
  const char *csv;    /* for rules replay */
  const char *series; /* for rules replay of a single file */
  bool rates;         /* for rules replay: counters are stored as rates */
  bool scores;        /* for rules replay: anomaly scores only */
  const char *types[CTL_TYPES_MAX];
  size_t types_num;
  char **args; /* after the name of the command */
  int args_num;
};

/* Prints the error to stderr, with `json` also as {"error": …}; replaces
 * control characters. Returns CTL_UNKNOWN. */
int ctl_fail(const struct ctl *c, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* The exit status for the worst alert; info is no problem. */
int ctl_exit_status(enum alert_level worst);

/* Initialiser for the output of --json. */
#define CTL_JSON                                                               \
  { .ascii = true }
/* Prints and clears *w. 0, or -1: out of memory, nothing is printed. */
int ctl_print_json(struct json_writer *w);

/* The program without main(), for tests. */
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
