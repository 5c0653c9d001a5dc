/* SPDX-License-Identifier: MIT */
/* options.h - binds the options of a config block by a table.
 *
 * A row gives key, type, bounds, default, help and target field of an option.
 * Defaults, parsing, checks, freeing and the manual page use the table. Keys
 * are case-insensitive as in collectd. Numbers and booleans may be quoted.
 *
 * A bound struct owns its strings and lists until options_free(). Tables are
 * constant and there is no global state: thread-safe. Needs no collectd header
 * except that of the config tree.
 *
 * Conflicts with <getopt.h>, which also has a struct option. */
#ifndef PLUGINS_OPTIONS_H
#define PLUGINS_OPTIONS_H

#include <liboconfig/oconfig.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* C type of the field; meaning of min and max. */
enum option_type {
  OPTION_STRING,     /* char *; bytes */
  OPTION_IDENTIFIER, /* char *; 1 to 127 bytes, no '/' */
  OPTION_PATH,       /* char *; absolute */
  OPTION_URL,        /* char *; hidden in messages if it may have a secret */
  OPTION_CHOICE,     /* int: index into choices */
  OPTION_NUMBER,     /* double */
  OPTION_SECONDS,    /* double; seconds, fractions allowed */
  OPTION_COUNT,      /* uint64_t */
  OPTION_BYTES,      /* uint64_t */
  OPTION_BOOLEAN,    /* bool */
  /* char **, NULL-terminated, empty: NULL; may be repeated; bytes of each. */
  OPTION_LIST,
  OPTION_BLOCK, /* no field; may be repeated */
};

#define OPTION_SECRET 1u   /* value is never in a message */
#define OPTION_REQUIRED 2u /* has no default */

struct option_errors { /* set by the caller */
  /* Reports one wrong option; the message is valid during the call. NULL: only
   * count. */
  void (*report)(void *arg, const char *message);
  void *arg;
  size_t count;
};

/* 0, or -1 with the expected value: "expected a regular expression, ...". */
typedef int (*option_check)(const char *text, char *err, size_t err_size);

/* Binds a nested block. `target` is that of the outer block, `place` the
 * argument for options_bind(). Reports its own errors. */
typedef void (*option_block)(void *target, const oconfig_item_t *block,
                             const char *place, struct option_errors *errors);

struct option {
  const char *key; /* NULL ends the table */
  enum option_type type;
  unsigned flags;
  size_t offset;
  double min, max;            /* inclusive; no range unless min < max */
  const char *const *choices; /* NULL-terminated */
  const char *fallback;       /* default as text; NULL: NULL or 0 */
  const char *fallback_help;  /* for the manual page instead of `fallback`,
                                or NULL */
  option_check check;         /* runs after the checks of the type; or NULL */
  option_block block;         /* for OPTION_BLOCK */
  const char *help;           /* one line */
};

/* Sets all fields of an uninitialised struct to their defaults. 0, or -1: out
 * of memory, or an invalid default in the table; nothing to free then. */
int options_defaults(const struct option *table, void *target);

/* Frees and zeroes the fields of the table. */
void options_free(const struct option *table, void *target);

/* Binds the children of `block` to `target`, which has its defaults. A wrong
 * option is reported and its field is unchanged. `outer` is the place of the
 * enclosing block, top level: "". 0, or -1: errors. */
int options_bind(const struct option *table, void *target,
                 const oconfig_item_t *block, const char *outer,
                 struct option_errors *errors);

/* The name in `<Hub "name">`, borrowed from the block. NULL and reported: not
 * exactly one identifier. */
const char *options_block_name(const oconfig_item_t *block, const char *outer,
                               struct option_errors *errors);

#define OPTIONS_MAX_PLACE 512 /* bytes */

/* Writes `<Plugin mcp_hub>/<Hub "prod">` to `place`, for other error
 * messages. */
void options_place(const oconfig_item_t *block, const char *outer, char *place,
                   size_t place_size);

/* Reports "place/key: what"; `key` NULL: "place: what". */
void options_complain(struct option_errors *errors, const char *place,
                      const char *key, const char *what);

/* One line per option: key, type, range, default, help, separated by tabs. */
void options_print(const struct option *table, FILE *out);

#endif
