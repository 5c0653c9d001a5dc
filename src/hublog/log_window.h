/* SPDX-License-Identifier: MIT */
/* log_window.h - the last 1000 entries of a log, two bits each: was it an
 * error, did it have a level at all. All zero bytes is the empty window. */
#ifndef HUBLOG_LOG_WINDOW_H
#define HUBLOG_LOG_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

#define LOG_WINDOW_LONG 1000U /* entries */
#define LOG_WINDOW_SHORT 100U

struct log_window_tally { /* of fewer entries while there are not as many */
  unsigned errors;
  unsigned levelled; /* 0: nothing is known of errors */
};

struct log_window {
  uint64_t error[(LOG_WINDOW_LONG + 63) / 64];
  uint64_t levelled[(LOG_WINDOW_LONG + 63) / 64];
  unsigned next;
  struct log_window_tally last_100;
  struct log_window_tally last_1000;
};

/* An error is levelled too. */
void log_window_add(struct log_window *w, bool error, bool levelled);

#endif
