/* SPDX-License-Identifier: MIT */
/* Cause and message of a request that failed. */
#include "http/client_internal.h"

#include <stdio.h>
#include <string.h>

const char *http_error_name(enum http_error error) {
  static const char *const causes[HTTP_ERRORS] = {
      "", "connect", "timeout", "http", "tls", "parse", "oversize"};
  return (unsigned)error < HTTP_ERRORS ? causes[error] : "";
}

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

/* ETIMEDOUT of the kernel gives the same code, possibly before the deadline. */
static bool is_deadline(const struct http_client *c, CURLcode code) {
  return code == CURLE_OPERATION_TIMEDOUT &&
         http_clock() - c->started >= 0.9 * c->timeout;
}

/* Few digits, so that the message is the same at each read: 5, 4.9, 0.25. */
static double rounded(double seconds) {
  double step = seconds < 1 ? 0.01 : 0.1;
  return seconds < step ? seconds : (double)(long)(seconds / step + 0.5) * step;
}

/* Describes how far a request came before its time-out. */
static const char *reached(const struct http_client *c) {
  long connects = 0;
  curl_easy_getinfo(c->easy, CURLINFO_NUM_CONNECTS, &connects);
  switch (c->stage) {
  case HTTP_STAGE_NAME:
    return "name not resolved";
  case HTTP_STAGE_SOCKET:
    return connects > 0 ? "connected, no TLS yet" : "not connected";
  default:
    return "connected";
  }
}

static enum http_error judge_timeout(const struct http_client *c,
                                     char *message) {
  snprintf(message, HTTP_MESSAGE_MAX,
           "no complete answer from %s within %g s (%s, %llu bytes received)",
           c->peer, rounded(c->timeout), reached(c),
           (unsigned long long)c->received);
  return HTTP_TIMEOUT;
}

static enum http_error judge_lookup(const struct http_client *c,
                                    char *message) {
  snprintf(message, HTTP_MESSAGE_MAX,
           "%s is not looked up now: its last lookup may still hang, and half "
           "of the file descriptors are taken",
           c->peer);
  return HTTP_TIMEOUT;
}

static enum http_error judge_unwatched(const struct http_client *c,
                                       char *message) {
  snprintf(message, HTTP_MESSAGE_MAX, "cannot wait for %s: %s", c->peer,
           strerror(c->watch_errno));
  return HTTP_CONNECT;
}

static enum http_error judge_status(long status, bool post, char *message) {
  snprintf(message, HTTP_MESSAGE_MAX, "HTTP status %ld%s, expected %s", status,
           status >= 300 && status < 400 ? " (redirects are not followed)" : "",
           post ? "2xx" : "200");
  return HTTP_HTTP;
}

static enum http_error judge_partial(const struct http_client *c,
                                     char *message) {
  curl_off_t announced = -1;
  curl_easy_getinfo(c->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &announced);
  if (announced >= 0)
    snprintf(message, HTTP_MESSAGE_MAX, "body ended after %llu of %lld bytes",
             (unsigned long long)c->received, (long long)announced);
  else
    snprintf(message, HTTP_MESSAGE_MAX,
             "body ended after %llu bytes, expected a last chunk",
             (unsigned long long)c->received);
  return HTTP_PARSE;
}

static enum http_error judge_connect(const struct http_client *c,
                                     char *message) {
  long os_errno = c->socket_errno;
  if (os_errno == 0)
    curl_easy_getinfo(c->easy, CURLINFO_OS_ERRNO, &os_errno);
  snprintf(message, HTTP_MESSAGE_MAX, "cannot connect to %s: %s", c->peer,
           os_errno != 0 ? strerror((int)os_errno) : "no address answered");
  return HTTP_CONNECT;
}

/* A certificate may contain any bytes: replace all but printable ASCII. */
static enum http_error judge_tls(const struct http_client *c, CURLcode code,
                                 char *message) {
  snprintf(message, HTTP_MESSAGE_MAX, "TLS with %s: %s", c->peer,
           c->error[0] != '\0' ? c->error : curl_easy_strerror(code));
  for (char *p = message; *p != '\0'; p++)
    if (*p < ' ' || *p > '~')
      *p = '?';
  return HTTP_TLS;
}

static enum http_error judge_files(const struct http_client *c, char *message) {
  if (http_client_check_files(c, message, HTTP_MESSAGE_MAX) == 0)
    snprintf(message, HTTP_MESSAGE_MAX, "a certificate or key was unreadable");
  return HTTP_TLS;
}

static enum http_error judge_garbage(const char *what, char *message) {
  snprintf(message, HTTP_MESSAGE_MAX, "%s", what);
  return HTTP_HTTP;
}

static enum http_error judge_oversize(const struct http_client *c,
                                      char *message) {
  snprintf(message, HTTP_MESSAGE_MAX,
           "body larger than %llu bytes (MaxBodySize)",
           (unsigned long long)c->max_body);
  return HTTP_OVERSIZE;
}

/* TLS end without close-notify, an error since curl 8; messages of OpenSSL and
 * GnuTLS. */
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
    snprintf(message, HTTP_MESSAGE_MAX, "cannot resolve the name of %s",
             c->peer);
    return HTTP_CONNECT;
  case CURLE_GOT_NOTHING:
    snprintf(message, HTTP_MESSAGE_MAX,
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
    if (http_client_status(c) > 0 && is_unannounced_end(c->error))
      return judge_partial(c, message);
    /* fall through */
  case CURLE_OPERATION_TIMEDOUT: /* ETIMEDOUT of the kernel */
    snprintf(message, HTTP_MESSAGE_MAX,
             "connection to %s lost after %llu bytes of body", c->peer,
             (unsigned long long)c->received);
    return HTTP_CONNECT;
  default:
    if (is_tls_error(code))
      return judge_tls(c, code, message);
    snprintf(message, HTTP_MESSAGE_MAX, "%s: %s", c->peer,
             curl_easy_strerror(code));
    return HTTP_CONNECT;
  }
}

enum http_error http_error_judge(const struct http_client *c, CURLcode code,
                                 char message[HTTP_MESSAGE_MAX]) {
  long status = http_client_status(c);
  message[0] = '\0';
  if (c->post && status / 100 == 2)
    return HTTP_OK;
  if (c->stop == HTTP_STOP_LOOKUP)
    return judge_lookup(c, message);
  if (is_deadline(c, code))
    return c->watch_errno != 0 ? judge_unwatched(c, message)
                               : judge_timeout(c, message);
  if (c->stop == HTTP_STOP_FILE)
    return judge_files(c, message);
  if (c->stop == HTTP_STOP_HEADERS)
    return judge_garbage("headers larger than 65536 bytes", message);
  if (status != 0 && status != 200)
    return judge_status(status, c->post, message);
  if (c->stop == HTTP_STOP_OVERSIZE)
    return judge_oversize(c, message);
  if (c->stop == HTTP_STOP_SINK) {
    snprintf(message, HTTP_MESSAGE_MAX, "body refused");
    return HTTP_PARSE;
  }
  return code == CURLE_OK ? HTTP_OK : judge_code(c, code, message);
}
