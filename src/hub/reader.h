/* reader.h - one hub, read again and again.
 *
 * A read is one GET of /api/health and, unless the hub is known not to have it,
 * one of /api/filtering/stats, within one deadline. The reader decides what to
 * ask next, keeps what has to be remembered between reads and says what to tell
 * people; it knows no threads, sockets or clocks: times are handed in and the
 * caller moves the bytes. After a good read the processes of a local hub are
 * looked at.
 *
 *   path = reader_begin(r, now);
 *   while (path != NULL) {
 *     GET path within reader_time_left(r, now); reader_data(r, …) per piece;
 *     path = reader_done(r, &result, now);
 *   }
 *   reader_emit(r, …);
 */
#ifndef HUB_READER_H
#define HUB_READER_H

#include "hub/metrics.h"

enum remark_level { REMARK_INFO, REMARK_WARNING, REMARK_ERROR };

struct reader_settings {
  const char *name; /* copied */
  const char *url;  /* copied; for messages only */
  double timeout;   /* seconds, for the whole read */
  double min_calls;
  const char *const *servers; /* see selection.h; NULL: all */
  bool ignore_selected;
  size_t max_servers; /* reported one by one */
  const char *proc;   /* "/proc"; NULL: processes are not looked at */
  /* Called once per change of state, never once per read; text is one line. */
  void (*remark)(void *arg, enum remark_level level, const char *text);
  void *remark_arg;
};

/* After a 404 from a ready hub, how long until it is asked again. */
#define READER_FILTERING_RETRY 600.0 /* seconds */

/* While a hub starts, restarts or stops its servers have not failed: they were
 * not tried yet. After that long they are down all the same. */
#define READER_SETTLE 300.0 /* seconds */

/* A deadline that is noticed so much later was not watched: the process or the
 * machine stood still, and the answer may have come. It is asked for anew. */
#define READER_STOOD_STILL 0.5 /* seconds */

struct reader;

struct reader *reader_create(const struct reader_settings *settings);
void reader_destroy(struct reader *r);

/* `now`: seconds of a clock that does not step; `wall`: epoch seconds. The path
 * to GET first. */
const char *reader_begin(struct reader *r, double now, double wall);
double reader_time_left(const struct reader *r,
                        double now); /* at least 0.001 */
int reader_data(struct reader *r, const char *bytes, size_t len);
/* The path to GET next, or NULL: the read is complete. */
const char *reader_done(struct reader *r, const struct fetch_result *result,
                        double now);

/* Where the verified process of the hub keeps its log, as of the last read; ""
 * while that is unknown. */
const char *reader_log_path(const struct reader *r);

/* What to emit of the log; borrowed until the next call; NULL: nothing. */
void reader_set_log(struct reader *r, const struct logtail_counts *counts);

void reader_emit(const struct reader *r, metric_fn emit, void *arg);

#endif
