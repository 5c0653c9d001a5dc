/* launch.h - a configured command against a process that runs: could this be
 * what became of that?
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
#ifndef HUB_LAUNCH_H
#define HUB_LAUNCH_H

#include <stdbool.h>
#include <stddef.h>

#define LAUNCH_WORDS_MAX 256
#define LAUNCH_WILD '\1' /* any text, in a word of a launch */

struct launch {
  size_t num;
  char **words; /* the command, then its arguments; owned */
};

/* Takes a word as the configuration has it. -1 without memory or with too many
 * words. */
int launch_add(struct launch *l, const char *word, size_t len);
void launch_clear(struct launch *l);

/* Is there a word to tell it from others? */
bool launch_is_definite(const struct launch *l);

/* `words`: of a running process, as in /proc/<pid>/cmdline. */
bool launch_fits(const struct launch *l, const char *const *words, size_t num);

/* Splits what /proc/<pid>/cmdline holds; `text` must end with NUL. The number
 * of words, 0: too many, or none. */
size_t launch_split(const char *text, size_t len, const char **words,
                    size_t max);

#endif
