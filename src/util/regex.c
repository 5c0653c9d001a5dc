/* SPDX-License-Identifier: MIT */
#include "util/regex.h"

#include "util/regex_syntax.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#define GROUPS_MAX 100U /* levels of nested groups */
#define HEAP_MAX 4096U  /* KiB per match */

/* Auto-callouts count the steps of the whole match. PCRE2's own match limit
 * restarts at each start offset. */
#define OPTIONS                                                                \
  (PCRE2_AUTO_CALLOUT | PCRE2_DOTALL | PCRE2_DOLLAR_ENDONLY |                  \
   PCRE2_NEVER_UTF | PCRE2_NEVER_UCP | PCRE2_NEVER_BACKSLASH_C)

struct regex {
  pcre2_code *code;
  pcre2_match_context *limits;
  unsigned slow;   /* matches that exceeded their limits */
  bool gave_up;    /* at least one match was aborted */
  char *slow_text; /* the first aborted subject; NULL if out of memory */
  bool is_news;    /* not yet returned by regex_take_slow() */
};

/* ------------------------------------------------------------- compiling */

static int out_of_memory(char *err, size_t err_size) {
  snprintf(err, err_size, "out of memory");
  return -1;
}

static int set_limits(struct regex *re) {
  re->limits = pcre2_match_context_create(NULL);
  if (re->limits == NULL)
    return -1;
  pcre2_set_match_limit(re->limits, REGEX_STEPS_MAX);
  pcre2_set_depth_limit(re->limits, REGEX_STEPS_MAX);
  pcre2_set_heap_limit(re->limits, HEAP_MAX);
  return 0;
}

static int compile(struct regex *re, const struct regex_syntax *syntax,
                   char *err, size_t err_size) {
  pcre2_compile_context *context = pcre2_compile_context_create(NULL);
  int error = 0;
  size_t at = 0;

  if (context == NULL)
    return out_of_memory(err, err_size);
  pcre2_set_parens_nest_limit(context, GROUPS_MAX);
  re->code = pcre2_compile((PCRE2_SPTR)syntax->text, syntax->len, OPTIONS,
                           &error, &at, context);
  pcre2_compile_context_free(context);
  if (re->code != NULL)
    return 0;
  if (error == PCRE2_ERROR_HEAP_FAILED)
    return out_of_memory(err, err_size);
  PCRE2_UCHAR why[128] = "";
  pcre2_get_error_message(error, why, sizeof(why));
  snprintf(err, err_size, "%s, at offset %u", (const char *)why,
           syntax->from[at]);
  return -1;
}

static int check_size(const struct regex *re, char *err, size_t err_size) {
  size_t size = 0;

  pcre2_pattern_info(re->code, PCRE2_INFO_SIZE, &size);
  if (size <= REGEX_COMPILED_MAX)
    return 0;
  snprintf(err, err_size, "repetitions too large");
  return -1;
}

struct regex *regex_create(const char *text, size_t len, char *err,
                           size_t err_size) {
  struct regex_syntax syntax;
  struct regex *re = NULL;

  if (regex_syntax_translate(&syntax, text, len, err, err_size) != 0)
    return NULL;
  re = calloc(1, sizeof(*re));
  if (re == NULL || set_limits(re) != 0)
    out_of_memory(err, err_size);
  else if (compile(re, &syntax, err, err_size) == 0 &&
           check_size(re, err, err_size) == 0)
    return re;
  regex_destroy(re);
  return NULL;
}

void regex_destroy(struct regex *re) {
  if (re == NULL)
    return;
  pcre2_code_free(re->code);
  pcre2_match_context_free(re->limits);
  free(re->slow_text);
  free(re);
}

/* -------------------------------------------------------------- matching */

static int count_step(pcre2_callout_block *unused, void *left) {
  (void)unused;
  long *steps = left;
  return --*steps < 0 ? PCRE2_ERROR_MATCHLIMIT : 0;
}

static int run(struct regex *re, const char *text, size_t len, long *steps) {
  pcre2_match_data *data = pcre2_match_data_create(1, NULL);
  int status = PCRE2_ERROR_NOMEMORY;

  if (data == NULL)
    return status;
  pcre2_set_callout(re->limits, count_step, steps);
  status = pcre2_match(re->code, (PCRE2_SPTR)text, len, 0, 0, data, re->limits);
  pcre2_match_data_free(data);
  return status;
}

static void give_up(struct regex *re, const char *text, size_t len) {
  if (re->gave_up)
    return;
  re->gave_up = re->is_news = true;
  re->slow_text =
      strndup(text, len < REGEX_SLOW_TEXT_MAX ? len : REGEX_SLOW_TEXT_MAX);
}

int regex_match(struct regex *re, const char *text, size_t len,
                struct regex_budget *budget) {
  long allowed = budget->steps;
  long left = 0;
  int status = 0;

  if (re->slow >= REGEX_SLOW_MAX)
    return 0;
  if (len > REGEX_SUBJECT_MAX) {
    give_up(re, text, len);
    return 0;
  }
  if (allowed > REGEX_STEPS_MAX)
    allowed = REGEX_STEPS_MAX;
  if (allowed < REGEX_STEPS_OVERDRAWN)
    allowed = REGEX_STEPS_OVERDRAWN;
  left = allowed;
  status = run(re, text, len, &left);
  budget->steps -= allowed - (left > 0 ? left : 0);
  if (status == PCRE2_ERROR_NOMEMORY)
    return -1;
  if (status < 0 && status != PCRE2_ERROR_NOMATCH) {
    re->slow++;
    give_up(re, text, len);
  }
  return status >= 0;
}

const char *regex_take_slow(struct regex *re) {
  if (!re->is_news)
    return NULL;
  re->is_news = false;
  return re->slow_text != NULL ? re->slow_text : "";
}
