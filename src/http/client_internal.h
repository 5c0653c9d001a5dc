/* SPDX-License-Identifier: MIT */
/* client_internal.h - what client.c, engine.c and http_errors.c share. */
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
  HTTP_FAILED,  /* not started, queued for http_engine_run() */
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

/* How far the last attempt came; libcurl's times add up all attempts. */
enum http_stage { HTTP_STAGE_NAME, HTTP_STAGE_SOCKET, HTTP_STAGE_REQUEST };

struct http_shard { /* a multi handle and the connections of some clients */
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
  char *files[HTTP_TLS_FILES]; /* of TLS; NULL: none */
  struct curl_slist *headers;  /* of every request */
  struct curl_slist *token;    /* of this request; its tail is `headers` */
  uint64_t max_body;
  bool post;
  bool closing;

  enum http_request_state state;
  enum http_stop stop;
  enum http_stage stage;
  bool again; /* the second attempt, on a new connection */
  int socket_errno;
  int watch_errno; /* of the last epoll_ctl() for its socket */
  size_t header_bytes;
  uint64_t received;
  double timeout;
  double started;
  double hung; /* when a lookup outlived the last request, else 0 */
  http_data_fn data;
  http_done_fn done;
  void *arg;
  TAILQ_ENTRY(http_client) link;
  char error[CURL_ERROR_SIZE]; /* libcurl's words, or ours when HTTP_FAILED */
};

TAILQ_HEAD(http_client_queue, http_client);

struct http_engine {
  int epoll;
  int wake; /* eventfd in `epoll` */
  struct http_shard **shards;
  uint32_t shard_count;
  int active;
  double counted; /* when `files` was counted */
  size_t files;   /* open descriptors, and those of lookups begun since */
  struct http_client_queue failed;
};

/* Seconds of CLOCK_MONOTONIC. */
double http_clock(void);
/* Rounded up, so that a wait never ends early and spins; at most a day. */
int http_milliseconds(double seconds);

/* The status of the answer; 0: none yet. */
long http_client_status(const struct http_client *c);
/* The files of TLS can be read: 0, or -1 with what was expected. */
int http_client_check_files(const struct http_client *c, char *err,
                            size_t err_size);
/* Calls `done`: a transfer has ended, or could not be started. */
void http_client_finish(struct http_client *c, CURLcode code);
void http_client_fail(struct http_client *c);

/* Why a transfer ended with `code`, and the words for it. */
enum http_error http_error_judge(const struct http_client *c, CURLcode code,
                                 char message[HTTP_MESSAGE_MAX]);

/* A shard with room for one more client; NULL without memory. */
struct http_shard *http_engine_shard(struct http_engine *engine);

/* Half of the descriptors of this process are in use. Call it once for each
 * lookup that depends on it. */
bool http_engine_is_short_of_files(struct http_engine *engine);

#endif
