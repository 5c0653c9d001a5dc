/* SPDX-License-Identifier: MIT */
/* http_options.h - how a hub is reached: URL, credentials and TLS files,
 * checked before they are used. No message ever repeats a URL, a header or a
 * secret. */
#ifndef HTTP_HTTP_OPTIONS_H
#define HTTP_HTTP_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <curl/curl.h>

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
int http_options_check(const struct http_options *access, char *err,
                       size_t err_size);

/* A regular file that can be read: 0, or -1 with what was expected; `option` is
 * how users know it. No path, no file: 0. */
int http_options_check_file(const char *option, const char *path, char *err,
                            size_t err_size);

/* The parsed URL, freed by curl_url_cleanup(); NULL with what was expected. */
CURLU *http_options_url(const char *text, bool post, char *err,
                        size_t err_size);

/* In memory of their own; NULL without memory: "http://host:7000/prefix" and
 * "host:7000". */
char *http_options_base(CURLU *url);
char *http_options_peer(CURLU *url);

/* "Authorization: Bearer ..." with the token on the first line of a file, to be
 * overwritten and freed; NULL with the reason. */
char *http_options_bearer(const char *path, char *err, size_t err_size);

#endif
