/* access.h - how a hub is reached: URL, credentials and TLS files, checked
 * before they are used. No message ever repeats a URL, a header or a secret. */
#ifndef HUB_ACCESS_H
#define HUB_ACCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <curl/curl.h>

struct fetch_access {         /* strings are copied */
  const char *url;            /* base; a path prefix is kept */
  bool post;                  /* for fetch_post() only: the URL is the target
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
int access_check(const struct fetch_access *access, char *err, size_t err_size);

/* A regular file that can be read: 0, or -1 with what was expected; `option` is
 * how users know it. No path, no file: 0. */
int access_check_file(const char *option, const char *path, char *err,
                      size_t err_size);

/* The parsed URL, freed by curl_url_cleanup(); NULL with what was expected. */
CURLU *access_url(const char *text, bool post, char *err, size_t err_size);

/* In memory of their own; NULL without memory: "http://host:7000/prefix" and
 * "host:7000". */
char *access_base(CURLU *url);
char *access_peer(CURLU *url);

/* "Authorization: Bearer ..." with the token on the first line of a file, to be
 * overwritten and freed; NULL with the reason. */
char *access_bearer(const char *path, char *err, size_t err_size);

#endif
