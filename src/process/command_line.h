/* SPDX-License-Identifier: MIT */
/* command_line.h - a configured command against a process that runs: could this
 * be what became of that?
 *
 * A process is rarely called as its configuration says. These forms fit, and no
 * other; a path is compared as a whole, a bare command with the last part of
 * the path:
 *
 *   as it is     command args...
 *   a script     interpreter [options] /path/of/command args...
 *                (what the kernel makes of "#!/usr/bin/env node")
 *   npx, npm     "npm exec package args" in one piece, the title that npm gives
 *                itself, without the options that npm took
 *   uvx          uv tool uvx args...
 *   env, nice, stdbuf, pipx run, ...
 *                the command among their arguments, when they were replaced by
 *                it
 *   sh -c text   the words of the text's last command, when the shell was
 *                replaced by it
 *
 * The hub fills in ${NAME}, ${env:NAME} and ${cmd: ...} by what we cannot know:
 * they fit anything. A launch that consists of nothing else fits nobody. */
#ifndef PROCESS_COMMAND_LINE_H
#define PROCESS_COMMAND_LINE_H

#include <stdbool.h>
#include <stddef.h>

#define COMMAND_LINE_WORDS_MAX 256
#define COMMAND_LINE_WILD '\1' /* any text, in a word of a launch */

struct command_line {
  size_t num;
  char **words; /* the command, then its arguments; owned */
};

/* Takes a word as the configuration has it. -1 without memory or with too many
 * words. */
int command_line_add(struct command_line *l, const char *word, size_t len);
void command_line_clear(struct command_line *l);

/* Is there a word to tell it from others? */
bool command_line_is_definite(const struct command_line *l);

/* `words`: of a running process, as in /proc/<pid>/cmdline. */
bool command_line_fits(const struct command_line *l, const char *const *words,
                       size_t num);

/* Splits what /proc/<pid>/cmdline holds; `text` must end with NUL. The number
 * of words, 0: too many, or none. */
size_t command_line_split(const char *text, size_t len, const char **words,
                          size_t max);

#endif
