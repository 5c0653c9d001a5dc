/* SPDX-License-Identifier: MIT */
/* Lines of a log: the first byte chooses the size of the pieces, the rest is
 * the log. The classifier stays within its line and takes what json-c takes;
 * a tail that is fed in pieces counts what one does that sees all at once, and
 * what the lines one by one are. */
#include "fuzz.h"
#include "hublog/log_line.h"
#include "hublog/log_tail.h"

#include <json-c/json.h>

/* In memory that ends where the line ends. */
static struct log_line classify(const char *line, size_t len, bool cut) {
  char *copy = malloc(len > 0 ? len : 1);
  if (copy == NULL)
    abort();
  memcpy(copy, line, len);
  struct log_line what = log_line_classify(copy, len, cut);
  free(copy);
  demand(what.level >= 0 && what.level < LOG_LINE_LEVELS, "a level");
  demand(what.event >= 0 && what.event < LOG_LINE_EVENTS, "an event");
  demand(what.entry || (what.level == LOG_LINE_OTHER && !what.event),
         "what is no entry has nothing");
  return what;
}

/* An object of json-c's strict mode with one plain "level" has that level. */
static void check_level(const char *line, size_t len, struct log_line what) {
  static const char key[] = "\"level\"";
  const char *at = memmem(line, len, key, strlen(key));
  if (len == 0 || line[0] != '{' || memchr(line, '\0', len) != NULL ||
      memchr(line, '\\', len) != NULL || at == NULL ||
      memmem(at + 1, len - (size_t)(at + 1 - line), key, strlen(key)) != NULL)
    return;
  struct json_tokener *parser = json_tokener_new();
  json_tokener_set_flags(parser, JSON_TOKENER_STRICT);
  struct json_object *object = json_tokener_parse_ex(parser, line, (int)len);
  struct json_object *level = NULL;
  bool whole = json_tokener_get_error(parser) == json_tokener_success &&
               json_tokener_get_parse_end(parser) == len;
  if (whole && json_object_object_get_ex(object, "level", &level) &&
      json_object_is_type(level, json_type_string)) {
    const char *word = json_object_get_string(level);
    bool is_error = strcmp(word, "error") == 0 || strcmp(word, "fatal") == 0;
    bool number = strspn(word, "0123456789") > 0;
    demand(number || is_error == (what.level == LOG_LINE_ERROR),
           "the level is that of json-c");
  }
  json_object_put(object);
  json_tokener_free(parser);
}

static struct log_tail *open_tail(int fd) {
  char path[64], err[128];
  snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
  struct log_tail *t = log_tail_create(path);
  if (t == NULL || log_tail_read(t, err, sizeof(err)) != 0)
    abort();
  return t;
}

static void feed(int fd, struct log_tail *t, const char *log, size_t len,
                 size_t piece) {
  char err[128];
  for (size_t i = 0; i < len; i += piece) {
    size_t n = len - i < piece ? len - i : piece;
    demand(write(fd, log + i, n) == (ssize_t)n, "memory");
    demand(log_tail_read(t, err, sizeof(err)) == 0, "a read");
  }
}

static void count_lines(const char *log, size_t len,
                        struct log_tail_counts *sum) {
  const char *p = log, *end = log + len;
  const char *feed_at = NULL;
  while ((feed_at = memchr(p, '\n', (size_t)(end - p))) != NULL) {
    while (*p == '\0')
      p++;
    struct log_line what = classify(p, (size_t)(feed_at - p), false);
    check_level(p, (size_t)(feed_at - p), what);
    classify(p, (size_t)(feed_at - p), true);
    sum->entries[what.level] += what.entry;
    sum->events[what.event] += what.entry;
    p = feed_at + 1;
  }
  classify(p, (size_t)(end - p), true);
}

static void check_same(const struct log_tail_counts *a,
                       const struct log_tail_counts *b, const char *what) {
  demand(memcmp(a->entries, b->entries, sizeof(a->entries)) == 0 &&
             memcmp(a->events, b->events, sizeof(a->events)) == 0,
         what);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size < 2)
    return 0;
  const char *log = (const char *)data + 1;
  size_t len = size - 1;
  int fds[] = {memfd_create("pieces", MFD_CLOEXEC),
               memfd_create("whole", MFD_CLOEXEC)};
  struct log_tail *pieces = open_tail(fds[0]), *whole = open_tail(fds[1]);
  feed(fds[0], pieces, log, len, data[0] % 40u + 1 + len / 64);
  feed(fds[1], whole, log, len, len);
  const struct log_tail_counts *a = log_tail_counts(pieces);
  const struct log_tail_counts *b = log_tail_counts(whole);
  check_same(a, b, "counts do not depend on the pieces");
  demand(memcmp(&a->window, &b->window, sizeof(a->window)) == 0 &&
             a->behind == b->behind && a->size == b->size,
         "the rest does not depend on the pieces");
  struct log_tail_counts sum = {0};
  count_lines(log, len, &sum);
  if (len < LOG_TAIL_LINE_MAX)
    check_same(b, &sum, "a tail counts lines");
  log_tail_destroy(pieces);
  log_tail_destroy(whole);
  close(fds[0]);
  close(fds[1]);
  return 0;
}
