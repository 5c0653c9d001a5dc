/* SPDX-License-Identifier: MIT */
/* alerts - what the alert engine takes for a sample, and for a series.
 *
 *   alerts FUNCTION SERIES ROUNDS
 *
 * FUNCTION is that of the 100 rules, with a window of ten minutes but for
 * "value"; SERIES series are wanted by three of them each, with "none" by none.
 * In a round each gets a sample, of the next ten seconds; no alert fires.
 * Prints {"cpu": seconds a sample, "samples": of a round, "bytes": on the heap
 * a rule and series, or a series where no rule wants it}. What is counted
 * happens within one_round(), for callgrind's --toggle-collect; some rounds
 * before it warm up. */
#include "heap.h"

#include "alerts/engine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define RULES 100
#define MATCHED 3
#define TYPES (RULES / MATCHED) /* one rule is nobody's */
#define WARM_UP 3               /* rounds */
#define SERIES_MOST 1000000
#define NAME_SIZE 32

struct names { /* as in a value list, all in one piece */
  char host[NAME_SIZE];
  char instance[NAME_SIZE];
  char type[NAME_SIZE];
  char type_instance[NAME_SIZE];
};

static void put_rules(char *json, size_t size, const char *function) {
  size_t len = (size_t)snprintf(json, size, "{\"rules\": [");
  const char *window =
      strcmp(function, "value") != 0 ? "\"window\": \"10m\", " : "";
  for (int i = 0; i < RULES && len < size; i++)
    len += (size_t)snprintf(
        json + len, size - len,
        "%s{\"name\": \"r%d\", \"metric\": \"*/plugin-*/type_%d-*\", "
        "\"function\": \"%s\", %s\"op\": \">\", \"warning\": %d, "
        "\"critical\": 9000, \"for\": \"1m\", \"clear_for\": \"1m\"}",
        i > 0 ? ", " : "", i, i % TYPES + (i / TYPES) / MATCHED * TYPES,
        function, window, 1000 + i);
  if (len < size)
    snprintf(json + len, size - len, "]}");
}

static struct ruleset *make_rules(const char *function) {
  char json[RULES * 300];
  char err[512];
  put_rules(json, sizeof(json), function);
  struct ruleset *set = ruleset_parse(json, strlen(json), err, sizeof(err));
  if (set == NULL)
    fprintf(stderr, "%s\n", err);
  return set;
}

static struct names *make_names(size_t num, bool wanted) {
  struct names *names = calloc(num, sizeof(*names));
  for (size_t i = 0; names != NULL && i < num; i++) {
    struct names *n = &names[i];
    snprintf(n->host, NAME_SIZE, "host-%zu", i / 1000);
    snprintf(n->instance, NAME_SIZE, "instance-%zu", i / 100 % 10);
    snprintf(n->type, NAME_SIZE, "%s_%zu", wanted ? "type" : "other",
             i % TYPES);
    snprintf(n->type_instance, NAME_SIZE, "%zu", i);
  }
  return names;
}

static void ignore(void *arg, const struct alert *event) {
  (void)arg;
  (void)event;
}

/* Not inlined, for callgrind. */
static __attribute__((noinline)) void
one_round(struct engine *e, const struct names *names, size_t num, int round) {
  struct sample sample = {
      .kind = SAMPLE_GAUGE, .time = 1e9 + 10 * round, .interval = 10};
  for (size_t i = 0; i < num; i++) {
    const struct names *n = &names[i];
    const struct series s = {n->host, "plugin",         n->instance,
                             n->type, n->type_instance, "value"};
    sample.value.gauge = (double)((i + (size_t)round) % 97);
    engine_sample(e, &s, &sample, 10 * round);
  }
}

static double cpu_now(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void measure(struct engine *e, const struct names *names, size_t num,
                    bool wanted, int rounds) {
  size_t before = heap_now();
  int round = 0;
  while (round < WARM_UP)
    one_round(e, names, num, round++);
  size_t bytes = heap_now() - before;
  double start = cpu_now();
  while (round < WARM_UP + rounds)
    one_round(e, names, num, round++);
  double cpu = cpu_now() - start;
  printf("{\"cpu\": %.12f, \"samples\": %zu, \"bytes\": %.1f}\n",
         cpu / ((double)num * rounds), num,
         (double)bytes / ((double)num * (wanted ? MATCHED : 1)));
}

int main(int argc, char **argv) {
  size_t num = argc == 4 ? strtoul(argv[2], NULL, 10) : 0;
  if (num < 1 || num > SERIES_MOST || atoi(argv[3]) < 1) {
    fprintf(stderr, "usage: alerts FUNCTION SERIES ROUNDS\n");
    return 2;
  }
  bool wanted = strcmp(argv[1], "none") != 0;
  struct ruleset *set = make_rules(wanted ? argv[1] : "value");
  struct names *names = make_names(num, wanted);
  struct engine *e = engine_create(num, ignore, NULL);
  bool ready = set != NULL && names != NULL && e != NULL;
  if (ready) {
    engine_set_rules(e, set, 0);
    measure(e, names, num, wanted, atoi(argv[3]));
  }
  engine_destroy(e);
  free(names);
  return ready ? 0 : 1;
}
