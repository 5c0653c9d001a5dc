/* SPDX-License-Identifier: MIT */
/* Any bytes as /proc/<pid>/stat, as a line of net/tcp, as a hub's configuration
 * file and as a command line. Whatever is configured fits itself when nothing
 * has to be filled in. */
#include "fuzz.h"
#include "json_mutator.h"
#include "process/command_line.h"
#include "process/procfs.h"
#include "process/server_config.h"

#include <limits.h>

static void fit_itself(const struct server_command *s) {
  bool wild = false;
  long steps = LONG_MAX;
  for (size_t i = 0; i < s->launch.num; i++)
    wild = wild || strchr(s->launch.words[i], COMMAND_LINE_WILD) != NULL;
  if (s->usable && !wild && s->launch.definite &&
      !command_line_fits(&s->launch, (const char *const *)s->launch.words,
                         s->launch.num, &steps))
    abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char *text = text_of(data, size);
  struct proc_stat stat;
  proc_stat_parse(text, size, &stat);
  uint64_t inode = 0;
  if (proc_listener_parse(text, 8080, &inode) && inode == 0)
    abort();
  const char *words[64];
  size_t num = command_line_split(text, size, words, 64);
  if (num > 64)
    abort();
  /* the bytes before the first NUL: a configuration; behind it: a process */
  size_t len = strlen(text);
  struct server_config c = {0};
  if (server_config_parse(&c, text, len) == SERVER_CONFIG_OK) {
    for (size_t i = 0; i < c.num; i++) {
      fit_itself(&c.servers[i]);
      long steps = LONG_MAX;
      if (num > 1)
        command_line_fits(&c.servers[i].launch, words + 1, num - 1, &steps);
    }
  }
  server_config_clear(&c);
  free(text);
  return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max,
                               unsigned seed) {
  return json_mutate(data, size, max, seed, 0);
}
