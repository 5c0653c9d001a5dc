/* SPDX-License-Identifier: MIT */
#include "process/hub_process.h"

#include "process/procfs.h"

#include <arpa/inet.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define LISTENERS_MAX 16

struct hub_process {
  char *root;
  bool local;
  struct hub_process_claim checked; /* the claim that `verdict` belongs to */
  uint64_t checked_start;           /* ticks; 0: no claim checked yet */
  enum hub_process_state verdict;
  double checked_at;
  double memory_total;
  double before;        /* time of the last figures; NaN: none */
  int64_t before_spent; /* us, user and system */
  struct hub_process_figures figures;
};

/* ---- address of the hub ---- */

/* Extracts the host: "http://user@[::1]:80/x" -> "::1". */
static bool url_host(const char *url, char *host, size_t size) {
  const char *p = strstr(url, "://");
  p = p != NULL ? p + 3 : url;
  size_t len = strcspn(p, "/?#\\");
  const char *at = memrchr(p, '@', len);
  if (at != NULL) {
    len -= (size_t)(at + 1 - p);
    p = at + 1;
  }
  if (len > 0 && *p == '[') {
    const char *end = memchr(p, ']', len);
    if (end == NULL)
      return false;
    p++;
    len = (size_t)(end - p);
  } else {
    const char *colon = memchr(p, ':', len);
    len = colon != NULL ? (size_t)(colon - p) : len;
  }
  if (len == 0 || len >= size)
    return false;
  memcpy(host, p, len);
  host[len] = '\0';
  return true;
}

bool hub_process_url_is_local(const char *url) {
  char host[256];
  struct in_addr v4;
  struct in6_addr v6;
  if (!url_host(url, host, sizeof(host)))
    return false;
  if (strcasecmp(host, "localhost") == 0 || strcasecmp(host, "localhost.") == 0)
    return true;
  if (inet_pton(AF_INET, host, &v4) == 1)
    return ntohl(v4.s_addr) >> 24 == 127;
  return inet_pton(AF_INET6, host, &v6) == 1 &&
         (IN6_IS_ADDR_LOOPBACK(&v6) ||
          (IN6_IS_ADDR_V4MAPPED(&v6) && v6.s6_addr[12] == 127));
}

/* ---- create, destroy ---- */

static void forget_figures(struct hub_process *p) {
  p->figures = (struct hub_process_figures){.rss = NAN,
                                            .cpu = {-1, -1},
                                            .threads = NAN,
                                            .file_handles = NAN,
                                            .memory_percent = NAN,
                                            .cpu_percent = NAN};
}

struct hub_process *hub_process_create(const char *root, bool local) {
  struct hub_process *p = calloc(1, sizeof(*p));
  if (p == NULL)
    return NULL;
  p->local = local;
  p->before = NAN;
  p->root = strdup(root);
  forget_figures(p);
  if (p->root == NULL) {
    hub_process_destroy(p);
    return NULL;
  }
  return p;
}

void hub_process_destroy(struct hub_process *p) {
  if (p == NULL)
    return;
  free(p->root);
  free(p);
}

const struct hub_process_figures *
hub_process_figures(const struct hub_process *p) {
  return &p->figures;
}

uint64_t hub_process_start(const struct hub_process *p) {
  return isnan(p->figures.rss) ? 0 : p->checked_start;
}

const char *hub_process_state_text(enum hub_process_state state) {
  switch (state) {
  case HUB_PROCESS_VERIFIED:
    return "verified";
  case HUB_PROCESS_REMOTE:
    return "the hub is not reached by a loopback address or a Unix socket";
  case HUB_PROCESS_UNTOLD:
    return "the hub does not tell its pid, start and port";
  case HUB_PROCESS_GONE:
    return "no process that can be seen has the pid that the hub tells";
  case HUB_PROCESS_LATE:
    return "the pid that the hub tells belongs to a process that started later";
  case HUB_PROCESS_EARLY:
    return "the pid that the hub tells belongs to a process that started long "
           "before";
  case HUB_PROCESS_NO_ACCESS:
    return "no access to /proc/<pid>/fd of the hub: collectd must run as the "
           "hub's user or with CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH";
  case HUB_PROCESS_ELSEWHERE:
    return "the pid that the hub tells is in another network namespace here";
  case HUB_PROCESS_NOT_HEARING:
    return "the pid that the hub tells does not listen on the hub's port";
  case HUB_PROCESS_NO_PROC:
    break;
  }
  return "no usable /proc";
}

/* ---- verification ---- */

static enum hub_process_state state_of_errno(int error) {
  switch (error) {
  case EACCES:
  case EPERM:
    return HUB_PROCESS_NO_ACCESS;
  case ENOENT:
  case ESRCH:
    return HUB_PROCESS_GONE;
  default:
    return HUB_PROCESS_NO_PROC;
  }
}

static enum hub_process_state check_start(const struct hub_process *p,
                                          uint64_t ticks, double claimed) {
  double start =
      proc_boot_time(p->root) + (double)ticks / (double)sysconf(_SC_CLK_TCK);
  if (isnan(start))
    return HUB_PROCESS_NO_PROC;
  if (start > claimed + HUB_PROCESS_LATER)
    return HUB_PROCESS_LATE;
  return start >= claimed - HUB_PROCESS_EARLIER ? HUB_PROCESS_VERIFIED
                                                : HUB_PROCESS_EARLY;
}

/* ENOENT below an open /proc/<pid> means missing permission. */
static enum hub_process_state state_of_hidden(void) {
  return errno == ENOENT ? HUB_PROCESS_NO_ACCESS : state_of_errno(errno);
}

static enum hub_process_state check_port(const struct hub_process *p,
                                         int folder, int port) {
  uint64_t inodes[LISTENERS_MAX];
  int same = proc_same_network(p->root, folder);
  if (same <= 0)
    return same == 0 ? HUB_PROCESS_ELSEWHERE : state_of_hidden();
  int num = proc_listeners(folder, port, inodes, LISTENERS_MAX);
  int holds = num <= 0 ? num : proc_holds_socket(folder, inodes, num);
  if (holds < 0)
    return state_of_hidden();
  return holds > 0 ? HUB_PROCESS_VERIFIED : HUB_PROCESS_NOT_HEARING;
}

static bool is_same_claim(const struct hub_process *p,
                          const struct hub_process_claim *claim,
                          uint64_t start) {
  return p->checked_start == start && p->checked.pid == claim->pid &&
         p->checked.port == claim->port && p->checked.start == claim->start;
}

static enum hub_process_state verify(struct hub_process *p, int folder,
                                     const struct hub_process_claim *claim,
                                     uint64_t start, double now) {
  bool same = is_same_claim(p, claim, start);
  bool fresh = now >= p->checked_at && now < p->checked_at + HUB_PROCESS_RETRY;
  if (same && (p->verdict == HUB_PROCESS_VERIFIED || fresh))
    return p->verdict;
  if (!same)
    p->before = NAN;
  p->checked = *claim;
  p->checked_start = start;
  p->checked_at = now;
  p->verdict = check_start(p, start, claim->start);
  if (p->verdict == HUB_PROCESS_VERIFIED)
    p->verdict = check_port(p, folder, claim->port);
  p->memory_total = NAN;
  return p->verdict;
}

/* ---- figures ---- */

static void take_figures(struct hub_process *p, int folder,
                         const struct proc_stat *s, double now) {
  struct hub_process_figures *f = &p->figures;
  double us = 1e6 / (double)sysconf(_SC_CLK_TCK);
  for (int i = 0; i < 2; i++)
    f->cpu[i] = (int64_t)((double)s->cpu[i] * us);
  f->rss = (double)s->rss * (double)sysconf(_SC_PAGESIZE);
  f->threads = (double)s->threads;
  int handles = proc_fd_count(folder);
  f->file_handles = handles >= 0 ? (double)handles : (double)NAN;
  if (isnan(p->memory_total))
    p->memory_total = proc_memory_total(p->root);
  double share = f->rss / p->memory_total * 100;
  f->memory_percent = share <= 100 ? share : (double)NAN;

  int64_t spent = f->cpu[0] + f->cpu[1];
  if (now > p->before && spent >= p->before_spent) {
    double part = (double)(spent - p->before_spent) / 1e4 / (now - p->before);
    f->cpu_percent = part < 100 ? part : 100;
  }
  p->before = now;
  p->before_spent = spent;
}

static enum hub_process_state read_folder(struct hub_process *p, int folder,
                                          const struct hub_process_claim *claim,
                                          double now) {
  struct proc_stat s;
  if (proc_stat_read(folder, &s) != 0)
    return state_of_errno(errno);
  if (s.state == 'Z' || s.state == 'X' || s.state == 'x')
    return HUB_PROCESS_GONE;
  enum hub_process_state state = verify(p, folder, claim, s.start, now);
  if (state == HUB_PROCESS_VERIFIED)
    take_figures(p, folder, &s, now);
  return state;
}

enum hub_process_state hub_process_read(struct hub_process *p,
                                        const struct hub_process_claim *claim,
                                        double now) {
  forget_figures(p);
  if (!p->local)
    return HUB_PROCESS_REMOTE;
  if (claim->pid <= 0 || claim->port <= 0 || isnan(claim->start))
    return HUB_PROCESS_UNTOLD;
  int folder = proc_open(p->root, claim->pid);
  if (folder < 0) {
    enum hub_process_state state = state_of_errno(errno);
    return access(p->root, X_OK) == 0 ? state : HUB_PROCESS_NO_PROC;
  }
  enum hub_process_state state = read_folder(p, folder, claim, now);
  close(folder);
  return state;
}
