/* SPDX-License-Identifier: MIT */
/* Credentials, and what is checked before anything is sent. */
#include "http/world.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- credentials ---- */

static void headers_and_basic_login_arrive(void **state) {
  struct world *w = *state;
  const char *headers[] = {"X-Key: v", "accept: text/plain", NULL};
  struct http_options a = options_for(w->url);
  struct outcome *o = client_with(w, &a);
  get(o, "/short");
  assert_true(requested(w->server, "GET /short HTTP/1.1\r\n"));
  assert_true(requested(w->server, "\r\nAccept: application/json\r\n"));
  assert_true(requested(w->server, "\r\nUser-Agent: collectd-mcp_hub\r\n"));
  drop(o);
  a.headers = headers;
  a.user = "Aladdin";
  a.password = "open sesame";
  o = client_with(w, &a);
  get(o, "/short");
  assert_true(requested(w->server, "\r\nX-Key: v\r\n"));
  assert_true(requested(w->server, "\r\naccept: text/plain\r\n"));
  assert_null(strstr(w->server->request, "application/json"));
  assert_true(requested(w->server, "\r\nAuthorization: Basic "
                                   "QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n"));
  drop(o);
}

static void token_file_is_read_for_each_request(void **state) {
  struct world *w = *state;
  const char *path = in_temporary("token");
  struct http_options a = options_for(w->url);
  a.bearer_file = path;
  write_file(path, "  first.token \r\nsecond line\n");
  struct outcome *o = client_with(w, &a);
  get(o, "/short");
  assert_true(
      requested(w->server, "\r\nAuthorization: Bearer first.token\r\n"));
  assert_true(requested(w->server, "\r\nAccept: application/json\r\n"));
  write_file(path, "changed");
  get(o, "/short");
  assert_true(requested(w->server, "\r\nAuthorization: Bearer changed\r\n"));
  assert_int_equal(accepted(w->server), 1);
  unlink(path);
  drop(o);
}

static void unusable_token_file_is_named(void **state) {
  struct world *w = *state;
  const char *path = in_temporary("token");
  char missing[200];
  char no_token[200];
  snprintf(missing, sizeof(missing),
           "cannot read BearerTokenFile %s: No such file or directory", path);
  snprintf(no_token, sizeof(no_token),
           "BearerTokenFile %s: expected a token on the first line", path);
  struct http_options a = options_for(w->url);
  a.bearer_file = path;
  struct outcome *o = client_with(w, &a);
  get(o, "/short");
  assert_int_equal(o->error, HTTP_CONNECT);
  assert_string_equal(o->message, missing);
  static const char *const wrong[] = {"",        "\ntoken", " \t\r\n",
                                      "se cret", "s\x01t",  "s\xc3\xa4t"};
  for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
    write_file(path, wrong[i]);
    get(o, "/short");
    assert_int_equal(o->error, HTTP_CONNECT);
    assert_string_equal(o->message, no_token);
  }
  static char large[65538];
  memset(large, 'x', 65537);
  write_file(path, large);
  get(o, "/short");
  assert_non_null(strstr(o->message, "File too large"));
  assert_int_equal(accepted(w->server), 0);
  write_file(path, "good");
  get(o, "/short");
  assert_int_equal(o->error, HTTP_OK);
  unlink(path);
  drop(o);
}

/* ---- checks before anything is sent ---- */

static void wrong_urls_are_refused(void **state) {
  (void)state;
  static const struct {
    const char *url;
    const char *expected; /* part of the message; NULL: the URL is right */
  } table[] = {
      {"http://127.0.0.1:37373", NULL},
      {"https://hub.example/", NULL},
      {"HTTP://hub-1.example:8080/prefix/", NULL},
      {"http://[::1]:7000/a@b", NULL},
      {NULL, "expected an http or https URL"},
      {"", "expected an http or https URL"},
      {"ftp://hub/", "expected an http or https URL"},
      {"file:///etc/passwd", "expected an http or https URL"},
      {"gopher://hub/", "expected an http or https URL"},
      {"localhost:7000", "expected an http or https URL"},
      {"127.0.0.1:7000", "expected an http or https URL"},
      {"hub", "expected an http or https URL"},
      {"http://", "expected an http or https URL"},
      {"http:///path", "expected an http or https URL"},
      {"http:/hub", "expected an http or https URL"},
      {"http:hub", "expected an http or https URL"},
      {"http:////hub", "expected an http or https URL"},
      {"http://:7000/", "expected an http or https URL"},
      {"http://hub:0/", "expected an http or https URL"},
      {"http://hub:65536/", "expected an http or https URL"},
      {"http://hub:x/", "expected an http or https URL"},
      {"http://hu b/", "expected an http or https URL"},
      {"http://hub/\r\nX: y", "expected an http or https URL"},
      {"http://joe:s3cret@hub/", "User and Password"},
      {"http://joe@hub/", "User and Password"},
      {"http://:s3cret@hub/", "User and Password"},
      {"http://joe:s3cret@hub/?a", "User and Password"},
      {"ftp://joe:s3cret@hub/", "expected an http or https URL"},
      {"http://hub/?token=s3cret", "without a query and fragment"},
      {"http://hub/?", "without a query and fragment"},
      {"http://hub/#s3cret", "without a query and fragment"},
      {"http://hub#", "without a query and fragment"},
  };
  for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
    char err[256] = "";
    int status = http_check_url(table[i].url, err, sizeof(err));
    if (table[i].url != NULL && (status == 0) != (table[i].expected == NULL))
      print_error("%s: %s\n", table[i].url, err);
    assert_int_equal(status, table[i].expected == NULL ? 0 : -1);
    if (table[i].expected != NULL)
      assert_non_null(strstr(err, table[i].expected));
    assert_null(strstr(err, "s3cret"));
    assert_null(strstr(err, "joe"));
  }
}

static void target_may_have_a_query(void **state) {
  (void)state;
  char err[256] = "";
  assert_int_equal(http_check_target("https://h/a/?t=s3cret", err, 256), 0);
  assert_int_equal(http_check_target("https://h/#s3cret", err, 256), -1);
  assert_string_equal(err, "expected a URL without a fragment");
  assert_int_equal(http_check_target("ftp://h/", err, 256), -1);
  assert_int_equal(http_check_target("http://u:p@h/", err, 256), -1);
}

static void path_prefix_is_kept(void **state) {
  struct world *w = *state;
  static const struct {
    const char *prefix;
    const char *request;
  } table[] = {
      {"/prefix", "GET /prefix/api/health HTTP/1.1\r\n"},
      {"/prefix/", "GET /prefix/api/health HTTP/1.1\r\n"},
      {"/prefix///", "GET /prefix/api/health HTTP/1.1\r\n"},
      {"/x/../prefix", "GET /x/../prefix/api/health HTTP/1.1\r\n"},
  };
  for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
    char url[200];
    snprintf(url, sizeof(url), "%s%s", w->url, table[i].prefix);
    struct http_options a = options_for(url);
    struct outcome *o = client_with(w, &a);
    get(o, "/api/health");
    assert_int_equal(o->error, HTTP_OK);
    assert_true(requested(w->server, table[i].request));
    drop(o);
  }
}

static void refuse(struct world *w, const struct http_options *a,
                   const char *expected) {
  char err[256] = "";
  assert_null(http_client_create(w->engine, a, err, sizeof(err)));
  if (strstr(err, expected) == NULL)
    print_error("%s: %s\n", expected, err);
  assert_non_null(strstr(err, expected));
  assert_null(strstr(err, "s3cret"));
}

static void wrong_options_are_refused(void **state) {
  struct world *w = *state;
  const struct http_options good = options_for(w->url);
  struct http_options a = good;
  a.url = "http://joe:s3cret@hub/";
  refuse(w, &a, "User and Password");
  a = good;
  a.password = "s3cret";
  refuse(w, &a, "Password: expected a User");
  a.user = "a:b";
  refuse(w, &a, "User: expected a name without a colon");
  a.user = "a";
  a.bearer_file = "/etc/hostname";
  refuse(w, &a, "either User or BearerTokenFile");
  a = good;
  a.ca_cert = "/nonexistent/ca";
  refuse(w, &a, "CACert: \"/nonexistent/ca\": expected a readable file: No");
  a.ca_cert = "/";
  refuse(w, &a, "CACert: \"/\": expected a readable file");
  a = good;
  a.client_key = "/nonexistent/key";
  refuse(w, &a, "ClientKey: expected a ClientCert");
  a.client_cert = "/nonexistent/cert";
  refuse(w, &a, "ClientCert: \"/nonexistent/cert\"");
  a = good;
  char path[200];
  memset(path, 'x', sizeof(path) - 1);
  path[sizeof(path) - 1] = '\0';
  a.unix_socket = path;
  refuse(w, &a, "UnixSocket: expected a path of 1 to 107 bytes");
  a = good;
  static const char *const wrong[] = {
      "s3cret", "",     ": s3cret",         "X s3cret: v",
      "X:",     "X:  ", "X: s3cret\r\nY: z"};
  for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
    const char *headers[] = {"X-Good: v", wrong[i], NULL};
    a.headers = headers;
    refuse(w, &a, "Header: expected \"Name: value\"");
  }
}

static void tls_files_do_not_matter_to_http(void **state) {
  struct world *w = *state;
  const char *path = in_temporary("pem");
  struct http_options a = options_for(w->url);
  write_file(path, "no certificate");
  a.ca_cert = path;
  a.client_cert = path;
  a.client_key = path;
  struct outcome *o = client_with(w, &a);
  get(o, "/short");
  assert_int_equal(o->error, HTTP_OK);
  unlink(path);
  drop(o);
}

/* A pipe would be waited for, for ever. */
static void tls_files_that_become_pipes_are_refused(void **state) {
  struct world *w = *state;
  const char *path = in_temporary("pem");
  char url[64];
  snprintf(url, sizeof(url), "https%s", w->url + strlen("http"));
  struct http_options a = options_for(url);
  write_file(path, "no certificate");
  for (int i = 0; i < 2; i++) {
    a.ca_cert = i == 0 ? path : NULL;
    a.client_cert = i == 0 ? NULL : path;
    struct outcome *o = client_with(w, &a);
    unlink(path);
    check(mkfifo(path, 0600) == 0, "mkfifo");
    get(o, "/short");
    assert_int_equal(o->error, HTTP_TLS);
    assert_non_null(strstr(o->message, i == 0 ? "CACert: " : "ClientCert: "));
    assert_non_null(strstr(o->message, "expected a readable file"));
    unlink(path);
    write_file(path, "no certificate");
    drop(o);
  }
  unlink(path);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      WORLD_TEST(headers_and_basic_login_arrive),
      WORLD_TEST(token_file_is_read_for_each_request),
      WORLD_TEST(unusable_token_file_is_named),
      cmocka_unit_test(wrong_urls_are_refused),
      cmocka_unit_test(target_may_have_a_query),
      WORLD_TEST(path_prefix_is_kept),
      WORLD_TEST(wrong_options_are_refused),
      WORLD_TEST(tls_files_do_not_matter_to_http),
      WORLD_TEST(tls_files_that_become_pipes_are_refused),
  };
  return cmocka_run_group_tests(tests, world_begin, world_end);
}
