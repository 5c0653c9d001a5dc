/* SPDX-License-Identifier: MIT */
/* cost - the CPU time of reading a hub's health once, in one of several ways.
 *
 *   cost WAY TARGET READS
 *
 *   reader       ours: from the request to the list of values
 *   discard      a GET by libcurl that throws the body away
 *   json-c       a GET by libcurl, json-c fed as the body arrives
 *   reader-file  ours and json-c on the bytes of a file, in pieces as libcurl
 *   json-c-file  hands them over
 *
 * TARGET is a hub's URL or a file. Prints {"cpu": seconds of user and system a
 * read, "values": of a read}. What is counted happens within one_read(), for
 * callgrind's --toggle-collect; some reads before it warm up. */
#include "hubread.h"

#include <curl/curl.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PIECE (16U << 10) /* bytes: CURL_MAX_WRITE_SIZE */
#define WARM_UP 3         /* reads */

struct subject {
  CURL *curl;
  struct json_tokener *tokener;
  struct json_object *object;
  struct http_engine *fetcher;
  struct hubread *hub;
  struct poller *reader;
  char *body;
  size_t len;
};

struct way {
  const char *name;
  int (*open)(struct subject *s, const char *target);
  int (*read)(struct subject *s); /* the number of values, or -1 */
};

/* ---- ours ---- */

static int open_reader(struct subject *s, const char *url) {
  s->fetcher = http_engine_create();
  s->hub = s->fetcher != NULL ? hubread_create(s->fetcher, url, NULL) : NULL;
  return s->hub != NULL ? 0 : -1;
}

static int read_reader(struct subject *s) { return hubread_once(s->hub); }

/* ---- libcurl alone, and with json-c ---- */

static size_t throw_away(char *bytes, size_t size, size_t num, void *arg) {
  (void)bytes;
  (void)arg;
  return size * num;
}

static int open_get(struct subject *s, const char *url,
                    curl_write_callback sink) {
  char health[1024];
  snprintf(health, sizeof(health), "%s/api/health", url);
  s->curl = curl_easy_init();
  if (s->curl == NULL)
    return -1;
  curl_easy_setopt(s->curl, CURLOPT_URL, health);
  curl_easy_setopt(s->curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(s->curl, CURLOPT_FAILONERROR, 1L);
  curl_easy_setopt(s->curl, CURLOPT_WRITEFUNCTION, sink);
  curl_easy_setopt(s->curl, CURLOPT_WRITEDATA, s);
  return 0;
}

static int open_discard(struct subject *s, const char *url) {
  return open_get(s, url, throw_away);
}

static int read_get(struct subject *s) {
  CURLcode code = curl_easy_perform(s->curl);
  if (code == CURLE_OK)
    return 0;
  fprintf(stderr, "%s\n", curl_easy_strerror(code));
  return -1;
}

static size_t parse(char *bytes, size_t size, size_t num, void *arg) {
  struct subject *s = arg;
  s->object = json_tokener_parse_ex(s->tokener, bytes, (int)(size * num));
  return size * num;
}

static int open_jsonc(struct subject *s, const char *url) {
  s->tokener = json_tokener_new();
  return s->tokener != NULL ? open_get(s, url, parse) : -1;
}

static int end_jsonc(struct subject *s) {
  bool whole = s->object != NULL;
  json_object_put(s->object);
  s->object = NULL;
  json_tokener_reset(s->tokener);
  if (!whole)
    fprintf(stderr, "json-c: not a whole document\n");
  return whole ? 0 : -1;
}

static int read_jsonc(struct subject *s) {
  return read_get(s) == 0 ? end_jsonc(s) : -1;
}

/* ---- from a file ---- */

static int load(struct subject *s, const char *path) {
  FILE *file = fopen(path, "rb");
  if (file == NULL || fseek(file, 0, SEEK_END) != 0) {
    perror(path);
    return -1;
  }
  s->len = (size_t)ftell(file);
  s->body = malloc(s->len);
  rewind(file);
  bool complete = s->body != NULL && fread(s->body, 1, s->len, file) == s->len;
  fclose(file);
  return complete ? 0 : -1;
}

static int open_reader_file(struct subject *s, const char *path) {
  s->reader = hubread_reader("file", NULL);
  return s->reader != NULL ? load(s, path) : -1;
}

static size_t piece_at(const struct subject *s, size_t at) {
  return s->len - at < PIECE ? s->len - at : PIECE;
}

static int read_reader_file(struct subject *s) {
  const struct http_result good = {HTTP_OK, 200, 0.01, s->len, ""};
  const struct http_result none = {HTTP_HTTP, 404, 0.01, 0, "none"};
  poller_begin(s->reader, hubread_now(), (double)time(NULL));
  for (size_t at = 0; at < s->len; at += PIECE) {
    if (poller_data(s->reader, s->body + at, piece_at(s, at)) != 0)
      return -1;
  }
  if (poller_done(s->reader, &good, hubread_now()) != NULL)
    poller_done(s->reader, &none, hubread_now());
  return (int)hubread_values(s->reader);
}

static int open_jsonc_file(struct subject *s, const char *path) {
  s->tokener = json_tokener_new();
  return s->tokener != NULL ? load(s, path) : -1;
}

static int read_jsonc_file(struct subject *s) {
  for (size_t at = 0; at < s->len; at += PIECE)
    parse(s->body + at, 1, piece_at(s, at), s);
  return end_jsonc(s);
}

/* ---- the program ---- */

static const struct way ways[] = {
    {"reader", open_reader, read_reader},
    {"discard", open_discard, read_get},
    {"json-c", open_jsonc, read_jsonc},
    {"reader-file", open_reader_file, read_reader_file},
    {"json-c-file", open_jsonc_file, read_jsonc_file},
};

static const struct way *find_way(const char *name) {
  for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
    if (strcmp(ways[i].name, name) == 0)
      return &ways[i];
  }
  return NULL;
}

int one_read(const struct way *way, struct subject *s);
__attribute__((noinline)) int one_read(const struct way *way,
                                       struct subject *s) {
  return way->read(s);
}

static double cpu_seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int measure(const struct way *way, struct subject *s, int reads) {
  for (int i = 0; i < WARM_UP; i++) {
    if (way->read(s) < 0)
      return -1;
  }
  int values = 0;
  double before = cpu_seconds();
  for (int i = 0; i < reads && values >= 0; i++)
    values = one_read(way, s);
  double spent = cpu_seconds() - before;
  if (values < 0)
    return -1;
  printf("{\"cpu\": %.9f, \"values\": %d}\n", spent / reads, values);
  return 0;
}

static void close_subject(struct subject *s) {
  hubread_destroy(s->hub);
  http_engine_destroy(s->fetcher);
  poller_destroy(s->reader);
  curl_easy_cleanup(s->curl);
  if (s->tokener != NULL)
    json_tokener_free(s->tokener);
  free(s->body);
}

int main(int argc, char **argv) {
  const struct way *way = argc == 4 ? find_way(argv[1]) : NULL;
  int reads = argc == 4 ? atoi(argv[3]) : 0;
  if (way == NULL || reads < 1) {
    fprintf(stderr, "usage: cost WAY TARGET READS\n");
    return 2;
  }
  curl_global_init(CURL_GLOBAL_DEFAULT);
  struct subject s = {0};
  int status = way->open(&s, argv[2]) == 0 ? measure(way, &s, reads) : -1;
  close_subject(&s);
  curl_global_cleanup();
  return status == 0 ? 0 : 1;
}
