/* SPDX-License-Identifier: MIT */
/* log_line.h - one line of a hub's log -> what it says, without its words.
 *
 * Three shapes of line (the first byte decides between the first and the rest):
 *
 *   text      'alpha' MCP server connected
 *             No level: LOG_LINE_OTHER. An empty line and one that begins with
 *             a blank, '}' or ']' continues the message before and is no entry;
 *             any other further line of a message cannot be told from a new
 *             one and is an entry.
 *   own JSON  {"type":"info|warn|error|debug","message":…,"data":…,…}
 *             The first "type" and the first "message" count: the hub writes
 *             them before anything foreign.
 *   pino      {"level":"info" or 30,"time":…,"pid":…,…,"msg":…}
 *             Whatever has a "level" is of this shape. The first "level"
 *             counts (pino writes it first), 10 to 29 is debug, 30 info, 40
 *             warn, from 50 on error; and the last "msg" (pino writes it last,
 *             after the data of the caller, which may bring a "msg" along).
 *
 * Only the members of the outermost object are looked at. Keys and levels that
 * are written with escapes match nothing. A line that begins with '{' and is no
 * whole object is text, unless it was cut by the reader: then what was seen of
 * it counts, except a "msg", which need not be the last one. A message that is
 * itself cut is no event.
 *
 * Events are whole messages of the hub, anchored where the hub's own words
 * stand, so that the name X of a server, a prompt or an error of another
 * program cannot pretend to be one from within:
 *
 *   connect         'X' MCP server connected
 *                   'X' client connected to MCP HUB
 *   disconnect      'X' transport closed
 *   connect_failed  Failed to connect to "X"…
 *                   (apart from disconnect: the hub logs the closing of the
 *                   transport too, once or twice)
 *   auth_required   Server 'X' requires authorization
 *   llm_error       LLM API timeout after…
 *                   … exhausted retries…, after at most three words
 *                   Circuit breaker opened… (its reset is no event)
 *                   OpenAI|Anthropic|Gemini … error, … failed, … rate limit
 *                   exceeded, … overloaded, … API key invalid, … invalid
 *                   request; before the first colon
 *
 * In bare text a foreign line break starts a line like any other: what a client
 * calls itself can then add lines of its own. */
#ifndef HUBLOG_LOG_LINE_H
#define HUBLOG_LOG_LINE_H

#include <stdbool.h>
#include <stddef.h>

enum log_line_level {
  LOG_LINE_ERROR,
  LOG_LINE_WARN,
  LOG_LINE_INFO,
  LOG_LINE_DEBUG,
  LOG_LINE_OTHER, /* none, or none that is known */
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
  bool entry; /* false: it continues the message before; no level, no event */
  enum log_line_level level;
  enum log_line_event event;
};

/* `bytes` without the line feed; a carriage return at the end is ignored. `cut`
 * tells that the line goes on behind them. Linear in `len`, no memory. */
struct log_line log_line_classify(const char *bytes, size_t len, bool cut);

/* "error", "connect", …; as in the values' identities. */
const char *log_line_level_name(enum log_line_level level);
const char *log_line_event_name(enum log_line_event event);

#endif
