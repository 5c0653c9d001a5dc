/* SPDX-License-Identifier: MIT */
/* threads.c - everything at once, for ThreadSanitizer: eight threads write
 * while rules are edited, notices told, memory saved, and the plugin ends in
 * the middle of it; with sinks that are quick, slow, or hang.
 *
 *   threads FOLDER [SECONDS]
 *
 * Prints how long a write took while all sinks hung: the 99th percentile. */
#include "stub.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define WRITERS 8
#define HUBS 40
#define WRITES_MAX 200000 /* measured by each thread */

static atomic_bool ending;
static atomic_int delivered;
static atomic_int hanging;
static const char *folder;
static double *took[WRITERS];
static size_t took_num[WRITERS];

static void write_rules(int edit) {
  char path[PATH_MAX];
  char fresh[PATH_MAX];
  snprintf(path, sizeof(path), "%s/alerts.json", folder);
  snprintf(fresh, sizeof(fresh), "%s/alerts.fresh", folder);
  FILE *file = fopen(fresh, "w");
  if (file == NULL)
    abort();
  fprintf(
      file,
      "{\"settings\": {\"group_wait\": \"0s\"}, \"rules\": [{\"name\":"
      " \"r%d\", \"metric\": \"*/*/gauge\", \"op\": \">\", \"warning\": %d},"
      " {\"name\": \"s\", \"metric\": \"*/*/gauge\", \"function\":"
      " \"avg\", \"window\": \"10s\", \"op\": \">\", \"warning\": 5}]%s",
      edit % 3, 10 + edit % 5, edit % 4 == 3 ? "" : "}");
  if (fclose(file) != 0 || rename(fresh, path) != 0)
    abort();
}

static double seconds(void) {
  struct timespec now = {0};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void *run_writer(void *arg) {
  int self = *(int *)arg;
  unsigned seed = (unsigned)self;
  while (!ending) {
    char hub[16];
    snprintf(hub, sizeof(hub), "%d", rand_r(&seed) % HUBS);
    double value = rand_r(&seed) % 20;
    double begin = seconds();
    stub_write(hub, value);
    if (took_num[self] < WRITES_MAX)
      took[self][took_num[self]++] = seconds() - begin;
    usleep(200);
  }
  return NULL;
}

static void sink_quick(const notification_t *n) {
  delivered += n->severity != 0;
}

static void sink_slow(const notification_t *n) {
  usleep(3000);
  delivered += n->severity != 0;
}

static void sink_hanging(const notification_t *n) {
  hanging += n->severity != 0;
  pause();
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a;
  double y = *(const double *)b;
  return (x > y) - (x < y);
}

static void print_writes(const char *name) {
  size_t num = 0;
  double *all = calloc((size_t)WRITERS * WRITES_MAX, sizeof(*all));
  for (int i = 0; i < WRITERS; i++) {
    memcpy(all + num, took[i], took_num[i] * sizeof(*all));
    num += took_num[i];
  }
  qsort(all, num, sizeof(*all), ascending);
  printf("%s: %d notices, %zu writes: median %.0f us, 99 %% %.0f us, longest "
         "%.0f us\n",
         name, delivered, num, all[num / 2] * 1e6, all[num * 99 / 100] * 1e6,
         all[num - 1] * 1e6);
  free(all);
}

/* One life of the plugin, in a process of its own. */
static int live(const char *name, void (*sink)(const notification_t *),
                double duration) {
  pthread_t writers[WRITERS];
  int numbers[WRITERS];
  stub_sink = sink;
  write_rules(0);
  if (stub_start(folder) != 0)
    return 1;
  for (int i = 0; i < WRITERS; i++) {
    numbers[i] = i;
    took[i] = calloc(WRITES_MAX, sizeof(*took[i]));
    pthread_create(&writers[i], NULL, run_writer, &numbers[i]);
  }
  double end = seconds() + duration;
  for (int edit = 1; seconds() < end; edit++) {
    stub.read();
    usleep(50000);
    if (edit % 5 == 0)
      write_rules(edit);
  }
  if (stub.shut_down() != 0) /* they still write */
    return 1;
  ending = true;
  for (int i = 0; i < WRITERS; i++)
    pthread_join(writers[i], NULL);
  print_writes(name);
  for (int i = 0; i < WRITERS; i++)
    free(took[i]);
  return sink == sink_hanging ? hanging != 1 : delivered < 10;
}

static int in_a_process(const char *name, void (*sink)(const notification_t *),
                        double duration) {
  int status = 0;
  fflush(stdout);
  pid_t pid = fork();
  if (pid == 0)
    exit(live(name, sink, duration));
  return waitpid(pid, &status, 0) == pid && status == 0 ? 0 : 1;
}

int main(int argc, char **argv) {
  double duration = argc > 2 ? atof(argv[2]) : 5;
  if (argc < 2)
    return 2;
  folder = argv[1];
  int failed = in_a_process("quick sink", sink_quick, duration);
  failed |= in_a_process("slow sink", sink_slow, duration);
  failed |= in_a_process("hanging sink", sink_hanging, duration);
  return failed;
}
