/* SPDX-License-Identifier: MIT */
/* http_options.h - options of a client: URL, credentials, TLS files. Messages
 * contain no URL, header or secret. */
#ifndef HTTP_HTTP_OPTIONS_H
#define HTTP_HTTP_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct http_options { /* the client copies all strings */
  const char *url;    /* base URL; a path prefix is kept */
  bool post; /* for http_post(): `url` is used unchanged, with its query */
  const char *unix_socket;    /* or NULL */
  const char *user;           /* or NULL */
  const char *password;       /* or NULL */
  const char *bearer_file;    /* read for each request; or NULL */
  const char *const *headers; /* "Name: value", NULL-terminated; or NULL */
  bool verify_peer;
  bool verify_host;
  const char *ca_cert;     /* or NULL */
  const char *client_cert; /* or NULL */
  const char *client_key;  /* or NULL */
  uint64_t max_body;       /* bytes */
};

/* Checks all but the URL. Returns 0, or -1 with a message. */
int http_options_check(const struct http_options *options, char *err,
                       size_t err_size);

/* Check a base URL, or the URL of a POST target. Return 0, or -1 with a
 * message. */
int http_check_url(const char *url, char *err, size_t err_size);
int http_check_target(const char *url, char *err, size_t err_size);

#endif
