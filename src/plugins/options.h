/* SPDX-License-Identifier: MIT */
/* options.h - one table is the master copy of every option of a block.
 *
 * A table says for each option its key, type, bounds, default, help and the
 * field of a plain struct that it goes to. Defaults, parsing, checking, freeing
 * and the manual come from it. Keys match without regard to case, as everywhere
 * in collectd. Numbers and booleans may stand in quotes.
 *
 * Strings and lists in a bound struct belong to it, until options_free().
 * Tables are static and never change; nothing here keeps state, so threads do
 * not matter. Includes no header of collectd but that of its parser's tree.
 *
 * Not to be mixed with <getopt.h>, which has a struct option too. */
#ifndef PLUGINS_OPTIONS_H
#define PLUGINS_OPTIONS_H

#include <liboconfig/oconfig.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Beside each: the C type of the field, and what min and max bound. */
enum option_type {
  OPTION_STRING,     /* char *; length in bytes */
  OPTION_IDENTIFIER, /* char *; 1 to 127 bytes, no '/' */
  OPTION_PATH,       /* char *; absolute */
  OPTION_URL,        /* char *; not shown if it may hold a secret */
  OPTION_CHOICE,     /* int: index into choices */
  OPTION_NUMBER,     /* double; the number */
  OPTION_SECONDS,    /* double; seconds, fractions allowed */
  OPTION_COUNT,      /* uint64_t; the number */
  OPTION_BYTES,      /* uint64_t; the number */
  OPTION_BOOLEAN,    /* bool */
  /* char **, NULL-terminated, NULL when empty; may stand several times; length
   * of each in bytes */
  OPTION_LIST,
  OPTION_BLOCK, /* no field; may stand several times */
};

#define OPTION_SECRET 1u   /* its value is in no message */
#define OPTION_REQUIRED 2u /* has no default */

struct option_errors { /* set by the caller */
  /* One line for each wrong option; valid during the call. NULL: only count. */
  void (*report)(void *arg, const char *message);
  void *arg;
  size_t count;
};

/* 0, or -1 with what was expected: "expected a regular expression, ...". */
typedef int (*option_check)(const char *text, char *err, size_t err_size);

/* Binds one block within a block; `target` is what the outer block goes to and
 * `place` what to hand on to options_bind(). Complains by itself. */
typedef void (*option_block)(void *target, const oconfig_item_t *block,
                             const char *place, struct option_errors *errors);

struct option {
  const char *key; /* NULL ends the table */
  enum option_type type;
  unsigned flags;
  size_t offset;
  double min, max;            /* inclusive; none unless min < max */
  const char *const *choices; /* NULL-terminated */
  const char *fallback; /* the default as one would write it; NULL: NULL or 0 */
  const char *fallback_help; /* in the manual, where `fallback` does not say it;
                                or NULL */
  option_check check;        /* of text, after the type's own checks; or NULL */
  option_block block;        /* of OPTION_BLOCK */
  const char *help;          /* one line */
};

/* Sets every field of an uninitialised struct to its default. 0, or -1 without
 * memory or with a default that its own type refuses (a mistake in the table):
 * then nothing is left to free. */
int options_defaults(const struct option *table, void *target);

/* Frees what the table's fields own and zeroes those fields. */
void options_free(const struct option *table, void *target);

/* Puts the children of `block` into `target`, which has its defaults. Every
 * option that is wrong is reported and leaves its field as it was. `outer` is
 * the place of the block around, "" at the top. 0, or -1 with errors. */
int options_bind(const struct option *table, void *target,
                 const oconfig_item_t *block, const char *outer,
                 struct option_errors *errors);

/* The name in `<Hub "name">`, borrowed from the block; NULL, and reported,
 * unless it is exactly one identifier. */
const char *options_block_name(const oconfig_item_t *block, const char *outer,
                               struct option_errors *errors);

#define OPTIONS_MAX_PLACE 512 /* bytes */

/* `<Plugin mcp_hub>/<Hub "prod">` into `place`, for complaints of one's own. */
void options_place(const oconfig_item_t *block, const char *outer, char *place,
                   size_t place_size);

/* Reports "place/key: what", or "place: what" with `key` NULL. */
void options_complain(struct option_errors *errors, const char *place,
                      const char *key, const char *what);

/* One line an option: key, type, range, default, help, separated by tabs. */
void options_print(const struct option *table, FILE *out);

#endif
