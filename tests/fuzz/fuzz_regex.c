/* SPDX-License-Identifier: MIT */
/* Any bytes as a regular expression, and what follows a NUL as a text: an error
 * that fits, or matches within their steps; both soon. */
#include "fuzz.h"
#include "util/regex.h"

#include <time.h>

#define SLOWEST 2.0 /* seconds, with sanitizers */

static double processor_time(void) { return (double)clock() / CLOCKS_PER_SEC; }

static void match(struct regex *re, const char *text, size_t len) {
  unsigned slow = 0;
  for (unsigned i = 0; i <= REGEX_SLOW_MAX; i++) {
    long steps = i % 2 == 0 ? REGEX_BUDGET_STEPS : 0;
    long most = i % 2 == 0 ? REGEX_STEPS_MAX : REGEX_STEPS_OVERDRAWN;
    struct regex_budget budget = {steps};
    int status = regex_match(re, text, len, &budget);
    demand(status == 0 || status == 1, "a match, or none");
    demand(budget.steps <= steps && steps - budget.steps <= most, "few steps");
    slow += regex_take_slow(re) != NULL;
  }
  demand(slow <= 1, "told once");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char err[200] = "";
  char *expression = first_text(&data, &size);
  char *text = text_of(data, size);
  double begin = processor_time();
  struct regex *re =
      regex_create(expression, strlen(expression), err, sizeof(err));

  demand((re == NULL) == (err[0] != '\0'), "a regex or an error");
  demand(memchr(err, '\0', sizeof(err)) != NULL, "an error that fits");
  if (re != NULL)
    match(re, text, size);
  demand(processor_time() - begin < SLOWEST, "soon");
  regex_destroy(re);
  free(expression);
  free(text);
  return 0;
}
