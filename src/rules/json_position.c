/* SPDX-License-Identifier: MIT */
#include "rules/json_position.h"

#include "util/utf8.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 64
#define KEY_SHOWN 48

struct json_scan {
  const char *text;
  const char *at;
  const char *end;
};

struct key {
  const char *begin;
  const char *end;
  bool escaped; /* still escaped, without quotes */
};

/* ---- scanner ---- */

static void skip_space(struct json_scan *s) {
  while (s->at < s->end && strchr(" \t\r\n", *s->at) != NULL && *s->at != '\0')
    s->at++;
}

static bool take(struct json_scan *s, char c) {
  skip_space(s);
  if (s->at == s->end || *s->at != c)
    return false;
  s->at++;
  return true;
}

/* Reads a string; the next character is its opening quote. */
static bool take_string(struct json_scan *s, struct key *key) {
  if (!take(s, '"'))
    return false;
  key->begin = s->at;
  key->escaped = true;
  while (s->at < s->end && *s->at != '"')
    s->at += *s->at == '\\' && s->end - s->at > 1 ? 2 : 1;
  key->end = s->at;
  if (s->at == s->end)
    return false;
  s->at++;
  return true;
}

/* Skips any value by counting brackets. */
static void skip_value(struct json_scan *s) {
  size_t depth = 0;
  struct key ignored;

  skip_space(s);
  while (s->at < s->end) {
    char c = *s->at;
    if (c == '"') {
      take_string(s, &ignored);
    } else if (c == '{' || c == '[') {
      depth++;
      s->at++;
    } else if (c == '}' || c == ']') {
      if (depth == 0)
        return;
      depth--;
      s->at++;
    } else if (depth == 0 && (c == ',' || c == ':')) {
      return;
    } else {
      s->at++;
      continue;
    }
    if (depth == 0)
      return;
  }
}

/* ---- keys ---- */

static unsigned hex_digit(char c) {
  if (c >= '0' && c <= '9')
    return (unsigned)(c - '0');
  return ((unsigned)c | 0x20U) - 'a' + 10;
}

/* Returns the next character of a key: a byte or the code of an escape. An
 * escaped non-ASCII letter differs from the plain one; known keys are ASCII. */
static int next_of_key(const struct key *key, const char **at) {
  const char *end = key->end;
  static const char *const escapes = "b\bf\fn\nr\rt\t";
  unsigned code = 0;

  if (*at == end)
    return -1;
  if (!key->escaped || **at != '\\' || end - *at < 2)
    return (unsigned char)*(*at)++;
  *at += 2;
  if ((*at)[-1] != 'u' || end - *at < 4) {
    const char *e = strchr("bfnrt", (*at)[-1]);
    return e != NULL && *e != '\0' ? strchr(escapes, *e)[1]
                                   : (unsigned char)(*at)[-1];
  }
  for (int i = 0; i < 4; i++)
    code = code << 4U | (hex_digit(*(*at)++) & 0xFU);
  return (int)code;
}

static int compare_keys(const struct key *a, const struct key *b) {
  const char *pa = a->begin;
  const char *pb = b->begin;

  for (;;) {
    int ca = next_of_key(a, &pa);
    int cb = next_of_key(b, &pb);
    if (ca != cb)
      return ca < cb ? -1 : 1;
    if (ca == -1)
      return 0;
  }
}

/* Equal keys are adjacent, in text order. */
static int compare_for_sort(const void *a, const void *b) {
  const struct key *ka = a;
  const struct key *kb = b;
  int order = compare_keys(ka, kb);

  if (order != 0)
    return order;
  return ka->begin < kb->begin ? -1 : ka->begin > kb->begin;
}

/* ---- paths ---- */

static void put_key(char buf[JSON_PATH_MAX], size_t *len, const char *begin,
                    size_t key_len) {
  size_t shown = key_len > KEY_SHOWN ? KEY_SHOWN : key_len;

  while (shown < key_len && ((unsigned char)begin[shown] & 0xC0U) == 0x80U)
    shown--;
  if (*len > 0 && *len < JSON_PATH_MAX - 1)
    buf[(*len)++] = '.';
  for (size_t i = 0, size = 0; i<shown; i += size> 0 ? size : 1) {
    size = utf8_printable(begin + i, shown - i);
    if (*len + (size > 0 ? size : 1) >= JSON_PATH_MAX)
      break;
    memcpy(buf + *len, size > 0 ? begin + i : "?", size > 0 ? size : 1);
    *len += size > 0 ? size : 1;
  }
  if (shown < key_len && *len + 3 < JSON_PATH_MAX) {
    memcpy(buf + *len, "...", 3);
    *len += 3;
  }
  buf[*len] = '\0';
}

static void put_index(char buf[JSON_PATH_MAX], size_t *len, size_t index) {
  snprintf(buf + *len, JSON_PATH_MAX - *len, "[%zu]", index);
  *len += strlen(buf + *len);
}

static void put_path(const struct json_path *path, char buf[JSON_PATH_MAX],
                     size_t *len) {
  if (path == NULL)
    return;
  put_path(path->up, buf, len);
  if (path->key != NULL)
    put_key(buf, len, path->key, strlen(path->key));
  else
    put_index(buf, len, path->index);
}

void json_path_format(const struct json_path *path, char buf[JSON_PATH_MAX]) {
  size_t len = 0;

  buf[0] = '\0';
  put_path(path, buf, &len);
}

/* ---- search ---- */

unsigned json_position_line_at(const char *text, size_t len, size_t offset) {
  unsigned line = 1;

  for (size_t i = 0; i < offset && i < len; i++)
    line += text[i] == '\n';
  return line;
}

static bool enter_key(struct json_scan *s, const char *wanted) {
  const struct key key = {wanted, wanted + strlen(wanted), false};
  struct key found;

  if (!take(s, '{'))
    return false;
  skip_space(s);
  for (const char *start = s->at; take_string(s, &found); start = s->at) {
    if (compare_keys(&found, &key) == 0) {
      s->at = start;
      return true;
    }
    if (!take(s, ':'))
      return false;
    skip_value(s);
    if (!take(s, ','))
      return false;
    skip_space(s);
  }
  return false;
}

static bool enter_index(struct json_scan *s, size_t index) {
  if (!take(s, '['))
    return false;
  for (; index > 0; index--) {
    skip_value(s);
    if (!take(s, ','))
      return false;
  }
  skip_space(s);
  return s->at < s->end && *s->at != ']';
}

/* Moves to the value or its key. -1: not found, *nearest is the closest
 * parent. */
static int find(struct json_scan *s, const struct json_path *path,
                const char **nearest) {
  struct key key;

  if (path == NULL) {
    skip_space(s);
  } else {
    if (find(s, path->up, nearest) != 0)
      return -1;
    if (path->up != NULL && path->up->key != NULL) {
      take_string(s, &key);
      take(s, ':');
    }
    if (!(path->key != NULL ? enter_key(s, path->key)
                            : enter_index(s, path->index)))
      return -1;
  }
  *nearest = s->at;
  return 0;
}

unsigned json_position_line(const char *text, size_t len,
                            const struct json_path *path) {
  struct json_scan s = {text, text, text + len};
  const char *nearest = text;

  find(&s, path, &nearest);
  return json_position_line_at(text, len, (size_t)(nearest - text));
}

/* ---- duplicate keys ---- */

struct keys {
  struct key *list;
  size_t num;
  size_t room;
};

struct checker {
  struct json_scan s;
  char *err;
  size_t err_size;
  char path[JSON_PATH_MAX];
};

static int check_value(struct checker *c, size_t path_len, int depth);

static int keys_add(struct keys *k, struct key key) {
  if (k->num == k->room) {
    size_t room = k->room > 0 ? k->room * 2 : 16;
    struct key *list = realloc(k->list, room * sizeof(*list));
    if (list == NULL)
      return -1;
    k->list = list;
    k->room = room;
  }
  k->list[k->num++] = key;
  return 0;
}

static int check_twice(struct checker *c, struct keys *k, size_t path_len) {
  const char *text = c->s.text;
  size_t len = (size_t)(c->s.end - text);

  if (k->num > 1)
    qsort(k->list, k->num, sizeof(*k->list), compare_for_sort);
  for (size_t i = 1; i < k->num; i++) {
    const struct key *first = &k->list[i - 1];
    const struct key *again = &k->list[i];
    if (compare_keys(first, again) != 0)
      continue;
    put_key(c->path, &path_len, again->begin,
            (size_t)(again->end - again->begin));
    snprintf(c->err, c->err_size, "line %u: %s: given twice, first in line %u",
             json_position_line_at(text, len, (size_t)(again->begin - text)),
             c->path,
             json_position_line_at(text, len, (size_t)(first->begin - text)));
    return -1;
  }
  return 0;
}

/* json-c also accepts keys in single quotes. */
static bool next_is_key(struct checker *c, int *status) {
  skip_space(&c->s);
  if (c->s.at == c->s.end || *c->s.at == '}')
    return false;
  if (*c->s.at == '"')
    return true;
  snprintf(c->err, c->err_size,
           "line %u: not JSON: key in double quotes expected",
           json_position_line_at(c->s.text, (size_t)(c->s.end - c->s.text),
                                 (size_t)(c->s.at - c->s.text)));
  *status = -1;
  return false;
}

static int check_object(struct checker *c, size_t path_len, int depth) {
  struct keys keys = {0};
  struct key key = {NULL, NULL, false};
  int status = 0;

  while (status == 0 && next_is_key(c, &status)) {
    size_t len = path_len;
    take_string(&c->s, &key);
    put_key(c->path, &len, key.begin, (size_t)(key.end - key.begin));
    take(&c->s, ':');
    if (keys_add(&keys, key) != 0) {
      snprintf(c->err, c->err_size, "out of memory");
      status = -1;
    } else {
      status = check_value(c, len, depth);
    }
    c->path[path_len] = '\0';
    if (status == 0 && !take(&c->s, ','))
      break;
  }
  take(&c->s, '}');
  if (status == 0)
    status = check_twice(c, &keys, path_len);
  free(keys.list);
  return status;
}

static int check_array(struct checker *c, size_t path_len, int depth) {
  for (size_t i = 0; !take(&c->s, ']'); i++) {
    const char *before = c->s.at;
    size_t len = path_len;
    put_index(c->path, &len, i);
    if (check_value(c, len, depth) != 0)
      return -1;
    c->path[path_len] = '\0';
    take(&c->s, ',');
    if (c->s.at == before)
      break;
  }
  return 0;
}

static int check_value(struct checker *c, size_t path_len, int depth) {
  if (depth < DEPTH_MAX && take(&c->s, '{'))
    return check_object(c, path_len, depth + 1);
  if (depth < DEPTH_MAX && take(&c->s, '['))
    return check_array(c, path_len, depth + 1);
  skip_value(&c->s);
  return 0;
}

int json_position_check_keys(const char *text, size_t len, char *err,
                             size_t err_size) {
  struct checker c = {
      .s = {text, text, text + len}, .err = err, .err_size = err_size};

  return check_value(&c, 0, 0);
}
