/* SPDX-License-Identifier: MIT */
/* What mcphubctl reads: any bytes as status.json and, behind a NUL, as all that
 * collectd answers on its socket. The first byte chooses the options. Pages are
 * lines of text that fit, JSON is JSON, and an error says why. */
#include "ctl/ctl.h"
#include "ctl/hub_page.h"
#include "fuzz.h"
#include "hub/json_reference.h"
#include "json_mutator.h"

#include <fcntl.h>
#include <locale.h>
#include <math.h>
#include <sys/socket.h>

static const uint8_t *answers;
static size_t answers_len;
static int collectd = -1; /* the other end */

/* The C library's, for this program: to a collectd that has said all before it
 * is asked. */
int connect(int fd, __CONST_SOCKADDR_ARG address, socklen_t len) {
  int ends[2];
  (void)address;
  (void)len;
  if (collectd >= 0)
    close(collectd);
  demand(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0 &&
             dup3(ends[0], fd, O_CLOEXEC) == fd,
         "a socket");
  close(ends[0]);
  collectd = ends[1];
  demand(answers_len == 0 ||
             send(collectd, answers, answers_len, MSG_DONTWAIT) > 0,
         "answers");
  shutdown(collectd, SHUT_WR);
  return 0;
}

int LLVMFuzzerInitialize(int *argc, char ***argv) {
  (void)argc;
  (void)argv;
  demand(setlocale(LC_CTYPE, "C.UTF-8") != NULL, "a locale");
  silence_commands();
  return 0;
}

static void check_page(struct page *p) {
  const char *line = page_text(p);
  for (const char *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
    char *text = text_of(line, (size_t)(end - line));
    demand(page_columns(text) <= PAGE_WIDTH, "a line that fits");
    if (*text != '\0')
      demand_one_line(text, "no control characters");
    free(text);
  }
  demand(*line == '\0', "whole lines");
}

static void look(const struct ctl *c) {
  char err[CTL_ERROR_MAX] = "";
  struct json_writer json = {.ascii = true};
  struct page *p = c->json ? NULL : page_create(PAGE_WIDTH, false);
  if (hub_page_look(c, p, &json, err, sizeof(err)) != 0) {
    demand(*err != '\0', "an error has a text");
  } else if (p != NULL) {
    check_page(p);
  } else {
    size_t len = 0;
    const char *text = json_written(&json, &len);
    demand(reference_is_json(text, len), "JSON");
  }
  json_writer_clear(&json);
  page_destroy(p);
}

static void demand_status(int status) {
  demand(status >= CTL_CLEAR && status <= CTL_UNKNOWN, "an exit status");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char path[FUZZ_PATH_MAX];
  if (size < 1)
    return 0;
  const struct ctl c = {.socket = "/collectd",
                        .status_file = path,
                        .host = (data[0] & 1) != 0 ? "h" : NULL,
                        .hub = (data[0] & 2) != 0 ? "p" : NULL,
                        .json = (data[0] & 4) != 0,
                        .max_age = INFINITY};
  data++;
  size--;
  char *json = first_text(&data, &size);
  int fd = file_of(json, strlen(json), path);
  free(json);
  answers = data;
  answers_len = size;
  look(&c);
  demand_status(command_check(&c));
  demand_status(command_summary(&c));
  demand_status(command_baseline(&c));
  demand_status(command_test_notification(&c));
  close(fd);
  return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max,
                               unsigned seed) {
  return json_mutate(data, size, max, seed, 1);
}
