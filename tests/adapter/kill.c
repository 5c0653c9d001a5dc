/* SPDX-License-Identifier: MIT */
/* kill.c - kill -9 at random moments: no alert state is lost or invented, and a
 * notice comes twice only where the kill fell between sending and saving.
 *
 *   kill FOLDER [KILLS [SEED]]
 *
 * A child runs the plugin; its parent kills it and starts the next one. The
 * world, values of SERIES series, is shared and outlives each child. A journal
 * (O_APPEND, one write a record) has, in the order in which they happened, what
 * the world became, what was notified, each state file that took its place
 * (with a notice under way, or not), and each kill. At the end it is read from
 * the beginning. */
#include "stub.h"

#include "plugins/delivery.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SERIES 48
#define TURNS 6        /* of the world, within the life of a child */
#define AWAY 90        /* seconds, as the clocks say, between two children */
#define LIFE_MAX 60000 /* microseconds until the kill */
#define REST 20        /* seconds, at most, until all is told at the end */
#define RULES                                                                  \
  "{\"settings\": {\"group_wait\": \"0s\"}, \"rules\": [{\"name\": \"r\","     \
  " \"metric\": \"*/*/gauge\", \"op\": \">\", \"warning\": 10}]}"

struct record {
  enum { WORLD = 1, NOTICE, SAVED, KILLED } kind;
  int series;
  int bad;
};

static struct world { volatile int bad[SERIES]; } * world;
static int journal;

static void note(int kind, int series, int bad) {
  struct record record = {.series = series, .bad = bad};
  record.kind = kind;
  if (write(journal, &record, sizeof(record)) != sizeof(record))
    abort();
}

/* ---- the child ---- */

static bool busy; /* when the memory was last put into bytes */

bool __real_delivery_is_busy(const struct alerts_plugin *a);
bool __wrap_delivery_is_busy(const struct alerts_plugin *a);

bool __wrap_delivery_is_busy(const struct alerts_plugin *a) {
  busy = __real_delivery_is_busy(a);
  return busy;
}

int __real_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to);

int __wrap_rename(const char *from, const char *to) {
  int status = __real_rename(from, to);
  const char *end = strrchr(to, '.');
  if (end != NULL && strcmp(end, ".state") == 0)
    note(SAVED, 0, busy);
  return status;
}

/* A hub for each series: alerts of one hub would be one notice. */
static void on_notification(const notification_t *n) {
  note(NOTICE, atoi(n->plugin_instance), n->severity != NOTIF_OKAY);
}

static void *run_writer(void *arg) {
  for (;;)
    for (int i = 0; i < SERIES; i++) {
      char name[16];
      snprintf(name, sizeof(name), "%d", i);
      stub_write(name, world->bad[i] ? 20 : 1);
    }
  return arg;
}

static void run_child(const char *folder, int number) {
  pthread_t writer;
  stub_ahead = (double)AWAY * number;
  stub_sink = on_notification;
  if (stub_start(folder) != 0 ||
      pthread_create(&writer, NULL, run_writer, NULL) != 0)
    abort();
  for (;;) {
    stub.read();
    usleep(20000);
  }
}

/* ---- the parent ---- */

static pid_t start_child(const char *folder, int number) {
  pid_t pid = fork();
  if (pid == 0)
    run_child(folder, number);
  if (pid < 0)
    abort();
  return pid;
}

static void kill_child(pid_t pid) {
  int status = 0;
  kill(pid, SIGKILL);
  if (waitpid(pid, &status, 0) != pid || !WIFSIGNALED(status) ||
      WTERMSIG(status) != SIGKILL) {
    fprintf(stderr, "a child ended by itself: status %d\n", status);
    exit(1);
  }
  note(KILLED, 0, 0);
}

/* Each series in its turn: none so often that it flaps. */
static void turn_world(void) {
  static int next;
  int i = next++ % SERIES;
  note(WORLD, i, !world->bad[i]);
  world->bad[i] = !world->bad[i];
}

static void live(const char *folder, int number) {
  pid_t pid = start_child(folder, number);
  int left = rand() % LIFE_MAX;
  for (int i = 0; i < TURNS; i++) {
    int part = rand() % (2 * left / TURNS + 1);
    part = part < left ? part : left;
    usleep((useconds_t)part);
    left -= part;
    turn_world();
  }
  usleep((useconds_t)left);
  kill_child(pid);
}

/* ---- the journal ---- */

struct verdict {
  int notices;
  int twice; /* across a kill; not saved, or what was between got lost with it
              */
  int wrong;
  int saves;
  char first[100]; /* that was wrong */
};

struct past {   /* of one series */
  int notified; /* what the last notice said */
  int bad;      /* the world */
  bool was[2];  /* in the world since then */
  bool saved;   /* since then */
  bool killed;
};

static void complain(struct verdict *v, int series, const char *what) {
  if (v->wrong++ == 0)
    snprintf(v->first, sizeof(v->first), "series %d: %s\n", series, what);
}

static void judge_notice(struct verdict *v, struct past *p,
                         const struct record *r) {
  v->notices++;
  if (!p->was[r->bad])
    complain(v, r->series, "told what never was: invented");
  if (p->notified != r->bad)
    ;
  else if (p->killed && (!p->saved || p->was[!r->bad]))
    v->twice++;
  else
    complain(v, r->series, "told again though the state was saved: lost");
  p->notified = r->bad;
  p->saved = p->killed = false;
  p->was[0] = p->bad == 0;
  p->was[1] = p->bad == 1;
}

static void judge_record(struct verdict *v, struct past all[SERIES],
                         const struct record *r) {
  struct past *p = &all[r->series];
  if (r->kind == NOTICE)
    judge_notice(v, p, r);
  if (r->kind == WORLD) {
    p->bad = r->bad;
    p->was[r->bad] = true;
  }
  v->saves += r->kind == SAVED;
  for (int i = 0; i < SERIES; i++) {
    all[i].saved |= r->kind == SAVED && !r->bad && !all[i].killed;
    all[i].killed |= r->kind == KILLED;
  }
}

/* The number of series whose last notice is not what the world is. */
static int judge(struct verdict *v) {
  struct past all[SERIES] = {{0}};
  struct record r;
  int behind = 0;
  *v = (struct verdict){0};
  for (int i = 0; i < SERIES; i++)
    all[i].was[0] = true;
  for (off_t at = 0; pread(journal, &r, sizeof(r), at) == sizeof(r);
       at += (off_t)sizeof(r))
    judge_record(v, all, &r);
  for (int i = 0; i < SERIES; i++)
    behind += all[i].notified != all[i].bad;
  return behind;
}

static void write_rules(const char *folder) {
  char path[PATH_MAX];
  snprintf(path, sizeof(path), "%s/alerts.json", folder);
  FILE *file = fopen(path, "w");
  if (file == NULL || fputs(RULES, file) < 0 || fclose(file) != 0)
    abort();
  snprintf(path, sizeof(path), "%s/mcp_hub_alerts.state", folder);
  unlink(path);
  snprintf(path, sizeof(path), "%s/journal", folder);
  journal = open(path, O_RDWR | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
}

int main(int argc, char **argv) {
  int kills = argc > 2 ? atoi(argv[2]) : 100;
  struct verdict v = {0};
  srand(argc > 3 ? (unsigned)atoi(argv[3]) : 1);
  world = mmap(NULL, sizeof(*world), PROT_READ | PROT_WRITE,
               MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (argc < 2 || world == MAP_FAILED)
    return 2;
  write_rules(argv[1]);
  for (int i = 0; i < kills; i++)
    live(argv[1], i);
  pid_t last = start_child(argv[1], kills);
  int behind = SERIES;
  for (int i = 0; i < REST * 10 && behind > 0; i++) {
    usleep(100000);
    behind = judge(&v);
  }
  kill_child(last);
  printf("%d kills, %d notices, %d saves: %d notices came twice (allowed), %d "
         "wrong, %d series not told in the end\n",
         kills, v.notices, v.saves, v.twice, v.wrong, behind);
  fputs(v.first, stderr);
  return v.wrong > 0 || behind > 0 || v.notices < kills / 4;
}
