/* SPDX-License-Identifier: MIT */
/* http_options.h - how a server is reached: URL, credentials and TLS files,
 * checked before they are used. No message repeats a URL, a header or a secret.
 */
#ifndef HTTP_HTTP_OPTIONS_H
#define HTTP_HTTP_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct http_options {         /* strings are copied */
  const char *url;            /* base; a path prefix is kept */
  bool post;                  /* for http_post() only: the URL is the target
                                 as it stands, a query included */
  const char *unix_socket;    /* or NULL */
  const char *user;           /* or NULL */
  const char *password;       /* or NULL */
  const char *bearer_file;    /* read again for each request; or NULL */
  const char *const *headers; /* "Name: value", NULL-terminated; or NULL */
  bool verify_peer;
  bool verify_host;
  const char *ca_cert;     /* or NULL */
  const char *client_cert; /* or NULL */
  const char *client_key;  /* or NULL */
  uint64_t max_body;       /* bytes */
};

/* All but the URL: 0, or -1 with what was expected. */
int http_options_check(const struct http_options *options, char *err,
                       size_t err_size);

/* A URL as it stands in http_options, of a base or a target (`post`): 0, or -1
 * with what was expected. */
int http_check_url(const char *url, char *err, size_t err_size);
int http_check_target(const char *url, char *err, size_t err_size);

#endif
