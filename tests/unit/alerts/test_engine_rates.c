/* SPDX-License-Identifier: MIT */
/* Counters, rates and differences. */
#include "alerts/engine_fixture.h"

/* ----------------------------------------------------------------- rates */

static void a_derive_is_judged_by_its_rate(void **state) {
  (void)state;
  use_rule("'op': '>', 'warning': 5");
  derive(&gauge, 1000000, 0);
  expect("");
  derive(&gauge, 1000051, 10);
  expect("r ok>warning");
  near(last.value, 5.1);
  derive(&gauge, 1000101, 20);
  expect("r warning>ok");
  derive(&gauge, 1000200, 40); /* 20 s */
  expect("");
}

static void a_derive_that_falls_says_nothing(void **state) {
  (void)state;
  use_rule("'op': '>', 'warning': 5");
  derive(&gauge, 0, 0);
  derive(&gauge, 100, 10);
  expect("r ok>warning");
  derive(&gauge, 0, 20); /* restarted */
  expect("");
  derive(&gauge, 60, 30);
  expect("");
  derive(&gauge, 60, 40);
  expect("r warning>ok");
  derive(&gauge, INT64_MAX, 50);
  expect("r ok>warning");
  derive(&gauge, INT64_MIN, 60);
  derive(&gauge, INT64_MAX, 70); /* more than fits */
  expect("");
}

static void a_counter_wraps_at_32_and_64_bits(void **state) {
  (void)state;
  use_rule("'op': '>', 'warning': 5");
  counter(&gauge, UINT32_MAX - 9, 0);
  counter(&gauge, 50, 10); /* 60 */
  expect("r ok>warning");
  near(last.value, 6);
  counter(&gauge, 50, 20);
  expect("r warning>ok");
  counter(&gauge, UINT64_MAX - 9, 30);
  expect("r ok>warning");
  counter(&gauge, 0, 40);
  expect("r warning>ok");
  near(last.value, 1);
}

static void counters_of_64_bits_count_beyond_32(void **state) {
  (void)state;
  use_rule("'op': '>', 'warning': 5");
  counter(&gauge, 1, 0);
  counter(&gauge, (UINT64_C(1) << 33) + 1, 8);
  near(last.value, 1 << 30);
  counter(&gauge, UINT64_MAX - (UINT64_C(1) << 40), 16);
  counter(&gauge, UINT64_MAX - (UINT64_C(1) << 40), 24);
  expect("r ok>warning; r warning>ok");
  counter(&gauge, (UINT64_C(1) << 40) - 1, 32); /* wrapped */
  expect("r ok>warning");
  near(last.value, UINT64_C(1) << 38);
}

static void a_counter_that_restarts_is_no_wrap(void **state) {
  (void)state;
  use_rule("'op': '>', 'warning': 5");
  counter(&gauge, 1000000, 0);
  counter(&gauge, 5, 10); /* not 4293967301 */
  expect("");
  counter(&gauge, 1000000000000, 20);
  expect("r ok>warning");
  counter(&gauge, 7, 30); /* not 1.8e19 */
  expect("");
  counter(&gauge, 8, 40);
  expect("r warning>ok");
}

static void absolute_is_per_interval(void **state) {
  struct sample s = {SAMPLE_ABSOLUTE, {.counter = 51}, 0, 10};

  (void)state;
  use_rule("'op': '>', 'warning': 5");
  engine_sample(engine, &gauge, &s, 0);
  expect("r ok>warning");
  near(last.value, 5.1);
  s.interval = 0;
  s.time = 10;
  engine_sample(engine, &gauge, &s, 10);
  expect("");
  s.interval = 100;
  s.time = 20;
  engine_sample(engine, &gauge, &s, 20);
  expect("r warning>ok");
}

static void samples_out_of_order_say_nothing_about_rates(void **state) {
  (void)state;
  use_rule("'op': '>', 'warning': 5");
  derive(&gauge, 0, 0);
  derive(&gauge, 20, 20);
  derive(&gauge, 10, 10);
  derive(&gauge, 20, 20);
  expect("");
  derive(&gauge, 30, 30);
  expect("");
  derive(&gauge, 1000, 30); /* same stamp */
  expect("");
  derive(&gauge, 100, 40);
  expect("r ok>warning");
  near(last.value, 7);
}

static void a_senders_clock_that_steps_back_is_followed(void **state) {
  (void)state;
  use_rule("'op': '>', 'warning': 5");
  derive(&gauge, 0, 10000);
  for (int i = 1; i <= 3; i++)
    derive(&gauge, 100 * i, 1000 + 10 * i);
  expect(""); /* the third is believed */
  derive(&gauge, 400, 1040);
  expect("r ok>warning");
  near(last.value, 10);
}

static void out_of_order_gauges_are_values_all_the_same(void **state) {
  (void)state;
  use_rule("'op': '>', 'warning': 5");
  put(&gauge, 1, 1000, 0);
  put(&gauge, 6, 900, 10);
  expect("r ok>warning");
}

static void a_series_that_changes_its_kind_begins_anew(void **state) {
  (void)state;
  use_rule("'op': '>', 'warning': 5");
  put(&gauge, 3, -10, -10);
  counter(&gauge, 3, 0);
  derive(&gauge, 1000, 10);
  expect("");
  derive(&gauge, 1100, 20);
  expect("r ok>warning");
  put(&gauge, 1, 30, 30);
  expect("r warning>ok");
}

/* ----------------------------------------------------------------- delta */

static void delta_counts_what_came_within_the_window(void **state) {
  (void)state;
  use_rules("{'warning': {'connection_flaps': 3}}", 0);
  struct series s = {"h",          "mcp_hub", "p", "total_events",
                     "disconnect", "value"};
  derive(&s, 0, 0);
  derive(&s, 2, 10);
  derive(&s, 3, 300);
  expect("");
  derive(&s, 4, 590);
  expect("connection_flaps ok>warning");
  near(last.value, 4);
  derive(&s, 4, 600);
  expect("");
  derive(&s, 4, 630); /* the first two are out of it */
  expect("connection_flaps warning>ok");
  near(last.value, 2);
}

static void delta_of_a_restarted_counter_counts_from_zero(void **state) {
  (void)state;
  use_rule("'op': '>', 'warning': 50, 'function': 'delta', 'window': '1m'");
  derive(&gauge, 1000, 0);
  derive(&gauge, 1040, 10);
  derive(&gauge, 5, 20);
  expect("");
  derive(&gauge, 11, 30); /* 40 + 5 + 6 */
  expect("r ok>warning");
  near(last.value, 51);
}

static void delta_knows_counters_wraps_and_absolutes(void **state) {
  struct series abs = {"h2", "x", "", "gauge", "", "value"};
  struct sample s = {SAMPLE_ABSOLUTE, {.counter = 30}, 0, 10};

  (void)state;
  use_rule("'op': '>', 'warning': 50, 'function': 'delta', 'window': '1m'");
  counter(&gauge, UINT32_MAX - 9, 0);
  counter(&gauge, 50, 10);
  expect("r ok>warning");
  near(last.value, 60);
  counter(&gauge, 49, 20); /* reset: 49 more */
  counter(&gauge, 49, 65);
  expect("");
  counter(&gauge, 49, 75);
  expect("r warning>ok");
  engine_sample(engine, &abs, &s, 5000); /* whole, not the share of a gap */
  s.time = 10;
  engine_sample(engine, &abs, &s, 5010);
  expect("r ok>warning");
  near(last.value, 60);
}

static void a_truncated_log_has_not_shrunk(void **state) {
  const struct series s = {"h", "mcp_hub", "p", "file_size", "log", "value"};
  const double mib = 1048576;

  (void)state;
  use_rules("{'warning': {'log_growth_mb_per_hour': 100}}", 0);
  PLAY(&s, {0, 500 * mib, NULL}, {600, 560 * mib, NULL}, {1200, 0, NULL},
       {1800, 40 * mib, NULL},
       {2400, 41 * mib, "log_growth_mb_per_hour ok>warning"});
  near(last.value / mib, 101);
}

static void delta_of_a_gauge_is_its_net_change(void **state) {
  (void)state;
  use_rule("'op': '>', 'warning': 10, 'function': 'delta', 'window': '1h'");
  for (int i = 0; i < 300; i++) /* a noisy gauge has not grown */
    PLAY(&gauge, {i * 10.0, i % 2 > 0 ? 100 : 91, NULL});
  PLAY(&gauge, {3000, 102, "r ok>warning"}, {3010, NAN, NULL},
       {3020, INFINITY, NULL}, {3030, 100, "r warning>ok"});
}

static void delta_after_a_gap_counts_its_share(void **state) {
  (void)state;
  use_rule("'op': '>', 'warning': 49, 'function': 'delta', 'window': '1m'");
  derive(&gauge, 0, 0);
  derive(&gauge, 500, 600); /* 50 a minute */
  expect("r ok>warning");
  near(last.value, 50);
  derive(&gauge, 502, 610); /* 50 s of that, and 2 */
  expect("r warning>ok");
  near(last.value, 44);
}

/* 98.4 MiB an hour, limit 100: the window is not a minute too long. */
static void steady_growth_below_the_limit_stays_silent(void **state) {
  (void)state;
  use_rules("{'warning': {'log_growth_mb_per_hour': 100}}", 0);
  struct series s = {"h", "mcp_hub", "p", "file_size", "log", "value"};
  for (int i = 0; i < 3000; i++)
    put(&s, 98.4 * 1048576 / 3600 * (10 * i), 1e9 + 10 * i, 3 + 10 * i);
  expect("");
  for (int i = 3000; i < 4000; i++)
    put(&s, 102 * 1048576.0 / 3600 * (10 * i), 1e9 + 10 * i, 3 + 10 * i);
  expect("log_growth_mb_per_hour ok>warning");
}

static void delta_below_waits_for_a_whole_window(void **state) {
  (void)state;
  use_rule("'op': '<', 'warning': 5, 'function': 'delta', 'window': '1m'");
  for (int i = 0; i < 6; i++)
    derive(&gauge, 100, 10 * i);
  expect("");
  derive(&gauge, 100, 60);
  expect("r ok>warning");
  derive(&gauge, 110, 70);
  expect("r warning>ok");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(a_derive_is_judged_by_its_rate),
      TEST(a_derive_that_falls_says_nothing),
      TEST(a_counter_wraps_at_32_and_64_bits),
      TEST(counters_of_64_bits_count_beyond_32),
      TEST(a_counter_that_restarts_is_no_wrap),
      TEST(absolute_is_per_interval),
      TEST(samples_out_of_order_say_nothing_about_rates),
      TEST(a_senders_clock_that_steps_back_is_followed),
      TEST(out_of_order_gauges_are_values_all_the_same),
      TEST(a_series_that_changes_its_kind_begins_anew),
      TEST(delta_counts_what_came_within_the_window),
      TEST(delta_of_a_restarted_counter_counts_from_zero),
      TEST(delta_knows_counters_wraps_and_absolutes),
      TEST(a_truncated_log_has_not_shrunk),
      TEST(delta_of_a_gauge_is_its_net_change),
      TEST(delta_after_a_gap_counts_its_share),
      TEST(steady_growth_below_the_limit_stays_silent),
      TEST(delta_below_waits_for_a_whole_window),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
