/* fetch.h - many HTTP requests at once, each with a deadline and a byte cap.
 *
 * A fetcher is the engine (a curl multi handle); a client is one server's
 * access: URL, credentials, TLS settings, and its connection, which is kept for
 * as long as the server keeps it. Only http and https, no redirects, no proxies
 * from the environment, TLS verified unless switched off.
 *
 * One thread drives a fetcher: every function is called from it, except
 * fetcher_wake(), which any thread may call. curl_global_init() is the caller's
 * (it must run before other threads start). No logging; no secret ever appears
 * in a message. */
#ifndef HUB_FETCH_H
#define HUB_FETCH_H

#include "hub/access.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum fetch_error { /* why a request failed; the order is that of fetch_cause()
                    */
                   FETCH_OK,
                   FETCH_CONNECT, /* no name, no connection, or it was lost */
                   FETCH_TIMEOUT, /* the deadline passed; at once: the lookup of
                                     the last request may still hang, and
                                     descriptors are short */
                   FETCH_HTTP,    /* another status than 200 (of a POST: 2xx), a
                                     redirect, or not HTTP */
                   FETCH_TLS,     /* handshake or verification failed */
                   FETCH_PARSE,   /* body cut short, or the sink refused it */
                   FETCH_OVERSIZE, /* body larger than max_body */
                   FETCH_ERRORS    /* number of the above */
};

/* "connect", "timeout", "http", "tls", "parse", "oversize"; "" for FETCH_OK. */
const char *fetch_cause(enum fetch_error error);

struct fetch_result {
  enum fetch_error error;
  long status;         /* HTTP status, 0 when none came */
  double duration;     /* seconds from the request to the last byte */
  uint64_t received;   /* bytes of body */
  const char *message; /* what went wrong and what was expected, for a person;
                          "" when all went well; valid during the call */
};

/* A piece of a body with status 200; not 0 ends the transfer as FETCH_PARSE. */
typedef int (*fetch_data_cb)(void *arg, const char *bytes, size_t len);
/* Called exactly once per fetch_start() and fetch_post(), from fetcher_run() or
 * fetch_client_destroy() (then with FETCH_CONNECT, "cancelled"). May start the
 * next request of the same client. */
typedef void (*fetch_done_cb)(void *arg, const struct fetch_result *result);

struct fetcher;
struct fetch_client;

struct fetcher *fetcher_create(void);
void fetcher_destroy(struct fetcher *f); /* after all of its clients */

/* NULL with the reason in `err`: bad URL, other scheme, unreadable file. */
struct fetch_client *fetch_client_create(struct fetcher *f,
                                         const struct fetch_access *access,
                                         char *err, size_t err_size);
void fetch_client_destroy(struct fetch_client *c);

/* Checks a URL as fetch_client_create() would: 0, or -1 with what was expected.
 */
int fetch_check_url(const char *url, char *err, size_t err_size);
int fetch_check_target(const char *url, char *err,
                       size_t err_size); /* `post` */

/* GETs base URL + `path` ("/api/health"). One request a client at a time.
 * `timeout` in seconds is the whole deadline. `done` always follows. */
void fetch_start(struct fetch_client *c, const char *path, double timeout,
                 fetch_data_cb data, fetch_done_cb done, void *arg);

/* POSTs JSON to the client's URL; `body` is borrowed until `done`. With a
 * status of 2xx it has arrived, whatever becomes of the rest of the answer. */
void fetch_post(struct fetch_client *c, const char *body, double timeout,
                fetch_done_cb done, void *arg);

/* Seconds that the last answer asks to be spared for; 0: it does not. */
double fetch_retry_after(const struct fetch_client *c);

/* Waits for something to happen, at most `wait` seconds, and does what is due.
 * Returns the number of requests under way, or -1 when the engine is broken. */
int fetcher_run(struct fetcher *f, double wait);
void fetcher_wake(struct fetcher *f);

#endif
