/* SPDX-License-Identifier: MIT */
/* by_table() checks each structural byte of values named in the tables;
 * json_skip() skips all other values. */
#include "hub/api_parser.h"

#include "hub/api_members.h"
#include "hub/json_stream.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LEVELS 8 /* nesting levels of the tables, at present 6 */
#define FIRST_ROOM 16

enum walk {
  BY_TABLE,
  IN_KEY,   /* a key that is split or has escapes */
  IN_VALUE, /* a scalar to keep */
  SKIP      /* until the depth is `base` again and no token is open */
};

struct level { /* an object or array described by the tables */
  const struct api_member *member;
  void *record;
};

struct api_list { /* grows by doubling */
  void *items;
  size_t num;
  size_t room;
};

struct api_parser {
  struct json_stream json;
  enum walk walk;
  unsigned base;
  struct level levels[LEVELS];
  unsigned level;
  const struct api_member *member; /* of the last key; NULL: skip */
  void *record;                    /* filled by `member` */
  char first;                      /* first byte of the scalar in IN_VALUE */
  uint64_t count;                  /* length so far of an API_COUNTED array */

  enum api_answer answer;
  bool is_object;
  enum { LIST_NONE, LIST_ARRAY, LIST_OTHER } server_list;
  bool workspaces_known;
  struct api_document document;
  struct api_list servers;      /* of struct server_snapshot */
  struct api_list workspaces;   /* of struct api_workspace */
  struct api_list config_files; /* of const char *, of all workspaces */
};

static const struct api_member roots[] = {
    [API_HEALTH] = {.shape = API_OBJECT, .members = api_health},
    [API_FILTERING] = {.shape = API_OBJECT, .members = api_filtering}};

static void out_of_memory(struct api_parser *p, const char *at) {
  json_fail(&p->json, at, "out of memory");
}

/* Appends a zeroed item, at most `max`. Returns NULL on error. */
static void *list_add(struct api_parser *p, const char *at, struct api_list *l,
                      size_t size, size_t max, const char *too_many) {
  if (l->num == max) {
    json_fail_oversize(&p->json, at, too_many);
    return NULL;
  }
  if (l->num == l->room) {
    size_t room = l->room > 0 ? 2 * l->room : FIRST_ROOM;
    void *items = realloc(l->items, room * size);
    if (items == NULL) {
      out_of_memory(p, at);
      return NULL;
    }
    l->items = items;
    l->room = room;
  }
  return memset((char *)l->items + l->num++ * size, 0, size);
}

/* ---- values to fields ---- */

static void give(const struct api_member *m, void *record,
                 const struct api_value *v) {
  void *field = (char *)record + m->offset;
  if (m->read != NULL)
    *(double *)field = m->read(v);
  else
    m->take(field, v);
}

static void forget_files(struct api_parser *p, struct api_workspace *w) {
  w->files_at = p->config_files.num -= w->files_num;
  w->files_num = 0;
}

static void forget_all(struct api_parser *p, const struct api_member *members,
                       void *record);

/* Resets a member to unknown: the last of duplicate members counts. */
static void forget(struct api_parser *p, const struct api_member *m,
                   void *record) {
  static const struct api_value none = {.type = VALUE_NONE};
  switch (m->shape) {
  case API_SCALAR:
  case API_COUNTED:
    give(m, record, &none);
    break;
  case API_OBJECT:
    forget_all(p, m->members, record);
    break;
  case API_SERVERS:
    p->servers.num = 0;
    p->server_list = LIST_NONE;
    break;
  case API_WORKSPACES:
    p->workspaces.num = 0;
    p->config_files.num = 0;
    p->workspaces_known = false;
    break;
  default: /* API_TEXTS */
    forget_files(p, record);
  }
}

static void forget_all(struct api_parser *p, const struct api_member *members,
                       void *record) {
  for (; members->key != NULL; members++)
    forget(p, members, record);
}

static void add_config_file(struct api_parser *p, const char *at,
                            const struct api_value *v) {
  struct api_workspace *w = p->record;
  if (v->text == NULL)
    return;
  if (w->files_num == API_PARSER_MAX_CONFIG_FILES) {
    json_fail_oversize(&p->json, at, "more than 64 configuration files");
    return;
  }
  const char **file =
      list_add(p, at, &p->config_files, sizeof(*file), SIZE_MAX, "");
  if (file == NULL)
    return;
  *file = text_keep(&p->json.texts);
  w->files_num++;
}

/* Stores the scalar that began with p->first. */
static void end_value(struct api_parser *p, const char *at) {
  struct json_stream *s = &p->json;
  struct api_value v = {.type = VALUE_NONE, .texts = &s->texts};
  const char *text = text_open(&s->texts);
  switch (json_class[(unsigned char)p->first]) {
  case QUOTE:
    v.type = VALUE_TEXT;
    v.text = s->has_nul ? NULL : text;
    v.len = s->texts.open_len;
    break;
  case NUMBER:
    v.type = VALUE_NUMBER;
    v.number = api_number(text);
    break;
  default: /* a literal */
    v.type = p->first == 'n' ? VALUE_NONE : VALUE_BOOL;
    v.truth = p->first == 't';
  }
  if (p->levels[p->level].member->shape == API_TEXTS)
    add_config_file(p, at, &v);
  else
    give(p->member, p->record, &v);
  text_drop(&s->texts);
  s->keeping = false;
  p->walk = BY_TABLE;
}

/* ---- keys ---- */

static void keep_token(struct api_parser *p, char first, size_t most) {
  p->json.keeping = true;
  p->json.keep_max = most;
  p->json.has_nul = false;
  json_open_token(&p->json, first);
}

static void begin_workspace(struct api_parser *p, const char *at) {
  struct api_workspace *w =
      list_add(p, at, &p->workspaces, sizeof(*w), API_PARSER_MAX_WORKSPACES,
               "more than 1,000 workspaces");
  if (w == NULL)
    return;
  w->name = text_keep(&p->json.texts);
  w->place = p->workspaces.num;
  p->member = p->levels[p->level].member->members;
  p->record = w;
}

static void end_key(struct api_parser *p, const char *at) {
  struct json_stream *s = &p->json;
  const struct level *l = &p->levels[p->level];
  bool usable = s->keeping && !s->has_nul;
  p->walk = BY_TABLE;
  p->member = NULL;
  p->record = l->record;
  if (usable && l->member->shape == API_WORKSPACES)
    begin_workspace(p, at);
  else if (usable)
    p->member = api_member_find(l->member->members, text_open(&s->texts),
                                s->texts.open_len);
  text_drop(&s->texts);
  s->keeping = false;
}

/* `at` is the opening quote. */
static const char *begin_key(struct api_parser *p, const char *at,
                             const char *end) {
  const struct level *l = &p->levels[p->level];
  bool named = l->member->shape != API_WORKSPACES;
  const char *key = at + 1;
  const char *close = json_plain_text_end(key, end);
  if (named && close < end && *close == '"') {
    p->member = api_member_find(l->member->members, key, (size_t)(close - key));
    p->record = l->record;
    return close + 1;
  }
  p->walk = IN_KEY;
  keep_token(p, '"', named ? API_KEY_MAX : SIZE_MAX);
  return key;
}

/* ---- values ---- */

static void begin_server(struct api_parser *p, const char *at) {
  struct server_snapshot *server =
      list_add(p, at, &p->servers, sizeof(*server), API_PARSER_MAX_SERVERS,
               "more than 10,000 servers");
  if (server == NULL)
    return;
  server->place = p->servers.num - 1;
  p->member = p->levels[p->level].member->members;
  p->record = server;
}

/* Finds the table entry of an array's element or of the document. */
static void find_member(struct api_parser *p, const char *at,
                        enum json_class class) {
  const struct level *l = &p->levels[p->level];
  p->member = NULL;
  p->record = l->record;
  if (p->json.state == DOCUMENT) {
    p->member = &roots[p->answer];
    p->record = &p->document;
    p->is_object = class == OPEN_OBJECT;
  } else if (l->member->shape == API_COUNTED) {
    p->count++;
  } else if (l->member->shape == API_SERVERS) {
    begin_server(p, at);
  } else if (class == QUOTE) { /* API_TEXTS */
    p->member = l->member->members;
  }
}

/* True if the table describes the container; else the field is unknown. */
static bool begin_container(struct api_parser *p, enum json_class class,
                            char first) {
  const struct api_member *m = p->member;
  bool fits = class == OPEN_ARRAY;
  forget(p, m, p->record);
  switch (m->shape) {
  case API_SCALAR:
    return false;
  case API_OBJECT:
    return class == OPEN_OBJECT;
  case API_WORKSPACES:
    p->workspaces_known = class == OPEN_OBJECT;
    return p->workspaces_known;
  case API_SERVERS:
    p->server_list = fits ? LIST_ARRAY : first == 'n' ? LIST_NONE : LIST_OTHER;
    return fits;
  default: /* API_COUNTED, API_TEXTS */
    return fits;
  }
}

static const char *begin_value(struct api_parser *p, const char *at,
                               enum json_class class) {
  struct json_stream *s = &p->json;
  bool scalar = class != OPEN_OBJECT && class != OPEN_ARRAY;
  if (s->state != MEMBER_VALUE)
    find_member(p, at, class);
  const struct api_member *m = p->member;
  bool keep = scalar && m != NULL &&
              (m->shape == API_SCALAR || m->shape == API_COUNTED);
  if (m != NULL && !keep && begin_container(p, class, *at)) {
    if (json_push(s, at, class))
      p->levels[++p->level] = (struct level){m, p->record};
    s->state = class == OPEN_OBJECT ? FIRST_KEY : FIRST_ELEMENT;
    p->count = 0;
    return at + 1;
  }
  p->walk = keep ? IN_VALUE : SKIP;
  p->base = s->depth;
  if (!scalar)
    return at;
  s->state = json_next[s->state][class];
  p->first = *at;
  if (keep)
    keep_token(p, *at, SIZE_MAX);
  else
    json_open_token(s, *at);
  return class == QUOTE ? at + 1 : at;
}

static void end_container(struct api_parser *p) {
  const struct level *l = &p->levels[p->level--];
  const struct api_value count = {.type = VALUE_NUMBER,
                                  .number = (double)p->count};
  if (l->member->shape == API_COUNTED)
    give(l->member, l->record, &count);
  p->json.state = p->json.after[--p->json.depth];
}

/* ---- walk ---- */

/* `at` is not at white space. */
static const char *by_table(struct api_parser *p, const char *at,
                            const char *end) {
  struct json_stream *s = &p->json;
  enum json_class class = json_class[(unsigned char)*at];
  enum json_state next = json_next[s->state][class];
  if (next == WRONG) {
    json_fail_unexpected(s, at);
    return at;
  }
  switch (class) {
  case COMMA:
  case COLON:
    s->state = next;
    return at + 1;
  case CLOSE_OBJECT:
  case CLOSE_ARRAY:
    end_container(p);
    return at + 1;
  default:
    if (next != AFTER_KEY)
      return begin_value(p, at, class);
    s->state = next;
    return begin_key(p, at, end);
  }
}

static const char *advance(struct api_parser *p, const char *at,
                           const char *end) {
  struct json_stream *s = &p->json;
  if (s->token != NO_TOKEN) {
    at = json_read_token(s, at, end);
  } else {
    at = json_skip_space(at, end);
    if (at == end)
      return at;
    if (p->walk == BY_TABLE)
      return by_table(p, at, end);
    at = json_skip(s, p->base, at, end);
  }
  if (s->token != NO_TOKEN || s->failed)
    return at;
  if (p->walk == IN_KEY)
    end_key(p, at);
  else if (p->walk == IN_VALUE)
    end_value(p, at);
  else if (s->depth == p->base)
    p->walk = BY_TABLE;
  return at;
}

int api_parser_feed(struct api_parser *p, const char *bytes, size_t len) {
  struct json_stream *s = &p->json;
  if (len == 0)
    return s->failed ? -1 : 0;
  const char *at = bytes, *end = bytes + len;
  s->piece = bytes;
  while (at < end && !s->failed)
    at = advance(p, at, end);
  s->offset += len;
  return s->failed ? -1 : 0;
}

/* ---- results to snapshot ---- */

static int fail(struct api_parser *p, const char *what) {
  snprintf(p->json.error, sizeof(p->json.error), "%s", what);
  p->json.failed = true;
  return -1;
}

/* Sorts by name; equal names keep the hub's order. */
static int by_name(const void *a, const void *b) {
  const struct server_snapshot *x = a, *y = b;
  int order = server_snapshot_compare(x, y);
  return order != 0 ? order : (x->place > y->place) - (x->place < y->place);
}

static int by_workspace(const void *a, const void *b) {
  const struct api_workspace *x = a, *y = b;
  int order = strcmp(x->name, y->name);
  return order != 0 ? order : (x->place > y->place) - (x->place < y->place);
}

/* Counts workspaces; the last of equal names counts. Returns the current one,
 * or NULL. */
static const struct api_workspace *count_workspaces(struct api_parser *p,
                                                    struct hub_snapshot *s) {
  const struct api_workspace *w = p->workspaces.items, *current = NULL;
  size_t num = p->workspaces.num, states[WORKSPACE_STATES] = {0};
  if (!p->workspaces_known)
    return NULL;
  if (num > 1)
    qsort(p->workspaces.items, num, sizeof(*w), by_workspace);
  for (size_t i = 0; i < num; i++) {
    if (i + 1 < num && strcmp(w[i].name, w[i + 1].name) == 0)
      continue;
    states[w[i].state]++;
    if (p->document.current != NULL &&
        strcmp(w[i].name, p->document.current) == 0)
      current = &w[i];
  }
  s->number[HUB_WORKSPACES_ACTIVE] = (double)states[WORKSPACE_ACTIVE];
  s->number[HUB_WORKSPACES_SHUTTING_DOWN] =
      (double)states[WORKSPACE_SHUTTING_DOWN];
  return current;
}

/* Returns x if it is a whole number from 1 to `most`, else 0. */
static int whole(double x, int most) {
  return x >= 1 && x <= most && x == (double)(int)x ? (int)x : 0;
}

/* Returns -1 if out of memory. */
static int copy_self(const struct api_parser *p, struct hub_snapshot *s,
                     const struct api_workspace *w) {
  size_t size = w->files_num * sizeof(*s->self.config_files);
  double uptime = s->timestamp - w->start;
  s->self = (struct hub_self){.pid = whole(w->pid, INT_MAX),
                              .port = whole(w->port, 65535),
                              .start = w->start,
                              .cwd = w->cwd};
  s->number[HUB_UPTIME] = uptime >= 0 ? uptime : NAN;
  if (size == 0)
    return 0;
  s->self.config_files = malloc(size);
  if (s->self.config_files == NULL)
    return -1;
  memcpy((void *)s->self.config_files,
         (const char **)p->config_files.items + w->files_at, size);
  s->self.config_files_num = w->files_num;
  return 0;
}

static void take_servers(struct api_parser *p, struct hub_snapshot *s) {
  size_t num = p->servers.num;
  void *exact =
      num > 0 ? realloc(p->servers.items, num * sizeof(*s->servers)) : NULL;
  if (exact != NULL)
    p->servers.items = exact;
  if (num == 0)
    free(p->servers.items);
  s->servers = num > 0 ? p->servers.items : NULL;
  s->servers_num = num;
  s->servers_known = p->server_list == LIST_ARRAY;
  p->servers = (struct api_list){0};
  if (num > 1)
    qsort(s->servers, num, sizeof(*s->servers), by_name);
}

static void copy_numbers(const struct api_parser *p, double *number,
                         size_t first) {
  for (size_t id = first; id < HUB_NUMBERS; id++) {
    number[id] = NAN;
    for (size_t i = API_ALTERNATIVES; i > 0; i--)
      if (!isnan(p->document.number[i - 1][id]))
        number[id] = p->document.number[i - 1][id];
  }
}

static int finish_health(struct api_parser *p, struct hub_snapshot *s) {
  if (!p->document.has_state && p->server_list != LIST_ARRAY)
    return fail(p, "expected a hub's health, with \"state\" or \"servers\"");
  if (p->server_list == LIST_OTHER)
    return fail(p, "servers: expected an array");
  struct hub_snapshot next;
  hub_snapshot_init(&next);
  next.state = p->document.state;
  next.timestamp = p->document.timestamp;
  copy_numbers(p, next.number, 0);
  const struct api_workspace *current = count_workspaces(p, &next);
  take_servers(p, &next);
  if (current != NULL && copy_self(p, &next, current) != 0) {
    hub_snapshot_clear(&next);
    return fail(p, "out of memory");
  }
  next.texts = p->json.texts.block;
  p->json.texts.block = NULL;
  hub_snapshot_clear(s);
  *s = next;
  return 0;
}

int api_parser_finish(struct api_parser *p, struct hub_snapshot *s) {
  if (json_stream_end(&p->json) != 0)
    return -1;
  if (!p->is_object)
    return fail(p, "expected a JSON object");
  if (p->answer == API_HEALTH)
    return finish_health(p, s);
  copy_numbers(p, s->number, HUB_FILTERING);
  return 0;
}

/* ---- create, destroy ---- */

struct api_parser *api_parser_create(enum api_answer answer) {
  struct api_parser *p = calloc(1, sizeof(*p));
  if (p == NULL)
    return NULL;
  json_stream_init(&p->json, API_PARSER_MAX_TEXT);
  p->answer = answer;
  for (size_t i = 0; i < API_ALTERNATIVES; i++)
    for (size_t id = 0; id < HUB_NUMBERS; id++)
      p->document.number[i][id] = NAN;
  return p;
}

void api_parser_destroy(struct api_parser *p) {
  if (p == NULL)
    return;
  json_stream_clear(&p->json);
  free(p->servers.items);
  free(p->workspaces.items);
  free(p->config_files.items);
  free(p);
}

const char *api_parser_error(const struct api_parser *p) {
  return p->json.error;
}

bool api_parser_is_oversize(const struct api_parser *p) {
  return p->json.oversize;
}
