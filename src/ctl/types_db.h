/* SPDX-License-Identifier: MIT */
/* types_db.h - reads types.db of collectd: the kind of a data source. */
#ifndef CTL_TYPES_DB_H
#define CTL_TYPES_DB_H

#include "alerts/sample.h"

#include <stddef.h>

struct types_db;

/* An empty database; NULL: out of memory. */
struct types_db *types_db_create(void);
void types_db_destroy(struct types_db *t);

/* Later files win. Skips invalid lines like collectd. -1 with `err`: cannot be
 * read. */
int types_db_read(struct types_db *t, const char *path, char *err,
                  size_t err_size);

/* Unknown: SAMPLE_GAUGE. */
enum sample_kind types_db_kind(const struct types_db *t, const char *type,
                               const char *ds);

#endif
