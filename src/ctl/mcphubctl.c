/* SPDX-License-Identifier: MIT */
/* mcphubctl.c - command line tool that shows hubs through a running collectd.
 *
 * Parsing and help use one table of options and one of commands. */
#include "ctl/ctl.h"
#include "ctl/output.h"

#include "util/duration.h"
#include "util/utf8.h"

#include <getopt.h>
#include <locale.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_STATUS_FILE "/var/lib/collectd/status.json"

enum command_id {
  STATUS = 1 << 0,
  WATCH = 1 << 1,
  CHECK = 1 << 2,
  BASELINE = 1 << 3,
  SUMMARY = 1 << 4,
  RULES_CHECK = 1 << 5,
  RULES_REPLAY = 1 << 6,
  TEST_NOTIFICATION = 1 << 7,
  ALL = (1 << 8) - 1,
  SOCKET_USERS = STATUS | WATCH | CHECK | BASELINE | TEST_NOTIFICATION,
  FILE_USERS = STATUS | WATCH | CHECK | SUMMARY,
  HUB_USERS = STATUS | WATCH | CHECK | BASELINE | SUMMARY
};

enum option_kind { FLAG, TEXT, DURATION, TYPES, SHOW_HELP, SHOW_VERSION };

static const struct option_row {
  int letter; /* above 255: long option only */
  const char *name;
  const char *argument; /* NULL: no argument */
  enum option_kind kind;
  size_t offset; /* in struct ctl */
  unsigned commands;
  const char *text;
} option_table[] = {
    {'s', "socket", "SOCKET", TEXT, offsetof(struct ctl, socket), SOCKET_USERS,
     "the unixsock plugin's socket\n[" CTL_SOCKET "]"},
    {'S', "status-file", "FILE", TEXT, offsetof(struct ctl, status_file),
     FILE_USERS, "the alert plugin's status.json\n[" DEFAULT_STATUS_FILE "]"},
    {256, "max-age", "TIME", DURATION, offsetof(struct ctl, max_age),
     FILE_USERS, "status.json is stale when older than that [2m]"},
    {'H', "host", "HOST", TEXT, offsetof(struct ctl, host),
     HUB_USERS | TEST_NOTIFICATION, "only hubs of that host"},
    {257, "hub", "NAME", TEXT, offsetof(struct ctl, hub), HUB_USERS,
     "only that hub"},
    {'n', "interval", "TIME", DURATION, offsetof(struct ctl, every), WATCH,
     "between two looks [5s]"},
    {'d', "duration", "TIME", DURATION, offsetof(struct ctl, period), BASELINE,
     "how long to measure [60s]"},
    {258, "csv", "DATA", TEXT, offsetof(struct ctl, csv), RULES_REPLAY,
     "a folder that collectd's csv plugin wrote, or a file\n"
     "with rows of timestamp,value"},
    {259, "series", "IDENTITY", TEXT, offsetof(struct ctl, series),
     RULES_REPLAY, "what a single file holds\n[localhost/csv/gauge-value]"},
    {'T', "types", "FILE", TYPES, 0, RULES_REPLAY,
     "a types.db, may be repeated [those installed]"},
    {260, "rates", NULL, FLAG, offsetof(struct ctl, rates), RULES_REPLAY,
     "counters were stored as rates (StoreRates true)"},
    {263, "scores", NULL, FLAG, offsetof(struct ctl, scores), RULES_REPLAY,
     "instead, how unusual each row of a single file is:\n"
     "0 to 1, anomalies from 0.5; needs no FILE"},
    {261, "json", NULL, FLAG, offsetof(struct ctl, json), ALL, "print JSON"},
    {'h', "help", NULL, SHOW_HELP, 0, ALL, "print this"},
    {262, "version", NULL, SHOW_VERSION, 0, ALL, "print the version"},
};
#define OPTIONS (sizeof(option_table) / sizeof(option_table[0]))

static const struct command {
  const char *words[2]; /* the second may be NULL */
  enum command_id id;
  int (*run)(const struct ctl *c);
  const char *args;
  int args_least, args_most;
  const char *summary;
  const char *text;
} commands[] = {
    {{"status"},
     STATUS,
     command_status,
     "",
     0,
     0,
     "one page about a hub, or a table of several",
     "Shows a hub, its servers, LLM, cache, queue, circuit breaker, process,\n"
     "log, score and alerts. Several hubs are a table; --hub takes one.\n"
     "Figures beyond the operators' thresholds are coloured.\n"
     "Exit status: 0, or 3 when nothing can be told.\n"},
    {{"watch"},
     WATCH,
     command_watch,
     "",
     0,
     0,
     "the same, refreshed in place until Ctrl-C",
     "Shows the page of \"status\" again and again. It stays up while "
     "collectd\n"
     "is away and says so. With --json, prints one line a look.\n"
     "Exit status: 0 after Ctrl-C.\n"},
    {{"check"},
     CHECK,
     command_check,
     "",
     0,
     0,
     "a line for each active alert; the exit status tells the worst",
     "Prints the alerts that are firing, clearing or flapping, worst first;\n"
     "these decide the exit status. Silenced and inhibited ones follow, "
     "dimmed;\n"
     "pending ones are only counted. Where collectd's socket is known, it has "
     "to\n"
     "take the call: alerts of a collectd that has ended are no all-clear.\n"
     "Exit status: 0 clear (or only info), 1 warning, 2 critical, 3 cannot "
     "tell:\n"
     "collectd or status.json is not there, or no hub has been seen yet.\n"},
    {{"baseline"},
     BASELINE,
     command_baseline,
     "",
     0,
     0,
     "measure for a while and compare with the targets",
     "Looks at the figures of each hub for the given time and compares their\n"
     "mean (of states: the worst) with the operators' targets. Success and "
     "hit\n"
     "rates are those of this period where the hub has counters that moved.\n"
     "Exit status: 0 all within, 1 warning, 2 critical, 3 cannot tell.\n"},
    {{"summary"},
     SUMMARY,
     command_summary,
     "",
     0,
     0,
     "the last 24 hours as Markdown",
     "The report that the alert plugin writes daily, of now: score, "
     "availability,\n"
     "incidents, averages and worst values against the day before,\n"
     "recommendations. From status.json.\n"
     "Exit status: 0, or 3 when nothing can be told.\n"},
    {{"rules", "check"},
     RULES_CHECK,
     command_rules_check,
     "FILE",
     1,
     1,
     "validate an alerts.json",
     "Prints the number of rules, or what is wrong with file and line.\n"
     "Exit status: 0 valid, 2 invalid, 3 cannot be read.\n"},
    {{"rules", "replay"},
     RULES_REPLAY,
     command_rules_replay,
     "FILE --csv DATA",
     0,
     1,
     "what an alerts.json would have said of recorded data",
     "Runs rules, grouping, inhibition and silences over a recording, without\n"
     "a daemon and in recorded time, and prints a line for each notice.\n"
     "Exit status: 0, 2 an invalid FILE, 3 cannot be read.\n"},
    {{"test-notification"},
     TEST_NOTIFICATION,
     command_test_notification,
     "[LEVEL]",
     0,
     1,
     "send a marked notice through every sink of collectd",
     "LEVEL is critical, warning (default) or info; severity FAILURE, "
     "WARNING,\n"
     "OKAY. The notice's plugin is mcp_hub_alerts, its type is test, its\n"
     "message begins with TEST. collectd hands it to every notification "
     "plugin\n"
     "that is loaded; mcp_hub_alerts hands it to each webhook, whatever its\n"
     "MinSeverity. Whether it arrived is for you to see.\n"
     "Exit status: 0 collectd took it, 3 it did not.\n"},
};
#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

/* ---- ctl.h ---- */

int ctl_fail(const struct ctl *c, const char *fmt, ...) {
  char text[2 * CTL_ERROR_MAX];
  char line[2 * CTL_ERROR_MAX];
  va_list args;
  va_start(args, fmt);
  vsnprintf(text, sizeof(text), fmt, args);
  va_end(args);
  if (c->json) {
    struct json_writer w = CTL_JSON;
    json_begin_object(&w, NULL);
    json_put_text(&w, "error", text);
    json_end_object(&w);
    ctl_print_json(&w);
  }
  const char *before = "mcphubctl: ";
  for (const char *at = text; *at != '\0'; before = "") {
    size_t len = strcspn(at, "\n");
    utf8_copy(line, sizeof(line), at, len, "");
    fprintf(stderr, "%s%s\n", before, line);
    at += len + (at[len] == '\n');
  }
  return CTL_UNKNOWN;
}

int ctl_print_json(struct json_writer *w) {
  size_t len = 0;
  const char *text = json_written(w, &len);
  int status = text != NULL ? 0 : -1;
  if (text != NULL)
    output_format("%s\n", text);
  json_writer_clear(w);
  output_flush();
  return status;
}

int ctl_exit_status(enum alert_level worst) {
  return worst == ALERT_CRITICAL  ? CTL_CRITICAL
         : worst == ALERT_WARNING ? CTL_WARNING
                                  : CTL_CLEAR;
}

/* ---- help ---- */

static void print_options(unsigned mask) {
  for (size_t i = 0; i < OPTIONS; i++) {
    const struct option_row *o = &option_table[i];
    char left[64];
    char letter[8] = "   ";
    if ((o->commands & mask) == 0)
      continue;
    if (o->letter < 256)
      snprintf(letter, sizeof(letter), "-%c,", o->letter);
    snprintf(left, sizeof(left), "%s --%s%s%s", letter, o->name,
             o->argument != NULL ? " " : "",
             o->argument != NULL ? o->argument : "");
    const char *more = strchr(o->text, '\n');
    size_t len = more != NULL ? (size_t)(more - o->text) : strlen(o->text);
    output_format("  %-23s %.*s\n", left, (int)len, o->text);
    if (more != NULL)
      output_format("  %-23s %s\n", "", more + 1);
  }
}

static void print_name(const struct command *command, const char *end) {
  output_format("%s%s%s%s", command->words[0],
                command->words[1] != NULL ? " " : "",
                command->words[1] != NULL ? command->words[1] : "", end);
}

static void print_commands(const char *first_word) {
  for (size_t i = 0; i < COMMANDS; i++) {
    const struct command *k = &commands[i];
    if (first_word != NULL && strcmp(k->words[0], first_word) != 0)
      continue;
    output_text("  ");
    print_name(k, *k->args != '\0' ? " " : "");
    output_format("%s\n      %s\n", k->args, k->summary);
  }
}

/* True: commands of two words begin with it. */
static bool is_group(const char *word) {
  for (size_t i = 0; i < COMMANDS; i++)
    if (commands[i].words[1] != NULL && strcmp(commands[i].words[0], word) == 0)
      return true;
  return false;
}

static void print_group_help(const char *word) {
  unsigned options = 0;
  for (size_t i = 0; i < COMMANDS; i++)
    if (strcmp(commands[i].words[0], word) == 0)
      options |= commands[i].id;
  output_format("mcphubctl [OPTION]... %s COMMAND\n\n", word);
  print_commands(word);
  output_text("\n");
  print_options(options);
  output_format("\nmcphubctl %s COMMAND --help says more.\n", word);
}

static void print_help(const struct command *command) {
  if (command != NULL) {
    output_format("mcphubctl [OPTION]... ");
    print_name(command, *command->args != '\0' ? " " : "");
    output_format("%s\n\n%s\n", command->args, command->text);
    print_options(command->id);
    return;
  }
  output_format("mcphubctl [OPTION]... COMMAND\n\n"
                "Looks at MCP hubs through a running collectd.\n\n");
  print_commands(NULL);
  output_format("\n");
  print_options(STATUS);
  output_format(
      "\nmcphubctl COMMAND --help says more; so does man mcphubctl.\n");
}

/* ---- command line ---- */

static int wrong(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static int wrong(const char *fmt, ...) {
  char text[256];
  va_list args;
  va_start(args, fmt);
  vsnprintf(text, sizeof(text), fmt, args);
  va_end(args);
  return ctl_fail(&(struct ctl){0}, "%s\n  mcphubctl --help tells more", text);
}

/* "5" is seconds, "2m" as in alerts.json. */
static int parse_time(const char *text, double *seconds) {
  char *end = NULL;
  double plain = strtod(text, &end);
  if (end != text && *end == '\0' && plain > 0 && plain <= DURATION_MAX) {
    *seconds = plain;
    return 0;
  }
  double parsed = 0;
  if (duration_parse(text, &parsed) != 0 || parsed <= 0)
    return -1;
  *seconds = parsed;
  return 0;
}

static int take_option(struct ctl *c, const struct option_row *o,
                       const char *text) {
  char *field = (char *)c + o->offset;
  switch (o->kind) {
  case FLAG:
    *(bool *)(void *)field = true;
    return 0;
  case TEXT:
    *(const char **)(void *)field = text;
    return 0;
  case DURATION:
    if (parse_time(text, (double *)(void *)field) == 0)
      return 0;
    return wrong(
        "--%s: \"%s\": expected seconds above 0, or " DURATION_EXPECTED,
        o->name, text);
  case TYPES:
    if (c->types_num == CTL_TYPES_MAX)
      return wrong("--%s: at most %d files", o->name, CTL_TYPES_MAX);
    c->types[c->types_num++] = text;
    return 0;
  case SHOW_HELP:
  case SHOW_VERSION:
    break;
  }
  return 0;
}

/* Finds the command and the number of words in its name. */
static const struct command *find_command(char **words, int num, int *taken) {
  for (size_t i = 0; i < COMMANDS; i++) {
    const struct command *k = &commands[i];
    *taken = k->words[1] != NULL ? 2 : 1;
    if (num >= *taken && strcmp(words[0], k->words[0]) == 0 &&
        (*taken == 1 || strcmp(words[1], k->words[1]) == 0))
      return k;
  }
  return NULL;
}

struct given { /* options on the command line */
  const struct option_row *rows[64];
  size_t num;
  bool help, version;
};

static int parse_options(struct ctl *c, int argc, char **argv,
                         struct given *given) {
  struct option longs[OPTIONS + 1] = {0};
  char letters[2 * OPTIONS + 2] = ":";
  for (size_t i = 0; i < OPTIONS; i++) {
    const struct option_row *o = &option_table[i];
    longs[i] = (struct option){o->name, o->argument != NULL, NULL, o->letter};
    if (o->letter < 256)
      snprintf(letters + strlen(letters), sizeof(letters) - strlen(letters),
               "%c%s", o->letter, o->argument != NULL ? ":" : "");
  }
  opterr = 0;
  for (int k; (k = getopt_long(argc, argv, letters, longs, NULL)) != -1;) {
    if (k == '?')
      return wrong("unknown option: %s", argv[optind - 1]);
    if (k == ':')
      return wrong("%s wants an argument", argv[optind - 1]);
    for (size_t i = 0; i < OPTIONS; i++) {
      const struct option_row *o = &option_table[i];
      if (o->letter != k)
        continue;
      given->help = given->help || o->kind == SHOW_HELP;
      given->version = given->version || o->kind == SHOW_VERSION;
      if (given->num < sizeof(given->rows) / sizeof(given->rows[0]))
        given->rows[given->num++] = o;
      if (take_option(c, o, optarg) != 0)
        return CTL_UNKNOWN;
    }
  }
  return 0;
}

/* Host, hub and the options of status are accepted before any command. */
static int check_given(const struct command *command,
                       const struct given *given) {
  for (size_t i = 0; i < given->num; i++)
    if ((given->rows[i]->commands & (command->id | (unsigned)STATUS)) == 0)
      return wrong("--%s means nothing to %s", given->rows[i]->name,
                   command->words[0]);
  return 0;
}

static int run(struct ctl *c, const struct command *command, char **words,
               int num, const struct given *given) {
  if (check_given(command, given) != 0)
    return CTL_UNKNOWN;
  if (num < command->args_least)
    return wrong("%s wants %s", command->words[command->words[1] != NULL],
                 command->args);
  if (num > command->args_most)
    return wrong("\"%s\" is one argument too many", words[command->args_most]);
  c->args = words;
  c->args_num = num;
  return command->run(c);
}

static int run_command_line(int argc, char **argv) {
  struct ctl c = {.socket = CTL_SOCKET,
                  .status_file = DEFAULT_STATUS_FILE,
                  .max_age = 120,
                  .every = 5,
                  .period = 60,
                  .series = "localhost/csv/gauge-value"};
  struct given given = {.num = 0};
  int taken = 0;
  setlocale(LC_ALL, "");
  setlocale(LC_NUMERIC, "C");
  if (parse_options(&c, argc, argv, &given) != 0)
    return CTL_UNKNOWN;
  char **words = argv + optind;
  int num = argc - optind;
  if (given.version) {
    output_format("mcphubctl " PACKAGE_VERSION "\n");
    return 0;
  }
  const struct command *command =
      num > 0 ? find_command(words, num, &taken) : NULL;
  bool group = command == NULL && num > 0 && is_group(words[0]);
  if (group && (num == 1 || given.help)) {
    print_group_help(words[0]);
    return given.help ? 0 : CTL_UNKNOWN;
  }
  if (given.help || num == 0) {
    print_help(command);
    return given.help ? 0 : CTL_UNKNOWN;
  }
  if (command == NULL && group)
    return ctl_fail(&c,
                    "unknown command: %s %s\n"
                    "  mcphubctl %s --help tells more",
                    words[0], words[1], words[0]);
  if (command == NULL)
    return wrong("unknown command: %s", words[0]);
  return run(&c, command, words + taken, num - taken, &given);
}

int mcphubctl(int argc, char **argv) {
  output_begin();
  return output_end(run_command_line(argc, argv));
}
