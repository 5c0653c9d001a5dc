/* SPDX-License-Identifier: MIT */
#include "plugins/hub_log.h"

#include "plugins/adapter.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#define PLUGIN "mcp_hub"

struct hub_log {
  char *hub;
  struct log_tail *tail; /* used by hub_log_read() only; NULL: none */
  int logged;            /* last status that was logged: 0 or errno */
  pthread_mutex_t lock;  /* protects the members below */
  char *wanted;          /* path to follow; "": none */
  bool readable;
  struct log_tail_counts counts;
};

struct hub_log *hub_log_create(const char *hub) {
  struct hub_log *log = calloc(1, sizeof(*log));
  if (log == NULL)
    return NULL;
  pthread_mutex_init(&log->lock, NULL);
  log->hub = strdup(hub);
  log->wanted = strdup("");
  if (log->hub == NULL || log->wanted == NULL) {
    hub_log_destroy(log);
    return NULL;
  }
  return log;
}

void hub_log_destroy(struct hub_log *log) {
  if (log == NULL)
    return;
  log_tail_destroy(log->tail);
  pthread_mutex_destroy(&log->lock);
  free(log->wanted);
  free(log->hub);
  free(log);
}

int hub_log_want(struct hub_log *log, const char *path) {
  pthread_mutex_lock(&log->lock);
  bool same = strcmp(log->wanted, path) == 0;
  char *copy = same ? NULL : strdup(path);
  if (copy != NULL) {
    free(log->wanted);
    log->wanted = copy;
  }
  pthread_mutex_unlock(&log->lock);
  return same || copy != NULL ? 0 : -1;
}

bool hub_log_copy(struct hub_log *log, struct log_tail_counts *out) {
  pthread_mutex_lock(&log->lock);
  bool readable = log->readable;
  *out = log->counts;
  pthread_mutex_unlock(&log->lock);
  return readable;
}

/* Opens another file if `wanted` changed. */
static void follow(struct hub_log *log) {
  const char *path = log->tail != NULL ? log_tail_path(log->tail) : "";
  pthread_mutex_lock(&log->lock);
  bool same = strcmp(log->wanted, path) == 0;
  struct log_tail *next = same ? log->tail : log_tail_create(log->wanted);
  log->readable = log->readable && next != NULL;
  pthread_mutex_unlock(&log->lock);
  if (!same)
    log_tail_destroy(log->tail);
  log->tail = next;
}

/* A missing log is logged at level info: it may be created later. */
static void log_status(struct hub_log *log, int status, const char *err) {
  if (status != 0 && status != log->logged)
    adapter_log(status == ENOENT ? LOG_NOTICE : LOG_WARNING,
                PLUGIN ": hub \"%s\": log: %s", log->hub, err);
  else if (status == 0 && log->logged != 0)
    adapter_log(LOG_NOTICE, PLUGIN ": hub \"%s\": log: it can be read",
                log->hub);
  log->logged = status;
}

void hub_log_read(struct hub_log *log) {
  char err[512] = "";
  follow(log);
  if (log->tail == NULL)
    return;
  int status = log_tail_read(log->tail, err, sizeof(err));
  log_status(log, status, err);
  pthread_mutex_lock(&log->lock);
  log->readable = status == 0;
  log->counts = *log_tail_counts(log->tail);
  pthread_mutex_unlock(&log->lock);
}
