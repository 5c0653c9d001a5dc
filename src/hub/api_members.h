/* SPDX-License-Identifier: MIT */
/* api_members.h - tables of the members that the API parser keeps. Only here
 * are the keys of the hub's documents named. Internal to the API parser. */
#ifndef HUB_API_MEMBERS_H
#define HUB_API_MEMBERS_H

#include "hub/snapshot.h"
#include "hub/text_store.h"

#include <stdint.h>

#define API_KEY_MAX 32 /* bytes; no longer key is in the tables */

struct api_value { /* a scalar of the document */
  enum {
    VALUE_NONE,
    VALUE_TEXT,
    VALUE_NUMBER,
    VALUE_BOOL
  } type;           /* NONE: null, an object or an array */
  const char *text; /* a string without NUL bytes, else NULL */
  size_t len;       /* of the string, NUL bytes included */
  double number;
  bool truth;
  struct text_store *texts; /* holds `text` as its open text */
};

/* The expected type of a value; a value of another type is unknown. */
enum api_shape {
  API_SCALAR,
  API_COUNTED, /* an array, for its length; or a number */
  API_OBJECT,  /* members described by `members`, stored in the same record */
  API_SERVERS, /* array of objects: struct server_snapshot */
  API_WORKSPACES, /* object of objects: struct api_workspace */
  API_TEXTS,      /* array of strings */
};

struct api_member {
  const char *key; /* NULL: end of the table */
  uint8_t key_len;
  uint8_t shape;   /* enum api_shape */
  uint16_t offset; /* of the field in the record */
  /* One of the two is set for a scalar or a count: read() returns the double
   * for the field, take() writes the field. */
  double (*read)(const struct api_value *v);
  void (*take)(void *field, const struct api_value *v);
  const struct api_member *members; /* tables of nested objects */
};

enum api_workspace_state {
  WORKSPACE_ACTIVE,
  WORKSPACE_SHUTTING_DOWN,
  WORKSPACE_OTHER,
  WORKSPACE_STATES
};

struct api_workspace {
  const char *name;
  size_t place; /* index in the hub's document */
  enum api_workspace_state state;
  double pid;
  double port;
  double start;
  const char *cwd;
  /* index of its first configuration file in the parser's list */
  size_t files_at;
  size_t files_num;
};

#define API_ALTERNATIVES 3 /* alternative keys of a number */

struct api_document {
  enum hub_state state;
  bool has_state; /* "state" is a string, known or not */
  double timestamp;
  const char *current; /* name of the current workspace, or NULL */
  /* The first known alternative counts. */
  double number[API_ALTERNATIVES][HUB_NUMBERS];
};

extern const struct api_member api_health[];    /* fill an api_document */
extern const struct api_member api_filtering[]; /* fill an api_document */

/* Returns NULL if the member is not in the table. */
const struct api_member *api_member_find(const struct api_member *members,
                                         const char *key, size_t len);

/* Converts the text of a JSON number like json-c: an integer above 64 bits
 * becomes UINT64_MAX. */
double api_number(const char *text);

#endif
