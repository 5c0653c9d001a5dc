/* statusfile.h - status.json, which the alert plugin writes: alerts, scores of
 * hubs, incidents of the last day.
 *
 * Read whole, at most STATUSFILE_MAX bytes. Strings are the file's own and
 * untrusted; they live as long as the status. Numbers that are not there are
 * NaN. Entries of other hosts and hubs than wanted are left out. */
#ifndef CTL_STATUSFILE_H
#define CTL_STATUSFILE_H

#include "alerts/hubday.h"
#include "ctl/ctl.h"

#define STATUSFILE_MAX (64U << 20)

struct statusfile_alert {
  const char *rule;
  enum alert_level level;
  const char *status; /* pending, firing, clearing, flapping, silenced,
                         inhibited */
  const char *host;
  const char *hub; /* plugin instance */
  const char *plugin;
  const char *type;
  const char *type_instance;
  const char *message;
  const char *runbook; /* "" without */
  double value;
  double threshold;
  double since; /* epoch seconds */
  struct json_object *json;
};

struct statusfile {
  double time; /* epoch seconds */
  bool rules_current;
  struct statusfile_alert *alerts; /* active, worst, oldest first */
  size_t alerts_num;
  struct hubday *hubs;           /* as in the file: by host and name */
  struct json_object *hubs_json; /* those, as they are written: an array */
  size_t hubs_num;
  struct incidents *incidents;
  struct json_object *incidents_json;
  struct json_object *root;
};

/* NULL: `err` says why and what to do: not there, not permitted, no
 * status.json, older than c->max_age, without the hub that `c` names. */
struct statusfile *statusfile_read(const struct ctl *c, double now, char *err,
                                   size_t err_size);
void statusfile_free(struct statusfile *s);

/* NULL: the file says nothing of it. */
const struct hubday *statusfile_find_hub(const struct statusfile *s,
                                         const char *host, const char *name);

/* Whether its message says since when. */
bool statusfile_tells_since(const struct statusfile_alert *a);

/* Whether somebody should know: firing, clearing or flapping. */
bool statusfile_is_active(const struct statusfile_alert *a);

#endif
