/* SPDX-License-Identifier: MIT */
/* types_db.h - collectd's types.db: which data source is a counter. */
#ifndef CTL_TYPES_DB_H
#define CTL_TYPES_DB_H

#include "alerts/sample.h"

#include <stddef.h>

struct types_db;

/* Never NULL but without memory: an empty one. */
struct types_db *types_db_create(void);
void types_db_destroy(struct types_db *t);

/* Later files win. -1 with `err`: it cannot be read. Lines that are none of
 * types.db's are left out, as collectd does. */
int types_db_read(struct types_db *t, const char *path, char *err,
                  size_t err_size);

/* SAMPLE_GAUGE: not known. */
enum sample_kind types_db_kind(const struct types_db *t, const char *type,
                               const char *ds);

#endif
