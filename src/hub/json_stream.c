/* SPDX-License-Identifier: MIT */
#include "hub/json_stream.h"

#include <stdio.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* ---- grammar between tokens ---- */

const uint8_t json_class[256] = {
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

#define VALUE_THEN(after)                                                      \
  [QUOTE] = (after), [NUMBER] = (after), [LITERAL] = (after),                  \
  [OPEN_OBJECT] = FIRST_KEY, [OPEN_ARRAY] = FIRST_ELEMENT

const uint8_t json_next[JSON_STATES][JSON_CLASSES] = {
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

static const char *const expected[JSON_STATES] = {
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

/* ---- errors ---- */

void json_fail(struct json_stream *s, const char *at, const char *what) {
  if (s->failed)
    return;
  uint64_t byte = s->offset + (uint64_t)(at - s->piece);
  snprintf(s->error, sizeof(s->error), "byte %llu: %s",
           (unsigned long long)byte, what);
  s->failed = true;
}

void json_fail_oversize(struct json_stream *s, const char *at,
                        const char *what) {
  s->oversize = !s->failed || s->oversize;
  json_fail(s, at, what);
}

void json_fail_unexpected(struct json_stream *s, const char *at) {
  json_fail(s, at, expected[s->state]);
}

/* ---- kept text ---- */

static void keep_bytes(struct json_stream *s, const char *at, const char *bytes,
                       size_t len) {
  if (len == 0 || !s->keeping)
    return;
  if (len > s->keep_max - s->texts.open_len) {
    s->keeping = false;
    return;
  }
  switch (text_add(&s->texts, bytes, len)) {
  case TEXT_OK:
    break;
  case TEXT_TOO_MUCH:
    json_fail_oversize(s, at, "too much text to keep");
    break;
  case TEXT_NO_MEMORY:
    json_fail(s, at, "out of memory");
  }
}

static void keep_code(struct json_stream *s, const char *at, unsigned code) {
  char utf8[4];
  size_t len = 0;
  if (code < 0x80) {
    utf8[len++] = (char)code;
  } else if (code < 0x800) {
    utf8[len++] = (char)(0xc0 | code >> 6);
  } else if (code < 0x10000) {
    utf8[len++] = (char)(0xe0 | code >> 12);
    utf8[len++] = (char)(0x80 | (code >> 6 & 0x3f));
  } else {
    utf8[len++] = (char)(0xf0 | code >> 18);
    utf8[len++] = (char)(0x80 | (code >> 12 & 0x3f));
    utf8[len++] = (char)(0x80 | (code >> 6 & 0x3f));
  }
  if (code >= 0x80)
    utf8[len++] = (char)(0x80 | (code & 0x3f));
  s->has_nul |= code == 0;
  keep_bytes(s, at, utf8, len);
}

/* Replaces a first half of a surrogate pair without its second half. */
static void keep_half_pair(struct json_stream *s, const char *at) {
  if (s->high != 0)
    keep_code(s, at, 0xfffd);
  s->high = 0;
}

static void keep_escaped(struct json_stream *s, const char *at) {
  unsigned code = s->code;
  if (s->high != 0 && code >= 0xdc00 && code < 0xe000) {
    code = 0x10000 + ((s->high - 0xd800) << 10) + (code - 0xdc00);
    s->high = 0;
  }
  keep_half_pair(s, at);
  if (code >= 0xd800 && code < 0xdc00)
    s->high = code;
  else
    keep_code(s, at, code >= 0xdc00 && code < 0xe000 ? 0xfffd : code);
}

/* ---- tokens ---- */

static bool ends_plain_text(char c) {
  return c == '"' || c == '\\' || (unsigned char)c < 0x20;
}

/* Returns the first quote, backslash or control character, or `end`. */
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

const char *json_plain_text_end(const char *p, const char *end) {
  return plain_text_end(p, end);
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* Returns the value of a hex digit, or -1. */
static int hex_digit(char c) {
  if (is_digit(c))
    return c - '0';
  char lower = (char)(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

static const char *read_hex(struct json_stream *s, const char *p) {
  int digit = hex_digit(*p);
  if (digit < 0) {
    json_fail(s, p, "expected four hex digits after \\u");
    return p;
  }
  s->code = s->code << 4 | (unsigned)digit;
  if (s->token != IN_HEX_1) {
    s->token++;
  } else {
    s->token = IN_STRING;
    keep_escaped(s, p);
  }
  return p + 1;
}

static const char *read_escape(struct json_stream *s, const char *p) {
  static const char letters[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
  const char *letter = *p != '\0' ? strchr(letters, *p) : NULL;
  if (s->token != IN_ESCAPE)
    return read_hex(s, p);
  if (*p == 'u') {
    s->token = IN_HEX_4;
    s->code = 0;
  } else if (letter != NULL) {
    s->token = IN_STRING;
    keep_half_pair(s, p);
    keep_bytes(s, p, &meanings[letter - letters], 1);
  } else {
    json_fail(s, p, "wrong escape in a string");
  }
  return p + 1;
}

static const char *read_plain_text(struct json_stream *s, const char *p,
                                   const char *end) {
  const char *stop = plain_text_end(p, end);
  if (s->high != 0 && (stop > p || (stop < end && *stop != '\\')))
    keep_half_pair(s, p);
  keep_bytes(s, p, p, (size_t)(stop - p));
  if (stop == end)
    return stop;
  if (*stop == '"')
    s->token = NO_TOKEN;
  else if (*stop == '\\')
    s->token = IN_ESCAPE;
  else
    json_fail(s, stop, "control character in a string");
  return stop + 1;
}

static const char *read_string(struct json_stream *s, const char *p,
                               const char *end) {
  while (p < end && s->token != NO_TOKEN && !s->failed)
    p = s->token == IN_STRING ? read_plain_text(s, p, end) : read_escape(s, p);
  return p;
}

/* Returns NO_TOKEN if `c` cannot continue the number. */
static enum json_token number_step(enum json_token token, char c) {
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

static bool number_may_end(enum json_token token) {
  return token == NUMBER_ZERO || token == NUMBER_INTEGER ||
         token == NUMBER_FRACTION || token == NUMBER_EXPONENT;
}

static const char *read_number(struct json_stream *s, const char *p,
                               const char *end) {
  const char *begin = p;
  for (; p < end; p++) {
    enum json_token next = number_step(s->token, *p);
    if (next == NO_TOKEN) {
      if (!number_may_end(s->token))
        json_fail(s, p, "expected a digit in a number");
      s->token = NO_TOKEN;
      break;
    }
    s->token = next;
  }
  keep_bytes(s, begin, begin, (size_t)(p - begin));
  return p;
}

static const char *read_literal(struct json_stream *s, const char *p,
                                const char *end) {
  for (; p < end && *s->literal != '\0'; p++, s->literal++) {
    if (*p != *s->literal) {
      json_fail(s, p, "expected true, false or null");
      return p;
    }
  }
  if (*s->literal == '\0')
    s->token = NO_TOKEN;
  return p;
}

const char *json_read_token(struct json_stream *s, const char *p,
                            const char *end) {
  if (s->token == IN_LITERAL)
    return read_literal(s, p, end);
  if (s->token >= NUMBER_START)
    return read_number(s, p, end);
  return read_string(s, p, end);
}

void json_open_token(struct json_stream *s, char first) {
  if (first == '"') {
    s->token = IN_STRING;
  } else if (json_class[(unsigned char)first] == NUMBER) {
    s->token = NUMBER_START;
  } else {
    s->token = IN_LITERAL;
    s->literal = first == 't' ? "true" : first == 'f' ? "false" : "null";
  }
}

/* ---- levels, skipped values ---- */

bool json_push(struct json_stream *s, const char *at, enum json_class open) {
  if (s->depth == JSON_STREAM_MAX_DEPTH) {
    json_fail(s, at, "nested too deeply");
    return false;
  }
  s->depth++;
  s->after[s->depth] = open == OPEN_OBJECT ? AFTER_MEMBER : AFTER_ELEMENT;
  return true;
}

const char *json_skip_space(const char *p, const char *end) {
  while (p < end && json_class[(unsigned char)*p] == SPACE)
    p++;
  return p;
}

/* The byte that usually follows a string. */
static const struct follower {
  char byte;
  uint8_t state;
} follower[JSON_STATES] = {
    [AFTER_KEY] = {':', MEMBER_VALUE},
    [AFTER_MEMBER] = {',', KEY},
    [AFTER_ELEMENT] = {',', ELEMENT},
};

/* `p` is at the opening quote. At an escape the string stays open. */
static inline const char *skip_string(struct json_stream *s, const char *p,
                                      const char *end, enum json_state *state) {
  p = plain_text_end(p + 1, end);
  if (p == end || *p != '"') {
    s->token = IN_STRING;
    return p;
  }
  p++;
  if (p < end && *p == follower[*state].byte) {
    *state = follower[*state].state;
    p++;
  }
  return p;
}

/* `p` is at a byte other than a quote or white space. */
static inline const char *skip_byte(struct json_stream *s, const char *p,
                                    const char *end, enum json_class class,
                                    enum json_state *state) {
  switch (class) {
  case OPEN_OBJECT:
  case OPEN_ARRAY:
    json_push(s, p, class);
    return p + 1;
  case CLOSE_OBJECT:
  case CLOSE_ARRAY:
    *state = s->after[--s->depth];
    return p + 1;
  case NUMBER:
  case LITERAL:
    json_open_token(s, *p);
    return json_read_token(s, p, end);
  default: /* comma, colon */
    return p + 1;
  }
}

const char *json_skip(struct json_stream *s, unsigned base, const char *p,
                      const char *end) {
  enum json_state state = s->state;
  while (p < end) {
    enum json_class class = json_class[(unsigned char)*p];
    enum json_state next = json_next[state][class];
    if (next == WRONG)
      json_fail(s, p, expected[state]);
    else if (class == QUOTE) /* the most frequent case */
      p = skip_string(s, p, end, &next);
    else if (class == SPACE)
      p = json_skip_space(p, end);
    else
      p = skip_byte(s, p, end, class, &next);
    state = next;
    if (s->token != NO_TOKEN || s->depth <= base || s->failed)
      break;
  }
  s->state = state;
  return p;
}

/* ---- public functions ---- */

void json_stream_init(struct json_stream *s, size_t max_text) {
  *s = (struct json_stream){.state = DOCUMENT, .texts = {.max = max_text}};
  s->after[0] = DONE;
}

void json_stream_clear(struct json_stream *s) {
  text_blocks_free(s->texts.block);
}

int json_stream_end(struct json_stream *s) {
  if (number_may_end(s->token) && s->depth == 0)
    s->token = NO_TOKEN;
  s->piece = "";
  if (s->state == DOCUMENT)
    json_fail(s, s->piece, "the document is empty");
  else if (s->state != DONE || s->token != NO_TOKEN)
    json_fail(s, s->piece, "the document is cut short");
  return s->failed ? -1 : 0;
}
