/* SPDX-License-Identifier: MIT */
/* libcurl tells which sockets it waits for, and epoll which of them are ready:
 * the cost of a request does not depend on how many others are under way, as it
 * would with curl_multi_poll() and curl_multi_perform(). A multi handle walks
 * all of its idle connections after each request, so clients are spread over
 * several. From a http_data_fn nothing of this file may be called. */
#include "http/client.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/queue.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <curl/curl.h>

#define MAX_DISCARD 16384     /* bytes of a body that nobody wants */
#define MAX_HEADERS 65536     /* bytes of all headers of an answer */
#define MAX_WAIT 86400.0      /* seconds; also of a deadline */
#define RECEIVE_BUFFER 65536L /* bytes, held only while reading */
#define EVENTS 64             /* taken at once */
#define LOOKUP_OUTLIVES 60.0  /* seconds that it may have outlived a request */
#define LOOKUP_FILES 4U /* descriptors: two of libcurl's, the resolver's */
#define RECOUNT 0.1     /* seconds until a lookup has opened its own */
#define SHARD_CLIENTS 256
#define WAKE UINT64_MAX  /* the eventfd's mark in epoll */
#define MESSAGE_SIZE 512 /* bytes */
#define AGENT "collectd-mcp_hub"

enum request_state {
  IDLE,
  RUNNING, /* added to the multi handle */
  FAILED,  /* could not be started, queued for http_engine_run() */
};

/* Why a callback ended the transfer. */
enum stop {
  STOP_NONE,
  STOP_STATUS,
  STOP_HEADERS,
  STOP_OVERSIZE,
  STOP_SINK,
  STOP_FILE,
  STOP_LOOKUP
};

#define FILES 3 /* of TLS: CACert, ClientCert, ClientKey */

/* Of the last attempt, while libcurl's times are those of all of them. */
enum stage { STAGE_NAME, STAGE_SOCKET, STAGE_REQUEST };

struct shard { /* a multi handle and the connections of some clients */
  struct http_engine *fetcher;
  CURLM *multi;
  size_t clients;
  uint32_t index;
};

struct http_client {
  struct http_engine *fetcher;
  struct shard *shard;
  CURL *easy;
  char *base; /* URL without trailing slashes */
  char *peer; /* "host:port" or the socket's path, for messages */
  char *bearer_file;
  char *files[FILES];         /* of TLS; NULL: none */
  struct curl_slist *headers; /* of every request */
  struct curl_slist *token;   /* of this request; its tail is `headers` */
  uint64_t max_body;
  bool post;
  bool closing;

  enum request_state state;
  enum stop stop;
  enum stage stage;
  bool again; /* the second attempt, on a connection of its own */
  int socket_errno;
  int watch_errno; /* of the last socket that was to be waited for */
  size_t header_bytes;
  uint64_t received;
  double timeout;
  double started;
  double hung; /* when a lookup outlived the last request, else 0 */
  http_data_fn data;
  http_done_fn done;
  void *arg;
  TAILQ_ENTRY(http_client) link;
  char error[CURL_ERROR_SIZE]; /* libcurl's words, or ours when FAILED */
};

TAILQ_HEAD(fetch_queue, http_client);

struct http_engine {
  int epoll;
  int wake; /* eventfd in `epoll` */
  struct shard **shards;
  uint32_t shard_count;
  int active;
  double counted; /* when descriptors were, and lookups since are added */
  size_t files;
  struct fetch_queue failed;
};

const char *http_error_name(enum http_error error) {
  static const char *const causes[HTTP_ERRORS] = {
      "", "connect", "timeout", "http", "tls", "parse", "oversize"};
  return (unsigned)error < HTTP_ERRORS ? causes[error] : "";
}

static double clock_seconds(void) {
  struct timespec t = {0};
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Rounded up, so that nobody spins through the last millisecond. */
static int milliseconds(double seconds) {
  if (!(seconds > 0))
    return 0;
  if (seconds > MAX_WAIT)
    seconds = MAX_WAIT;
  return (int)(seconds * 1000 + 0.999);
}

/* ---- bearer token ---- */

/* What keeps the request from being started; -1. */
static int cannot_start(struct http_client *c, const char *why) {
  snprintf(c->error, sizeof(c->error), "%s", why);
  return -1;
}

/* Puts the Authorization header in front of the fixed ones: 0, or -1 with the
 * reason in c->error. */
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

/* ---- what libcurl calls ---- */

static long http_status(const struct http_client *c) {
  long status = 0;
  curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &status);
  return status < 200 ? 0 : status; /* 1xx: the answer is yet to come */
}

static size_t stop(struct http_client *c, enum stop why) {
  c->stop = why;
  return 0;
}

static size_t on_header(char *bytes, size_t size, size_t count, void *arg) {
  (void)bytes;
  struct http_client *c = arg;
  size_t len = size * count;
  c->header_bytes += len;
  return c->header_bytes <= MAX_HEADERS ? len : stop(c, STOP_HEADERS);
}

static size_t on_body(char *bytes, size_t size, size_t count, void *arg) {
  struct http_client *c = arg;
  size_t len = size * count;
  if (len == 0)
    return 0;
  c->received += len;
  if (c->post || http_status(c) != 200)
    return c->received <= MAX_DISCARD ? len : stop(c, STOP_STATUS);
  if (c->received > c->max_body)
    return stop(c, STOP_OVERSIZE);
  if (c->data != NULL && c->data(c->arg, bytes, len) != 0)
    return stop(c, STOP_SINK);
  return len;
}

/* How many descriptors are open, or `most` and more; without /proc as well. */
static size_t count_files(size_t most) {
  DIR *dir = opendir("/proc/self/fd");
  size_t num = 0;
  if (dir == NULL)
    return most;
  while (num < most && readdir(dir) != NULL)
    num++;
  closedir(dir);
  return num;
}

/* Half of the descriptors that this process may have are taken, counting those
 * that lookups begun a moment ago are yet to open. The lowest free one tells
 * nothing: lookups end and leave holes. */
static bool is_short_of_files(struct http_engine *f) {
  struct rlimit most = {0};
  if (getrlimit(RLIMIT_NOFILE, &most) != 0)
    return false;
  double now = clock_seconds();
  if (now - f->counted > RECOUNT) {
    f->files = count_files(most.rlim_cur / 2);
    f->counted = now;
  }
  f->files += LOOKUP_FILES;
  return f->files >= most.rlim_cur / 2;
}

/* A lookup that outlives its request keeps a thread and sockets for as long as
 * resolv.conf lets it, and nothing ends it: many would leave none to others. */
static int on_resolve(void *resolver, void *reserved, void *arg) {
  (void)resolver;
  (void)reserved;
  struct http_client *c = arg;
  c->stage = STAGE_NAME;
  if (c->hung > 0 && clock_seconds() - c->hung < LOOKUP_OUTLIVES &&
      is_short_of_files(c->fetcher))
    c->stop = STOP_LOOKUP;
  return c->stop == STOP_LOOKUP;
}

static int on_request(void *arg, char *peer, char *own, int peer_port,
                      int own_port) {
  (void)peer;
  (void)own;
  (void)peer_port;
  (void)own_port;
  ((struct http_client *)arg)->stage = STAGE_REQUEST;
  return CURL_PREREQFUNC_OK;
}

static int check_files(const struct http_client *c, char *err,
                       size_t err_size) {
  static const char *const options[FILES] = {"CACert", "ClientCert",
                                             "ClientKey"};
  for (size_t i = 0; i < FILES; i++)
    if (http_options_check_file(options[i], c->files[i], err, err_size) != 0)
      return -1;
  return 0;
}

/* libcurl neither closes its sockets on exec nor tells why one was refused; it
 * would wait for ever for a pipe in the place of a certificate, and when it
 * tries again as a kept connection has ended, it keeps the first words. */
static curl_socket_t on_socket(void *arg, curlsocktype purpose,
                               struct curl_sockaddr *a) {
  (void)purpose;
  struct http_client *c = arg;
  c->error[0] = '\0';
  c->stage = STAGE_SOCKET;
  char unused[MESSAGE_SIZE];
  if (check_files(c, unused, sizeof(unused)) != 0) {
    c->stop = STOP_FILE;
    return CURL_SOCKET_BAD;
  }
  int fd = socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);
  c->socket_errno = fd < 0 ? errno : 0;
  return fd < 0 ? CURL_SOCKET_BAD : fd;
}

/* ---- judging the end of a transfer ---- */

static bool is_tls_error(CURLcode code) {
  switch (code) {
  case CURLE_SSL_CONNECT_ERROR:
  case CURLE_SSL_ENGINE_NOTFOUND:
  case CURLE_SSL_ENGINE_SETFAILED:
  case CURLE_SSL_ENGINE_INITFAILED:
  case CURLE_SSL_CERTPROBLEM:
  case CURLE_SSL_CIPHER:
  case CURLE_PEER_FAILED_VERIFICATION:
  case CURLE_USE_SSL_FAILED:
  case CURLE_SSL_CACERT_BADFILE:
  case CURLE_SSL_SHUTDOWN_FAILED:
  case CURLE_SSL_CRL_BADFILE:
  case CURLE_SSL_ISSUER_ERROR:
  case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
  case CURLE_SSL_INVALIDCERTSTATUS:
  case CURLE_SSL_CLIENTCERT:
    return true;
  default:
    return false;
  }
}

/* The kernel gives up on dead connections too, perhaps before the deadline. */
static bool is_deadline(const struct http_client *c, CURLcode code) {
  return code == CURLE_OPERATION_TIMEDOUT &&
         clock_seconds() - c->started >= 0.9 * c->timeout;
}

/* 5, 4.9, 0.25: no digits that change from read to read. */
static double rounded(double seconds) {
  double step = seconds < 1 ? 0.01 : 0.1;
  return seconds < step ? seconds : (double)(long)(seconds / step + 0.5) * step;
}

/* What a request that did not end has waited for. */
static const char *reached(const struct http_client *c) {
  long connects = 0;
  curl_easy_getinfo(c->easy, CURLINFO_NUM_CONNECTS, &connects);
  switch (c->stage) {
  case STAGE_NAME:
    return "name not resolved";
  case STAGE_SOCKET:
    return connects > 0 ? "connected, no TLS yet" : "not connected";
  default:
    return "connected";
  }
}

static enum http_error judge_timeout(const struct http_client *c,
                                     char *message) {
  snprintf(message, MESSAGE_SIZE,
           "no complete answer from %s within %g s (%s, %llu bytes received)",
           c->peer, rounded(c->timeout), reached(c),
           (unsigned long long)c->received);
  return HTTP_TIMEOUT;
}

static enum http_error judge_lookup(const struct http_client *c,
                                    char *message) {
  snprintf(message, MESSAGE_SIZE,
           "%s is not looked up now: its last lookup may still hang, and half "
           "of the file descriptors are taken",
           c->peer);
  return HTTP_TIMEOUT;
}

static enum http_error judge_unwatched(const struct http_client *c,
                                       char *message) {
  snprintf(message, MESSAGE_SIZE, "cannot wait for %s: %s", c->peer,
           strerror(c->watch_errno));
  return HTTP_CONNECT;
}

static enum http_error judge_status(long status, bool post, char *message) {
  snprintf(message, MESSAGE_SIZE, "HTTP status %ld%s, expected %s", status,
           status >= 300 && status < 400 ? " (redirects are not followed)" : "",
           post ? "2xx" : "200");
  return HTTP_HTTP;
}

static enum http_error judge_partial(const struct http_client *c,
                                     char *message) {
  curl_off_t announced = -1;
  curl_easy_getinfo(c->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &announced);
  if (announced >= 0)
    snprintf(message, MESSAGE_SIZE, "body ended after %llu of %lld bytes",
             (unsigned long long)c->received, (long long)announced);
  else
    snprintf(message, MESSAGE_SIZE,
             "body ended after %llu bytes, expected a last chunk",
             (unsigned long long)c->received);
  return HTTP_PARSE;
}

static enum http_error judge_connect(const struct http_client *c,
                                     char *message) {
  long os_errno = c->socket_errno;
  if (os_errno == 0)
    curl_easy_getinfo(c->easy, CURLINFO_OS_ERRNO, &os_errno);
  snprintf(message, MESSAGE_SIZE, "cannot connect to %s: %s", c->peer,
           os_errno != 0 ? strerror((int)os_errno) : "no address answered");
  return HTTP_CONNECT;
}

/* Names in a certificate are foreign text. */
static enum http_error judge_tls(const struct http_client *c, CURLcode code,
                                 char *message) {
  snprintf(message, MESSAGE_SIZE, "TLS with %s: %s", c->peer,
           c->error[0] != '\0' ? c->error : curl_easy_strerror(code));
  for (char *p = message; *p != '\0'; p++)
    if (*p < ' ' || *p > '~')
      *p = '?';
  return HTTP_TLS;
}

static enum http_error judge_files(const struct http_client *c, char *message) {
  if (check_files(c, message, MESSAGE_SIZE) == 0)
    snprintf(message, MESSAGE_SIZE, "a certificate or key was not readable");
  return HTTP_TLS;
}

static enum http_error judge_garbage(const char *what, char *message) {
  snprintf(message, MESSAGE_SIZE, "%s", what);
  return HTTP_HTTP;
}

static enum http_error judge_oversize(const struct http_client *c,
                                      char *message) {
  snprintf(message, MESSAGE_SIZE, "body larger than %llu bytes (MaxBodySize)",
           (unsigned long long)c->max_body);
  return HTTP_OVERSIZE;
}

/* The peer closed the connection without a word in TLS: an error of its own
 * from curl 8 on. In the words of OpenSSL and of GnuTLS. */
static bool is_unannounced_end(const char *error) {
  return strstr(error, "unexpected eof") != NULL ||
         strstr(error, "non-properly terminated") != NULL;
}

static enum http_error judge_code(const struct http_client *c, CURLcode code,
                                  char *message) {
  switch (code) {
  case CURLE_PARTIAL_FILE:
    return judge_partial(c, message);
  case CURLE_FILESIZE_EXCEEDED:
    return judge_oversize(c, message);
  case CURLE_COULDNT_CONNECT:
    return judge_connect(c, message);
  case CURLE_COULDNT_RESOLVE_HOST:
    snprintf(message, MESSAGE_SIZE, "cannot resolve the name of %s", c->peer);
    return HTTP_CONNECT;
  case CURLE_GOT_NOTHING:
    snprintf(message, MESSAGE_SIZE,
             "%s closed the connection without an answer", c->peer);
    return HTTP_CONNECT;
  case CURLE_UNSUPPORTED_PROTOCOL: /* HTTP/0.9 */
  case CURLE_WEIRD_SERVER_REPLY:
    return judge_garbage("not an HTTP answer", message);
  case CURLE_SEND_ERROR:
  case CURLE_RECV_ERROR:
    if (strstr(c->error, "alert") != NULL || /* TLS 1.3, after the handshake */
        strstr(c->error, "bad record mac") != NULL)
      return judge_tls(c, code, message);
    if (strstr(c->error, "chunk") != NULL)
      return judge_garbage("not an HTTP answer: malformed chunk", message);
    if (http_status(c) > 0 && is_unannounced_end(c->error))
      return judge_partial(c, message);
    /* fall through */
  case CURLE_OPERATION_TIMEDOUT: /* not ours: the kernel's */
    snprintf(message, MESSAGE_SIZE,
             "connection to %s lost after %llu bytes of body", c->peer,
             (unsigned long long)c->received);
    return HTTP_CONNECT;
  default:
    if (is_tls_error(code))
      return judge_tls(c, code, message);
    snprintf(message, MESSAGE_SIZE, "%s: %s", c->peer,
             curl_easy_strerror(code));
    return HTTP_CONNECT;
  }
}

static enum http_error judge(const struct http_client *c, CURLcode code,
                             char *message) {
  long status = http_status(c);
  message[0] = '\0';
  if (c->post && status / 100 == 2)
    return HTTP_OK;
  if (c->stop == STOP_LOOKUP)
    return judge_lookup(c, message);
  if (is_deadline(c, code))
    return c->watch_errno != 0 ? judge_unwatched(c, message)
                               : judge_timeout(c, message);
  if (c->stop == STOP_FILE)
    return judge_files(c, message);
  if (c->stop == STOP_HEADERS)
    return judge_garbage("headers larger than 65536 bytes", message);
  if (status != 0 && status != 200)
    return judge_status(status, c->post, message);
  if (c->stop == STOP_OVERSIZE)
    return judge_oversize(c, message);
  if (c->stop == STOP_SINK) {
    snprintf(message, MESSAGE_SIZE, "body refused");
    return HTTP_PARSE;
  }
  return code == CURLE_OK ? HTTP_OK : judge_code(c, code, message);
}

/* The last thing done with a request: the client may be gone afterwards. */
static void finish(struct http_client *c, enum http_error error, long status,
                   const char *message) {
  curl_off_t total = 0;
  if (error == HTTP_OK)
    curl_easy_getinfo(c->easy, CURLINFO_TOTAL_TIME_T, &total);
  struct http_result result = {
      .error = error,
      .status = status,
      .duration =
          total > 0 ? (double)total / 1e6 : clock_seconds() - c->started,
      .received = c->received,
      .message = message,
  };
  c->state = IDLE;
  c->fetcher->active--;
  drop_token(c);
  c->done(c->arg, &result);
}

/* A server may end a kept connection just as it is used again. libcurl then
 * takes another, but counts over all requests of a handle and gives up at each
 * sixth; with TLS it does not see that a connection has ended before. */
static bool was_kept_too_long(const struct http_client *c, CURLcode code) {
  long connects = 0;
  curl_easy_getinfo(c->easy, CURLINFO_NUM_CONNECTS, &connects);
  return (code == CURLE_SEND_ERROR || code == CURLE_RECV_ERROR) &&
         connects == 0 && c->header_bytes == 0 && !c->again;
}

/* 0, or -1: there is no time or memory left. */
static int ask_again(struct http_client *c) {
  int ms = milliseconds(c->started + c->timeout - clock_seconds());
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

static void finish_running(struct http_client *c, CURLcode code) {
  char message[MESSAGE_SIZE];
  enum http_error error = judge(c, code, message);
  long status = http_status(c);
  if (c->stop != STOP_LOOKUP)
    c->hung =
        error == HTTP_TIMEOUT && c->stage == STAGE_NAME ? clock_seconds() : 0;
  curl_multi_remove_handle(c->shard->multi, c->easy);
  if (!was_kept_too_long(c, code) || ask_again(c) != 0)
    finish(c, error, status, message);
}

static void finish_failed(struct http_client *c) {
  char message[CURL_ERROR_SIZE];
  memcpy(message, c->error, sizeof(message));
  TAILQ_REMOVE(&c->fetcher->failed, c, link);
  finish(c, HTTP_CONNECT, 0, message);
}

static void cancel(struct http_client *c) {
  if (c->state == RUNNING)
    curl_multi_remove_handle(c->shard->multi, c->easy);
  else if (c->state == FAILED)
    TAILQ_REMOVE(&c->fetcher->failed, c, link);
  if (c->state != IDLE)
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

/* Unless `headers` has one of that name. */
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
  if (c->post && (add_header(c, "Expect:") != 0 || /* no round trip more */
                  add_default(c, headers, "Content-Type: application/json")))
    return -1;
  return add_default(c, headers, "Accept: application/json");
}

/* Those that a request will need. */
static int copy_files(struct http_client *c, const struct http_options *a) {
  const char *const files[FILES] = {a->ca_cert, a->client_cert, a->client_key};
  bool tls = strncasecmp(a->url, "https", 5) == 0;
  for (size_t i = 0; i < FILES; i++)
    if (tls && files[i] != NULL && (c->files[i] = strdup(files[i])) == NULL)
      return -1;
  return 0;
}

static int copy_access(struct http_client *c, const struct http_options *a,
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

static int set_engine(struct http_client *c) {
  CURL *e = c->easy;
  SET(CURLOPT_PRIVATE, c);
  SET(CURLOPT_ERRORBUFFER, c->error);
  SET(CURLOPT_NOSIGNAL, 1L);
  SET(CURLOPT_QUICK_EXIT, 1L); /* a hanging getaddrinfo() must not hold us up */
  SET(CURLOPT_DNS_CACHE_TIMEOUT, 0L); /* each request would walk all of it */
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
  SET(CURLOPT_NOPROXY, "*"); /* a monitor talks to its hub itself */
  SET(CURLOPT_PROXY, "");
  SET(CURLOPT_USERAGENT, AGENT);
  SET(CURLOPT_HTTPHEADER, c->headers);
  return 0;
}

static int set_access(struct http_client *c, const struct http_options *a) {
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
  SET(CURLOPT_KEYPASSWD, ""); /* else a locked key waits for somebody to type */
  return 0;
}

/* ---- shards ---- */

/* NULL: a handle of libcurl's own. */
static struct http_client *client_of(CURL *easy) {
  char *c = NULL;
  curl_easy_getinfo(easy, CURLINFO_PRIVATE, &c);
  return (struct http_client *)(void *)c;
}

/* libcurl: wait for `what` on this socket; `known` is set after the first. What
 * cannot be waited for may go on with one of libcurl's timers, else it ends at
 * its deadline: an error would end the transfers of all clients of the multi
 * handle. */
static int on_watch(CURL *easy, curl_socket_t fd, int what, void *arg,
                    void *known) {
  struct shard *s = arg;
  int epoll = s->fetcher->epoll;
  struct epoll_event event = {.data.u64 =
                                  (uint64_t)s->index << 32 | (uint32_t)fd};
  if (what == CURL_POLL_REMOVE) {
    epoll_ctl(epoll, EPOLL_CTL_DEL, fd, &event);
    return 0;
  }
  if (what & CURL_POLL_IN)
    event.events |= EPOLLIN;
  if (what & CURL_POLL_OUT)
    event.events |= EPOLLOUT;
  int op = known != NULL ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
  int status = epoll_ctl(epoll, op, fd, &event);
  if (status != 0 && errno == ENOENT)
    status = epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
  else if (status != 0 && errno == EEXIST)
    status = epoll_ctl(epoll, EPOLL_CTL_MOD, fd, &event);
  int error = status != 0 ? errno : 0;
  struct http_client *c = client_of(easy);
  if (c != NULL)
    c->watch_errno = error;
  curl_multi_assign(s->multi, fd, s);
  return 0;
}

static void shard_destroy(struct shard *s) {
  if (s == NULL)
    return;
  assert(s->clients == 0);
  curl_multi_cleanup(s->multi);
  free(s);
}

static struct shard *shard_create(struct http_engine *f, uint32_t index) {
  struct shard *s = calloc(1, sizeof(*s));
  if (s == NULL)
    return NULL;
  s->fetcher = f;
  s->index = index;
  s->multi = curl_multi_init();
  /* One idle connection a client; libcurl's default follows the transfers. */
  if (s->multi == NULL ||
      curl_multi_setopt(s->multi, CURLMOPT_MAXCONNECTS, 2L * SHARD_CLIENTS) !=
          CURLM_OK ||
      curl_multi_setopt(s->multi, CURLMOPT_SOCKETFUNCTION, on_watch) !=
          CURLM_OK ||
      curl_multi_setopt(s->multi, CURLMOPT_SOCKETDATA, s) != CURLM_OK) {
    shard_destroy(s);
    return NULL;
  }
  return s;
}

/* One with room for another client; NULL without memory. */
static struct shard *find_shard(struct http_engine *f) {
  for (uint32_t i = 0; i < f->shard_count; i++)
    if (f->shards[i]->clients < SHARD_CLIENTS)
      return f->shards[i];
  size_t size = (f->shard_count + 1) * sizeof(struct shard *);
  struct shard **shards = realloc(f->shards, size);
  if (shards == NULL)
    return NULL;
  f->shards = shards;
  struct shard *s = shard_create(f, f->shard_count);
  if (s != NULL)
    f->shards[f->shard_count++] = s;
  return s;
}

/* ---- client ---- */

static int check_url(const char *text, bool post, char *err, size_t err_size) {
  CURLU *url = http_options_url(text, post, err, err_size);
  if (url == NULL)
    return -1;
  curl_url_cleanup(url);
  return 0;
}

int http_check_url(const char *url, char *err, size_t err_size) {
  return check_url(url, false, err, err_size);
}

int http_check_target(const char *url, char *err, size_t err_size) {
  return check_url(url, true, err, err_size);
}

static void free_client(struct http_client *c) {
  if (c->easy != NULL)
    curl_easy_cleanup(c->easy);
  curl_slist_free_all(c->headers);
  for (size_t i = 0; i < FILES; i++)
    free(c->files[i]);
  free(c->bearer_file);
  free(c->peer);
  free(c->base);
  free(c);
}

struct http_client *http_client_create(struct http_engine *f,
                                       const struct http_options *access,
                                       char *err, size_t err_size) {
  CURLU *url = http_options_url(access->url, access->post, err, err_size);
  if (url == NULL)
    return NULL;
  struct http_client *c = NULL;
  if (http_options_check(access, err, err_size) != 0)
    goto out;
  c = calloc(1, sizeof(*c));
  if (c != NULL) {
    c->fetcher = f;
    c->shard = find_shard(f);
    c->easy = curl_easy_init();
  }
  if (c != NULL && c->shard != NULL && c->easy != NULL &&
      copy_access(c, access, url) == 0 && set_engine(c) == 0 &&
      set_access(c, access) == 0) {
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
  c->closing = true; /* `done` may want to start the next one */
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
  int ms = milliseconds(c->timeout);
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
  assert(c->state == IDLE && c->post == (body != NULL));
  if (c->closing || c->state != IDLE)
    return;
  c->stop = STOP_NONE;
  c->stage = STAGE_NAME;
  c->again = false;
  c->socket_errno = 0;
  c->watch_errno = 0;
  c->header_bytes = 0;
  c->received = 0;
  c->timeout = timeout >= 0.001 ? timeout : 0.001;
  c->started = clock_seconds();
  c->data = data;
  c->done = done;
  c->arg = arg;
  c->error[0] = '\0';
  c->fetcher->active++;
  c->state = RUNNING;
  if (begin(c, path, body) != 0) {
    c->state = FAILED;
    TAILQ_INSERT_TAIL(&c->fetcher->failed, c, link);
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

/* ---- fetcher ---- */

struct http_engine *http_engine_create(void) {
  struct http_engine *f = calloc(1, sizeof(*f));
  if (f == NULL)
    return NULL;
  TAILQ_INIT(&f->failed);
  f->epoll = epoll_create1(EPOLL_CLOEXEC);
  f->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  struct epoll_event event = {.events = EPOLLIN, .data.u64 = WAKE};
  if (f->epoll >= 0 && f->wake >= 0 &&
      epoll_ctl(f->epoll, EPOLL_CTL_ADD, f->wake, &event) == 0)
    return f;
  http_engine_destroy(f);
  return NULL;
}

void http_engine_destroy(struct http_engine *f) {
  if (f == NULL)
    return;
  for (uint32_t i = 0; i < f->shard_count; i++)
    shard_destroy(f->shards[i]);
  free(f->shards);
  if (f->epoll >= 0)
    close(f->epoll);
  if (f->wake >= 0)
    close(f->wake);
  free(f);
}

/* Milliseconds until libcurl or the caller wants to go on. */
static int time_to_wait(const struct http_engine *f, double wait) {
  int least = milliseconds(wait);
  for (uint32_t i = 0; i < f->shard_count; i++) {
    long due = -1;
    curl_multi_timeout(f->shards[i]->multi, &due);
    if (due >= 0 && due < least)
      least = (int)due;
  }
  return least;
}

static int act(struct shard *s, curl_socket_t fd, int bits) {
  int running = 0;
  CURLMcode code = curl_multi_socket_action(s->multi, fd, bits, &running);
  return code == CURLM_OK ? 0 : -1;
}

static int drive_ready(struct http_engine *f, const struct epoll_event *event) {
  if (event->data.u64 == WAKE) {
    eventfd_t count = 0;
    eventfd_read(f->wake, &count);
    return 0;
  }
  int bits = 0;
  if (event->events & (EPOLLIN | EPOLLHUP | EPOLLERR))
    bits |= CURL_CSELECT_IN;
  if (event->events & (EPOLLOUT | EPOLLERR))
    bits |= CURL_CSELECT_OUT;
  struct shard *s = f->shards[event->data.u64 >> 32];
  return act(s, (curl_socket_t)(event->data.u64 & UINT32_MAX), bits);
}

static int drive_due(struct shard *s) {
  long due = -1;
  curl_multi_timeout(s->multi, &due);
  return due == 0 ? act(s, CURL_SOCKET_TIMEOUT, 0) : 0;
}

/* Those that failed before this run: `done` may queue the next one. */
static void deliver_failed(struct http_engine *f, size_t count) {
  for (; count > 0 && !TAILQ_EMPTY(&f->failed); count--)
    finish_failed(TAILQ_FIRST(&f->failed));
}

static void deliver_finished(struct shard *s) {
  int left = 0;
  CURLMsg *m = NULL;
  while ((m = curl_multi_info_read(s->multi, &left)) != NULL) {
    if (m->msg == CURLMSG_DONE)
      finish_running(client_of(m->easy_handle), m->data.result);
  }
}

int http_engine_run(struct http_engine *f, double wait) {
  struct epoll_event events[EVENTS];
  size_t failed = 0;
  struct http_client *c = NULL;
  TAILQ_FOREACH(c, &f->failed, link) failed++;
  int ms = failed == 0 ? time_to_wait(f, wait) : 0;
  int count = epoll_wait(f->epoll, events, EVENTS, ms);
  int status = count >= 0 || errno == EINTR ? 0 : -1;
  for (int i = 0; i < count; i++)
    status |= drive_ready(f, &events[i]);
  for (uint32_t i = 0; i < f->shard_count; i++)
    status |= drive_due(f->shards[i]);
  deliver_failed(f, failed);
  for (uint32_t i = 0; i < f->shard_count; i++)
    deliver_finished(f->shards[i]);
  return status == 0 ? f->active : -1;
}

void http_engine_wake(struct http_engine *f) { eventfd_write(f->wake, 1); }
