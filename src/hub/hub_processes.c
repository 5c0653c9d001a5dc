/* SPDX-License-Identifier: MIT */
#include "hub/hub_processes.h"

#include <stdlib.h>

#define NO_QUERY ((size_t)-1)

struct hub_processes {
  struct hub_process *process;
  struct server_processes *servers;
  bool verified;
  size_t *query_of; /* by index in the snapshot; NO_QUERY: none */
  size_t places;
};

struct hub_processes *hub_processes_create(const char *root) {
  struct hub_processes *l = calloc(1, sizeof(*l));
  if (l == NULL)
    return NULL;
  l->process = hub_process_create(root, true);
  l->servers = server_processes_create(root);
  if (l->process == NULL || l->servers == NULL) {
    hub_processes_destroy(l);
    return NULL;
  }
  return l;
}

void hub_processes_destroy(struct hub_processes *l) {
  if (l == NULL)
    return;
  hub_process_destroy(l->process);
  server_processes_destroy(l->servers);
  free(l->query_of);
  free(l);
}

void hub_processes_forget(struct hub_processes *l) {
  l->verified = false;
  l->places = 0;
}

/* Builds one query per name and fills query_of. */
static size_t build_queries(struct hub_processes *l,
                            struct server_process_query *queries,
                            const struct server_history *history) {
  const struct hub_snapshot *s = server_history_snapshot(history);
  const struct server_history_entry *entries = server_history_servers(history);
  size_t num = 0;
  for (size_t i = 0; i < s->servers_num; i++) {
    const struct server_snapshot *server = &s->servers[i];
    l->query_of[i] = NO_QUERY;
    if (server->name == NULL || entries[i].duplicate)
      continue;
    l->query_of[i] = num;
    queries[num++] = (struct server_process_query){
        .name = server->name,
        .name_len = server->name_len,
        .config_source = server->config_source,
        .last_started = server->last_started,
        .running =
            server->is_stdio && (entries[i].status == SERVER_CONNECTED ||
                                 entries[i].status == SERVER_CONNECTING)};
  }
  return num;
}

static void read_servers(struct hub_processes *l,
                         const struct server_history *history, double now) {
  const struct hub_snapshot *s = server_history_snapshot(history);
  const struct server_process_hub hub = {.pid = s->self.pid,
                                         .start = hub_process_start(l->process),
                                         .cwd = s->self.cwd,
                                         .config_files = s->self.config_files,
                                         .config_files_num =
                                             s->self.config_files_num};
  l->places = 0;
  if (s->servers_num == 0)
    return;
  struct server_process_query *queries =
      calloc(s->servers_num, sizeof(*queries));
  size_t *query_of =
      realloc(l->query_of, s->servers_num * sizeof(*l->query_of));
  if (query_of != NULL)
    l->query_of = query_of;
  if (queries != NULL && query_of != NULL) {
    size_t num = build_queries(l, queries, history);
    if (server_processes_read(l->servers, &hub, queries, num, now) == 0)
      l->places = s->servers_num;
  }
  free(queries);
}

enum hub_process_state hub_processes_read(struct hub_processes *l,
                                          const struct server_history *history,
                                          double now) {
  const struct hub_self *self = &server_history_snapshot(history)->self;
  const struct hub_process_claim claim = {
      .pid = self->pid, .port = self->port, .start = self->start};
  enum hub_process_state state = hub_process_read(l->process, &claim, now);
  l->verified = state == HUB_PROCESS_VERIFIED;
  l->places = 0;
  if (l->verified)
    read_servers(l, history, now);
  return state;
}

const struct hub_process_figures *
hub_processes_hub(const struct hub_processes *l) {
  return l->verified ? hub_process_figures(l->process) : NULL;
}

const struct server_process *hub_processes_server(const struct hub_processes *l,
                                                  size_t place) {
  size_t num = 0;
  const struct server_process *servers = server_processes(l->servers, &num);
  if (place >= l->places || l->query_of[place] >= num)
    return NULL;
  return &servers[l->query_of[place]];
}

size_t hub_processes_unfound(const struct hub_processes *l, size_t *first) {
  size_t num = 0;
  for (size_t i = l->places; i-- > 0;) {
    const struct server_process *server = hub_processes_server(l, i);
    if (server == NULL || server->state == SERVER_PROCESS_FOUND ||
        server->state == SERVER_PROCESS_IDLE)
      continue;
    num++;
    *first = i;
  }
  return num;
}
