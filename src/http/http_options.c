/* SPDX-License-Identifier: MIT */
#include "http/http_options_internal.h"

#include "util/file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#define MAX_TOKEN_FILE 65536
#define EXPECTED_URL                                                           \
  "expected an http or https URL such as \"http://127.0.0.1:37373\""

/* Returns a new string, or NULL if out of memory. */
static char *join(const char *a, const char *b, const char *c) {
  size_t size = strlen(a) + strlen(b) + strlen(c) + 1;
  char *text = malloc(size);
  if (text != NULL)
    snprintf(text, size, "%s%s%s", a, b, c);
  return text;
}

static int complain(char *err, size_t err_size, const char *text) {
  snprintf(err, err_size, "%s", text);
  return -1;
}

/* ---- URL ---- */

/* Returns 1 if the part is present and not empty. */
static int url_has(CURLU *url, CURLUPart part, CURLUcode absent) {
  char *text = NULL;
  CURLUcode code = curl_url_get(url, part, &text, 0);
  int has = code != absent && (code != CURLUE_OK || *text != '\0');
  curl_free(text);
  return has;
}

static int url_is_http(CURLU *url) {
  char *scheme = NULL;
  if (curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK)
    return 0;
  int is = strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0;
  curl_free(scheme);
  return is;
}

/* libcurl accepts one to three slashes. */
static int has_two_slashes(const char *text) {
  const char *colon = strchr(text, ':');
  return colon != NULL && strncmp(colon, "://", 3) == 0 && colon[3] != '/';
}

static int url_has_port(CURLU *url) {
  char *port = NULL;
  if (curl_url_get(url, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) != CURLUE_OK)
    return 0;
  int usable = strtol(port, NULL, 10) > 0;
  curl_free(port);
  return usable;
}

CURLU *http_options_url(const char *text, bool post, char *err,
                        size_t err_size) {
  CURLU *url = curl_url();
  const char *wrong = NULL;
  if (url == NULL)
    wrong = "out of memory";
  else if (text == NULL || !has_two_slashes(text) ||
           curl_url_set(url, CURLUPART_URL, text, CURLU_PATH_AS_IS) !=
               CURLUE_OK ||
           !url_is_http(url) || !url_has(url, CURLUPART_HOST, CURLUE_NO_HOST) ||
           !url_has_port(url))
    wrong = EXPECTED_URL;
  else if (url_has(url, CURLUPART_USER, CURLUE_NO_USER) ||
           url_has(url, CURLUPART_PASSWORD, CURLUE_NO_PASSWORD))
    wrong = "expected a URL without a user name and password (set User and "
            "Password instead)";
  else if (!post && strpbrk(text, "?#") != NULL)
    wrong = "expected a URL without a query and fragment";
  else if (strchr(text, '#') != NULL)
    wrong = "expected a URL without a fragment";
  if (wrong == NULL)
    return url;
  complain(err, err_size, wrong);
  curl_url_cleanup(url);
  return NULL;
}

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

char *http_options_base(CURLU *url) {
  char *text = NULL;
  if (curl_url_get(url, CURLUPART_URL, &text, 0) != CURLUE_OK)
    return NULL;
  size_t len = strlen(text);
  while (len > 0 && text[len - 1] == '/')
    len--;
  char *base = strndup(text, len);
  curl_free(text);
  return base;
}

char *http_options_peer(CURLU *url) {
  char *host = NULL;
  char *port = NULL;
  char *peer = NULL;
  if (curl_url_get(url, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
      curl_url_get(url, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) == CURLUE_OK)
    peer = join(host, ":", port);
  curl_free(host);
  curl_free(port);
  return peer;
}

/* ---- bearer token ---- */

/* Trims the first line of `buf` in place; NULL unless it is a token. */
static char *first_token(char *buf) {
  buf += strspn(buf, " \t");
  buf[strcspn(buf, "\n")] = '\0';
  size_t n = strlen(buf);
  while (n > 0 && strchr(" \t\r", buf[n - 1]) != NULL)
    n--;
  buf[n] = '\0';
  for (size_t i = 0; i < n; i++)
    if (buf[i] <= ' ' || buf[i] > '~')
      return NULL;
  return n > 0 ? buf : NULL;
}

char *http_options_bearer(const char *path, char *err, size_t err_size) {
  struct stat st;
  size_t len = 0;
  char *buf = file_read(path, MAX_TOKEN_FILE, &st, &len, err, err_size);
  if (buf == NULL) {
    snprintf(err, err_size, "cannot read BearerTokenFile %s: %s", path,
             strerror(errno));
    return NULL;
  }
  char *token = first_token(buf);
  char *header = NULL;
  if (token == NULL)
    snprintf(err, err_size,
             "BearerTokenFile %s: expected a token on the first line", path);
  else if ((header = join("Authorization: Bearer ", token, "")) == NULL)
    complain(err, err_size, "out of memory");
  explicit_bzero(buf, len);
  free(buf);
  return header;
}

/* ---- checks ---- */

static bool is_printable(const char *text) {
  for (; *text != '\0'; text++)
    if ((unsigned char)*text < ' ' || *text == 0x7f)
      return false;
  return true;
}

/* The message must not contain the value: it may be a secret. */
static int check_header(const char *header, char *err, size_t err_size) {
  static const char token[] = "abcdefghijklmnopqrstuvwxyz"
                              "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                              "0123456789!#$%&'*+-.^_`|~";
  size_t name = strspn(header, token);
  const char *value = header + name + (header[name] == ':');
  value += strspn(value, " \t");
  if (name > 0 && header[name] == ':' && *value != '\0' && is_printable(value))
    return 0;
  return complain(err, err_size,
                  "Header: expected \"Name: value\" without control "
                  "characters");
}

int http_options_check_file(const char *option, const char *path, char *err,
                            size_t err_size) {
  if (path == NULL)
    return 0;
  struct stat st;
  int fd = file_open(path, &st);
  if (fd >= 0) {
    close(fd);
    return 0;
  }
  snprintf(err, err_size, "%s: \"%s\": expected a readable file: %s", option,
           path, strerror(errno));
  return -1;
}

static int check_login(const struct http_options *a, char *err,
                       size_t err_size) {
  if (a->password != NULL && a->user == NULL)
    return complain(err, err_size, "Password: expected a User beside it");
  if (a->user != NULL && a->bearer_file != NULL)
    return complain(err, err_size,
                    "expected either User or BearerTokenFile, not both");
  if (a->user != NULL && strchr(a->user, ':') != NULL)
    return complain(err, err_size, "User: expected a name without a colon");
  return 0;
}

int http_options_check(const struct http_options *options, char *err,
                       size_t err_size) {
  struct sockaddr_un un;
  if (options->unix_socket != NULL &&
      (*options->unix_socket == '\0' ||
       strlen(options->unix_socket) >= sizeof(un.sun_path))) {
    snprintf(err, err_size, "UnixSocket: expected a path of 1 to %zu bytes",
             sizeof(un.sun_path) - 1);
    return -1;
  }
  if (options->client_key != NULL && options->client_cert == NULL)
    return complain(err, err_size,
                    "ClientKey: expected a ClientCert beside "
                    "it");
  if (check_login(options, err, err_size) != 0 ||
      http_options_check_file("CACert", options->ca_cert, err, err_size) != 0 ||
      http_options_check_file("ClientCert", options->client_cert, err,
                              err_size) != 0 ||
      http_options_check_file("ClientKey", options->client_key, err,
                              err_size) != 0)
    return -1;
  for (size_t i = 0; options->headers != NULL && options->headers[i] != NULL;
       i++)
    if (check_header(options->headers[i], err, err_size) != 0)
      return -1;
  return 0;
}
