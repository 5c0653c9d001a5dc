/* logwindow.h - the last 1000 entries of a log, two bits each: was it an error,
 * did it have a level at all. All zero bytes is the empty window. */
#ifndef HUB_LOGWINDOW_H
#define HUB_LOGWINDOW_H

#include <stdbool.h>
#include <stdint.h>

#define LOGWINDOW_LONG 1000U /* entries */
#define LOGWINDOW_SHORT 100U

struct logwindow_tally { /* of fewer entries while there are not as many */
  unsigned errors;
  unsigned levelled; /* 0: nothing is known of errors */
};

struct logwindow {
  uint64_t error[(LOGWINDOW_LONG + 63) / 64];
  uint64_t levelled[(LOGWINDOW_LONG + 63) / 64];
  unsigned next;
  struct logwindow_tally last_100;
  struct logwindow_tally last_1000;
};

/* An error is levelled too. */
void logwindow_add(struct logwindow *w, bool error, bool levelled);

#endif
