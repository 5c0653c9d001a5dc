/* SPDX-License-Identifier: MIT */
/* log_window.h - counts errors among the last 100 and 1000 log entries, with
 * two bits per entry. Zero bytes are the empty window. Not thread-safe. */
#ifndef HUBLOG_LOG_WINDOW_H
#define HUBLOG_LOG_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

#define LOG_WINDOW_LONG 1000U /* entries */
#define LOG_WINDOW_SHORT 100U

struct log_window_tally { /* counts of fewer entries until the window is full */
  unsigned errors;
  unsigned levelled; /* 0: the number of errors is unknown */
};

struct log_window {
  uint64_t error[(LOG_WINDOW_LONG + 63) / 64];
  uint64_t levelled[(LOG_WINDOW_LONG + 63) / 64];
  unsigned next;
  struct log_window_tally last_100;
  struct log_window_tally last_1000;
};

/* An error has a level. */
void log_window_add(struct log_window *w, bool error, bool levelled);

#endif
