/* SPDX-License-Identifier: MIT */
/* http_options_internal.h - functions of http_options.c that client.c uses. */
#ifndef HTTP_HTTP_OPTIONS_INTERNAL_H
#define HTTP_HTTP_OPTIONS_INTERNAL_H

#include "http/http_options.h"

#include <curl/curl.h>

/* Checks that `path` is a readable regular file or NULL. Returns 0, or -1 with
 * a message that names `option`. */
int http_options_check_file(const char *option, const char *path, char *err,
                            size_t err_size);

/* Returns the parsed URL, to be freed with curl_url_cleanup(); NULL with a
 * message. */
CURLU *http_options_url(const char *text, bool post, char *err,
                        size_t err_size);

/* Return "http://host:7000/prefix" and "host:7000", to be freed by the caller;
 * NULL if out of memory. */
char *http_options_base(CURLU *url);
char *http_options_peer(CURLU *url);

/* Returns "Authorization: Bearer ..." with the token of the file's first line,
 * to be wiped and freed by the caller; NULL with a message. */
char *http_options_bearer(const char *path, char *err, size_t err_size);

#endif
