/* SPDX-License-Identifier: MIT */
/* api_members.h - the members of a hub's documents that the API parser keeps,
 * and the form in which each is kept. A part of the API parser: this table is
 * the one place that names the hub's keys. */
#ifndef HUB_API_MEMBERS_H
#define HUB_API_MEMBERS_H

#include "hub/snapshot.h"
#include "hub/text_store.h"

#include <stdint.h>

#define API_KEY_MAX 32 /* bytes; a longer key is none of these */

struct api_value { /* a scalar as it arrived */
  enum {
    VALUE_NONE,
    VALUE_TEXT,
    VALUE_NUMBER,
    VALUE_BOOL
  } type;           /* NONE: null,
    an object or an array */
  const char *text; /* of a text without NUL bytes inside, else NULL */
  size_t len;       /* of a text, NUL bytes included */
  double number;
  bool truth;
  struct text_store *texts; /* where `text` is the open text */
};

/* What the value has to be; something else is unknown. */
enum api_shape {
  API_SCALAR,
  API_COUNTED,    /* an array: its length; or a number */
  API_OBJECT,     /* its members by `members`, in the same record */
  API_SERVERS,    /* an array of objects: struct server_snapshot */
  API_WORKSPACES, /* an object of objects: struct api_workspace */
  API_TEXTS,      /* an array: its texts */
};

struct api_member {
  const char *key; /* NULL ends a table */
  uint8_t key_len;
  uint8_t shape;   /* enum api_shape */
  uint16_t offset; /* of its field in the record */
  /* One of the two for a scalar or a count: the field is the double that
   * read() gives, or take() fills it. */
  double (*read)(const struct api_value *v);
  void (*take)(void *field, const struct api_value *v);
  const struct api_member *members; /* of the objects below */
};

enum api_workspace_state {
  WORKSPACE_ACTIVE,
  WORKSPACE_SHUTTING_DOWN,
  WORKSPACE_OTHER,
  WORKSPACE_STATES
};

struct api_workspace {
  const char *name;
  size_t place; /* in the hub's document */
  enum api_workspace_state state;
  double pid;
  double port;
  double start;
  const char *cwd;
  size_t files_at; /* its configuration files in the parser's list */
  size_t files_num;
};

#define API_ALTERNATIVES 3 /* places where a number can stand */

struct api_document {
  enum hub_state state;
  bool has_state; /* a text, known or not */
  double timestamp;
  const char *current; /* name of a workspace, or NULL */
  /* The first alternative that is known counts. */
  double number[API_ALTERNATIVES][HUB_NUMBERS];
};

extern const struct api_member api_health[];    /* of an api_document */
extern const struct api_member api_filtering[]; /* of an api_document */

/* NULL: the member is not kept. */
const struct api_member *api_member_find(const struct api_member *members,
                                         const char *key, size_t len);

/* A number's text as JSON has it -> its value, by the rules of json-c: a whole
 * number beyond 64 bits is the largest of these. */
double api_number(const char *text);

#endif
