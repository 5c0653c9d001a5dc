/* SPDX-License-Identifier: MIT */
/* A http_data_fn runs inside a libcurl transfer: it must not call functions of
 * this folder. */
#include "http/client_internal.h"

#include "http/http_options_internal.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_DISCARD 16384     /* bytes of a discarded body */
#define MAX_HEADERS 65536     /* bytes of all headers of a response */
#define RECEIVE_BUFFER 65536L /* bytes, allocated only during a transfer */
#define LOOKUP_OUTLIVES 60.0 /* seconds that a hung lookup is assumed to last */
#define AGENT "collectd-mcp_hub"

/* ---- bearer token ---- */

/* Stores the message for finish(); returns -1. */
static int cannot_start(struct http_client *c, const char *why) {
  snprintf(c->error, sizeof(c->error), "%s", why);
  return -1;
}

/* Prepends the Authorization header to the fixed headers. Returns 0, or -1 with
 * a message in c->error. */
static int add_token(struct http_client *c) {
  char *header =
      http_options_bearer(c->bearer_file, c->error, sizeof(c->error));
  if (header == NULL)
    return -1;
  c->token = curl_slist_append(NULL, header);
  explicit_bzero(header, strlen(header));
  free(header);
  if (c->token == NULL)
    return cannot_start(c, "out of memory");
  c->token->next = c->headers;
  return 0;
}

static void drop_token(struct http_client *c) {
  if (c->token == NULL)
    return;
  curl_easy_setopt(c->easy, CURLOPT_HTTPHEADER, c->headers);
  c->token->next = NULL;
  explicit_bzero(c->token->data, strlen(c->token->data));
  curl_slist_free_all(c->token);
  c->token = NULL;
}

/* ---- libcurl callbacks ---- */

long http_client_status(const struct http_client *c) {
  long status = 0;
  curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &status);
  return status < 200 ? 0 : status; /* 1xx: the final status follows */
}

static size_t stop(struct http_client *c, enum http_stop why) {
  c->stop = why;
  return 0;
}

static size_t on_header(char *bytes, size_t size, size_t count, void *arg) {
  (void)bytes;
  struct http_client *c = arg;
  size_t len = size * count;
  c->header_bytes += len;
  return c->header_bytes <= MAX_HEADERS ? len : stop(c, HTTP_STOP_HEADERS);
}

static size_t on_body(char *bytes, size_t size, size_t count, void *arg) {
  struct http_client *c = arg;
  size_t len = size * count;
  if (len == 0)
    return 0;
  c->received += len;
  if (c->post || http_client_status(c) != 200)
    return c->received <= MAX_DISCARD ? len : stop(c, HTTP_STOP_STATUS);
  if (c->received > c->max_body)
    return stop(c, HTTP_STOP_OVERSIZE);
  if (c->data != NULL && c->data(c->arg, bytes, len) != 0)
    return stop(c, HTTP_STOP_SINK);
  return len;
}

/* A lookup that outlives its request holds a thread and sockets until the
 * time-outs of resolv.conf; it cannot be cancelled. If descriptors are short, a
 * name whose last lookup hung is not resolved again. */
static int on_resolve(void *resolver, void *reserved, void *arg) {
  (void)resolver;
  (void)reserved;
  struct http_client *c = arg;
  c->stage = HTTP_STAGE_NAME;
  if (c->hung > 0 && http_clock() - c->hung < LOOKUP_OUTLIVES &&
      http_engine_is_short_of_files(c->engine))
    c->stop = HTTP_STOP_LOOKUP;
  return c->stop == HTTP_STOP_LOOKUP;
}

static int on_request(void *arg, char *peer, char *own, int peer_port,
                      int own_port) {
  (void)peer;
  (void)own;
  (void)peer_port;
  (void)own_port;
  ((struct http_client *)arg)->stage = HTTP_STAGE_REQUEST;
  return CURL_PREREQFUNC_OK;
}

int http_client_check_files(const struct http_client *c, char *err,
                            size_t err_size) {
  static const char *const options[HTTP_TLS_FILES] = {"CACert", "ClientCert",
                                                      "ClientKey"};
  for (size_t i = 0; i < HTTP_TLS_FILES; i++)
    if (http_options_check_file(options[i], c->files[i], err, err_size) != 0)
      return -1;
  return 0;
}

/* libcurl does not set close-on-exec, does not report errno of socket(), blocks
 * on a certificate file that is a pipe, and keeps the error message of a lost
 * connection when it retries. */
static curl_socket_t on_socket(void *arg, curlsocktype purpose,
                               struct curl_sockaddr *a) {
  (void)purpose;
  struct http_client *c = arg;
  c->error[0] = '\0';
  c->stage = HTTP_STAGE_SOCKET;
  char unused[HTTP_MESSAGE_MAX];
  if (http_client_check_files(c, unused, sizeof(unused)) != 0) {
    c->stop = HTTP_STOP_FILE;
    return CURL_SOCKET_BAD;
  }
  int fd = socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);
  c->socket_errno = fd < 0 ? errno : 0;
  return fd < 0 ? CURL_SOCKET_BAD : fd;
}

/* ---- end of a request ---- */

/* Ends a request. `done` may destroy the client: do not use it afterwards. */
static void finish(struct http_client *c, enum http_error error, long status,
                   const char *message) {
  curl_off_t total = 0;
  if (error == HTTP_OK)
    curl_easy_getinfo(c->easy, CURLINFO_TOTAL_TIME_T, &total);
  struct http_result result = {
      .error = error,
      .status = status,
      .duration = total > 0 ? (double)total / 1e6 : http_clock() - c->started,
      .received = c->received,
      .message = message,
  };
  c->state = HTTP_IDLE;
  c->engine->active--;
  drop_token(c);
  c->done(c->arg, &result);
}

/* True if the server closed a kept connection just as it was used again.
 * libcurl retries too, but counts per handle and fails at every sixth retry;
 * with TLS it detects the close only after sending. */
static bool was_kept_too_long(const struct http_client *c, CURLcode code) {
  long connects = 0;
  curl_easy_getinfo(c->easy, CURLINFO_NUM_CONNECTS, &connects);
  return (code == CURLE_SEND_ERROR || code == CURLE_RECV_ERROR) &&
         connects == 0 && c->header_bytes == 0 && !c->again;
}

/* Sends the request again on a new connection. Returns -1 if no time or memory
 * is left. */
static int send_again(struct http_client *c) {
  int ms = http_milliseconds(c->started + c->timeout - http_clock());
  c->again = true;
  c->error[0] = '\0';
  return ms > 0 &&
                 curl_easy_setopt(c->easy, CURLOPT_TIMEOUT_MS, (long)ms) ==
                     CURLE_OK &&
                 curl_easy_setopt(c->easy, CURLOPT_FRESH_CONNECT, 1L) ==
                     CURLE_OK &&
                 curl_multi_add_handle(c->shard->multi, c->easy) == CURLM_OK
             ? 0
             : -1;
}

void http_client_finish(struct http_client *c, CURLcode code) {
  char message[HTTP_MESSAGE_MAX];
  enum http_error error = http_error_judge(c, code, message);
  long status = http_client_status(c);
  if (c->stop != HTTP_STOP_LOOKUP)
    c->hung =
        error == HTTP_TIMEOUT && c->stage == HTTP_STAGE_NAME ? http_clock() : 0;
  curl_multi_remove_handle(c->shard->multi, c->easy);
  if (!was_kept_too_long(c, code) || send_again(c) != 0)
    finish(c, error, status, message);
}

void http_client_fail(struct http_client *c) {
  char message[CURL_ERROR_SIZE];
  memcpy(message, c->error, sizeof(message));
  TAILQ_REMOVE(&c->engine->failed, c, link);
  finish(c, HTTP_CONNECT, 0, message);
}

static void cancel(struct http_client *c) {
  if (c->state == HTTP_RUNNING)
    curl_multi_remove_handle(c->shard->multi, c->easy);
  else if (c->state == HTTP_FAILED)
    TAILQ_REMOVE(&c->engine->failed, c, link);
  if (c->state != HTTP_IDLE)
    finish(c, HTTP_CONNECT, 0, "cancelled");
}

/* ---- settings ---- */

static int add_header(struct http_client *c, const char *header) {
  struct curl_slist *list = curl_slist_append(c->headers, header);
  if (list == NULL)
    return -1;
  c->headers = list;
  return 0;
}

/* Adds the header unless `headers` has one with that name. */
static int add_default(struct http_client *c, const char *const *headers,
                       const char *header) {
  size_t name = strcspn(header, ":") + 1;
  for (size_t i = 0; headers != NULL && headers[i] != NULL; i++)
    if (strncasecmp(headers[i], header, name) == 0)
      return 0;
  return add_header(c, header);
}

static int copy_headers(struct http_client *c, const char *const *headers) {
  for (size_t i = 0; headers != NULL && headers[i] != NULL; i++)
    if (add_header(c, headers[i]) != 0)
      return -1;
  if (c->post && (add_header(c, "Expect:") != 0 || /* saves a round trip */
                  add_default(c, headers, "Content-Type: application/json")))
    return -1;
  return add_default(c, headers, "Accept: application/json");
}

/* Copies the paths of the TLS files for https. */
static int copy_files(struct http_client *c, const struct http_options *a) {
  const char *const files[HTTP_TLS_FILES] = {a->ca_cert, a->client_cert,
                                             a->client_key};
  bool tls = strncasecmp(a->url, "https", 5) == 0;
  for (size_t i = 0; i < HTTP_TLS_FILES; i++)
    if (tls && files[i] != NULL && (c->files[i] = strdup(files[i])) == NULL)
      return -1;
  return 0;
}

static int copy_options(struct http_client *c, const struct http_options *a,
                        CURLU *url) {
  c->base = a->post ? strdup(a->url) : http_options_base(url);
  c->post = a->post;
  c->peer =
      a->unix_socket != NULL ? strdup(a->unix_socket) : http_options_peer(url);
  c->bearer_file = a->bearer_file != NULL ? strdup(a->bearer_file) : NULL;
  c->max_body = a->max_body;
  if (c->base == NULL || c->peer == NULL ||
      (a->bearer_file != NULL && c->bearer_file == NULL) ||
      copy_files(c, a) != 0)
    return -1;
  return copy_headers(c, a->headers);
}

#define SET(option, value)                                                     \
  do {                                                                         \
    if (curl_easy_setopt(e, option, value) != CURLE_OK)                        \
      return -1;                                                               \
  } while (0)

static int set_fixed(struct http_client *c) {
  CURL *e = c->easy;
  SET(CURLOPT_PRIVATE, c);
  SET(CURLOPT_ERRORBUFFER, c->error);
  SET(CURLOPT_NOSIGNAL, 1L);
  SET(CURLOPT_QUICK_EXIT, 1L); /* a hanging getaddrinfo() must not block */
  /* each request would scan the whole cache */
  SET(CURLOPT_DNS_CACHE_TIMEOUT, 0L);
  SET(CURLOPT_BUFFERSIZE, RECEIVE_BUFFER);
  SET(CURLOPT_WRITEFUNCTION, on_body);
  SET(CURLOPT_WRITEDATA, c);
  SET(CURLOPT_HEADERFUNCTION, on_header);
  SET(CURLOPT_HEADERDATA, c);
  SET(CURLOPT_OPENSOCKETFUNCTION, on_socket);
  SET(CURLOPT_OPENSOCKETDATA, c);
  SET(CURLOPT_RESOLVER_START_FUNCTION, on_resolve);
  SET(CURLOPT_RESOLVER_START_DATA, c);
  SET(CURLOPT_PREREQFUNCTION, on_request);
  SET(CURLOPT_PREREQDATA, c);
  SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
  SET(CURLOPT_PROTOCOLS_STR, "http,https");
  SET(CURLOPT_FOLLOWLOCATION, 0L);
  SET(CURLOPT_PATH_AS_IS, 1L);
  SET(CURLOPT_NOPROXY, "*"); /* disables proxies of the environment */
  SET(CURLOPT_PROXY, "");
  SET(CURLOPT_USERAGENT, AGENT);
  SET(CURLOPT_HTTPHEADER, c->headers);
  return 0;
}

static int set_options(struct http_client *c, const struct http_options *a) {
  CURL *e = c->easy;
  uint64_t most = a->max_body < INT64_MAX ? a->max_body : INT64_MAX;
  SET(CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)(most > 0 ? most : 1));
  SET(CURLOPT_SSL_VERIFYPEER, a->verify_peer ? 1L : 0L);
  SET(CURLOPT_SSL_VERIFYHOST, a->verify_host ? 2L : 0L);
  if (a->unix_socket != NULL)
    SET(CURLOPT_UNIX_SOCKET_PATH, a->unix_socket);
  if (a->user != NULL) {
    SET(CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
    SET(CURLOPT_USERNAME, a->user);
    SET(CURLOPT_PASSWORD, a->password != NULL ? a->password : "");
  }
  if (a->ca_cert != NULL)
    SET(CURLOPT_CAINFO, a->ca_cert);
  if (a->client_cert != NULL)
    SET(CURLOPT_SSLCERT, a->client_cert);
  if (a->client_key != NULL)
    SET(CURLOPT_SSLKEY, a->client_key);
  /* else OpenSSL prompts for the passphrase of a key */
  SET(CURLOPT_KEYPASSWD, "");
  return 0;
}

/* ---- client ---- */

static void free_client(struct http_client *c) {
  if (c->easy != NULL)
    curl_easy_cleanup(c->easy);
  curl_slist_free_all(c->headers);
  for (size_t i = 0; i < HTTP_TLS_FILES; i++)
    free(c->files[i]);
  free(c->bearer_file);
  free(c->peer);
  free(c->base);
  free(c);
}

struct http_client *http_client_create(struct http_engine *engine,
                                       const struct http_options *options,
                                       char *err, size_t err_size) {
  CURLU *url = http_options_url(options->url, options->post, err, err_size);
  if (url == NULL)
    return NULL;
  struct http_client *c = NULL;
  if (http_options_check(options, err, err_size) != 0)
    goto out;
  c = calloc(1, sizeof(*c));
  if (c != NULL) {
    c->engine = engine;
    c->shard = http_engine_shard(engine);
    c->easy = curl_easy_init();
  }
  if (c != NULL && c->shard != NULL && c->easy != NULL &&
      copy_options(c, options, url) == 0 && set_fixed(c) == 0 &&
      set_options(c, options) == 0) {
    c->shard->clients++;
    goto out;
  }
  snprintf(err, err_size, "out of memory, or a libcurl without TLS");
  if (c != NULL)
    free_client(c);
  c = NULL;
out:
  curl_url_cleanup(url);
  return c;
}

void http_client_destroy(struct http_client *c) {
  if (c == NULL || c->closing)
    return;
  c->closing = true; /* `done` must not start a request */
  cancel(c);
  c->shard->clients--;
  free_client(c);
}

/* ---- requests ---- */

static int set_request(struct http_client *c, const char *path) {
  if (c->bearer_file != NULL && add_token(c) != 0)
    return -1;
  char *url = NULL;
  if (asprintf(&url, "%s%s", c->base, path) < 0)
    return cannot_start(c, "out of memory");
  int ms = http_milliseconds(c->timeout);
  CURL *e = c->easy;
  CURLcode code = curl_easy_setopt(e, CURLOPT_URL, url);
  free(url);
  if (code == CURLE_OK && c->token != NULL)
    code = curl_easy_setopt(e, CURLOPT_HTTPHEADER, c->token);
  if (code == CURLE_OK)
    code = curl_easy_setopt(e, CURLOPT_FRESH_CONNECT, 0L);
  if (code == CURLE_OK)
    code = curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, ms > 0 ? (long)ms : 1L);
  return code == CURLE_OK ? 0 : cannot_start(c, curl_easy_strerror(code));
}

static int begin(struct http_client *c, const char *path, const char *body) {
  if (set_request(c, path) != 0)
    return -1;
  if (body != NULL &&
      (curl_easy_setopt(c->easy, CURLOPT_POSTFIELDSIZE_LARGE,
                        (curl_off_t)strlen(body)) != CURLE_OK ||
       curl_easy_setopt(c->easy, CURLOPT_POSTFIELDS, body) != CURLE_OK))
    return cannot_start(c, "out of memory");
  CURLMcode code = curl_multi_add_handle(c->shard->multi, c->easy);
  if (code == CURLM_OK)
    return 0;
  return cannot_start(c, curl_multi_strerror(code));
}

static void start(struct http_client *c, const char *path, const char *body,
                  double timeout, http_data_fn data, http_done_fn done,
                  void *arg) {
  assert(c->state == HTTP_IDLE && c->post == (body != NULL));
  if (c->closing || c->state != HTTP_IDLE)
    return;
  c->stop = HTTP_STOP_NONE;
  c->stage = HTTP_STAGE_NAME;
  c->again = false;
  c->socket_errno = 0;
  c->watch_errno = 0;
  c->header_bytes = 0;
  c->received = 0;
  c->timeout = timeout >= 0.001 ? timeout : 0.001;
  c->started = http_clock();
  c->data = data;
  c->done = done;
  c->arg = arg;
  c->error[0] = '\0';
  c->engine->active++;
  c->state = HTTP_RUNNING;
  if (begin(c, path, body) != 0) {
    c->state = HTTP_FAILED;
    TAILQ_INSERT_TAIL(&c->engine->failed, c, link);
  }
}

void http_get(struct http_client *c, const char *path, double timeout,
              http_data_fn data, http_done_fn done, void *arg) {
  start(c, path, NULL, timeout, data, done, arg);
}

void http_post(struct http_client *c, const char *body, double timeout,
               http_done_fn done, void *arg) {
  start(c, "", body, timeout, NULL, done, arg);
}

double http_retry_after(const struct http_client *c) {
  curl_off_t seconds = 0;
  curl_easy_getinfo(c->easy, CURLINFO_RETRY_AFTER, &seconds);
  return (double)seconds;
}

/* ---- libcurl initialisation ---- */

int http_init(void) {
  return curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK ? 0 : -1;
}

void http_cleanup(void) { curl_global_cleanup(); }
