/* typesdb.h - collectd's types.db: which data source is a counter. */
#ifndef CTL_TYPESDB_H
#define CTL_TYPESDB_H

#include "alerts/sample.h"

#include <stddef.h>

struct typesdb;

/* Never NULL but without memory: an empty one. */
struct typesdb *typesdb_create(void);
void typesdb_destroy(struct typesdb *t);

/* Later files win. -1 with `err`: it cannot be read. Lines that are none of
 * types.db's are left out, as collectd does. */
int typesdb_read(struct typesdb *t, const char *path, char *err,
                 size_t err_size);

/* SAMPLE_GAUGE: not known. */
enum sample_kind typesdb_kind(const struct typesdb *t, const char *type,
                              const char *ds);

#endif
