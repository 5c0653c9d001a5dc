/* SPDX-License-Identifier: MIT */
/* http_options_internal.h - what client.c takes from http_options.c. */
#ifndef HTTP_HTTP_OPTIONS_INTERNAL_H
#define HTTP_HTTP_OPTIONS_INTERNAL_H

#include "http/http_options.h"

#include <curl/curl.h>

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
