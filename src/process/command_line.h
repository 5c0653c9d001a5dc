/* SPDX-License-Identifier: MIT */
/* command_line.h - compares a configured command with the command line of a
 * running process.
 *
 * A path is compared as a whole, a bare command with the last component of a
 * path. These forms match:
 *
 *   direct       command args...
 *   script       interpreter [options] /path/of/command args...
 *                (the kernel's form of "#!/usr/bin/env node")
 *   npx, npm     "npm exec package args", the title that npm sets, without
 *                npm's own options
 *   uvx          uv tool uvx args...
 *   env, nice, stdbuf, pipx run, ...
 *                the wrapped command, after exec
 *   sh -c text   the last command of the text, after exec
 *
 * ${NAME}, ${env:NAME} and ${cmd: ...} are wildcards, because the hub's values
 * are unknown. A command of wildcards and options only matches no process.
 *
 * Comparisons draw on a budget of steps, shared by many: a step is a byte or a
 * word that is looked at. */
#ifndef PROCESS_COMMAND_LINE_H
#define PROCESS_COMMAND_LINE_H

#include <stdbool.h>
#include <stddef.h>

#define COMMAND_LINE_WORDS_MAX 256
#define COMMAND_LINE_WORD_MAX 32768 /* bytes of a configured word */
#define COMMAND_LINE_STEPS 64       /* of a comparison, at least */
#define COMMAND_LINE_WILD '\1'      /* wildcard, matches any text */

struct command_line {
  size_t num;
  char **words; /* the command, then its arguments; owned */
  /* at least one non-empty word is no option and has no wildcard */
  bool definite;
};

/* Copies a configured word. Returns -1 if out of memory, at
 * COMMAND_LINE_WORDS_MAX, or for a word that is too long or has a NUL. */
int command_line_add(struct command_line *l, const char *word, size_t len);
void command_line_clear(struct command_line *l);

/* Compares with `words` of a running process, see command_line_split().
 * *steps decreases; below 0 the result is unknown, and false. */
bool command_line_fits(const struct command_line *l, const char *const *words,
                       size_t num, long *steps);

/* Splits the contents of /proc/<pid>/cmdline in place; `text` must end with
 * NUL. Returns the number of words; 0: none, or more than `max`. */
size_t command_line_split(const char *text, size_t len, const char **words,
                          size_t max);

#endif
