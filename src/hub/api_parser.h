/* SPDX-License-Identifier: MIT */
/* api_parser.h - the bytes of a hub's answer as they arrive -> a snapshot.
 *
 * About 98 % of /api/health is tool schemas. The parser takes the body in
 * whatever pieces the network delivers and keeps only the members that one
 * table names (api_members.c); the rest is checked and skipped.
 *
 * The whole input is checked as strict JSON (RFC 8259), skipped parts included:
 * a body that is cut short or broken anywhere is an error, never a wrong count.
 * Nesting is bounded (512 levels). The snapshot is what json-c would have
 * given of the whole body: the last of duplicate keys wins, and escaped keys
 * match like plain ones. One thing differs: a key with \u0000 inside is no key
 * of the table, where json-c cuts it at the NUL. What is kept is bounded, too:
 * beyond that the answer is oversize.
 *
 * The caller owns the parser; one thread at a time; one parser an answer. */
#ifndef HUB_API_PARSER_H
#define HUB_API_PARSER_H

#include "hub/snapshot.h"

#define API_PARSER_MAX_SERVERS 10000
#define API_PARSER_MAX_WORKSPACES 1000
#define API_PARSER_MAX_CONFIG_FILES 64        /* of a workspace */
#define API_PARSER_MAX_TEXT ((size_t)2 << 20) /* bytes of kept texts */

enum api_answer {
  API_HEALTH,    /* /api/health */
  API_FILTERING, /* /api/filtering/stats */
};

struct api_parser;

/* NULL without memory. */
struct api_parser *api_parser_create(enum api_answer answer);
void api_parser_destroy(struct api_parser *p);

/* 0, or -1 once the input is wrong or too large: then api_parser_error() says
 * what and at which byte, and further input is refused. */
int api_parser_feed(struct api_parser *p, const char *bytes, size_t len);

/* After the last byte, once. Health replaces *s, statistics set the numbers
 * from HUB_FILTERING on. 0, or -1: then *s is as it was before. */
int api_parser_finish(struct api_parser *p, struct hub_snapshot *s);

/* "byte 17: expected ':' after a key"; "" while nothing is wrong. Never holds
 * text of the document. */
const char *api_parser_error(const struct api_parser *p);

/* True when the error is that there is too much to keep. */
bool api_parser_is_oversize(const struct api_parser *p);

#endif
