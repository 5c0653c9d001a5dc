/* SPDX-License-Identifier: MIT */
/* client.h - many HTTP requests at once, each with a deadline and a byte cap.
 *
 * A fetcher is the engine (a curl multi handle); a client is one server's
 * access: URL, credentials, TLS settings, and its connection, which is kept for
 * as long as the server keeps it. Only http and https, no redirects, no proxies
 * from the environment, TLS verified unless switched off.
 *
 * One thread drives a fetcher: every function is called from it, except
 * http_engine_wake(), which any thread may call. curl_global_init() is the
 * caller's (it must run before other threads start). No logging; no secret ever
 * appears in a message. */
#ifndef HTTP_CLIENT_H
#define HTTP_CLIENT_H

#include "http/http_options.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum http_error { /* why a request failed; the order is that of
                   * http_error_name()
                   */
                  HTTP_OK,
                  HTTP_CONNECT,  /* no name, no connection, or it was lost */
                  HTTP_TIMEOUT,  /* the deadline passed; at once: the lookup of
                                     the last request may still hang, and
                                     descriptors are short */
                  HTTP_HTTP,     /* another status than 200 (of a POST: 2xx), a
                                     redirect, or not HTTP */
                  HTTP_TLS,      /* handshake or verification failed */
                  HTTP_PARSE,    /* body cut short, or the sink refused it */
                  HTTP_OVERSIZE, /* body larger than max_body */
                  HTTP_ERRORS    /* number of the above */
};

/* "connect", "timeout", "http", "tls", "parse", "oversize"; "" for HTTP_OK. */
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

struct http_engine *http_engine_create(void);
void http_engine_destroy(struct http_engine *f); /* after all of its clients */

/* NULL with the reason in `err`: bad URL, other scheme, unreadable file. */
struct http_client *http_client_create(struct http_engine *f,
                                       const struct http_options *access,
                                       char *err, size_t err_size);
void http_client_destroy(struct http_client *c);

/* Checks a URL as http_client_create() would: 0, or -1 with what was expected.
 */
int http_check_url(const char *url, char *err, size_t err_size);
int http_check_target(const char *url, char *err, size_t err_size); /* `post` */

/* GETs base URL + `path` ("/api/health"). One request a client at a time.
 * `timeout` in seconds is the whole deadline. `done` always follows. */
void http_get(struct http_client *c, const char *path, double timeout,
              http_data_fn data, http_done_fn done, void *arg);

/* POSTs JSON to the client's URL; `body` is borrowed until `done`. With a
 * status of 2xx it has arrived, whatever becomes of the rest of the answer. */
void http_post(struct http_client *c, const char *body, double timeout,
               http_done_fn done, void *arg);

/* Seconds that the last answer asks to be spared for; 0: it does not. */
double http_retry_after(const struct http_client *c);

/* Waits for something to happen, at most `wait` seconds, and does what is due.
 * Returns the number of requests under way, or -1 when the engine is broken. */
int http_engine_run(struct http_engine *f, double wait);
void http_engine_wake(struct http_engine *f);

#endif
