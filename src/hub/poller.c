/* SPDX-License-Identifier: MIT */
#include "hub/poller.h"

#include "hub/api_parser.h"
#include "hub/windowed_ratio.h"
#include "hublog/log_path.h"
#include "util/utf8.h"

#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum endpoint { HEALTH = API_HEALTH, FILTERING = API_FILTERING, ENDPOINTS };

static const char *const paths[ENDPOINTS] = {"/api/health",
                                             "/api/filtering/stats"};

struct endpoint_error { /* last logged error of an endpoint */
  enum http_error error;
  long status; /* HTTP status with HTTP_HTTP, else 0 */
};

struct poller {
  char *name;
  char *url;
  struct poller_settings settings;
  struct api_parser *parser; /* of the current answer; NULL: no memory, none */
  struct server_history *track;
  struct server_selection *selection;
  struct hub_processes *local; /* NULL: processes are not read */
  enum hub_process_state process_logged;
  char *log_path;           /* NULL: unknown */
  int log_pid;              /* pid for which the path was resolved */
  double log_start;         /* start time of that process */
  bool log_known;           /* its path is resolved */
  size_t unfound_logged;    /* servers without a process, last logged */
  struct hub_snapshot next; /* of the current read */
  struct hub_reading reading;
  struct windowed_ratio llm_success;
  struct windowed_ratio llm_cache;
  enum endpoint asking;
  double deadline;
  bool again; /* the current read was restarted */
  double wall;
  double filtering_retry; /* time of the next request; 0: now */
  struct endpoint_error last_error[ENDPOINTS];
  enum hub_state state_logged; /* HUB_STATES: none */
  bool unsettled_logged;
  bool filtering_absent;   /* absence is logged */
  double unsettled_since;  /* NaN: the hub is settled */
  size_t unknown_logged;   /* servers of unknown status, last logged */
  size_t left_out_logged;  /* servers above max_servers */
  size_t duplicate_logged; /* servers with a duplicate name */
};

struct poller *poller_create(const struct poller_settings *settings) {
  struct poller *r = calloc(1, sizeof(*r));
  if (r == NULL)
    return NULL;
  hub_snapshot_init(&r->next);
  r->unsettled_since = NAN;
  r->state_logged = HUB_STATES;
  r->settings = *settings;
  r->name = strdup(settings->name);
  r->url = strdup(settings->url);
  r->track = server_history_create();
  r->selection =
      server_selection_create(settings->servers, settings->ignore_selected);
  if (settings->proc != NULL)
    r->local = hub_processes_create(settings->proc);
  r->reading.local = r->local;
  r->reading.track = r->track;
  r->reading.selection = r->selection;
  r->reading.max_servers = settings->max_servers;
  r->reading.min_calls = settings->min_calls;
  if (r->name == NULL || r->url == NULL || r->track == NULL ||
      r->selection == NULL || (settings->proc != NULL && r->local == NULL)) {
    poller_destroy(r);
    return NULL;
  }
  return r;
}

void poller_destroy(struct poller *r) {
  if (r == NULL)
    return;
  hub_snapshot_clear(&r->next);
  server_history_destroy(r->track);
  server_selection_destroy(r->selection);
  hub_processes_destroy(r->local);
  api_parser_destroy(r->parser);
  free(r->log_path);
  free(r->name);
  free(r->url);
  free(r);
}

/* ---- log lines ---- */

__attribute__((format(printf, 3, 4))) static void
remark(const struct poller *r, enum remark_level level, const char *format,
       ...) {
  char text[1024];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof(text), format, args);
  va_end(args);
  r->settings.remark(r->settings.remark_arg, level, text);
}

/* Logs a failure when it begins or changes. */
static void fail(struct poller *r, enum endpoint endpoint,
                 const struct http_result *result) {
  struct endpoint_error *notified = &r->last_error[endpoint];
  long status = result->error == HTTP_HTTP ? result->status : 0;
  bool same = notified->error == result->error && notified->status == status;
  *notified = (struct endpoint_error){result->error, status};
  r->reading.errors[result->error]++;
  if (!same)
    remark(r, REMARK_ERROR, "hub \"%s\": %s%s: %s: %s", r->name, r->url,
           paths[endpoint], http_error_name(result->error), result->message);
}

static void log_answer(struct poller *r, enum endpoint endpoint) {
  if (r->last_error[endpoint].error != HTTP_OK)
    remark(r, REMARK_INFO, "hub \"%s\": %s%s answers again", r->name, r->url,
           paths[endpoint]);
  r->last_error[endpoint] = (struct endpoint_error){HTTP_OK, 0};
}

/* ---- debug lines: decisions and reasons ---- */

static void log_state(struct poller *r, const char *reason) {
  enum hub_state state = r->reading.state;
  if (state != r->state_logged)
    remark(r, REMARK_DEBUG, "hub \"%s\": state %s, before: %s: %s", r->name,
           hub_state_names[state],
           r->state_logged < HUB_STATES ? hub_state_names[r->state_logged]
                                        : "none",
           reason);
  r->state_logged = state;
}

static void log_unsettled(struct poller *r) {
  const char *state = hub_state_names[r->reading.state];
  if (!r->reading.settled && !r->unsettled_logged)
    remark(r, REMARK_DEBUG,
           "hub \"%s\": %s: for %.0f s none of its servers counts as down",
           r->name, state, POLLER_SETTLE);
  else if (r->reading.settled && r->unsettled_logged &&
           !isnan(r->unsettled_since))
    remark(r, REMARK_DEBUG,
           "hub \"%s\": still %s after %.0f s: its servers count as down",
           r->name, state, POLLER_SETTLE);
  r->unsettled_logged = !r->reading.settled;
}

static void log_server(const struct poller *r, size_t i) {
  const struct hub_snapshot *s = server_history_snapshot(r->track);
  const struct server_history_entry *now = &server_history_servers(r->track)[i];
  char name[IDENTIFIER_MAX], reason[128] = "as the hub says";
  if (s->servers[i].name == NULL || now->duplicate)
    return;
  utf8_copy(name, sizeof(name), s->servers[i].name, s->servers[i].name_len, "");
  if (now->restarted)
    remark(r, REMARK_DEBUG,
           "hub \"%s\": server \"%s\": restarted: its last start has changed",
           r->name, name);
  if (now->status == now->before)
    return;
  if (now->status == SERVER_DEAD)
    snprintf(reason, sizeof(reason),
             "connected, but with uptime 0 for %.0f s by the hub's clock and "
             "the same last start",
             (isnan(s->timestamp) ? r->wall : s->timestamp) -
                 now->uptime_zero_since);
  remark(r, REMARK_DEBUG, "hub \"%s\": server \"%s\": %s, before: %s: %s",
         r->name, name, server_status_names[now->status],
         now->before < SERVER_STATUSES ? server_status_names[now->before]
                                       : "not listed",
         reason);
}

static void log_server_process(const struct poller *r, size_t i) {
  const struct server_snapshot *server =
      &server_history_snapshot(r->track)->servers[i];
  const struct server_process *p = hub_processes_server(r->local, i);
  char name[IDENTIFIER_MAX];
  if (p == NULL || !p->changed)
    return;
  utf8_copy(name, sizeof(name), server->name, server->name_len, "");
  if (p->pid == 0)
    remark(r, REMARK_DEBUG, "hub \"%s\": server \"%s\": no process: %s",
           r->name, name, server_process_state_text(p->state));
  else
    remark(r, REMARK_DEBUG,
           "hub \"%s\": server \"%s\": process %d: its command and arguments "
           "fit%s",
           r->name, name, p->pid,
           p->by_time ? ", and of several it started with the server"
                      : ", and no other's");
}

static void log_servers(const struct poller *r) {
  size_t num = server_history_snapshot(r->track)->servers_num;
  for (size_t i = 0; i < num; i++) {
    log_server(r, i);
    if (r->local != NULL)
      log_server_process(r, i);
  }
}

/* ---- log lines about servers ---- */

static void log_unknown_statuses(struct poller *r) {
  const struct hub_snapshot *s = server_history_snapshot(r->track);
  const struct server_snapshot *first = NULL;
  size_t num = 0;
  for (size_t i = 0; i < s->servers_num; i++) {
    if (s->servers[i].status != SERVER_UNKNOWN)
      continue;
    num++;
    if (first == NULL)
      first = &s->servers[i];
  }
  if (num > 0 && num != r->unknown_logged) {
    char name[IDENTIFIER_MAX] = "", text[IDENTIFIER_MAX] = "";
    if (first->name != NULL)
      utf8_copy(name, sizeof(name), first->name, first->name_len, "");
    utf8_copy(text, sizeof(text), first->status_text,
              strlen(first->status_text), "");
    remark(r, REMARK_WARNING,
           "hub \"%s\": %zu server(s) with a status that is not known, such as "
           "\"%s\" of \"%s\": counted as unknown, without a state",
           r->name, num, text, name);
  }
  r->unknown_logged = num;
}

static void log_duplicates(struct poller *r) {
  const struct hub_snapshot *s = server_history_snapshot(r->track);
  const struct server_history_entry *servers = server_history_servers(r->track);
  const struct server_snapshot *first = NULL;
  size_t num = 0;
  for (size_t i = 0; i < s->servers_num; i++) {
    if (!servers[i].duplicate || s->servers[i].name == NULL)
      continue;
    num++;
    if (first == NULL)
      first = &s->servers[i];
  }
  if (num > 0 && num != r->duplicate_logged) {
    char name[IDENTIFIER_MAX];
    utf8_copy(name, sizeof(name), first->name, first->name_len, "");
    remark(r, REMARK_WARNING,
           "hub \"%s\": %zu server(s) listed under a name that another one "
           "has, such as \"%s\": only the first of each is reported one by one",
           r->name, num, name);
  }
  r->duplicate_logged = num;
}

static void log_left_out(struct poller *r) {
  size_t most = r->settings.max_servers;
  size_t selected = server_history_snapshot(r->track)->servers_num;
  if (selected > most) /* skips the patterns if all servers fit */
    selected = hub_values_servers_selected(&r->reading);
  size_t num = selected > most ? selected - most : 0;
  if (num > 0 && r->left_out_logged == 0)
    remark(r, REMARK_WARNING,
           "hub \"%s\": %zu servers: the first %zu by name are reported one by "
           "one (MaxServers), all of them in the sums",
           r->name, selected, most);
  r->left_out_logged = num;
}

static void log_slow_patterns(struct poller *r) {
  char line[512];
  while (server_selection_take_slow(r->selection, line, sizeof(line)))
    remark(r, REMARK_WARNING, "hub \"%s\": %s", r->name, line);
}

/* ---- reading ---- */

/* A parser exists during an answer only, to save memory between reads. */
static const char *ask(struct poller *r, enum endpoint endpoint) {
  r->asking = endpoint;
  api_parser_destroy(r->parser);
  r->parser = api_parser_create((enum api_answer)endpoint);
  return paths[endpoint];
}

static const char *begin(struct poller *r, double now, double wall) {
  r->deadline = now + r->settings.timeout;
  r->wall = wall;
  r->reading.up = false;
  r->reading.health_duration = NAN;
  r->reading.filtering_duration = NAN;
  return ask(r, HEALTH);
}

const char *poller_begin(struct poller *r, double now, double wall) {
  r->again = false;
  server_selection_begin_read(r->selection);
  return begin(r, now, wall);
}

/* At most one restart per read, so that a read always ends. */
static bool was_suspended(const struct poller *r, enum http_error error,
                          double now) {
  return error == HTTP_TIMEOUT && !r->again &&
         now - r->deadline > POLLER_SUSPENDED;
}

static const char *restart_read(struct poller *r, double now) {
  double begun = r->deadline - r->settings.timeout;
  r->again = true;
  return begin(r, now, r->wall + now - begun);
}

double poller_time_left(const struct poller *r, double now) {
  double left = r->deadline - now;
  if (left > r->settings.timeout)
    return r->settings.timeout;
  return left > 0.001 ? left : 0.001;
}

int poller_data(struct poller *r, const char *bytes, size_t len) {
  return r->parser != NULL ? api_parser_feed(r->parser, bytes, len) : -1;
}

/* Parses the body into r->next. Sets the error of `result` if the body is
 * wrong; `err` holds its message. */
static void parse_body(struct poller *r, struct http_result *result, char *err,
                       size_t err_size) {
  struct api_parser *parser = r->parser;
  bool refused = result->error == HTTP_PARSE &&
                 (parser == NULL || *api_parser_error(parser) != '\0');
  if (result->error != HTTP_OK && !refused)
    return;
  if (parser != NULL && !refused && api_parser_finish(parser, &r->next) == 0)
    return;
  bool oversize = parser != NULL && api_parser_is_oversize(parser);
  result->error = oversize ? HTTP_OVERSIZE : HTTP_PARSE;
  snprintf(err, err_size, "%s",
           parser != NULL ? api_parser_error(parser) : "out of memory");
  result->message = err;
}

/* Unknown: the answer is not the hub's health. Unreachable: no answer. */
static enum hub_state state_of(enum http_error error) {
  switch (error) {
  case HTTP_HTTP:
  case HTTP_PARSE:
  case HTTP_OVERSIZE:
    return HUB_UNKNOWN;
  default:
    return HUB_UNREACHABLE;
  }
}

static bool restarted(const struct poller *r) {
  return r->next.number[HUB_UPTIME] <
         server_history_snapshot(r->track)->number[HUB_UPTIME];
}

static const char *health_done(struct poller *r,
                               const struct http_result *result, double now) {
  if (result->error != HTTP_OK) {
    r->reading.state = state_of(result->error);
    log_state(r, result->message);
    r->filtering_retry = 0;
    return NULL;
  }
  r->reading.up = true;
  r->reading.health_duration = result->duration;
  r->reading.state = r->next.state;
  if (restarted(r))
    r->filtering_retry = 0;
  if (now < r->filtering_retry)
    return NULL;
  return ask(r, FILTERING);
}

static bool ready(const struct poller *r) {
  return r->reading.state == HUB_READY || r->reading.state == HUB_RESTARTED;
}

/* A 404 means no tool filtering, or a hub that is not ready yet. */
static void filtering_absent(struct poller *r, double now) {
  if (ready(r))
    r->filtering_retry = now + POLLER_FILTERING_RETRY;
  if (ready(r) && !r->filtering_absent)
    remark(r, REMARK_DEBUG,
           "hub \"%s\": no statistics of tool filtering (HTTP status 404): "
           "asked again in %.0f s",
           r->name, POLLER_FILTERING_RETRY);
  r->filtering_absent |= ready(r);
  r->last_error[FILTERING] = (struct endpoint_error){HTTP_OK, 0};
}

/* Returns the ratio of the last minutes; NaN without counters. */
static double add_recent(struct windowed_ratio *recent, double now, double part,
                         double whole, double least) {
  windowed_ratio_add(recent, now, part, whole);
  return isnan(part) || isnan(whole) ? NAN
                                     : windowed_ratio_share(recent, least);
}

static void update_recent(struct poller *r, double now) {
  const double *n = server_history_snapshot(r->track)->number;
  r->reading.llm_success_recent =
      add_recent(&r->llm_success, now, n[HUB_LLM_SUCCESSES], hub_llm_calls(n),
                 r->reading.min_calls);
  r->reading.llm_cache_recent = add_recent(
      &r->llm_cache, now, n[HUB_LLM_CACHE_HITS],
      n[HUB_LLM_CACHE_HITS] + n[HUB_LLM_CACHE_MISSES], r->reading.min_calls);
}

static void log_process(struct poller *r, enum hub_process_state state) {
  if (state != r->process_logged)
    remark(r, state == HUB_PROCESS_VERIFIED ? REMARK_INFO : REMARK_WARNING,
           "hub \"%s\": process: %s", r->name, hub_process_state_text(state));
  r->process_logged = state;
}

static void log_unfound(struct poller *r) {
  size_t first = 0;
  size_t num = hub_processes_unfound(r->local, &first);
  if (num > 0 && num != r->unfound_logged) {
    const struct server_snapshot *server =
        &server_history_snapshot(r->track)->servers[first];
    char name[IDENTIFIER_MAX];
    enum server_process_state state =
        hub_processes_server(r->local, first)->state;
    utf8_copy(name, sizeof(name), server->name, server->name_len, "");
    remark(r, state == SERVER_PROCESS_UNTRIED ? REMARK_WARNING : REMARK_INFO,
           "hub \"%s\": no process is known of %zu server(s), such as \"%s\": "
           "%s",
           r->name, num, name, server_process_state_text(state));
  }
  r->unfound_logged = num;
}

static void read_processes(struct poller *r, double now) {
  if (r->local == NULL)
    return;
  log_process(r, hub_processes_read(r->local, r->track, now));
  log_unfound(r);
}

static int replace_text(char **text, const char *with) {
  char *copy = strdup(with);
  if (copy == NULL)
    return -1;
  free(*text);
  *text = copy;
  return 0;
}

/* Resolves the log's path once per hub process. Tries again after a failure,
 * logs it once. */
static void find_log(struct poller *r) {
  const struct hub_self *self = &server_history_snapshot(r->track)->self;
  bool asked = r->log_pid == self->pid && r->log_start == self->start;
  if (r->local == NULL || hub_processes_hub(r->local) == NULL ||
      (asked && r->log_known))
    return;
  r->log_pid = self->pid;
  r->log_start = self->start;
  char path[PATH_MAX], err[256] = "out of memory";
  r->log_known = log_path_of_process(r->settings.proc, self->pid, path,
                                     sizeof(path), err, sizeof(err)) == 0 &&
                 replace_text(&r->log_path, path) == 0;
  if (r->log_known) {
    char shown[512];
    utf8_copy(shown, sizeof(shown), path, strlen(path), "");
    remark(r, REMARK_DEBUG,
           "hub \"%s\": log: %s, by the environment of process %d", r->name,
           shown, self->pid);
  } else if (!asked) {
    remark(r, REMARK_WARNING, "hub \"%s\": log: %s", r->name, err);
  }
}

static bool is_moving(enum hub_state state) {
  return state == HUB_STARTING || state == HUB_RESTARTING ||
         state == HUB_STOPPING;
}

static void update_settled(struct poller *r, double now) {
  if (!is_moving(r->reading.state))
    r->unsettled_since = NAN;
  else if (isnan(r->unsettled_since) || now < r->unsettled_since)
    r->unsettled_since = now;
  r->reading.settled =
      isnan(r->unsettled_since) || now - r->unsettled_since >= POLLER_SETTLE;
}

static void hub_answered(struct poller *r, double now) {
  log_answer(r, HEALTH);
  if (!isnan(r->reading.filtering_duration)) {
    log_answer(r, FILTERING);
    r->filtering_absent = false;
  }
  update_settled(r, now);
  log_state(r, r->reading.state == HUB_UNKNOWN ? "the hub says no known state"
                                               : "as the hub says");
  log_unsettled(r);
  update_recent(r, now);
  read_processes(r, now);
  find_log(r);
  log_servers(r);
  log_unknown_statuses(r);
  log_duplicates(r);
  log_left_out(r);
  log_slow_patterns(r);
}

static void fail_without_memory(struct poller *r) {
  const struct http_result lost = {.error = HTTP_PARSE,
                                   .message = "out of memory"};
  r->reading.up = false;
  r->reading.state = state_of(lost.error);
  log_state(r, lost.message);
  fail(r, HEALTH, &lost);
}

static void read_complete(struct poller *r, double now) {
  if (r->reading.up && server_history_update(r->track, &r->next, r->wall) != 0)
    fail_without_memory(r);
  if (r->reading.up) {
    hub_answered(r, now);
    return;
  }
  hub_snapshot_clear(&r->next);
  if (r->local != NULL)
    hub_processes_forget(r->local);
}

const char *poller_log_path(const struct poller *r) {
  return r->log_path != NULL ? r->log_path : "";
}

void poller_set_log(struct poller *r, const struct log_tail_counts *counts) {
  r->reading.log = counts;
}

const char *poller_done(struct poller *r, const struct http_result *result,
                        double now) {
  char err[256] = "";
  struct http_result own = *result;
  const char *next = NULL;
  if (was_suspended(r, result->error, now)) {
    remark(r, REMARK_DEBUG,
           "hub \"%s\": no answer in time, but this process stood still: asked "
           "again",
           r->name);
    return restart_read(r, now);
  }
  parse_body(r, &own, err, sizeof(err));
  api_parser_destroy(r->parser);
  r->parser = NULL;
  if (r->asking == FILTERING && own.status == 404) {
    filtering_absent(r, now);
  } else {
    if (own.error != HTTP_OK)
      fail(r, r->asking, &own);
    if (r->asking == HEALTH)
      next = health_done(r, &own, now);
    else if (own.error == HTTP_OK)
      r->reading.filtering_duration = own.duration;
  }
  if (next == NULL)
    read_complete(r, now);
  return next;
}

void poller_emit(const struct poller *r, hub_value_fn emit, void *arg) {
  hub_values_emit(&r->reading, emit, arg);
}
