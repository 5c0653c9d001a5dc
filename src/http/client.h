/* SPDX-License-Identifier: MIT */
/* client.h - many HTTP requests at once, each with a deadline and a byte cap.
 *
 * An engine drives the requests (on libcurl's multi handles). A client is one
 * server: its URL, credentials, TLS settings and connection, which is kept for
 * as long as the server keeps it. Only http and https, no redirects, no proxies
 * from the environment, TLS verified unless switched off.
 *
 * One thread drives an engine: every function is called from it, except
 * http_engine_wake(), which any thread may call. No logging; no secret appears
 * in a message. */
#ifndef HTTP_CLIENT_H
#define HTTP_CLIENT_H

#include "http/http_options.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Why a request failed. Beside each: its name, and what it covers. */
enum http_error {
  HTTP_OK,
  /* "connect": no name, no connection, or the connection was lost */
  HTTP_CONNECT,
  /* "timeout": the deadline passed; or the name is not looked up again, as the
   * last lookup may still hang and descriptors are short */
  HTTP_TIMEOUT,
  /* "http": status other than 200 (POST: 2xx), a redirect, or not HTTP */
  HTTP_HTTP,
  /* "tls": handshake or verification failed */
  HTTP_TLS,
  /* "parse": the body was cut short, or refused by the data function */
  HTTP_PARSE,
  /* "oversize": the body is larger than max_body */
  HTTP_OVERSIZE,
  HTTP_ERRORS
};

/* The name above; "" for HTTP_OK. */
const char *http_error_name(enum http_error error);

struct http_result {
  enum http_error error;
  long status;         /* HTTP status, 0 when none came */
  double duration;     /* seconds from the request to the last byte */
  uint64_t received;   /* bytes of body */
  const char *message; /* what went wrong and what was expected, for a person;
                          "" when all went well; valid during the call */
};

/* A piece of a body with status 200; not 0 ends the transfer as HTTP_PARSE. */
typedef int (*http_data_fn)(void *arg, const char *bytes, size_t len);
/* Called exactly once per http_get() and http_post(), from http_engine_run() or
 * http_client_destroy() (then with HTTP_CONNECT, "cancelled"). May start the
 * next request of the same client. */
typedef void (*http_done_fn)(void *arg, const struct http_result *result);

struct http_engine;
struct http_client;

/* libcurl as a whole: call it before other threads start. 0, or -1. */
int http_init(void);
void http_cleanup(void);

struct http_engine *http_engine_create(void);
void http_engine_destroy(struct http_engine *engine); /* after its clients */

/* NULL with the reason in `err`: bad URL, other scheme, unreadable file. */
struct http_client *http_client_create(struct http_engine *engine,
                                       const struct http_options *options,
                                       char *err, size_t err_size);
void http_client_destroy(struct http_client *c);

/* GETs base URL + `path` ("/api/health"). One request a client at a time.
 * `timeout` in seconds is the whole deadline. `done` always follows. */
void http_get(struct http_client *c, const char *path, double timeout,
              http_data_fn data, http_done_fn done, void *arg);

/* POSTs JSON to the client's URL; `body` is borrowed until `done`. With a
 * status of 2xx it has arrived, whatever becomes of the rest of the answer. */
void http_post(struct http_client *c, const char *body, double timeout,
               http_done_fn done, void *arg);

/* The seconds of the last answer's Retry-After; 0: it had none. */
double http_retry_after(const struct http_client *c);

/* Waits for something to happen, at most `wait` seconds, and does what is due.
 * Returns the number of requests under way, or -1 when the engine is broken. */
int http_engine_run(struct http_engine *engine, double wait);
void http_engine_wake(struct http_engine *engine);

#endif
