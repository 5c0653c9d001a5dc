/* SPDX-License-Identifier: MIT */
/* Which values of the network a collectd refuses. */
#include "alerts/origins.h"

#include "unit.h"

#include <stdio.h>

#define MAX 4
#define LATER (ORIGINS_START + 1)
#define EACH(test) cmocka_unit_test_setup_teardown(test, enter, leave)

static int enter(void **state) {
  *state = origins_create("here", MAX, 0);
  return *state == NULL;
}

static int leave(void **state) {
  origins_destroy(*state);
  return 0;
}

static bool read_here(struct origins *o, const char *host, const char *instance,
                      const char *type) {
  const struct series s = {host, "mcp_hub", instance, type, "", "value"};
  return origins_accept(o, &s, false, LATER);
}

static bool received(struct origins *o, const char *host, const char *instance,
                     const char *type) {
  const struct series s = {host, "mcp_hub", instance, type, "", "value"};
  return origins_accept(o, &s, true, LATER);
}

static void what_is_read_here_is_refused_from_the_network(void **state) {
  struct origins *o = *state;
  assert_true(read_here(o, "here", "prod", "bool"));
  assert_false(received(o, "here", "prod", "bool"));
  assert_true(read_here(o, "here", "prod", "bool"));
  assert_int_equal(origins_refused(o), 1);
}

static void so_are_new_series_of_the_same_source(void **state) {
  struct origins *o = *state;
  read_here(o, "here", "prod", "bool");
  assert_false(received(o, "here", "prod", "mcp_server_state"));
}

static void a_source_may_have_another_host_name(void **state) {
  struct origins *o = *state;
  read_here(o, "hub-1", "prod", "bool");
  assert_false(received(o, "hub-1", "prod", "bool"));
}

static void hubs_of_other_hosts_are_accepted(void **state) {
  struct origins *o = *state;
  read_here(o, "here", "prod", "bool");
  assert_true(received(o, "edge", "prod", "bool"));
  assert_true(received(o, "here", "other", "bool"));
  assert_int_equal(origins_refused(o), 0);
}

static void the_network_does_not_make_a_source_its_own(void **state) {
  struct origins *o = *state;
  assert_true(received(o, "here", "prod", "bool"));
  assert_true(read_here(o, "here", "prod", "bool"));
  assert_false(received(o, "here", "prod", "bool"));
}

static void at_the_start_no_value_of_the_own_host_is_accepted(void **state) {
  struct origins *o = *state;
  struct series s = {"here", "mcp_hub", "prod", "bool", "up", "value"};
  assert_false(origins_accept(o, &s, true, ORIGINS_START - 1));
  s.host = "edge";
  assert_true(origins_accept(o, &s, true, ORIGINS_START - 1));
}

static void memory_is_bounded(void **state) {
  struct origins *o = *state;
  char instance[8];
  for (int i = 0; i <= MAX; i++) {
    snprintf(instance, sizeof(instance), "%d", i);
    assert_true(read_here(o, "here", instance, "bool"));
  }
  assert_false(received(o, "here", "0", "bool"));
  assert_true(received(o, "here", instance, "bool"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      EACH(what_is_read_here_is_refused_from_the_network),
      EACH(so_are_new_series_of_the_same_source),
      EACH(a_source_may_have_another_host_name),
      EACH(hubs_of_other_hosts_are_accepted),
      EACH(the_network_does_not_make_a_source_its_own),
      EACH(at_the_start_no_value_of_the_own_host_is_accepted),
      EACH(memory_is_bounded),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
