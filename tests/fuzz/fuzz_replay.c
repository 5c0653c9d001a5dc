/* SPDX-License-Identifier: MIT */
/* Any bytes as a types.db and, behind a NUL, as a recording: read in order of
 * time, or an error of one line; then replayed with rules, and scored. The
 * first byte: of rates or not, as JSON or not, replayed even with an error. */
#include "ctl/ctl.h"
#include "ctl/recording.h"
#include "fuzz.h"

#include <math.h>

#define SERIES "h/p-i/t-x"
#define RULES                                                                  \
  "{\"rules\": ["                                                              \
  "{\"name\": \"plain\", \"metric\": \"*/*/*\", \"op\": \">\","                \
  " \"warning\": 1, \"for\": \"20s\", \"no_data\": \"warning\"},"              \
  "{\"name\": \"grown\", \"metric\": \"*/*/*\", \"op\": \">\","                \
  " \"critical\": 5, \"function\": \"delta\", \"window\": \"1m\"},"            \
  "{\"name\": \"odd\", \"metric\": \"*/*/*\", \"function\": \"anomaly\","      \
  " \"severity\": \"warning\"}]}"

static char rules_path[FUZZ_PATH_MAX];

int LLVMFuzzerInitialize(int *argc, char ***argv) {
  (void)argc;
  (void)argv;
  file_of(RULES, strlen(RULES), rules_path);
  silence_commands();
  return 0;
}

struct received {
  bool rates;
  size_t values;
  double time;
};

static void hear(void *arg, const struct series *s, const struct sample *x) {
  struct received *h = arg;
  demand(strcmp(s->host, "h") == 0 && strcmp(s->type_instance, "x") == 0,
         "the series that was named");
  demand(isfinite(x->time) && !(x->time < h->time), "order of time");
  demand(x->interval > 0 && isfinite(x->interval), "an interval");
  demand(!h->rates || x->kind == SAMPLE_GAUGE, "rates are gauges");
  h->time = x->time;
  h->values++;
}

/* Whether it can be read. */
static bool read_it(const struct ctl *c) {
  const struct recording_options options = {.path = c->csv,
                                            .series = c->series,
                                            .types = c->types,
                                            .types_num = c->types_num,
                                            .rates = c->rates};
  struct received received = {.rates = c->rates, .time = -INFINITY};
  struct recording_counts counts = {0};
  char err[256] = "";
  int status =
      recording_read(&options, hear, &received, &counts, err, sizeof(err));
  demand((status != 0) == (*err != '\0'), "an error has a text");
  if (status != 0)
    demand_one_line(err, "an error is one line");
  demand(counts.values >= received.values, "values are counted");
  demand(received.values == 0 || counts.begin <= counts.end, "begin and end");
  return status == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char csv[FUZZ_PATH_MAX];
  char types[FUZZ_PATH_MAX];
  char *args[] = {rules_path, NULL};
  if (size < 1)
    return 0;
  struct ctl c = {.csv = csv,
                  .series = SERIES,
                  .rates = (data[0] & 1) != 0,
                  .json = (data[0] & 2) != 0,
                  .types = {types},
                  .types_num = 1,
                  .args = args,
                  .args_num = 1};
  bool anyway = (*data++ & 4) != 0; /* an error is the same everywhere */
  size--;
  char *db = first_text(&data, &size);
  int types_fd = file_of(db, strlen(db), types);
  int csv_fd = file_of(data, size, csv);
  free(db);
  bool readable = read_it(&c);
  if (readable || anyway) {
    demand(command_rules_replay(&c) == (readable ? CTL_CLEAR : CTL_UNKNOWN),
           "what can be read is replayed");
    c.scores = true; /* of plain rows only */
    command_rules_replay(&c);
  }
  close(types_fd);
  close(csv_fd);
  return 0;
}
