/* SPDX-License-Identifier: MIT */
/* A table says which byte may follow which (`next_state`); values are walked
 * in one of two ways:
 *   by rules   one structural byte at a time, keys looked up, output written;
 *   skimmed    a whole value that is kept or dropped runs through a tight loop.
 * A token (string, number, literal) that spans pieces is resumed by `token`. */
#include "hub/reduce.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum {
  FIRST_BUFFER = 1024, /* of the output, doubled as needed */
  /* A longer spelling, be it all escapes, means more than REDUCE_MAX_KEY. */
  MAX_RAW_KEY = 6 * REDUCE_MAX_KEY,
  /* A key is written before it is known to stay; with comma and quotes. */
  KEY_SLACK = MAX_RAW_KEY + 3,
};

/* ---- the grammar between tokens ---- */

enum byte_class {
  OTHER,
  SPACE,
  QUOTE,
  OPEN_OBJECT,
  CLOSE_OBJECT,
  OPEN_ARRAY,
  CLOSE_ARRAY,
  COLON,
  COMMA,
  NUMBER,
  LITERAL,
  BYTE_CLASSES
};

static const uint8_t byte_class[256] = {
    [' '] = SPACE,        ['\t'] = SPACE,     ['\n'] = SPACE,
    ['\r'] = SPACE,       ['"'] = QUOTE,      ['{'] = OPEN_OBJECT,
    ['}'] = CLOSE_OBJECT, ['['] = OPEN_ARRAY, [']'] = CLOSE_ARRAY,
    [':'] = COLON,        [','] = COMMA,      ['-'] = NUMBER,
    ['0'] = NUMBER,       ['1'] = NUMBER,     ['2'] = NUMBER,
    ['3'] = NUMBER,       ['4'] = NUMBER,     ['5'] = NUMBER,
    ['6'] = NUMBER,       ['7'] = NUMBER,     ['8'] = NUMBER,
    ['9'] = NUMBER,       ['t'] = LITERAL,    ['f'] = LITERAL,
    ['n'] = LITERAL,
};

/* What the document may go on with. */
enum state {
  WRONG,
  DOCUMENT,
  FIRST_KEY,
  KEY,
  AFTER_KEY,
  MEMBER_VALUE,
  AFTER_MEMBER,
  FIRST_ELEMENT,
  ELEMENT,
  AFTER_ELEMENT,
  DONE,
  STATES
};

#define VALUE_THEN(after)                                                      \
  [QUOTE] = (after), [NUMBER] = (after), [LITERAL] = (after),                  \
  [OPEN_OBJECT] = FIRST_KEY, [OPEN_ARRAY] = FIRST_ELEMENT

/* After a closing bracket the state is the one in `after` of the level below;
 * DONE only says that the bracket may stand there. */
static const uint8_t next_state[STATES][BYTE_CLASSES] = {
    [DOCUMENT] = {[SPACE] = DOCUMENT, VALUE_THEN(DONE)},
    [FIRST_KEY] =
        {[SPACE] = FIRST_KEY, [QUOTE] = AFTER_KEY, [CLOSE_OBJECT] = DONE},
    [KEY] = {[SPACE] = KEY, [QUOTE] = AFTER_KEY},
    [AFTER_KEY] = {[SPACE] = AFTER_KEY, [COLON] = MEMBER_VALUE},
    [MEMBER_VALUE] = {[SPACE] = MEMBER_VALUE, VALUE_THEN(AFTER_MEMBER)},
    [AFTER_MEMBER] =
        {[SPACE] = AFTER_MEMBER, [COMMA] = KEY, [CLOSE_OBJECT] = DONE},
    [FIRST_ELEMENT] = {[SPACE] = FIRST_ELEMENT,
                       VALUE_THEN(AFTER_ELEMENT),
                       [CLOSE_ARRAY] = DONE},
    [ELEMENT] = {[SPACE] = ELEMENT, VALUE_THEN(AFTER_ELEMENT)},
    [AFTER_ELEMENT] =
        {[SPACE] = AFTER_ELEMENT, [COMMA] = ELEMENT, [CLOSE_ARRAY] = DONE},
    [DONE] = {[SPACE] = DONE},
};

static const char *const expected[STATES] = {
    [DOCUMENT] = "expected a value",
    [FIRST_KEY] = "expected a key or '}'",
    [KEY] = "expected a key",
    [AFTER_KEY] = "expected ':' after a key",
    [MEMBER_VALUE] = "expected a value after ':'",
    [AFTER_MEMBER] = "expected ',' or '}' after a member",
    [FIRST_ELEMENT] = "expected a value or ']'",
    [ELEMENT] = "expected a value after ','",
    [AFTER_ELEMENT] = "expected ',' or ']' after an element",
    [DONE] = "expected nothing after the document",
};

/* ---- the reducer ---- */

/* How far a string, number or literal has been read. */
enum token {
  NO_TOKEN,
  IN_STRING,
  IN_ESCAPE, /* after the backslash */
  IN_HEX_4,  /* that many hex digits to come */
  IN_HEX_3,
  IN_HEX_2,
  IN_HEX_1,
  IN_LITERAL,
  NUMBER_START,
  NUMBER_MINUS,
  NUMBER_ZERO,
  NUMBER_INTEGER,
  NUMBER_POINT,
  NUMBER_FRACTION,
  NUMBER_E,
  NUMBER_E_SIGN,
  NUMBER_EXPONENT,
};

enum walk {
  BY_RULES,
  IN_KEY, /* of an object that is walked by rules */
  SKIM    /* until the depth is back at `base` and no token is open */
};

struct reducer {
  const struct reduce_rule *rules;
  size_t max_out;

  const char *piece; /* what is being fed */
  uint64_t offset;   /* of the piece in the document */

  enum state state;
  enum token token;
  const char *literal; /* what IN_LITERAL still expects */
  enum walk walk;
  bool copying; /* the token or the skimmed value goes to the output */
  unsigned base;
  unsigned depth;
  uint8_t after[REDUCE_MAX_DEPTH + 1]; /* state after a value at each depth */

  /* by rules */
  const struct reduce_rule *tables[REDUCE_MAX_DEPTH + 1];
  const struct reduce_rule *member; /* of the key just read; NULL: drop */
  size_t key_start;                 /* in the output, with its comma */
  uint64_t count;                   /* of the array being counted */

  char *out;
  size_t out_len;
  size_t out_size;

  bool failed;
  bool overflowed;
  char error[96];
};

static const struct reduce_rule no_rules[] = {{NULL, REDUCE_KEEP, NULL}};
/* Stands in `tables` for an array that becomes its length. */
static const struct reduce_rule counted[] = {{NULL, REDUCE_COUNT, NULL}};

/* The first error stays. */
static void fail(struct reducer *r, const char *where, const char *what) {
  if (r->failed)
    return;
  uint64_t byte = r->offset + (uint64_t)(where - r->piece);
  snprintf(r->error, sizeof(r->error), "byte %llu: %s",
           (unsigned long long)byte, what);
  r->failed = true;
}

/* ---- output ---- */

static bool reserve(struct reducer *r, size_t size) {
  if (size <= r->out_size)
    return true;
  size_t wanted = r->out_size == 0 ? FIRST_BUFFER : r->out_size;
  while (wanted < size)
    wanted *= 2;
  char *bigger = realloc(r->out, wanted);
  if (bigger == NULL)
    return false;
  r->out = bigger;
  r->out_size = wanted;
  return true;
}

/* `where`: the input that the bytes stem from. */
static void put(struct reducer *r, const char *where, const char *bytes,
                size_t len) {
  size_t limit = r->max_out + (r->walk == IN_KEY ? KEY_SLACK : 0);
  if (r->out_len + len > limit) {
    r->overflowed = true;
    fail(r, where, "the result is too large");
  } else if (!reserve(r, r->out_len + len + 1)) {
    fail(r, where, "out of memory");
  } else {
    memcpy(r->out + r->out_len, bytes, len);
    r->out_len += len;
  }
}

static void put_char(struct reducer *r, const char *where, char c) {
  put(r, where, &c, 1);
}

/* A comma, unless what follows is the first in its container. */
static void put_separator(struct reducer *r, const char *where) {
  char last = r->out[r->out_len - 1];
  if (last != '{' && last != '[')
    put_char(r, where, ',');
}

/* ---- tokens ---- */

static bool ends_plain_text(char c) {
  return c == '"' || c == '\\' || (unsigned char)c < 0x20;
}

/* The first quote, backslash or control character, or `end`. */
static inline const char *plain_text_end(const char *p, const char *end) {
#ifdef __SSE2__
  const __m128i quote = _mm_set1_epi8('"');
  const __m128i backslash = _mm_set1_epi8('\\');
  const __m128i control = _mm_set1_epi8(0x1f);
  for (; end - p >= 16; p += 16) {
    __m128i text = _mm_loadu_si128((const __m128i *)(const void *)p);
    __m128i hit =
        _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(text, quote),
                                  _mm_cmpeq_epi8(text, backslash)),
                     _mm_cmpeq_epi8(_mm_min_epu8(text, control), text));
    unsigned hits = (unsigned)_mm_movemask_epi8(hit);
    if (hits != 0)
      return p + __builtin_ctz(hits);
  }
#else
  const uint64_t ones = UINT64_MAX / 0xff;
  for (; end - p >= 8; p += 8) {
    uint64_t text;
    memcpy(&text, p, sizeof(text));
    uint64_t quote = text ^ (ones * '"');
    uint64_t backslash = text ^ (ones * '\\');
    uint64_t hit = ((text - ones * 0x20) & ~text) | ((quote - ones) & ~quote) |
                   ((backslash - ones) & ~backslash);
    if ((hit & (ones * 0x80)) != 0)
      break;
  }
#endif
  while (p < end && !ends_plain_text(*p))
    p++;
  return p;
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* The value of a hex digit, or -1. */
static int hex_digit(char c) {
  if (is_digit(c))
    return c - '0';
  char lower = (char)(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

static const char *read_escape(struct reducer *r, const char *p) {
  if (r->token == IN_ESCAPE && *p == 'u')
    r->token = IN_HEX_4;
  else if (r->token == IN_ESCAPE && *p != '\0' && strchr("\"\\/bfnrt", *p))
    r->token = IN_STRING;
  else if (r->token == IN_ESCAPE)
    fail(r, p, "wrong escape in a string");
  else if (hex_digit(*p) < 0)
    fail(r, p, "expected four hex digits after \\u");
  else
    r->token = r->token == IN_HEX_1 ? IN_STRING : r->token + 1;
  return p + 1;
}

static const char *read_string(struct reducer *r, const char *p,
                               const char *end) {
  while (p < end && !r->failed) {
    if (r->token != IN_STRING) {
      p = read_escape(r, p);
      continue;
    }
    p = plain_text_end(p, end);
    if (p == end)
      break;
    if (*p == '"') {
      r->token = NO_TOKEN;
      return p + 1;
    }
    if (*p == '\\')
      r->token = IN_ESCAPE;
    else
      fail(r, p, "control character in a string");
    p++;
  }
  return p;
}

/* NO_TOKEN: `c` cannot be part of the number. */
static enum token number_step(enum token token, char c) {
  switch (token) {
  case NUMBER_START:
    if (c == '-')
      return NUMBER_MINUS;
    /* fall through */
  case NUMBER_MINUS:
    if (c == '0')
      return NUMBER_ZERO;
    return is_digit(c) ? NUMBER_INTEGER : NO_TOKEN;
  case NUMBER_INTEGER:
    if (is_digit(c))
      return NUMBER_INTEGER;
    /* fall through */
  case NUMBER_ZERO:
    if (c == '.')
      return NUMBER_POINT;
    return c == 'e' || c == 'E' ? NUMBER_E : NO_TOKEN;
  case NUMBER_POINT:
    return is_digit(c) ? NUMBER_FRACTION : NO_TOKEN;
  case NUMBER_FRACTION:
    if (is_digit(c))
      return NUMBER_FRACTION;
    return c == 'e' || c == 'E' ? NUMBER_E : NO_TOKEN;
  case NUMBER_E:
    if (c == '+' || c == '-')
      return NUMBER_E_SIGN;
    /* fall through */
  case NUMBER_E_SIGN:
  case NUMBER_EXPONENT:
    return is_digit(c) ? NUMBER_EXPONENT : NO_TOKEN;
  default:
    return NO_TOKEN;
  }
}

static bool number_may_end(enum token token) {
  return token == NUMBER_ZERO || token == NUMBER_INTEGER ||
         token == NUMBER_FRACTION || token == NUMBER_EXPONENT;
}

static const char *read_number(struct reducer *r, const char *p,
                               const char *end) {
  for (; p < end; p++) {
    enum token next = number_step(r->token, *p);
    if (next == NO_TOKEN) {
      if (!number_may_end(r->token))
        fail(r, p, "expected a digit in a number");
      r->token = NO_TOKEN;
      break;
    }
    r->token = next;
  }
  return p;
}

static const char *read_literal(struct reducer *r, const char *p,
                                const char *end) {
  for (; p < end && *r->literal != '\0'; p++, r->literal++) {
    if (*p != *r->literal) {
      fail(r, p, "expected true, false or null");
      return p;
    }
  }
  if (*r->literal == '\0')
    r->token = NO_TOKEN;
  return p;
}

static const char *read_token(struct reducer *r, const char *p,
                              const char *end) {
  if (r->token == IN_LITERAL)
    return read_literal(r, p, end);
  if (r->token >= NUMBER_START)
    return read_number(r, p, end);
  return read_string(r, p, end);
}

/* `first` decides what the token is; only a string's quote is used up. */
static void open_token(struct reducer *r, char first) {
  if (first == '"') {
    r->token = IN_STRING;
  } else if (byte_class[(unsigned char)first] == NUMBER) {
    r->token = NUMBER_START;
  } else {
    r->token = IN_LITERAL;
    r->literal = first == 't' ? "true" : first == 'f' ? "false" : "null";
  }
}

/* ---- levels ---- */

static bool push(struct reducer *r, const char *where, enum byte_class open) {
  if (r->depth == REDUCE_MAX_DEPTH) {
    fail(r, where, "nested too deeply");
    return false;
  }
  r->depth++;
  r->after[r->depth] = open == OPEN_OBJECT ? AFTER_MEMBER : AFTER_ELEMENT;
  return true;
}

/* ---- a whole value, kept or dropped ---- */

static const char *skip_space(const char *p, const char *end) {
  while (p < end && byte_class[(unsigned char)*p] == SPACE)
    p++;
  return p;
}

/* What nearly always follows a string. */
static const struct follower {
  char byte;
  uint8_t state;
} follower[STATES] = {
    [AFTER_KEY] = {':', MEMBER_VALUE},
    [AFTER_MEMBER] = {',', KEY},
    [AFTER_ELEMENT] = {',', ELEMENT},
};

/* `p` at the opening quote. A string with escapes stays open at the first. */
static inline const char *skim_string(struct reducer *r, const char *p,
                                      const char *end, enum state *state) {
  p = plain_text_end(p + 1, end);
  if (p == end || *p != '"') {
    r->token = IN_STRING;
    return p;
  }
  p++;
  if (p < end && *p == follower[*state].byte) {
    *state = follower[*state].state;
    p++;
  }
  return p;
}

/* `p` at any byte but a quote or white space. */
static inline const char *skim_byte(struct reducer *r, const char *p,
                                    const char *end, enum byte_class class,
                                    enum state *state) {
  switch (class) {
  case OPEN_OBJECT:
  case OPEN_ARRAY:
    push(r, p, class);
    return p + 1;
  case CLOSE_OBJECT:
  case CLOSE_ARRAY:
    *state = r->after[--r->depth];
    return p + 1;
  case NUMBER:
  case LITERAL:
    open_token(r, *p);
    return read_token(r, p, end);
  default: /* comma, colon */
    return p + 1;
  }
}

/* Through a container to its end, as far as the piece goes. Leaves earlier for
 * a token that is not complete, and for white space that must not be copied. */
static const char *skim(struct reducer *r, const char *p, const char *end) {
  enum state state = r->state;
  do {
    enum byte_class class = byte_class[(unsigned char)*p];
    enum state next = next_state[state][class];
    if (next == WRONG)
      fail(r, p, expected[state]);
    else if (class == QUOTE) /* most of all bytes: worth its own branch */
      p = skim_string(r, p, end, &next);
    else if (class != SPACE)
      p = skim_byte(r, p, end, class, &next);
    else if (r->copying)
      break;
    else
      p = skip_space(p, end);
    state = next;
  } while (p < end && r->token == NO_TOKEN && r->depth > r->base && !r->failed);
  r->state = state;
  return p;
}

/* ---- keys ---- */

struct text {
  char bytes[REDUCE_MAX_KEY];
  size_t len; /* REDUCE_MAX_KEY + 1: longer */
  bool has_nul;
};

static void text_add(struct text *t, unsigned byte) {
  if (t->len < REDUCE_MAX_KEY)
    t->bytes[t->len] = (char)byte;
  if (t->len <= REDUCE_MAX_KEY)
    t->len++;
}

static void text_add_utf8(struct text *t, unsigned code) {
  if (code < 0x80) {
    text_add(t, code);
  } else if (code < 0x800) {
    text_add(t, 0xc0 | code >> 6);
    text_add(t, 0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    text_add(t, 0xe0 | code >> 12);
    text_add(t, 0x80 | (code >> 6 & 0x3f));
    text_add(t, 0x80 | (code & 0x3f));
  } else {
    text_add(t, 0xf0 | code >> 18);
    text_add(t, 0x80 | (code >> 12 & 0x3f));
    text_add(t, 0x80 | (code >> 6 & 0x3f));
    text_add(t, 0x80 | (code & 0x3f));
  }
}

static unsigned hex_4(const char *p) {
  unsigned value = 0;
  for (int i = 0; i < 4; i++)
    value = value << 4 | (unsigned)hex_digit(p[i]);
  return value;
}

/* `p` at the u; returns what follows. Half a surrogate pair is U+FFFD. */
static const char *decode_unicode(struct text *t, const char *p,
                                  const char *end) {
  unsigned code = hex_4(p + 1);
  p += 5;
  if (code >= 0xd800 && code < 0xdc00 && end - p >= 6 && p[0] == '\\' &&
      p[1] == 'u') {
    unsigned low = hex_4(p + 2);
    if (low >= 0xdc00 && low < 0xe000) {
      code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
      p += 6;
    }
  }
  t->has_nul |= code == 0;
  text_add_utf8(t, code >= 0xd800 && code < 0xe000 ? 0xfffd : code);
  return p;
}

/* `raw` has been checked: its escapes are right. */
static void decode(struct text *t, const char *raw, const char *end) {
  static const char letters[] = "bfnrt", meaning[] = "\b\f\n\r\t";
  t->len = 0;
  t->has_nul = false;
  while (raw < end) {
    if (*raw != '\\') {
      text_add(t, (unsigned char)*raw++);
    } else if (*++raw == 'u') {
      raw = decode_unicode(t, raw, end);
    } else {
      const char *letter = strchr(letters, *raw);
      text_add(t, (unsigned char)(letter ? meaning[letter - letters] : *raw));
      raw++;
    }
  }
}

static const struct reduce_rule *find_rule(const struct reduce_rule *rule,
                                           const char *key, size_t len) {
  const struct reduce_rule *any = NULL;
  for (; rule->key != NULL; rule++) {
    if (strncmp(rule->key, key, len) == 0 && rule->key[len] == '\0')
      return rule;
    if (strcmp(rule->key, "*") == 0)
      any = rule;
  }
  return any;
}

/* A NUL inside matches nothing: json-c would cut the key there. */
static const struct reduce_rule *match_key(const struct reduce_rule *rules,
                                           const char *raw, const char *end) {
  struct text key;
  decode(&key, raw, end);
  if (key.has_nul)
    return NULL;
  if (key.len > REDUCE_MAX_KEY)
    return find_rule(rules, "*", 1);
  return find_rule(rules, key.bytes, key.len);
}

static const char *begin_key(struct reducer *r, const char *p) {
  r->walk = IN_KEY;
  r->key_start = r->out_len;
  r->copying = true;
  put_separator(r, p);
  put_char(r, p, '"');
  open_token(r, '"');
  return p + 1;
}

/* A key that only "*" could match, where there is none, is not collected. Where
 * there is one, a key longer than the limit is an overflow before its end is
 * seen, even if a NUL near its end would have dropped it. */
static void copy(struct reducer *r, const char *bytes, size_t len) {
  if (r->walk == IN_KEY && r->out_len - r->key_start + len > KEY_SLACK &&
      find_rule(r->tables[r->depth], "*", 1) == NULL) {
    r->copying = false;
    r->out_len = r->key_start;
  } else {
    put(r, bytes, bytes, len);
  }
}

static void end_key(struct reducer *r, const char *where) {
  r->walk = BY_RULES;
  r->member = NULL;
  if (!r->copying)
    return;
  const char *raw = r->out + r->key_start;
  raw += *raw == ',' ? 2 : 1;
  const char *end = r->out + r->out_len - 1;
  r->member = match_key(r->tables[r->depth], raw, end);
  if (r->member == NULL)
    r->out_len = r->key_start;
  else
    put_char(r, where, ':');
}

/* ---- by rules ---- */

enum plan { PLAN_DROP, PLAN_KEEP, PLAN_ENTER, PLAN_COUNT, PLAN_EMPTY };

static enum plan plan_element(struct reducer *r, enum byte_class class,
                              const struct reduce_rule **children) {
  if (r->tables[r->depth] == counted) {
    r->count++;
    return PLAN_DROP;
  }
  *children = r->tables[r->depth];
  if (class == OPEN_ARRAY)
    return PLAN_EMPTY;
  return class == OPEN_OBJECT ? PLAN_ENTER : PLAN_KEEP;
}

static enum plan plan_member(const struct reduce_rule *rule,
                             enum byte_class class,
                             const struct reduce_rule **children) {
  if (rule == NULL)
    return PLAN_DROP;
  if (rule->action == REDUCE_KEEP ||
      (class != OPEN_OBJECT && class != OPEN_ARRAY))
    return PLAN_KEEP;
  if (rule->action == REDUCE_SCALAR)
    return PLAN_EMPTY;
  if (rule->action == REDUCE_COUNT)
    return class == OPEN_ARRAY ? PLAN_COUNT : PLAN_EMPTY;
  *children = rule->children != NULL ? rule->children : no_rules;
  return PLAN_ENTER;
}

/* What becomes of the value that begins here. */
static enum plan plan_value(struct reducer *r, enum byte_class class,
                            const struct reduce_rule **children) {
  if (r->state == MEMBER_VALUE)
    return plan_member(r->member, class, children);
  if (r->state != DOCUMENT)
    return plan_element(r, class, children);
  const struct reduce_rule document = {NULL, REDUCE_ENTER, r->rules};
  return plan_member(&document, class, children);
}

static const char *enter(struct reducer *r, const char *p,
                         enum byte_class class,
                         const struct reduce_rule *children) {
  if (push(r, p, class)) {
    r->tables[r->depth] = children;
    r->state = class == OPEN_OBJECT ? FIRST_KEY : FIRST_ELEMENT;
    if (children == counted)
      r->count = 0;
    else
      put_char(r, p, *p);
  }
  return p + 1;
}

static const char *begin_value(struct reducer *r, const char *p,
                               enum byte_class class) {
  const struct reduce_rule *children = counted;
  enum plan plan = plan_value(r, class, &children);
  if (plan != PLAN_DROP && r->depth > 0 && r->state != MEMBER_VALUE)
    put_separator(r, p);
  if (plan == PLAN_ENTER || plan == PLAN_COUNT)
    return enter(r, p, class, children);
  if (plan == PLAN_EMPTY)
    put(r, p, class == OPEN_OBJECT ? "{}" : "[]", 2);
  r->walk = SKIM;
  r->base = r->depth;
  r->copying = plan == PLAN_KEEP;
  if (class == OPEN_OBJECT || class == OPEN_ARRAY)
    return p;
  r->state = next_state[r->state][class];
  open_token(r, *p);
  if (class != QUOTE)
    return p;
  if (r->copying)
    put_char(r, p, '"');
  return p + 1;
}

static const char *end_level(struct reducer *r, const char *p) {
  if (r->tables[r->depth] == counted) {
    char number[24];
    int len =
        snprintf(number, sizeof(number), "%llu", (unsigned long long)r->count);
    put(r, p, number, (size_t)len);
  } else {
    put_char(r, p, *p);
  }
  r->state = r->after[--r->depth];
  return p + 1;
}

/* `p` is not at white space. */
static const char *by_rules(struct reducer *r, const char *p) {
  enum byte_class class = byte_class[(unsigned char)*p];
  enum state next = next_state[r->state][class];
  if (next == WRONG) {
    fail(r, p, expected[r->state]);
    return p;
  }
  switch (class) {
  case COMMA:
  case COLON:
    r->state = next;
    return p + 1;
  case CLOSE_OBJECT:
  case CLOSE_ARRAY:
    return end_level(r, p);
  default:
    if (next != AFTER_KEY)
      return begin_value(r, p, class);
    r->state = next;
    return begin_key(r, p);
  }
}

/* ---- the interface ---- */

static const char *advance(struct reducer *r, const char *p, const char *end) {
  if (r->token == NO_TOKEN) {
    p = skip_space(p, end);
    if (p == end)
      return p;
    if (r->walk == BY_RULES)
      return by_rules(r, p);
  }
  const char *start = p;
  p = r->token != NO_TOKEN ? read_token(r, p, end) : skim(r, p, end);
  if (r->copying && !r->failed)
    copy(r, start, (size_t)(p - start));
  if (r->token != NO_TOKEN || r->failed)
    return p;
  if (r->walk == IN_KEY)
    end_key(r, p);
  else if (r->depth == r->base)
    r->walk = BY_RULES;
  return p;
}

int reducer_feed(struct reducer *r, const char *bytes, size_t len) {
  if (len == 0)
    return r->failed ? -1 : 0;
  const char *p = bytes, *end = bytes + len;
  r->piece = bytes;
  while (p < end && !r->failed)
    p = advance(r, p, end);
  r->offset += len;
  return r->failed ? -1 : 0;
}

int reducer_finish(struct reducer *r, const char **json, size_t *len) {
  if (number_may_end(r->token) && r->depth == 0)
    r->token = NO_TOKEN;
  if (!r->failed && (r->state != DONE || r->token != NO_TOKEN)) {
    r->piece = "";
    fail(r, r->piece,
         r->state == DOCUMENT ? "the document is empty"
                              : "the document is cut short");
  }
  if (r->failed)
    return -1;
  r->out[r->out_len] = '\0';
  *json = r->out;
  *len = r->out_len;
  return 0;
}

const char *reducer_error(const struct reducer *r) { return r->error; }

int reducer_overflowed(const struct reducer *r) { return r->overflowed; }

struct reducer *reducer_create(const struct reduce_rule *rules,
                               size_t max_out) {
  struct reducer *r = calloc(1, sizeof(*r));
  if (r == NULL)
    return NULL;
  r->rules = rules;
  r->max_out = max_out < SIZE_MAX / 4 ? max_out : SIZE_MAX / 4;
  r->state = DOCUMENT;
  r->after[0] = DONE;
  return r;
}

void reducer_destroy(struct reducer *r) {
  if (r == NULL)
    return;
  free(r->out);
  free(r);
}
