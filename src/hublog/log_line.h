/* SPDX-License-Identifier: MIT */
/* log_line.h - classifies one line of a hub's log.
 *
 * The first byte decides whether a line is JSON. Three formats:
 *
 *   text      'alpha' MCP server connected
 *             No level: LOG_LINE_OTHER. An empty line, or one that begins
 *             with a blank, '}' or ']', continues the last message. Any other
 *             line counts as an entry.
 *   hub JSON  {"type":"info|warn|error|debug","message":…,"data":…,…}
 *             The first "type" and "message" count: the hub writes them
 *             before untrusted data.
 *   pino      {"level":"info" or 30,"time":…,"pid":…,…,"msg":…}
 *             Any object with "level". The first "level" counts: 10 to 29
 *             debug, 30 info, 40 warn, from 50 error. The last "msg" counts:
 *             pino writes it after the caller's data.
 *
 * Only members of the outermost object count. Keys and levels written with
 * escapes match nothing. A line that begins with '{' but is not a complete
 * object is text, unless log_tail cut it: then the members read so far count,
 * except "msg". A message that is cut is no event.
 *
 * An event must match a whole message of the hub, so that untrusted text in a
 * message (a server's name X, a prompt, an error) cannot forge one:
 *
 *   connect         'X' MCP server connected
 *                   'X' client connected to MCP HUB
 *   disconnect      'X' transport closed
 *   connect_failed  Failed to connect to "X"…
 *                   (the hub also logs one or two "transport closed")
 *   auth_required   Server 'X' requires authorization
 *   llm_error       LLM API timeout after…
 *                   … exhausted retries…, after at most three words
 *                   Circuit breaker opened… (not its reset)
 *                   OpenAI|Anthropic|Gemini … error, … failed, … rate limit
 *                   exceeded, … overloaded, … API key invalid, … invalid
 *                   request; before the first colon
 *
 * Limit: in text logs an untrusted line break starts a new line, so a client's
 * name can forge entries. Thread-safe: no state. */
#ifndef HUBLOG_LOG_LINE_H
#define HUBLOG_LOG_LINE_H

#include <stdbool.h>
#include <stddef.h>

enum log_line_level {
  LOG_LINE_ERROR,
  LOG_LINE_WARN,
  LOG_LINE_INFO,
  LOG_LINE_DEBUG,
  LOG_LINE_OTHER, /* no level, or an unknown one */
  LOG_LINE_LEVELS
};

enum log_line_event {
  LOG_LINE_NO_EVENT,
  LOG_LINE_CONNECT,
  LOG_LINE_DISCONNECT,
  LOG_LINE_CONNECT_FAILED,
  LOG_LINE_AUTH_REQUIRED,
  LOG_LINE_LLM_ERROR,
  LOG_LINE_EVENTS
};

struct log_line {
  bool entry; /* false: continues the last message, without level and event */
  enum log_line_level level;
  enum log_line_event event;
};

/* `bytes` excludes the line feed; a final carriage return is ignored. `cut`:
 * the line is longer than `len`. Linear in `len`, allocates nothing. */
struct log_line log_line_classify(const char *bytes, size_t len, bool cut);

/* Return "error", "connect", … as used in identifiers. */
const char *log_line_level_name(enum log_line_level level);
const char *log_line_event_name(enum log_line_event event);

#endif
