/* SPDX-License-Identifier: MIT */
/* api_parser.h - parses a hub's answer, part by part, into a snapshot.
 *
 * About 98 % of /api/health is tool schemas. The parser accepts the body in
 * parts of any size and keeps only the members in the tables of api_members.h.
 *
 * The whole input is checked as strict JSON (RFC 8259), skipped values
 * included: a truncated or malformed body is an error. Nesting is limited to
 * 512 levels. Results equal json-c's: the last of duplicate keys counts,
 * escaped keys match. One difference: json-c cuts a key at \u0000; here a key
 * with \u0000 matches nothing. An answer with too many items or too much text
 * is oversize.
 *
 * The caller owns the parser and uses it for one answer. Not thread-safe. */
#ifndef HUB_API_PARSER_H
#define HUB_API_PARSER_H

#include "hub/snapshot.h"

#define API_PARSER_MAX_SERVERS 10000
#define API_PARSER_MAX_WORKSPACES 1000
#define API_PARSER_MAX_CONFIG_FILES 64        /* per workspace */
#define API_PARSER_MAX_TEXT ((size_t)2 << 20) /* bytes of all kept strings */

enum api_answer {
  API_HEALTH,    /* /api/health */
  API_FILTERING, /* /api/filtering/stats */
};

struct api_parser;

/* Returns NULL if out of memory. */
struct api_parser *api_parser_create(enum api_answer answer);
void api_parser_destroy(struct api_parser *p);

/* Returns 0, or -1 on an error in the input or too much data. After an error
 * all further input is rejected. */
int api_parser_feed(struct api_parser *p, const char *bytes, size_t len);

/* Call once, after the last part. Health replaces *s; statistics set the
 * numbers from HUB_FILTERING on. Returns 0, or -1: then *s is unchanged. */
int api_parser_finish(struct api_parser *p, struct hub_snapshot *s);

/* Returns a message, "byte 17: expected ':' after a key", or "". It contains no
 * text of the document. */
const char *api_parser_error(const struct api_parser *p);

/* True if the error is too much data. */
bool api_parser_is_oversize(const struct api_parser *p);

#endif
