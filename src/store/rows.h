/* SPDX-License-Identifier: MIT */
/* rows.h - the rows of the database as plain structs.
 *
 * Strings and blobs are borrowed for the call. "Engine time" is in seconds on
 * the engine's clock; the store adds store_epoch() and stores epoch seconds.
 * NaN: unknown, NULL in the database. */
#ifndef STORE_ROWS_H
#define STORE_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STORE_LEVELS 4 /* ok, info, warning, critical */

struct store_identity { /* of a series; none: "" */
  const char *host;
  const char *plugin;
  const char *plugin_instance;
  const char *type;
  const char *type_instance;
  const char *ds;
};

struct store_blob {
  const void *data; /* NULL: none */
  size_t size;
};

struct store_series { /* a series and its last sample */
  int64_t id;         /* positive, chosen by the caller */
  struct store_identity identity;
  double saved; /* engine time of this row */
  double seen;  /* engine time of the last sample, and of the last value */
  double known;
  double interval; /* seconds; 0: unknown */
  uint64_t last;   /* bits of the last value */
  double time;     /* sender's time stamp */
  int kind;
  int late;
  bool has_last;
  bool has_time;
};

struct store_state { /* of one rule on one series */
  const char *rule;
  int level;
  bool holds[STORE_LEVELS];
  double turned[STORE_LEVELS]; /* engine time */
  double since;                /* engine time */
  double value;
  struct store_blob window;
};

struct store_reads { /* last two successful reads of a hub, sender's time */
  struct store_identity hub;
  double latest;
  double before;
};

struct store_notification { /* what was delivered of an alert */
  const char *rule;
  struct store_identity identity;
  int level;
  int reason;
  int notified; /* level, or -1: flapping */
  int worst;
  bool waits;
  bool again;
  bool released;
  bool unconfirmed; /* in doubt: delivered again after a restart */
  double due;       /* engine time; INFINITY: held back */
  double value;
  double threshold;
  double since; /* engine time, like the next three */
  double time;
  double changed;
  double notified_at;
  struct store_blob flapping;
};

struct store_figure { /* of a hub, since its day began or of a whole day */
  const char *name;
  double sum;
  double samples;
  double worst;
  double worst_at; /* epoch seconds */
  double before;   /* average of the day before */
};

struct store_hub {
  const char *host;
  const char *instance;
  double saved;     /* engine time of this row */
  double received;  /* engine time */
  double day_begin; /* epoch seconds */
  struct store_blob availability;
  const struct store_figure *figures;
  size_t figures_num;
};

struct store_day { /* of a hub; epoch seconds */
  const char *host;
  const char *instance;
  double begin;
  double end;
  double availability; /* percent */
  double alerts;
  const struct store_figure *figures; /* `before` is not used */
  size_t figures_num;
};

struct store_incident { /* epoch seconds */
  int64_t id;           /* positive, chosen by the caller */
  double begin;
  double end; /* NaN: open */
  int level;
  const char *rule;
  struct store_identity identity;
  const char *message;
};

struct store_message { /* a webhook's message that is not delivered */
  const char *webhook;
  int64_t position; /* in its queue */
  const char *rule;
  struct store_identity identity;
  int level;
  int previous; /* STORE_LEVELS: unknown */
  int status;
  double value;
  double threshold;
  double since; /* epoch seconds, like the next three */
  double time;
  double queued;
  double ends; /* 0: fires */
  const char *message;
  const char *runbook; /* or NULL */
};

struct store_silence { /* epoch seconds */
  int64_t id;          /* 0: the store chooses */
  const char *metric;  /* pattern */
  double begin;
  double until;
  const char *author;
  const char *reason;
};

struct store_acknowledgement {
  const char *rule;
  struct store_identity identity;
  double time; /* epoch seconds */
  const char *author;
  const char *comment;
};

struct store_audit {
  double time; /* epoch seconds */
  const char *author;
  const char *action;
  const char *detail;
};

#endif
