/* SPDX-License-Identifier: MIT */
/* What a client makes of answers and connections. */
#include "http/world.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* ---- answers ---- */

struct expectation {
  const char *path;
  enum http_error error;
  long status;
  const char *body; /* NULL: not looked at */
  const char *message;
};

static void every_answer_is_named(void **state) {
  static const struct expectation table[] = {
      {"/good", HTTP_OK, 200, "{\"a\":12,\"b\":3}", ""},
      {"/short", HTTP_OK, 200, "{}", ""},
      {"/empty", HTTP_OK, 200, "", ""},
      {"/chunked", HTTP_OK, 200, "{\"a\":1}", ""},
      {"/until-close", HTTP_OK, 200, "{}", ""},
      {"/html", HTTP_OK, 200, "<html>", ""},
      {"/continue", HTTP_OK, 200, "{}", ""},
      {"/404", HTTP_HTTP, 404, "", "HTTP status 404, expected 200"},
      {"/500", HTTP_HTTP, 500, "", "HTTP status 500, expected 200"},
      {"/500-cut", HTTP_HTTP, 500, "", "HTTP status 500, expected 200"},
      {"/500-endless", HTTP_HTTP, 500, "", "HTTP status 500, expected 200"},
      {"/500-huge", HTTP_HTTP, 500, "", "HTTP status 500, expected 200"},
      {"/204", HTTP_HTTP, 204, "", "HTTP status 204, expected 200"},
      {"/302", HTTP_HTTP, 302, "",
       "HTTP status 302 (redirects are not followed), expected 200"},
      {"/cut", HTTP_PARSE, 200, "1234", "body ended after 4 of 10 bytes"},
      {"/cut-chunk", HTTP_PARSE, 200, "123412",
       "body ended after 6 bytes, expected a last chunk"},
      {"/bad-chunk", HTTP_HTTP, 200, "", "not an HTTP answer: malformed chunk"},
      {"/announced", HTTP_OVERSIZE, 200, "",
       "body larger than 1000 bytes (MaxBodySize)"},
      {"/overflow", HTTP_OVERSIZE, 200, "",
       "body larger than 1000 bytes (MaxBodySize)"},
      {"/negative", HTTP_HTTP, 200, "", "not an HTTP answer"},
      {"/endless", HTTP_OVERSIZE, 200, NULL,
       "body larger than 1000 bytes (MaxBodySize)"},
      {"/headers", HTTP_HTTP, 200, "", "headers larger than 65536 bytes"},
      {"/garbage", HTTP_HTTP, 0, "", "not an HTTP answer"},
  };
  struct world *w = *state;
  for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
    const struct expectation *e = &table[i];
    struct outcome *o = client_of(w);
    get(o, e->path);
    if (o->error != e->error || strcmp(o->message, e->message) != 0)
      print_error("%s\n", e->path);
    assert_string_equal(o->message, e->message);
    assert_int_equal(o->error, e->error);
    assert_int_equal(o->status, e->status);
    assert_true(o->duration > 0);
    if (e->body != NULL)
      assert_string_equal(o->body, e->body);
    if (e->body != NULL && e->status == 200)
      assert_int_equal(o->received, strlen(e->body));
    drop(o);
  }
}

static void sink_sees_no_more_than_max_body(void **state) {
  struct outcome *o = client_of(*state);
  get(o, "/endless");
  assert_int_equal(o->error, HTTP_OVERSIZE);
  assert_true(o->len <= 1000);
  drop(o);
}

static void body_of_exactly_max_body_is_fine(void **state) {
  struct world *w = *state;
  struct http_options a = options_for(w->url);
  a.max_body = 2;
  struct outcome *o = client_with(w, &a);
  get(o, "/short");
  assert_int_equal(o->error, HTTP_OK);
  drop(o);
  a.max_body = 1;
  o = client_with(w, &a);
  get(o, "/short");
  assert_int_equal(o->error, HTTP_OVERSIZE);
  drop(o);
  a.max_body = UINT64_MAX;
  o = client_with(w, &a);
  get(o, "/short");
  assert_int_equal(o->error, HTTP_OK);
  drop(o);
}

static void refused_body_ends_the_transfer(void **state) {
  struct outcome *o = client_of(*state);
  o->refuse_from = 5; /* within the second piece */
  get(o, "/good");
  assert_int_equal(o->error, HTTP_PARSE);
  assert_string_equal(o->message, "body refused");
  assert_int_equal(o->status, 200);
  drop(o);
}

static void every_error_has_a_cause(void **state) {
  (void)state;
  assert_string_equal(http_error_name(HTTP_OK), "");
  assert_string_equal(http_error_name(HTTP_CONNECT), "connect");
  assert_string_equal(http_error_name(HTTP_TIMEOUT), "timeout");
  assert_string_equal(http_error_name(HTTP_HTTP), "http");
  assert_string_equal(http_error_name(HTTP_TLS), "tls");
  assert_string_equal(http_error_name(HTTP_PARSE), "parse");
  assert_string_equal(http_error_name(HTTP_OVERSIZE), "oversize");
  assert_string_equal(http_error_name(HTTP_ERRORS), "");
}

/* ---- connections ---- */

static void connection_is_kept(void **state) {
  struct world *w = *state;
  struct outcome *o = client_of(w);
  get(o, "/short");
  get(o, "/chunked");
  get(o, "/404");
  get(o, "/short");
  assert_int_equal(o->error, HTTP_OK);
  assert_int_equal(accepted(w->server), 1);
  drop(o);
}

static void broken_connection_is_replaced(void **state) {
  struct world *w = *state;
  struct outcome *o = client_of(w);
  get(o, "/short");
  get(o, "/cut");
  get(o, "/short");
  assert_int_equal(o->error, HTTP_OK);
  assert_int_equal(accepted(w->server), 2);
  drop(o);
}

/* libcurl takes another by itself, but counts: five times, then it gives up. */
static void kept_connection_that_ends_is_replaced_each_time(void **state) {
  struct world *w = *state;
  struct outcome *o = client_of(w);
  for (int i = 1; i <= 14; i++) {
    get(o, "/once");
    assert_int_equal(o->error, HTTP_OK);
    assert_int_equal(accepted(w->server), i);
  }
  get(o, "/nothing");
  assert_int_equal(o->error, HTTP_CONNECT);
  drop(o);
}

static void lost_connections_are_connect_errors(void **state) {
  struct world *w = *state;
  char expected[256];
  struct outcome *o = client_of(w);
  get(o, "/nothing");
  assert_int_equal(o->error, HTTP_CONNECT);
  snprintf(expected, sizeof(expected),
           "127.0.0.1:%d closed the connection without an answer",
           w->server->port);
  assert_string_equal(o->message, expected);
  get(o, "/reset");
  assert_int_equal(o->error, HTTP_CONNECT);
  assert_int_equal(o->status, 0);
  get(o, "/reset-body");
  assert_int_equal(o->error, HTTP_CONNECT);
  snprintf(expected, sizeof(expected),
           "connection to 127.0.0.1:%d lost after 4 bytes of body",
           w->server->port);
  assert_string_equal(o->message, expected);
  drop(o);
}

static void refused_port_is_a_connect_error(void **state) {
  struct world *w = *state;
  int port = 0;
  close(listen_tcp(&port, 1));
  char url[64];
  char expected[128];
  snprintf(url, sizeof(url), "http://127.0.0.1:%d/", port);
  snprintf(expected, sizeof(expected),
           "cannot connect to 127.0.0.1:%d: Connection refused", port);
  struct http_options a = options_for(url);
  struct outcome *o = client_with(w, &a);
  get(o, "/short");
  assert_int_equal(o->error, HTTP_CONNECT);
  assert_string_equal(o->message, expected);
  assert_int_equal(o->status, 0);
  drop(o);
}

static void unknown_name_is_a_connect_error(void **state) {
  struct http_options a = options_for("http://hub.invalid:7000");
  struct outcome *o = client_with(*state, &a);
  get(o, "/short");
  assert_int_equal(o->error, HTTP_CONNECT);
  assert_string_equal(o->message,
                      "cannot resolve the name of hub.invalid:7000");
  drop(o);
}

static void lack_of_files_is_named(void **state) {
  struct world *w = *state;
  struct outcome *o = client_of(w);
  struct rlimit before;
  check(getrlimit(RLIMIT_NOFILE, &before) == 0, "getrlimit");
  int next = dup(0);
  close(next);
  struct rlimit none = {.rlim_cur = (rlim_t)next, .rlim_max = before.rlim_max};
  check(setrlimit(RLIMIT_NOFILE, &none) == 0, "setrlimit");
  get(o, "/short");
  check(setrlimit(RLIMIT_NOFILE, &before) == 0, "setrlimit");
  assert_int_equal(o->error, HTTP_CONNECT);
  assert_non_null(strstr(o->message, "Too many open files"));
  get(o, "/short");
  assert_int_equal(o->error, HTTP_OK);
  drop(o);
}

static void tls_failure_is_a_tls_error(void **state) {
  struct world *w = *state;
  struct server *plain = server_start(NULL, "HTTP/1.1 400 Bad Request\r\n\r\n");
  char url[64];
  char start[64];
  snprintf(url, sizeof(url), "https://127.0.0.1:%d", plain->port);
  snprintf(start, sizeof(start), "TLS with 127.0.0.1:%d: ", plain->port);
  struct http_options a = options_for(url);
  struct outcome *o = client_with(w, &a);
  get(o, "/short");
  assert_int_equal(o->error, HTTP_TLS);
  assert_int_equal(strncmp(o->message, start, strlen(start)), 0);
  drop(o);
  server_stop(plain);
}

static void unix_socket_replaces_tcp(void **state) {
  struct world *w = *state;
  const char *path = in_temporary("hub.sock");
  struct server *s = server_start(path, NULL);
  struct http_options a = options_for("http://localhost:1/prefix");
  a.unix_socket = s->socket;
  struct outcome *o = client_with(w, &a);
  get(o, "/api/health");
  assert_string_equal(o->message, "");
  assert_int_equal(o->error, HTTP_OK);
  assert_int_equal(accepted(s), 1);
  drop(o);
  unlink(path);
  server_stop(s);
  char expected[200];
  snprintf(expected, sizeof(expected),
           "cannot connect to %s: No such file or directory", path);
  a.unix_socket = path;
  o = client_with(w, &a);
  get(o, "/api/health");
  assert_int_equal(o->error, HTTP_CONNECT);
  assert_string_equal(o->message, expected);
  drop(o);
}

static void proxies_of_the_environment_are_ignored(void **state) {
  setenv("http_proxy", "http://127.0.0.1:1", 1);
  setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
  struct outcome *o = client_of(*state);
  get(o, "/short");
  unsetenv("http_proxy");
  unsetenv("ALL_PROXY");
  assert_int_equal(o->error, HTTP_OK);
  drop(o);
}

/* ---- POST ---- */

static struct outcome *post(struct world *w, const char *path,
                            const char *const *headers) {
  char url[200];
  snprintf(url, sizeof(url), "%s%s", w->url, path);
  struct http_options a = options_for(url);
  a.post = true;
  a.headers = headers;
  struct outcome *o = client_with(w, &a);
  http_post(o->client, "{\"a\":\"\xc3\xa9\"}", DEADLINE, done, o);
  wait_for(o, 1);
  return o;
}

static void post_goes_to_the_url_as_it_stands(void **state) {
  struct world *w = *state;
  struct outcome *o = post(w, "/hook/?sig=a%2Fb&x=/../", NULL);
  assert_int_equal(o->error, HTTP_OK);
  assert_true(requested(w->server, "POST /hook/?sig=a%2Fb&x=/../ HTTP/1.1\r"));
  assert_true(requested(w->server, "\r\nContent-Type: application/json\r\n"));
  assert_true(requested(w->server, "\r\nContent-Length: 10\r\n"));
  assert_true(requested(w->server, "\r\n\r\n{\"a\":\"\xc3\xa9\"}"));
  drop(o);
  const char *headers[] = {"content-type: text/x-own", NULL};
  o = post(w, "/short", headers);
  assert_true(requested(w->server, "\r\ncontent-type: text/x-own\r\n"));
  assert_null(strstr(w->server->request, "Content-Type"));
  drop(o);
}

static void post_has_arrived_with_2xx_whatever_the_body(void **state) {
  struct world *w = *state;
  static const char *const arrived[] = {"/short",     "/204",     "/cut",
                                        "/announced", "/endless", "/bad-chunk"};
  for (size_t i = 0; i < sizeof(arrived) / sizeof(*arrived); i++) {
    struct outcome *o = post(w, arrived[i], NULL);
    assert_int_equal(o->error, HTTP_OK);
    assert_string_equal(o->message, "");
    drop(o);
  }
  struct outcome *o = post(w, "/302", NULL);
  assert_int_equal(o->error, HTTP_HTTP);
  assert_string_equal(
      o->message, "HTTP status 302 (redirects are not followed), expected 2xx");
  drop(o);
}

static void server_may_ask_for_patience(void **state) {
  struct world *w = *state;
  struct outcome *o = post(w, "/429", NULL);
  assert_int_equal(o->error, HTTP_HTTP);
  assert_int_equal(o->status, 429);
  assert_true(fabs(http_retry_after(o->client) - 90) <= 0);
  drop(o);
  o = post(w, "/500", NULL);
  assert_int_equal(o->status, 500);
  assert_true(fabs(http_retry_after(o->client)) <= 0);
  drop(o);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      WORLD_TEST(every_answer_is_named),
      WORLD_TEST(sink_sees_no_more_than_max_body),
      WORLD_TEST(body_of_exactly_max_body_is_fine),
      WORLD_TEST(refused_body_ends_the_transfer),
      WORLD_TEST(connection_is_kept),
      WORLD_TEST(broken_connection_is_replaced),
      WORLD_TEST(kept_connection_that_ends_is_replaced_each_time),
      WORLD_TEST(lost_connections_are_connect_errors),
      WORLD_TEST(refused_port_is_a_connect_error),
      WORLD_TEST(unknown_name_is_a_connect_error),
      WORLD_TEST(lack_of_files_is_named),
      WORLD_TEST(tls_failure_is_a_tls_error),
      WORLD_TEST(unix_socket_replaces_tcp),
      WORLD_TEST(proxies_of_the_environment_are_ignored),
      WORLD_TEST(post_goes_to_the_url_as_it_stands),
      WORLD_TEST(post_has_arrived_with_2xx_whatever_the_body),
      WORLD_TEST(server_may_ask_for_patience),
      cmocka_unit_test(every_error_has_a_cause),
  };
  return cmocka_run_group_tests(tests, world_begin, world_end);
}
