/* SPDX-License-Identifier: MIT */
#include "process/server_match.h"

#include "unit.h"

#include <math.h>
#include <string.h>

static void resolve(const struct server_match_pair *pairs, size_t num,
                    struct server_match out[3]) {
  struct server_match_pair copy[8];
  assert_true(num <= 8);
  memcpy(copy, pairs, num * sizeof(*pairs));
  server_match_resolve(copy, num, out, 3);
}

static void one_child_for_one_server_is_its_own(void **state) {
  (void)state;
  struct server_match m[3];
  resolve((struct server_match_pair[]){{0, 4, NAN}, {2, 5, 9000}}, 2, m);
  assert_int_equal(m[0].outcome, SERVER_MATCH_ONE);
  assert_int_equal(m[0].child, 4);
  assert_int_equal(m[1].outcome, SERVER_MATCH_NONE);
  assert_int_equal(m[2].outcome, SERVER_MATCH_ONE);
  assert_int_equal(m[2].child, 5);
}

static void two_children_or_two_servers_cannot_be_told_apart(void **state) {
  (void)state;
  struct server_match m[3];
  resolve((struct server_match_pair[]){{0, 1, 0}, {0, 2, 0.5}}, 2, m);
  assert_int_equal(m[0].outcome, SERVER_MATCH_SEVERAL);
  resolve((struct server_match_pair[]){{0, 1, 0}, {1, 1, 0.9}}, 2, m);
  assert_int_equal(m[0].outcome, SERVER_MATCH_SEVERAL);
  assert_int_equal(m[1].outcome, SERVER_MATCH_SEVERAL);
  resolve((struct server_match_pair[]){{0, 1, NAN}, {1, 1, 0}}, 2, m);
  assert_int_equal(m[0].outcome, SERVER_MATCH_SEVERAL);
  assert_int_equal(m[1].outcome, SERVER_MATCH_SEVERAL);
}

static void time_decides_where_the_margin_is_clear(void **state) {
  (void)state;
  struct server_match m[3];
  /* equal servers, started 100 s apart */
  resolve(
      (struct server_match_pair[]){
          {0, 7, 0.1}, {0, 8, 100.1}, {1, 7, -99.9}, {1, 8, 0.1}},
      4, m);
  assert_int_equal(m[0].outcome, SERVER_MATCH_ONE);
  assert_int_equal(m[0].child, 7);
  assert_int_equal(m[1].outcome, SERVER_MATCH_ONE);
  assert_int_equal(m[1].child, 8);
  /* the nearest started too late to decide by time */
  resolve((struct server_match_pair[]){{0, 7, 50}, {0, 8, 100}}, 2, m);
  assert_int_equal(m[0].outcome, SERVER_MATCH_SEVERAL);
}

static void of_equal_servers_the_dead_one_gets_no_process(void **state) {
  (void)state;
  struct server_match m[3];
  resolve((struct server_match_pair[]){{0, 7, 100}, {1, 7, 0.2}}, 2, m);
  assert_int_equal(m[0].outcome, SERVER_MATCH_SEVERAL);
  assert_int_equal(m[1].outcome, SERVER_MATCH_ONE);
  assert_int_equal(m[1].child, 7);
}

static void a_process_older_than_its_connection_is_not_its_own(void **state) {
  (void)state;
  struct server_match m[3];
  resolve((struct server_match_pair[]){{0, 7, -3}, {0, 8, 0}, {1, 9, -2}}, 3,
          m);
  assert_int_equal(m[0].outcome, SERVER_MATCH_ONE);
  assert_int_equal(m[0].child, 8);
  assert_int_equal(m[1].outcome, SERVER_MATCH_ONE);
  resolve((struct server_match_pair[]){{0, 7, -3}}, 1, m);
  assert_int_equal(m[0].outcome, SERVER_MATCH_NONE);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(one_child_for_one_server_is_its_own),
      cmocka_unit_test(two_children_or_two_servers_cannot_be_told_apart),
      cmocka_unit_test(time_decides_where_the_margin_is_clear),
      cmocka_unit_test(of_equal_servers_the_dead_one_gets_no_process),
      cmocka_unit_test(a_process_older_than_its_connection_is_not_its_own),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
