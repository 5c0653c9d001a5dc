/* SPDX-License-Identifier: MIT */
/* memory - what a hub takes on the heap, its share of libcurl included.
 *
 *   memory URL LOG READS
 *
 * A hub of this machine, with its processes and with LOG as its log, is read
 * again and again. Prints bytes: {"rest": between two reads, "peak": the most
 * during one, "first": the same of the first one, which also sets up the
 * connection and finds the processes, "shared": what all hubs share, set up
 * before them}. */
#include "heap.h"
#include "hubread.h"

#include "hublog/log_tail.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>

static int read_all(struct hubread *h, struct log_tail *log) {
  char err[256];
  if (hubread_once(h) < 0)
    return -1;
  if (log_tail_read(log, err, sizeof(err)) == 0)
    return 0;
  fprintf(stderr, "%s\n", err);
  return -1;
}

static int measure(struct http_engine *f, size_t shared, const char *url,
                   const char *log_path, int reads) {
  size_t before = heap_now();
  struct hubread *h = hubread_create(f, url, "/proc");
  struct log_tail *log = log_tail_create(log_path);
  int status = h != NULL && log != NULL ? 0 : -1;
  heap_peak();
  if (status == 0)
    status = read_all(h, log);
  size_t first = heap_peak();
  for (int i = 0; i < reads && status == 0; i++)
    status = read_all(h, log);
  if (status == 0)
    printf("{\"rest\": %zu, \"peak\": %zu, \"first\": %zu, \"shared\": %zu}\n",
           heap_now() - before, heap_peak() - before, first - before, shared);
  hubread_destroy(h);
  log_tail_destroy(log);
  return status;
}

int main(int argc, char **argv) {
  if (argc != 4 || atoi(argv[3]) < 1) {
    fprintf(stderr, "usage: memory URL LOG READS\n");
    return 2;
  }
  static char buffer[BUFSIZ];
  setvbuf(stdout, buffer, _IOFBF, sizeof(buffer));
  size_t libraries = heap_now();
  curl_global_init(CURL_GLOBAL_DEFAULT);
  struct http_engine *f = http_engine_create();
  size_t shared = heap_now() - libraries;
  int status =
      f != NULL ? measure(f, shared, argv[1], argv[2], atoi(argv[3])) : -1;
  http_engine_destroy(f);
  curl_global_cleanup();
  return status == 0 ? 0 : 1;
}
