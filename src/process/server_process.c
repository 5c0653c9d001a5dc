/* SPDX-License-Identifier: MIT */
#include "process/server_process.h"

#include "process/process_tree.h"
#include "process/procfs.h"
#include "process/server_config.h"
#include "process/server_match.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CONFIGS_MAX 16                      /* configuration files per hub */
#define CONFIGS_MAX_BYTES ((size_t)2 << 20) /* of all of them */
#define CMDLINE_MAX 32768 /* bytes; a longer command line fits no server */
#define CMDLINE_STEPS 512 /* price of reading one; see SERVER_PROCESS_STEPS */

struct server_slot { /* state kept per server */
  char *name;
  size_t name_len;
  double last_started;
  bool running;
  bool by_time;
  uint8_t state_before; /* enum server_process_state at the last read */
  enum server_process_state state;
  int pid_before;
  int pid; /* of the child, together with `start`; 0: none found yet */
  uint64_t start;
  uint64_t seen[2];  /* CPU time of the child already in `total`; ticks */
  uint64_t total[2]; /* ticks */
};

struct server_processes {
  char *root;
  struct process_tree *tree;
  int hub_pid;
  uint64_t hub_start;
  struct server_slot *slots;
  struct server_process *figures;
  size_t num;
  double changed_at;
  double scanned_at; /* NaN: never */
};

/* ---- create, destroy ---- */

struct server_processes *server_processes_create(const char *root) {
  struct server_processes *s = calloc(1, sizeof(*s));
  if (s == NULL)
    return NULL;
  s->root = strdup(root);
  s->tree = process_tree_create();
  s->scanned_at = NAN;
  if (s->root == NULL || s->tree == NULL) {
    server_processes_destroy(s);
    return NULL;
  }
  return s;
}

static void drop_slots(struct server_slot *slots, size_t num) {
  for (size_t i = 0; i < num; i++)
    free(slots[i].name);
  free(slots);
}

void server_processes_destroy(struct server_processes *s) {
  if (s == NULL)
    return;
  drop_slots(s->slots, s->num);
  free(s->figures);
  process_tree_destroy(s->tree);
  free(s->root);
  free(s);
}

const struct server_process *server_processes(const struct server_processes *s,
                                              size_t *num) {
  *num = s->num;
  return s->figures;
}

const char *server_process_state_text(enum server_process_state state) {
  switch (state) {
  case SERVER_PROCESS_FOUND:
    return "found";
  case SERVER_PROCESS_IDLE:
    return "not running";
  case SERVER_PROCESS_UNREADABLE:
    return "the hub's configuration file cannot be read";
  case SERVER_PROCESS_UNPARSABLE:
    return "the hub's configuration file is not understood";
  case SERVER_PROCESS_UNCONFIGURED:
    return "no usable command in the hub's configuration file";
  case SERVER_PROCESS_NONE:
    return "none of the hub's children fits its command and arguments";
  case SERVER_PROCESS_SEVERAL:
    return "several processes or servers fit: it cannot be told which";
  case SERVER_PROCESS_UNTRIED:
    return "the hub has too many servers and processes: comparing all takes "
           "too long";
  case SERVER_PROCESS_UNSEEN:
    break;
  }
  return "the system's processes cannot be looked through";
}

/* ---- update of slots from the hub's list ---- */

/* Both lists are sorted by name: *at goes on where the last search ended. */
static struct server_slot *find_slot(const struct server_processes *s,
                                     const struct server_process_query *q,
                                     size_t *at) {
  for (; *at < s->num; ++*at) {
    struct server_slot *slot = &s->slots[*at];
    int order =
        server_name_compare(slot->name, slot->name_len, q->name, q->name_len);
    if (order > 0)
      return NULL;
    if (order == 0) {
      ++*at;
      return slot;
    }
  }
  return NULL;
}

static int new_slot(struct server_slot *slot,
                    const struct server_process_query *q) {
  slot->name = malloc(q->name_len + 1);
  if (slot->name == NULL)
    return -1;
  memcpy(slot->name, q->name, q->name_len);
  slot->name[q->name_len] = '\0';
  slot->name_len = q->name_len;
  slot->last_started = NAN;
  slot->state_before = SERVER_PROCESS_IDLE;
  return 0;
}

static bool same_time(double a, double b) {
  return a == b || (isnan(a) && isnan(b));
}

/* Returns true if the server changed since the last read. */
static bool follow(struct server_slot *slot,
                   const struct server_process_query *q) {
  bool same = slot->running == q->running &&
              same_time(slot->last_started, q->last_started);
  slot->running = q->running;
  slot->last_started = q->last_started;
  if (!same || !q->running)
    slot->state = q->running ? SERVER_PROCESS_NONE : SERVER_PROCESS_IDLE;
  return !same;
}

static void forget_servers(struct server_processes *s) {
  drop_slots(s->slots, s->num);
  free(s->figures);
  s->slots = NULL;
  s->figures = NULL;
  s->num = 0;
}

/* Reorders the slots like the queries. Returns -1 if out of memory. */
static int arrange(struct server_processes *s,
                   const struct server_process_query *queries, size_t num,
                   bool *changed) {
  struct server_slot *slots = num > 0 ? calloc(num, sizeof(*slots)) : NULL;
  struct server_process *figures =
      num > 0 ? calloc(num, sizeof(*figures)) : NULL;
  bool failed = num > 0 && (slots == NULL || figures == NULL);
  for (size_t i = 0, at = 0; i < num && !failed; i++) {
    struct server_slot *old = find_slot(s, &queries[i], &at);
    if (old != NULL) {
      slots[i] = *old;
      old->name = NULL; /* moved */
    } else {
      failed = new_slot(&slots[i], &queries[i]) != 0;
      *changed = true;
    }
    *changed = follow(&slots[i], &queries[i]) || *changed;
  }
  forget_servers(s);
  if (failed) {
    drop_slots(slots, slots != NULL ? num : 0);
    free(figures);
    return -1;
  }
  s->slots = slots;
  s->figures = figures;
  s->num = num;
  return 0;
}

/* ---- configuration files, read once per scan ---- */

struct config {
  char path[PATH_MAX];
  enum server_config_error error;
  struct server_config content;
};

struct server_search {
  struct server_processes *s;
  const struct server_process_hub *hub;
  const struct server_process_query *queries;
  int dir;
  double boot_time;
  struct config *configs[CONFIGS_MAX];
  size_t configs_num;
  size_t configs_bytes;
  long steps; /* left of SERVER_PROCESS_STEPS; below 0: the search ends */
  const struct server_command **commands; /* one per server; NULL: none */
  struct server_match_pair *pairs;
  size_t pairs_num;
};

static bool has_room(const struct server_search *w) {
  return w->configs_num < CONFIGS_MAX && w->configs_bytes < CONFIGS_MAX_BYTES;
}

static struct config *config_at(struct server_search *w, const char *source) {
  char path[PATH_MAX];
  const char *cwd = source[0] == '/' ? "" : w->hub->cwd;
  size_t cwd_len = strnlen(cwd, PATH_MAX), len = strnlen(source, PATH_MAX);
  if (cwd_len + len + 1 >= sizeof(path))
    return NULL;
  int path_len = snprintf(path, sizeof(path), "%s%s%s", cwd,
                          source[0] == '/' ? "" : "/", source);
  w->steps -= (long)(w->configs_num + 1) * path_len;
  for (size_t i = 0; i < w->configs_num; i++)
    if (strcmp(w->configs[i]->path, path) == 0)
      return w->configs[i];
  struct config *c = has_room(w) ? calloc(1, sizeof(*c)) : NULL;
  if (c == NULL)
    return NULL;
  memcpy(c->path, path, (size_t)path_len + 1);
  c->error = server_config_read(&c->content, path);
  w->configs[w->configs_num++] = c;
  w->configs_bytes += c->content.size;
  return c;
}

static enum server_process_state find_in(struct server_search *w,
                                         const char *source,
                                         const struct server_process_query *q,
                                         const struct server_command **out) {
  bool relative = source[0] != '/';
  if (source[0] == '\0' ||
      (relative && (w->hub->cwd == NULL || w->hub->cwd[0] != '/')))
    return SERVER_PROCESS_UNREADABLE;
  const struct config *c = config_at(w, source);
  if (c == NULL || c->error == SERVER_CONFIG_UNREADABLE ||
      c->error == SERVER_CONFIG_MEMORY)
    return SERVER_PROCESS_UNREADABLE;
  if (c->error != SERVER_CONFIG_OK)
    return SERVER_PROCESS_UNPARSABLE;
  const struct server_command *l =
      server_config_find(&c->content, q->name, q->name_len);
  if (l == NULL || !l->usable || !l->launch.definite)
    return SERVER_PROCESS_UNCONFIGURED;
  *out = l;
  return SERVER_PROCESS_NONE;
}

/* Returns SERVER_PROCESS_NONE with a command, or the reason why there is none.
 * The last file that has the server wins, as in the hub. */
static enum server_process_state
find_command(struct server_search *w, const struct server_process_query *q,
             const struct server_command **out) {
  if (q->config_source != NULL)
    return find_in(w, q->config_source, q, out);
  enum server_process_state state = SERVER_PROCESS_UNREADABLE;
  for (size_t i = w->hub->config_files_num; i > 0 && w->steps >= 0; i--) {
    state = find_in(w, w->hub->config_files[i - 1], q, out);
    if (state != SERVER_PROCESS_UNCONFIGURED)
      return state;
  }
  return state;
}

/* ---- one search ---- */

static void pair_child(struct server_search *w,
                       const struct process_tree_child *c, size_t at,
                       const char *const *words, size_t num) {
  double start = w->boot_time + (double)c->start / (double)sysconf(_SC_CLK_TCK);
  for (size_t i = 0; i < w->s->num && w->steps >= 0; i++) {
    const struct server_command *l = w->commands[i];
    if (l == NULL || !command_line_fits(&l->launch, words, num, &w->steps))
      continue;
    if (w->pairs_num < SERVER_MATCH_PAIRS_MAX)
      w->pairs[w->pairs_num] = (struct server_match_pair){
          i, at, l->slow ? NAN : start - w->queries[i].last_started};
    w->pairs_num++;
  }
}

/* Returns -1 if out of memory. */
static int pair_children(struct server_search *w) {
  char *text = malloc(CMDLINE_MAX + 1);
  const char **words = malloc(COMMAND_LINE_WORDS_MAX * sizeof(*words));
  size_t num = 0;
  const struct process_tree_child *children =
      process_tree_children(w->s->tree, &num);
  bool ok = text != NULL && words != NULL;
  for (size_t i = 0; i < num && ok && w->steps >= 0; i++) {
    int len = proc_cmdline(w->dir, children[i].pid, text, CMDLINE_MAX);
    w->steps -= CMDLINE_STEPS + (len > 0 ? len : CMDLINE_STEPS);
    if (len <= 0)
      continue;
    text[len] = '\0';
    size_t words_num =
        command_line_split(text, (size_t)len, words, COMMAND_LINE_WORDS_MAX);
    pair_child(w, &children[i], i, words, words_num);
  }
  free(text);
  free(words);
  return ok ? 0 : -1;
}

static void set_match(struct server_slot *slot, const struct server_match *m,
                      const struct process_tree_child *children) {
  static const enum server_process_state states[] = {
      [SERVER_MATCH_NONE] = SERVER_PROCESS_NONE,
      [SERVER_MATCH_ONE] = SERVER_PROCESS_FOUND,
      [SERVER_MATCH_SEVERAL] = SERVER_PROCESS_SEVERAL};
  slot->state = states[m->outcome];
  if (m->outcome != SERVER_MATCH_ONE)
    return;
  const struct process_tree_child *c = &children[m->child];
  slot->by_time = m->by_time;
  if (slot->pid == c->pid && slot->start == c->start)
    return;
  slot->pid = c->pid;
  slot->start = c->start;
  slot->seen[0] = 0;
  slot->seen[1] = 0;
}

static void set_matches(struct server_search *w, struct server_match *matches) {
  size_t num = 0;
  const struct process_tree_child *children =
      process_tree_children(w->s->tree, &num);
  bool too_many = w->pairs_num > SERVER_MATCH_PAIRS_MAX;
  if (!too_many)
    server_match_resolve(w->pairs, w->pairs_num, matches, w->s->num);
  for (size_t i = 0; i < w->s->num; i++)
    if (w->commands[i] != NULL && too_many)
      w->s->slots[i].state = SERVER_PROCESS_SEVERAL;
    else if (w->commands[i] != NULL)
      set_match(&w->s->slots[i], &matches[i], children);
}

static void mark_all(struct server_processes *s,
                     enum server_process_state state) {
  for (size_t i = 0; i < s->num; i++)
    if (s->slots[i].running)
      s->slots[i].state = state;
}

static void search(struct server_search *w) {
  struct server_processes *s = w->s;
  struct server_match *matches = calloc(s->num, sizeof(*matches));
  w->commands = calloc(s->num, sizeof(const struct server_command *));
  w->pairs = malloc(SERVER_MATCH_PAIRS_MAX * sizeof(*w->pairs));
  bool ok = matches != NULL && w->commands != NULL && w->pairs != NULL;
  for (size_t i = 0; i < s->num && ok && w->steps >= 0; i++)
    if (s->slots[i].running)
      s->slots[i].state = find_command(w, &w->queries[i], &w->commands[i]);
  ok = ok && pair_children(w) == 0;
  if (ok && w->steps >= 0)
    set_matches(w, matches);
  else /* of no server is it known that no other process fits */
    mark_all(s, ok ? SERVER_PROCESS_UNTRIED : SERVER_PROCESS_UNSEEN);
  for (size_t i = 0; i < w->configs_num; i++) {
    server_config_clear(&w->configs[i]->content);
    free(w->configs[i]);
  }
  free(w->pairs);
  free((void *)w->commands);
  free(matches);
}

/* ---- reading ---- */

/* A change is followed by a scan in this read and the next, then at growing
 * intervals. */
static bool scan_is_due(const struct server_processes *s, double now) {
  double wait = (s->scanned_at - s->changed_at) / 2;
  if (!(wait < SERVER_PROCESS_SCAN))
    wait = SERVER_PROCESS_SCAN;
  return !(now >= s->scanned_at && now < s->scanned_at + wait);
}

static bool is_any_running(const struct server_processes *s) {
  for (size_t i = 0; i < s->num; i++)
    if (s->slots[i].running)
      return true;
  return false;
}

static void scan(struct server_processes *s,
                 const struct server_process_hub *hub,
                 const struct server_process_query *queries, int dir,
                 double now) {
  s->scanned_at = now;
  if (process_tree_scan(s->tree, dir, hub->pid) != 0) {
    mark_all(s, SERVER_PROCESS_UNSEEN);
    return;
  }
  struct server_search w = {.s = s,
                            .hub = hub,
                            .queries = queries,
                            .dir = dir,
                            .steps = SERVER_PROCESS_STEPS,
                            .boot_time = proc_boot_time(s->root)};
  search(&w);
}

static const struct process_tree_child *
child_of(const struct server_processes *s, const struct server_slot *slot) {
  const struct process_tree_child *c = process_tree_child(s->tree, slot->pid);
  return c != NULL && c->start == slot->start ? c : NULL;
}

static void fill(struct server_processes *s, size_t i) {
  struct server_slot *slot = &s->slots[i];
  struct server_process *f = &s->figures[i];
  int pid = slot->state == SERVER_PROCESS_FOUND ? slot->pid : 0;
  *f = (struct server_process){.state = slot->state,
                               .changed = slot->state != slot->state_before ||
                                          pid != slot->pid_before,
                               .by_time = slot->by_time,
                               .rss = NAN,
                               .cpu = {-1, -1}};
  slot->state_before = (uint8_t)slot->state;
  slot->pid_before = pid;
  const struct process_tree_child *c =
      slot->state == SERVER_PROCESS_FOUND ? child_of(s, slot) : NULL;
  if (c == NULL)
    return;
  for (int k = 0; k < 2; k++) {
    if (c->cpu[k] > slot->seen[k])
      slot->total[k] += c->cpu[k] - slot->seen[k];
    slot->seen[k] = c->cpu[k];
    f->cpu[k] =
        (int64_t)((double)slot->total[k] * 1e6 / (double)sysconf(_SC_CLK_TCK));
  }
  f->pid = slot->pid;
  f->rss = (double)c->rss * (double)sysconf(_SC_PAGESIZE);
}

static int same_hub(struct server_processes *s,
                    const struct server_process_hub *hub, bool *changed) {
  if (s->hub_pid == hub->pid && s->hub_start == hub->start)
    return 0;
  struct process_tree *f = process_tree_create();
  if (f == NULL)
    return -1;
  process_tree_destroy(s->tree);
  s->tree = f;
  s->hub_pid = hub->pid;
  s->hub_start = hub->start;
  *changed = true;
  return 0;
}

int server_processes_read(struct server_processes *s,
                          const struct server_process_hub *hub,
                          const struct server_process_query *queries,
                          size_t num, double now) {
  bool changed = false;
  if (arrange(s, queries, num, &changed) != 0 ||
      same_hub(s, hub, &changed) != 0) {
    forget_servers(s);
    return -1;
  }
  int dir = proc_root_open(s->root);
  if (dir < 0) {
    mark_all(s, SERVER_PROCESS_UNSEEN);
  } else {
    changed = process_tree_refresh(s->tree, dir) || changed;
    if (changed) {
      s->changed_at = now;
      s->scanned_at = NAN;
    }
    if (is_any_running(s) && scan_is_due(s, now))
      scan(s, hub, queries, dir, now);
    close(dir);
  }
  for (size_t i = 0; i < num; i++)
    fill(s, i);
  return 0;
}
