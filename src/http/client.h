/* SPDX-License-Identifier: MIT */
/* client.h - concurrent HTTP requests, each with a deadline and a size limit.
 *
 * An engine drives the requests with libcurl's multi handles. A client is one
 * server: its URL, credentials, TLS settings and kept connection. Only http and
 * https; no redirects; no proxies of the environment; TLS certificates are
 * verified unless switched off.
 *
 * Thread-safety: all functions of an engine and its clients belong to one
 * thread, except http_engine_wake(). Nothing is logged; messages contain no
 * secrets. */
#ifndef HTTP_CLIENT_H
#define HTTP_CLIENT_H

#include "http/http_options.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Causes of a failed request, each with its name. */
enum http_error {
  HTTP_OK,
  /* "connect": name not resolved, no connection, or connection lost */
  HTTP_CONNECT,
  /* "timeout": the deadline passed; or the lookup was skipped because the last
   * one may still hang and descriptors are short */
  HTTP_TIMEOUT,
  /* "http": status other than 200 (POST: 2xx), a redirect, or not HTTP */
  HTTP_HTTP,
  /* "tls": handshake or verification failed */
  HTTP_TLS,
  /* "parse": the body was cut short, or the data function rejected it */
  HTTP_PARSE,
  /* "oversize": the body is larger than max_body */
  HTTP_OVERSIZE,
  HTTP_ERRORS
};

/* Returns the name above, "" for HTTP_OK. */
const char *http_error_name(enum http_error error);

struct http_result {
  enum http_error error;
  long status;         /* HTTP status; 0: none received */
  double duration;     /* seconds from the request to the last byte */
  uint64_t received;   /* bytes of body */
  const char *message; /* for people; "" on success; valid during the call */
};

/* Receives a part of a body with status 200. Nonzero aborts with HTTP_PARSE. */
typedef int (*http_data_fn)(void *arg, const char *bytes, size_t len);
/* Called once per http_get() and http_post(), from http_engine_run() or from
 * http_client_destroy() (with HTTP_CONNECT, "cancelled"). May start the
 * client's next request, except from http_client_destroy(). */
typedef void (*http_done_fn)(void *arg, const struct http_result *result);

struct http_engine;
struct http_client;

/* Initialises libcurl; call before other threads start. Returns 0 or -1. */
int http_init(void);
void http_cleanup(void);

struct http_engine *http_engine_create(void);
void http_engine_destroy(struct http_engine *engine); /* after all clients */

/* Copies `options`. Returns NULL with a message in `err`. */
struct http_client *http_client_create(struct http_engine *engine,
                                       const struct http_options *options,
                                       char *err, size_t err_size);
void http_client_destroy(struct http_client *c);

/* Requests base URL + `path` ("/api/health"). One request per client at a time.
 * `timeout`: seconds for the whole request. `done` is always called. */
void http_get(struct http_client *c, const char *path, double timeout,
              http_data_fn data, http_done_fn done, void *arg);

/* Posts JSON to the client's URL. `body` is borrowed until `done`. A status of
 * 2xx means success, even if the rest of the response is lost. */
void http_post(struct http_client *c, const char *body, double timeout,
               http_done_fn done, void *arg);

/* Returns the seconds of the last response's Retry-After header; 0: none. */
double http_retry_after(const struct http_client *c);

/* Waits at most `wait` seconds for activity and processes it. Returns the
 * number of active requests, or -1 on a failure of the engine. */
int http_engine_run(struct http_engine *engine, double wait);
void http_engine_wake(struct http_engine *engine);

#endif
