/* SPDX-License-Identifier: MIT */
#include "hublog/log_line.h"

#include <string.h>

#define ARRAY_LENGTH(a) (sizeof(a) / sizeof((a)[0]))

struct span { /* part of the line; p NULL: absent */
  const char *p;
  const char *end;
};

static size_t length(struct span s) { return (size_t)(s.end - s.p); }

static bool equals(struct span s, const char *word) {
  return s.p != NULL && length(s) == strlen(word) &&
         memcmp(s.p, word, length(s)) == 0;
}

static bool starts_with(struct span s, const char *word) {
  size_t n = strlen(word);
  return length(s) >= n && memcmp(s.p, word, n) == 0;
}

static bool ends_with(struct span s, const char *word) {
  size_t n = strlen(word);
  return length(s) >= n && memcmp(s.end - n, word, n) == 0;
}

static const char *find(struct span s, const char *word) {
  return memmem(s.p, length(s), word, strlen(word));
}

static bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* ---- events ---- */

/* False for other messages with a quoted name, which end in untrusted text. */
static bool is_name(struct span name) {
  static const char *const others[] = {"' error: ", "' failed to start ",
                                       "' streamable-http ", "' SSE transport ",
                                       "': "};
  for (size_t i = 0; i < ARRAY_LENGTH(others); i++)
    if (find(name, others[i]) != NULL)
      return false;
  return true;
}

static enum log_line_event named_event(struct span message) {
  static const struct {
    const char *start, *end;
    enum log_line_event event;
  } table[] = {
      {"'", "' MCP server connected", LOG_LINE_CONNECT},
      {"'", "' client connected to MCP HUB", LOG_LINE_CONNECT},
      {"'", "' transport closed", LOG_LINE_DISCONNECT},
      {"Server '", "' requires authorization", LOG_LINE_AUTH_REQUIRED},
  };
  for (size_t i = 0; i < ARRAY_LENGTH(table); i++) {
    size_t start = strlen(table[i].start), end = strlen(table[i].end);
    if (length(message) < start + end ||
        !starts_with(message, table[i].start) ||
        !ends_with(message, table[i].end))
      continue;
    struct span name = {message.p + start, message.end - end};
    return is_name(name) ? table[i].event : LOG_LINE_NO_EVENT;
  }
  return LOG_LINE_NO_EVENT;
}

/* True for "exhausted retries" after at most three words. */
static bool is_exhausted(struct span message) {
  for (int words = 0; words <= 3; words++) {
    if (starts_with(message, "exhausted retries"))
      return true;
    while (message.p < message.end && is_letter(*message.p))
      message.p++;
    if (message.p == message.end || *message.p++ != ' ')
      return false;
  }
  return false;
}

/* True for "OpenAI API error: 401 - …", "Gemini API call failed: …". */
static bool is_provider_error(struct span message) {
  static const char *const providers[] = {"OpenAI ", "Anthropic ", "Gemini "};
  static const char *const troubles[] = {
      " error",      " failed",          " rate limit exceeded",
      " overloaded", " API key invalid", " invalid request"};
  bool ours = false;
  for (size_t i = 0; i < ARRAY_LENGTH(providers); i++)
    ours = ours || starts_with(message, providers[i]);
  if (!ours)
    return false;
  const char *colon = memchr(message.p, ':', length(message));
  if (colon != NULL)
    message.end = colon;
  for (size_t i = 0; i < ARRAY_LENGTH(troubles); i++) {
    const char *at = find(message, troubles[i]);
    const char *after = at != NULL ? at + strlen(troubles[i]) : NULL;
    if (at != NULL && (after == message.end || !is_letter(*after)))
      return true;
  }
  return false;
}

/* In JSON the quote before the name is escaped. */
static bool is_failed_connect(struct span message) {
  return starts_with(message, "Failed to connect to \"") ||
         starts_with(message, "Failed to connect to \\\"");
}

static enum log_line_event event_of(struct span message) {
  if (message.p == NULL)
    return LOG_LINE_NO_EVENT;
  if (is_failed_connect(message))
    return LOG_LINE_CONNECT_FAILED;
  if (starts_with(message, "LLM API timeout after") ||
      starts_with(message, "Circuit breaker opened") || is_exhausted(message) ||
      is_provider_error(message))
    return LOG_LINE_LLM_ERROR;
  return named_event(message);
}

/* ---- JSON ---- */

enum walk { WHOLE, RAN_OUT, BROKEN };

struct members {       /* raw values; strings without quotes */
  bool has_level;      /* found the first "level" */
  struct span level;   /* string or number */
  struct span type;    /* first "type", if a string */
  struct span message; /* first "message", if a string */
  struct span msg;     /* last "msg", if a string */
  bool has_type, has_message;
};

static const char *skip_space(const char *p, const char *end) {
  while (p < end && (*p == ' ' || *p == '\t' || *p == '\r'))
    p++;
  return p;
}

/* `p` is after the opening quote. Returns the closing quote, or `end`. */
static const char *string_end(const char *p, const char *end) {
  while (p < end && *p != '"')
    p += *p == '\\' && end - p > 1 ? 2 : 1;
  return p;
}

/* `p` is at '{' or '['. Returns the container's end; NULL if incomplete. */
static const char *skip_nested(const char *p, const char *end) {
  size_t depth = 0;
  for (; p < end; p++) {
    if (*p == '"') {
      p = string_end(p + 1, end);
      if (p == end)
        return NULL;
    } else if (*p == '{' || *p == '[') {
      depth++;
    } else if ((*p == '}' || *p == ']') && --depth == 0) {
      return p + 1;
    }
  }
  return NULL;
}

/* Reads the value at `p` and returns its end; NULL if incomplete. */
static const char *read_value(const char *p, const char *end,
                              struct span *value, bool *is_string) {
  *is_string = *p == '"';
  *value = (struct span){p, p};
  if (*p == '"') {
    value->p = p + 1;
    value->end = string_end(p + 1, end);
    return value->end < end ? value->end + 1 : NULL;
  }
  if (*p == '{' || *p == '[')
    return skip_nested(p, end);
  while (p < end && memchr(",}] \t\r\"{[:", *p, 10) == NULL)
    p++;
  value->end = p;
  return p < end ? p : NULL;
}

static void note_member(struct members *m, struct span key, struct span value,
                        bool is_string) {
  const struct span absent = {NULL, NULL};
  if (equals(key, "msg")) {
    m->msg = is_string ? value : absent;
  } else if (equals(key, "level") && !m->has_level) {
    m->has_level = true;
    m->level = value;
  } else if (equals(key, "type") && !m->has_type) {
    m->has_type = true;
    m->type = is_string ? value : absent;
  } else if (equals(key, "message") && !m->has_message) {
    m->has_message = true;
    m->message = is_string ? value : absent;
  }
}

/* Reads the member at *p and moves *p behind its value. */
static enum walk walk_member(const char **p, const char *end,
                             struct members *m) {
  if (**p != '"')
    return BROKEN;
  struct span key = {*p + 1, string_end(*p + 1, end)};
  if (key.end == end)
    return RAN_OUT;
  const char *at = skip_space(key.end + 1, end);
  if (at < end && *at != ':')
    return BROKEN;
  at = at < end ? skip_space(at + 1, end) : end;
  if (at == end)
    return RAN_OUT;
  struct span value;
  bool is_string = false;
  const char *after = read_value(at, end, &value, &is_string);
  if (after == NULL)
    return RAN_OUT;
  if (after == at)
    return BROKEN;
  note_member(m, key, value, is_string);
  *p = after;
  return WHOLE;
}

/* `line` begins with '{'. */
static enum walk walk_object(struct span line, struct members *m) {
  const char *p = skip_space(line.p + 1, line.end);
  if (p < line.end && *p == '}')
    return skip_space(p + 1, line.end) == line.end ? WHOLE : BROKEN;
  while (p < line.end) {
    enum walk walk = walk_member(&p, line.end, m);
    if (walk != WHOLE)
      return walk;
    p = skip_space(p, line.end);
    if (p == line.end)
      return RAN_OUT;
    if (*p == '}')
      return skip_space(p + 1, line.end) == line.end ? WHOLE : BROKEN;
    if (*p != ',')
      return BROKEN;
    p = skip_space(p + 1, line.end);
  }
  return RAN_OUT;
}

/* ---- levels ---- */

static enum log_line_level level_of_number(struct span s) {
  unsigned n = 0;
  if (length(s) > 4)
    return LOG_LINE_OTHER;
  for (const char *p = s.p; p < s.end; p++) {
    if (*p < '0' || *p > '9')
      return LOG_LINE_OTHER;
    n = n * 10 + (unsigned)(*p - '0');
  }
  return n >= 50   ? LOG_LINE_ERROR
         : n >= 40 ? LOG_LINE_WARN
         : n >= 30 ? LOG_LINE_INFO
         : n >= 10 ? LOG_LINE_DEBUG
                   : LOG_LINE_OTHER;
}

static enum log_line_level level_of_word(struct span s) {
  static const struct {
    const char *word;
    enum log_line_level level;
  } words[] = {
      {"error", LOG_LINE_ERROR}, {"warn", LOG_LINE_WARN},
      {"info", LOG_LINE_INFO},   {"debug", LOG_LINE_DEBUG},
      {"fatal", LOG_LINE_ERROR}, {"trace", LOG_LINE_DEBUG},
  };
  for (size_t i = 0; i < ARRAY_LENGTH(words); i++)
    if (equals(s, words[i].word))
      return words[i].level;
  return LOG_LINE_OTHER;
}

/* ---- public functions ---- */

static struct log_line classify_json(const struct members *m, bool whole) {
  if (!m->has_level)
    return (struct log_line){true, level_of_word(m->type),
                             event_of(m->message)};
  enum log_line_level level = level_of_word(m->level);
  if (level == LOG_LINE_OTHER)
    level = level_of_number(m->level);
  return (struct log_line){true, level,
                           whole ? event_of(m->msg) : LOG_LINE_NO_EVENT};
}

struct log_line log_line_classify(const char *bytes, size_t len, bool cut) {
  struct span line = {bytes, bytes + len};
  if (len > 0 && bytes[len - 1] == '\r')
    line.end--;
  if (line.p == line.end || memchr(" \t}]", *line.p, 4) != NULL)
    return (struct log_line){false, LOG_LINE_OTHER, LOG_LINE_NO_EVENT};
  if (*line.p == '{') {
    struct members m = {0};
    enum walk walk = walk_object(line, &m);
    if (walk == WHOLE || (walk == RAN_OUT && cut))
      return classify_json(&m, walk == WHOLE && !cut);
  }
  return (struct log_line){true, LOG_LINE_OTHER,
                           cut ? LOG_LINE_NO_EVENT : event_of(line)};
}

const char *log_line_level_name(enum log_line_level level) {
  static const char *const names[LOG_LINE_LEVELS] = {
      [LOG_LINE_ERROR] = "error", [LOG_LINE_WARN] = "warn",
      [LOG_LINE_INFO] = "info",   [LOG_LINE_DEBUG] = "debug",
      [LOG_LINE_OTHER] = "other",
  };
  return names[level];
}

const char *log_line_event_name(enum log_line_event event) {
  static const char *const names[LOG_LINE_EVENTS] = {
      [LOG_LINE_NO_EVENT] = "none",
      [LOG_LINE_CONNECT] = "connect",
      [LOG_LINE_DISCONNECT] = "disconnect",
      [LOG_LINE_CONNECT_FAILED] = "connect_failed",
      [LOG_LINE_AUTH_REQUIRED] = "auth_required",
      [LOG_LINE_LLM_ERROR] = "llm_error",
  };
  return names[event];
}
