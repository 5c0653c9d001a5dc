/* SPDX-License-Identifier: MIT */
/* client_internal.h - declarations shared by client.c, engine.c and
 * http_errors.c. */
#ifndef HTTP_CLIENT_INTERNAL_H
#define HTTP_CLIENT_INTERNAL_H

#include "http/client.h"

#include <sys/queue.h>

#include <curl/curl.h>

#define HTTP_MESSAGE_MAX 512 /* bytes */
#define HTTP_TLS_FILES 3     /* CACert, ClientCert, ClientKey */

enum http_request_state {
  HTTP_IDLE,
  HTTP_RUNNING, /* added to the multi handle */
  HTTP_FAILED,  /* not started; http_engine_run() reports it */
};

/* Why a callback ended the transfer. */
enum http_stop {
  HTTP_STOP_NONE,
  HTTP_STOP_STATUS,
  HTTP_STOP_HEADERS,
  HTTP_STOP_OVERSIZE,
  HTTP_STOP_SINK,
  HTTP_STOP_FILE,
  HTTP_STOP_LOOKUP
};

/* Progress of the last attempt; libcurl's times include all attempts. */
enum http_stage { HTTP_STAGE_NAME, HTTP_STAGE_SOCKET, HTTP_STAGE_REQUEST };

struct http_shard { /* a multi handle with the connections of its clients */
  struct http_engine *engine;
  CURLM *multi;
  size_t clients;
  uint32_t index;
};

struct http_client {
  struct http_engine *engine;
  struct http_shard *shard;
  CURL *easy;
  char *base; /* URL without trailing slashes */
  char *peer; /* "host:port" or the socket's path, for messages */
  char *bearer_file;
  char *files[HTTP_TLS_FILES]; /* TLS files; NULL: none */
  struct curl_slist *headers;  /* for every request */
  struct curl_slist *token; /* for the current request; followed by `headers` */
  uint64_t max_body;
  bool post;
  bool closing;

  enum http_request_state state;
  enum http_stop stop;
  enum http_stage stage;
  bool again; /* second attempt, on a new connection */
  int socket_errno;
  int watch_errno; /* errno of the last epoll_ctl() for its socket */
  size_t header_bytes;
  uint64_t received;
  double timeout;
  double started;
  double hung; /* time of a request that ended during a lookup, else 0 */
  http_data_fn data;
  http_done_fn done;
  void *arg;
  TAILQ_ENTRY(http_client) link;
  char error[CURL_ERROR_SIZE]; /* libcurl's message, or ours with HTTP_FAILED */
};

TAILQ_HEAD(http_client_queue, http_client);

struct http_engine {
  int epoll;
  int wake; /* eventfd, watched by `epoll` */
  struct http_shard **shards;
  uint32_t shard_count;
  int active;
  double counted; /* time of the last count of `files` */
  size_t files;   /* open descriptors, plus those of lookups started since */
  struct http_client_queue failed;
};

/* Seconds of CLOCK_MONOTONIC. */
double http_clock(void);
/* Rounds up, so that a wait never ends early; at most one day. */
int http_milliseconds(double seconds);

/* Returns the status of the response; 0: none yet. */
long http_client_status(const struct http_client *c);
/* Checks that the TLS files are readable. Returns 0, or -1 with a message. */
int http_client_check_files(const struct http_client *c, char *err,
                            size_t err_size);
/* End a request that ran, or that failed to start; call `done`. */
void http_client_finish(struct http_client *c, CURLcode code);
void http_client_fail(struct http_client *c);

/* Maps the end of a transfer to an error and its message. */
enum http_error http_error_judge(const struct http_client *c, CURLcode code,
                                 char message[HTTP_MESSAGE_MAX]);

/* Returns a shard with room for one more client; NULL if out of memory. */
struct http_shard *http_engine_shard(struct http_engine *engine);

/* True if at least half of this process's descriptors are in use. Call once per
 * lookup: each call adds that lookup's descriptors. */
bool http_engine_is_short_of_files(struct http_engine *engine);

#endif
