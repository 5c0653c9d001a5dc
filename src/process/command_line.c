/* SPDX-License-Identifier: MIT */
#include "process/command_line.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INTERPRETER_WORDS 4 /* words before the script */
#define WRAPPERS_DEEP 2     /* nested wrappers: env sh -c ... */
#define TITLE_MAX 4096
#define SCRIPT_MAX 4096

/* ---- words of a configured command ---- */

/* Replaces each placeholder by a wildcard: "--key=${KEY}". Placeholders nest;
 * one that is not closed is literal. */
static void fill_word(char *out, const char *p, const char *end) {
  const char *begin = out;
  size_t open = 0; /* placeholders in `out` that are not closed */
  bool command = end - p > 1 && p[0] == '$' && p[1] == ':'; /* legacy */
  for (; p < end && !command; p++) {
    if (end - p > 1 && p[0] == '$' && p[1] == '{') {
      open++;
      *out++ = *p++;
    } else if (*p == '}' && open > 0) {
      while (out[-1] != '{' || out - begin < 2 || out[-2] != '$')
        out--;
      out -= 2;
      open--;
      *out++ = COMMAND_LINE_WILD;
      continue;
    }
    *out++ = *p;
  }
  if (command)
    *out++ = COMMAND_LINE_WILD;
  *out = '\0';
}

int command_line_add(struct command_line *l, const char *word, size_t len) {
  if (l->num == COMMAND_LINE_WORDS_MAX || len > COMMAND_LINE_WORD_MAX ||
      memchr(word, '\0', len) != NULL)
    return -1;
  char **words = realloc(l->words, (l->num + 1) * sizeof(*words));
  if (words == NULL)
    return -1;
  l->words = words;
  char *copy = malloc(len + 2);
  if (copy == NULL)
    return -1;
  fill_word(copy, word, word + len);
  l->words[l->num++] = copy;
  bool is_wild = strchr(copy, COMMAND_LINE_WILD) != NULL;
  l->definite = l->definite || (!is_wild && copy[0] != '-' && copy[0] != '\0');
  return 0;
}

void command_line_clear(struct command_line *l) {
  for (size_t i = 0; i < l->num; i++)
    free(l->words[i]);
  free(l->words);
  *l = (struct command_line){0};
}

size_t command_line_split(const char *text, size_t len, const char **words,
                          size_t max) {
  size_t num = 0;
  while (len > 1 && text[len - 1] == '\0' && text[len - 2] == '\0')
    len--; /* a process that sets its title leaves NULs at the end */
  for (size_t i = 0; i < len; i += strlen(text + i) + 1) {
    if (num == max)
      return 0;
    words[num++] = text + i;
  }
  return num;
}

/* ---- compare one word ---- */

/* Matches with backtracking; a wildcard matches any text. */
static bool word_fits(const char *pattern, const char *word, long *steps) {
  const char *star = NULL, *resume = NULL;
  while (*word != '\0') {
    if (--*steps < 0)
      return false;
    if (*pattern == COMMAND_LINE_WILD) {
      star = pattern++;
      resume = word;
    } else if (*pattern == *word) {
      pattern++;
      word++;
    } else if (star != NULL) {
      pattern = star + 1;
      word = ++resume;
    } else {
      return false;
    }
  }
  while (*pattern == COMMAND_LINE_WILD)
    pattern++;
  return *pattern == '\0';
}

static const char *last_part(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash != NULL ? slash + 1 : path;
}

static bool command_fits(const char *command, const char *word, long *steps) {
  bool path = strchr(command, '/') != NULL || command[0] == COMMAND_LINE_WILD;
  return word_fits(command, path ? word : last_part(word), steps);
}

/* ---- compare lists of words ---- */

struct view { /* a range of the configured words */
  const char *const *words;
  size_t num;
  long *steps;
  const char *name; /* last part of the first word; see view_fits() */
};

/* The words from `at` on. */
static struct view view_from(struct view v, size_t at) {
  return (struct view){v.words + at, v.num - at, v.steps, NULL};
}

/* Pays for looking at all words. */
static void charge_words(struct view v) {
  for (size_t i = 0; i < v.num; i++)
    *v.steps -= 8 + (long)strlen(v.words[i]);
}

static bool args_fit(struct view v, const char *const *words, size_t num) {
  if (v.num != num)
    return false;
  for (size_t i = 0; i < num; i++)
    if (!word_fits(v.words[i], words[i], v.steps))
      return false;
  return true;
}

/* Compares the words directly, or after an interpreter with its options: the
 * kernel inserts the interpreter before a script's path. */
static bool plain_fits(struct view v, const char *const *words, size_t num) {
  if (num < v.num || num - v.num > INTERPRETER_WORDS)
    return false;
  size_t before = num - v.num;
  const char *command = words[before];
  if (before > 0 && strchr(command, '/') == NULL)
    return false;
  return command_fits(v.words[0], command, v.steps) &&
         args_fit(view_from(v, 1), words + before + 1, num - before - 1);
}

static bool is_one_of(const char *word, const char *const *words) {
  for (; *words != NULL; words++)
    if (strcmp(word, *words) == 0)
      return true;
  return false;
}

/* ---- npm's process title ---- */

static bool append(char *text, size_t *len, const char *word) {
  size_t more = strlen(word);
  if (*len + more + 2 > TITLE_MAX)
    return false;
  text[(*len)++] = ' ';
  memcpy(text + *len, word, more + 1);
  *len += more;
  return true;
}

/* The title omits npm's options: npm accepts options up to "--", npx up to the
 * package. */
static bool title_fits(struct view v, bool npx, const char *title) {
  static const char *const with_value[] = {
      "-p",      "--package",    "--prefix", "-C",          "--registry",
      "--cache", "--userconfig", "-w",       "--workspace", NULL};
  char text[TITLE_MAX];
  size_t len = (size_t)snprintf(text, sizeof(text), npx ? "npm exec" : "npm");
  bool options = true;
  charge_words(v);
  for (size_t i = 1; i < v.num; i++) {
    const char *word = v.words[i];
    if (options && word[0] == '-') {
      i += is_one_of(word, with_value);
      options = strcmp(word, "--") != 0;
      continue;
    }
    options = options && !npx;
    if (!append(text, &len, word))
      return false;
  }
  return word_fits(text, title, v.steps);
}

static bool npm_fits(struct view v, const char *const *words, size_t num) {
  if (num != 1 || v.num < 2)
    return false;
  return (strcmp(v.name, "npx") == 0 && title_fits(v, true, words[0])) ||
         (strcmp(v.name, "npm") == 0 && title_fits(v, false, words[0]));
}

/* ---- uvx ---- */

static bool uvx_fits(struct view v, const char *const *words, size_t num) {
  return strcmp(v.name, "uvx") == 0 && num > 3 &&
         strcmp(last_part(words[0]), "uv") == 0 &&
         strcmp(words[1], "tool") == 0 && strcmp(words[2], "uvx") == 0 &&
         args_fit(view_from(v, 1), words + 3, num - 3);
}

/* ---- shell scripts ---- */

/* Returns the last command of "cd /x && exec node y": the text after the last
 * separator. NULL if the shell stays its parent or the script uses other
 * syntax. */
static char *last_command(char *text) {
  char *begin = text;
  char quote = '\0';
  for (char *p = text; *p != '\0'; p++) {
    if (quote != '\0') {
      quote = *p == quote ? '\0' : quote;
    } else if (*p == '\'' || *p == '"') {
      quote = *p;
    } else if (*p == ';' || *p == '\n') {
      begin = p + 1;
    } else if (p[0] == '&' && p[1] == '&') {
      begin = ++p + 1;
    } else if (strchr("|&<>(){}`#*?[~\\", *p) != NULL) {
      return NULL;
    }
  }
  return quote == '\0' ? begin : NULL;
}

/* Cuts off the first word and removes its quotes; "$NAME" becomes a wildcard.
 * Returns NULL at the end. */
static char *next_word(char **text) {
  char *p = *text + strspn(*text, " \t");
  char *word = p, *out = p;
  char quote = '\0';
  if (*p == '\0')
    return NULL;
  for (; *p != '\0' && (quote != '\0' || strchr(" \t", *p) == NULL); p++) {
    if (*p == quote) {
      quote = '\0';
    } else if (quote == '\0' && (*p == '\'' || *p == '"')) {
      quote = *p;
    } else if (*p == '$' && quote != '\'') {
      *out++ = COMMAND_LINE_WILD;
      while (p[1] == '_' || (p[1] >= 'A' && p[1] <= 'Z') ||
             (p[1] >= 'a' && p[1] <= 'z') || (p[1] >= '0' && p[1] <= '9'))
        p++;
    } else {
      *out++ = *p;
    }
  }
  *text = *p != '\0' ? p + 1 : p;
  *out = '\0';
  return word;
}

static bool is_assignment(const char *word) {
  const char *sign = strchr(word, '=');
  return sign != NULL && sign > word && strchr("-/", word[0]) == NULL;
}

/* ---- wrappers that exec their command ---- */

static bool view_fits(struct view v, const char *const *words, size_t num,
                      int deep);

static bool text_fits(const char *script, const char *const *words, size_t num,
                      int deep, long *steps) {
  char text[SCRIPT_MAX];
  const char *parts[COMMAND_LINE_WORDS_MAX];
  size_t parts_num = 0;
  size_t len = strlen(script);
  if (len >= sizeof(text))
    return false;
  memcpy(text, script, len + 1);
  char *rest = last_command(text);
  if (rest == NULL)
    return false;
  for (char *w = next_word(&rest); w != NULL; w = next_word(&rest)) {
    if (parts_num == 0 && (strcmp(w, "exec") == 0 || is_assignment(w)))
      continue;
    if (parts_num == COMMAND_LINE_WORDS_MAX)
      return false;
    parts[parts_num++] = w;
  }
  return parts_num > 0 &&
         view_fits((struct view){parts, parts_num, steps, NULL}, words, num,
                   deep);
}

/* sh -c text, bash -lc text */
static bool shell_fits(struct view v, const char *const *words, size_t num,
                       int deep) {
  static const char *const shells[] = {"sh",  "bash", "dash", "ash",
                                       "zsh", "ksh",  NULL};
  if (!is_one_of(v.name, shells))
    return false;
  charge_words(v);
  for (size_t i = 1; i + 1 < v.num && v.words[i][0] == '-'; i++)
    if (v.words[i][1] != '-' && strchr(v.words[i], 'c') != NULL)
      return text_fits(v.words[i + 1], words, num, deep, v.steps);
  return false;
}

struct wrapper {
  const char *name;
  const char *verb;          /* required first argument */
  const char *with_value[5]; /* options with a separate value */
};

static const struct wrapper wrappers[] = {
    {"env", NULL, {"-u", "-C", "--unset", "--chdir"}},
    {"nice", NULL, {"-n", "--adjustment"}},
    {"ionice", NULL, {"-c", "-n", "--class", "--classdata"}},
    {"stdbuf", NULL, {"-i", "-o", "-e"}},
    {"setsid", NULL, {NULL}},
    {"nohup", NULL, {NULL}},
    {"pipx", "run", {"--spec", "--python", "--index-url", "--pip-args"}},
    {"pyenv", "exec", {NULL}},
};

/* Returns the index of the wrapped command, or v.num if there is none. */
static size_t wrapped(const struct wrapper *w, struct view v) {
  size_t i = 1;
  if (w->verb != NULL && (v.num < 2 || strcmp(v.words[i++], w->verb) != 0))
    return v.num;
  for (; i < v.num; i++) {
    const char *word = v.words[i];
    bool env = strcmp(w->name, "env") == 0 && is_assignment(word);
    if (word[0] != '-' && !env)
      break;
    i += is_one_of(word, w->with_value);
  }
  return i < v.num ? i : v.num;
}

static bool wrapper_fits(struct view v, const char *const *words, size_t num,
                         int deep) {
  for (size_t i = 0; i < sizeof(wrappers) / sizeof(wrappers[0]); i++) {
    if (strcmp(v.name, wrappers[i].name) != 0)
      continue;
    charge_words(v);
    size_t at = wrapped(&wrappers[i], v);
    return at < v.num && view_fits(view_from(v, at), words, num, deep);
  }
  return false;
}

static bool view_fits(struct view v, const char *const *words, size_t num,
                      int deep) {
  v.name = last_part(v.words[0]);
  *v.steps -= COMMAND_LINE_STEPS + (long)strlen(v.words[0]);
  if (*v.steps < 0)
    return false;
  if (plain_fits(v, words, num) || npm_fits(v, words, num) ||
      uvx_fits(v, words, num))
    return true;
  return deep < WRAPPERS_DEEP && (shell_fits(v, words, num, deep + 1) ||
                                  wrapper_fits(v, words, num, deep + 1));
}

bool command_line_fits(const struct command_line *l, const char *const *words,
                       size_t num, long *steps) {
  const struct view v = {(const char *const *)l->words, l->num, steps, NULL};
  return num > 0 && l->definite && view_fits(v, words, num, 0) && *steps >= 0;
}
