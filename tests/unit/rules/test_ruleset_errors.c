/* SPDX-License-Identifier: MIT */
/* What is wrong in an alerts.json is named with line and path. */
#include "rules/parse_rules.h"

#include "rules/template.h"
#include "util/duration.h"
#include "util/timestamp.h"

#include <stdio.h>

#define NAMED                                                                  \
  "llm_success_rate, cache_hit_rate, p50_latency, p95_latency, p99_latency, "  \
  "avg_latency, queue_depth, circuit_breaker_failures, "                       \
  "circuit_breaker_state, cpu_percent, memory_percent, memory_mb, "            \
  "active_clients, error_count, connection_flaps, log_size_mb, "               \
  "log_growth_mb_per_hour, api_response_time, servers_disconnected"
#define KEYS                                                                   \
  "name, metric, ds, op, warning, critical, info, severity, clear, for, "      \
  "clear_for, function, window, rank, limit, objective, no_data, "             \
  "no_data_for, inhibited_by, message, runbook, enabled"
#define FUNCTIONS                                                              \
  "expected one of value, avg, min, max, rate, delta, percentile, "            \
  "count_over, flaps, absent, leak, anomaly, burn_rate"
#define RULE(more)                                                             \
  "{'rules': [\n{'name': 'x', 'metric': 'a/b/c', 'op': '>', 'warning': "       \
  "3,\n" more "}]}"
#define DURATION                                                               \
  "expected a duration such as \"90s\", \"2m\", \"1h30m\" or \"1d\""

static void wrong_thresholds_are_named_with_line_and_path(void **state) {
  static const struct {
    const char *text, *error;
  } cases[] = {
      {"{'critical':\n{'llm_success_rate': 'x'}}",
       "line 2: critical.llm_success_rate: \"x\": expected a fraction between "
       "0 and 1"},
      {"{'critical': {'llm_success_rate': 90}}",
       "line 1: critical.llm_success_rate: 90: expected a fraction between 0 "
       "and 1"},
      {"{'info': {\n'cache_hit_rate': -0.1}}",
       "line 2: info.cache_hit_rate: -0.1: expected a fraction between 0 and "
       "1"},
      {"{'warning': {'p95_latency': -1}}",
       "line 1: warning.p95_latency: -1: expected milliseconds, a number not "
       "below 0"},
      {"{'warning': {'p95_latency': '2000'}}",
       "line 1: warning.p95_latency: \"2000\": expected milliseconds, a number "
       "not below 0"},
      {"{'warning': {'queue_depth': 1e999}}",
       "line 1: warning.queue_depth: 1e999: expected a number not below 0"},
      {"{'warning': {'queue_depth': NaN}}",
       "line 1: warning.queue_depth: NaN: expected a number not below 0"},
      {"{'warning': {'queue_depth': null}}",
       "line 1: warning.queue_depth: null: expected a number not below 0"},
      {"{'warning': {'queue_depth': true}}",
       "line 1: warning.queue_depth: true: expected a number not below 0"},
      {"{'warning': {'queue_depth': {'max': 3}}}",
       "line 1: warning.queue_depth: {...}: expected a number not below 0"},
      {"{'warning': {'queue_depth': 99999999999999999999999}}",
       "line 1: warning.queue_depth: 18446744073709551615: expected a number "
       "not below 0"},
      {"{'warning': {'cpu_percent': 101}}",
       "line 1: warning.cpu_percent: 101: expected a percentage between 0 and "
       "100"},
      {"{'warning': {'memory_mb': -5}}",
       "line 1: warning.memory_mb: -5: expected MiB, a number not below 0"},
      {"{'warning': {'api_response_time': []}}",
       "line 1: warning.api_response_time: [...]: expected seconds, a number "
       "not below 0"},
      {"{'critical': {'circuit_breaker_state': 'closed'}}",
       "line 1: critical.circuit_breaker_state: \"closed\": expected "
       "\"half-open\" or \"open\""},
      {"{'critical': {'circuit_breaker_state': 2}}",
       "line 1: critical.circuit_breaker_state: 2: expected \"half-open\" or "
       "\"open\""},
      {"{'critical': {'llm_success_rate': 0.95},\n'warning': "
       "{'llm_success_rate': 0.90}}",
       "line 1: critical.llm_success_rate: 0.95: expected at most 0.90, the "
       "threshold of warning"},
      {"{'warning': {'p95_latency': 2000}, 'info': {'p95_latency': 1000},\n"
       "'critical': {'p95_latency': 500}}",
       "line 2: critical.p95_latency: 500: expected at least 2000, the "
       "threshold of warning"},
      {"{'info': {'p95_latency': 1000},\n'critical': {'p95_latency': 500}}",
       "line 2: critical.p95_latency: 500: expected at least 1000, the "
       "threshold of info"},
      {"{'critical': {'circuit_breaker_state': 'half-open'},"
       " 'warning': {'circuit_breaker_state': 'open'}}",
       "line 1: critical.circuit_breaker_state: \"half-open\": expected at "
       "least \"open\", the threshold of warning"},
      {"{'warning': {'p95_latency': 2000},\n"
       "'rules': [{'name': 'p95_latency',\n'critical': 1}]}",
       "line 3: rules[0].critical: 1: expected at least 2, the threshold of "
       "warning"},
      {"{'rules': [{'name': 'all_servers_down',\n'warning': 120}]}",
       "line 2: rules[0].warning: 120: expected at most 100, the threshold of "
       "critical"},
      {"{'critical': {\n'llm_succes_rate': 0.9}}",
       "line 2: critical.llm_succes_rate: unknown key, did you mean "
       "\"llm_success_rate\"? Known are " NAMED},
      {"{'critical': {'hub_down': 0}}",
       "line 1: critical.hub_down: unknown key; known are " NAMED},
      {"{'critical': {'': 0}}",
       "line 1: critical.: unknown key; known are " NAMED},
      {"{'critical': 5}",
       "line 1: critical: 5: expected an object {...} of named thresholds"},
      {"{'warning':\n null}",
       "line 1: warning: null: expected an object {...} of named thresholds"},
  };

  (void)state;
  for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
    refuse_rules(cases[i].text, cases[i].error);
}

static void wrong_rules_are_named_with_line_and_path(void **state) {
  static const struct {
    const char *text, *error;
  } cases[] = {
      {"{'rules': {}}", "line 1: rules: {...}: expected a list [...] of rules"},
      {"{'rules': null}",
       "line 1: rules: null: expected a list [...] of rules"},
      {"{'rules': [\n7]}", "line 2: rules[0]: 7: expected an object {...}"},
      {"{'rules': [\n\nnull]}",
       "line 3: rules[0]: null: expected an object {...}"},
      {"{'rules': [{}]}", "line 1: rules[0]: expected a \"name\""},
      {"{'rules': [{'name': 'a\xC2\x9B\x32Jb'}]}",
       "line 1: rules[0].name: \"a??2Jb\": expected a text of 1 to 64 bytes "
       "without unprintable characters"},
      {"{'rules': [{'name': 'a', 'runbook': 'b\xE2\x80\xAE'}]}",
       "line 1: rules[0].runbook: \"b???\": expected a text of 1 to 1024 bytes "
       "without unprintable characters"},
      {"{'rules': [{'name': ''}]}",
       "line 1: rules[0].name: \"\": expected a text of 1 to 64 bytes without "
       "unprintable characters"},
      {"{'rules': [{'name': 'a\\u0000b'}]}",
       "line 1: rules[0].name: \"a\\u0000b\": expected a text of 1 to 64 bytes "
       "without unprintable characters"},
      {"{'rules': [{'name': 'a\\nb'}]}",
       "line 1: rules[0].name: \"a\\nb\": expected a text of 1 to 64 bytes "
       "without unprintable characters"},
      {"{'rules': [{'name': 7}]}",
       "line 1: rules[0].name: 7: expected a text in quotes"},
      {"{'rules': [{'name':"
       "'1234567890123456789012345678901234567890123456789012345678901234X'}]}",
       "line 1: rules[0].name: \"1234567890123456789012345678901234567890123456"
       "789012345...: expected a text of 1 to 64 bytes without unprintable "
       "characters"},
      {"{'rules': [{'name':" /* never cut within a character */
       "'12345678901234567890123456789012345678901234567890123\xE2\x82\xAC"
       "45678901X'}]}",
       "line 1: rules[0].name: \"1234567890123456789012345678901234567890123456"
       "7890123...: expected a text of 1 to 64 bytes without unprintable "
       "characters"},
      {"{'rules': [{'name': 'hub_dwn', 'enabled': false}]}",
       "line 1: rules[0]: expected a \"metric\", or the name \"hub_down\"?"},
      {"{'rules': [{'name': 'servers_disconected'}]}",
       "line 1: rules[0]: expected a \"metric\", or the name "
       "\"servers_disconnected\"?"},
      {"{'rules': [{'name': 'x'}]}", "line 1: rules[0]: expected a \"metric\""},
      {"{'rules': [{'name': 'x', 'metric': 'a/b/c', 'warning': 1}]}",
       "line 1: rules[0]: expected an \"op\""},
      {"{'rules': [{'name': 'x', 'metric': 'a/b/c', 'op': '>'}]}",
       "line 1: rules[0]: expected \"critical\", \"warning\" or \"info\""},
      {"{'rules': [{'name': 'x', 'metric': 'a/b/c', 'op': '>', "
       "'enabled': false}]}",
       "line 1: rules[0]: expected \"critical\", \"warning\" or \"info\""},
      {"{'rules': [{'name': 'queue_depth', 'for': '1m'}]}",
       "line 1: rules[0]: expected \"critical\", \"warning\" or \"info\""},
      {"{'rules': [{'name': 'hub_down', 'critical': null}]}",
       "line 1: rules[0]: expected \"critical\", \"warning\" or \"info\""},
      {"{'rules': [{'name': 'hub_down'},\n{'name': 'hub_down'}]}",
       "line 2: rules[1].name: \"hub_down\": given twice, first as rules[0]"},
      {RULE("'metric': 'a/b/c'"),
       "line 3: rules[0].metric: given twice, first in line 2"},
      {RULE("'wnidow': '1m'"), "line 3: rules[0].wnidow: unknown key, did you "
                               "mean \"window\"? Known are " KEYS},
      {RULE("'threshold': 1"),
       "line 3: rules[0].threshold: unknown key; known are " KEYS},
      {RULE("'For': '1m'"), "line 3: rules[0].For: unknown key, did you mean "
                            "\"for\"? Known are " KEYS},
      {RULE("'critical': '5'"),
       "line 3: rules[0].critical: \"5\": expected a number"},
      {RULE("'critical': Infinity"),
       "line 3: rules[0].critical: Infinity: expected a number"},
      {RULE("'critical': -99999999999999999999"),
       "line 3: rules[0].critical: -9223372036854775808: expected a number"},
      {RULE("'critical': 2"), "line 3: rules[0].critical: 2: expected at least "
                              "3, the threshold of warning"},
      {RULE("'info': 3.5"), "line 2: rules[0].warning: 3: expected at least "
                            "3.5, the threshold of info"},
      {RULE("'clear': 4"),
       "line 3: rules[0].clear: 4: expected at most 3, the threshold of "
       "warning"},
      {RULE("'info': 2, 'clear': 3"),
       "line 3: rules[0].clear: 3: expected at most 2, the threshold of info"},
      {RULE("'clear': null"),
       "line 3: rules[0].clear: null: expected a number"},
      {"{'rules': [{'name':'llm_success_rate','warning':90,'clear':80}]}",
       "line 1: rules[0].clear: 80: expected at least 90, the threshold of "
       "warning"},
      {"{'rules': [{'name':'hub_down','clear':1}]}",
       "line 1: rules[0].clear: expected none with \"==\""},
      {RULE("'for': 120"), "line 3: rules[0].for: 120: " DURATION},
      {RULE("'for': '5'"), "line 3: rules[0].for: \"5\": " DURATION},
      {RULE("'for': '-5s'"), "line 3: rules[0].for: \"-5s\": " DURATION},
      {RULE("'clear_for': '5 s'"),
       "line 3: rules[0].clear_for: \"5 s\": " DURATION},
      {RULE("'function': 'average'"),
       "line 3: rules[0].function: \"average\": " FUNCTIONS},
      {RULE("'function': 1"), "line 3: rules[0].function: 1: " FUNCTIONS},
      {RULE("'function': 'delta'"),
       "line 2: rules[0]: expected a \"window\" for the function \"delta\""},
      {RULE("'function': 'percentile', 'window': '1m'"),
       "line 2: rules[0]: expected a \"rank\" for the function "
       "\"percentile\""},
      {RULE("'function': 'percentile', 'window': '1m', 'rank': 101"),
       "line 3: rules[0].rank: 101: expected a number from 0 to 100"},
      {RULE("'rank': 50"),
       "line 3: rules[0].rank: expected none with the function \"value\""},
      {RULE("'function': 'count_over', 'window': '1m'"),
       "line 2: rules[0]: expected a \"limit\" for the function "
       "\"count_over\""},
      {RULE("'function': 'burn_rate', 'window': '1m'"),
       "line 2: rules[0]: expected a \"objective\" for the function "
       "\"burn_rate\""},
      {RULE("'function': 'burn_rate', 'window': '1m', 'objective': 1"),
       "line 3: rules[0].objective: 1: expected a fraction below 1 or a "
       "percentage below 100"},
      {RULE("'function': 'anomaly', 'window': '1m'"),
       "line 3: rules[0].window: expected none with the function "
       "\"anomaly\""},
      {RULE("'function': 'anomaly', 'severity': 'info'"),
       "line 3: rules[0].severity: expected none beside thresholds"},
      {"{'rules': [{'name': 'x', 'metric': 'a/b/c',\n'function': 'anomaly'}]}",
       "line 1: rules[0]: expected a \"severity\""},
      {"{'rules': [{'name': 'x', 'metric': 'a/b/*', 'function': 'absent', "
       "'severity': 'info'}]}",
       "line 1: rules[0].metric: \"a/b/*\": expected one identity "
       "host/plugin-instance/type-instance without wildcards, for the function "
       "\"absent\""},
      {"{'rules': [{'name': 'x', 'metric': 'a/b/c', 'function': 'absent', "
       "'severity': 'info',\n'no_data': 'ok'}]}",
       "line 2: rules[0].no_data: expected none with the function \"absent\""},
      {RULE("'window': '1m'"), "line 3: rules[0].window: expected none with "
                               "the function \"value\""},
      {RULE("'function': 'delta', 'window': '0s'"),
       "line 3: rules[0].window: \"0s\": expected at least \"1s\""},
      {RULE("'function': 'delta', 'window': 'x'"),
       "line 3: rules[0].window: \"x\": " DURATION},
      {RULE("'message': '{hots} is down'"),
       "line 3: rules[0].message: {hots}: expected one of {rule} {level} "
       "{host} {plugin} {plugin_instance} {type} {type_instance} {ds} "
       "{identity} {value} {value_mib} {threshold} {threshold_mib} "
       "{function} {op} {since} {duration}"},
      {RULE("'message': ''"),
       "line 3: rules[0].message: \"\": expected a text of 1 to 1024 bytes "
       "without unprintable characters"},
      {RULE("'runbook': {}"),
       "line 3: rules[0].runbook: {...}: expected a text in quotes"},
      {RULE("'enabled': 1"),
       "line 3: rules[0].enabled: 1: expected true or false"},
      {RULE("'ds': ''"), "line 3: rules[0].ds: \"\": expected a text of 1 to "
                         "64 bytes without unprintable characters"},
      {RULE("'severity': 'warning'"),
       "line 3: rules[0].severity: expected thresholds instead: only "
       "\"absent\" and \"anomaly\" have their own"},
      {RULE("'severity': 'high'"),
       "line 3: rules[0].severity: \"high\": expected \"critical\", "
       "\"warning\" or \"info\""},
      {RULE("'inhibited_by': 'hub_down'"),
       "line 3: rules[0].inhibited_by: \"hub_down\": expected a list [...] of "
       "at most 16 names of rules"},
      {RULE("'inhibited_by': ['hub_dwn']"),
       "line 3: rules[0].inhibited_by[0]: \"hub_dwn\": expected the name of a "
       "rule, did you mean \"hub_down\"?"},
      {RULE("'inhibited_by': ['x']"),
       "line 3: rules[0].inhibited_by: expected rules that are not themselves "
       "inhibited by \"x\""},
      {"{'rules': [{'name': 'hub_down', 'inhibited_by': ['server_dead']}]}",
       "line 1: rules[0].inhibited_by: expected rules that are not themselves "
       "inhibited by \"hub_down\""},
      {RULE("'no_data': 'bad'"),
       "line 3: rules[0].no_data: \"bad\": expected \"hold\", \"ok\", "
       "\"critical\", \"warning\" or \"info\""},
      {RULE("'no_data_for': 60"),
       "line 3: rules[0].no_data_for: 60: " DURATION},
      {"{'rules': [{'name': 'x',\n'metric': 'a/b'}]}",
       "line 2: rules[0].metric: \"a/b\": expected "
       "host/plugin-instance/type-instance or /regular expression/"},
      {"{'rules': [{'name': 'x',\n'metric': '/(/'}]}",
       "line 2: rules[0].metric: \"/(/\": expected a regular expression: "
       "missing closing parenthesis, at offset 1"},
      {"{'rules': [{'name': 'x', 'metric': null}]}",
       "line 1: rules[0].metric: null: expected a text in quotes"},
      {"{'rules': [{'name': 'x', 'op': '=>'}]}",
       "line 1: rules[0].op: \"=>\": expected \">\", \">=\", \"<\", \"<=\", "
       "\"==\" or \"!=\""},
      {"{'rules': [{'name': 'x', 'op': 1}]}",
       "line 1: rules[0].op: 1: expected \">\", \">=\", \"<\", \"<=\", \"==\" "
       "or \"!=\""},
  };

  (void)state;
  for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
    refuse_rules(cases[i].text, cases[i].error);
}

static void wrong_files_are_named_with_their_line(void **state) {
  static const struct {
    const char *text, *error;
  } cases[] = {
      {"", "line 1: not JSON: expected an object {...}"},
      {"\n\n \t\r", "line 3: not JSON: expected an object {...}"},
      {"\n[]", "line 2: not JSON: expected an object {...}, found ["},
      {"12", "line 1: not JSON: expected an object {...}, found 1"},
      {"{", "line 1: not JSON: the text ends too early"},
      {"{\n'rules': [\n", "line 3: not JSON: the text ends too early"},
      {"{\n'rules': [\n", "line 3: not JSON: the text ends too early"},
      {"{'warning': {'queue_depth': 5,\n}}",
       "line 2: not JSON: unexpected character, found }"},
      {"{\n'rules': [] x}",
       "line 2: not JSON: object value separator ',' expected, found x"},
      {"{}\n{}", "line 2: not JSON: unexpected character, found {"},
      {"{'rules': [{'name': '\xFF'}]}",
       "line 1: not JSON: invalid utf-8 string"},
      {"{'a': [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
       "line 1: not JSON: nesting too deep, found ["},
      {"{'warning': {},\n'warning': {}}",
       "line 2: warning: given twice, first in line 1"},
      {"{'warnings': {}}",
       "line 1: warnings: unknown key, did you mean \"warning\"? Known are "
       "critical, warning, info, settings, notify_info, silences, rules"},
      {"{'x\\ny': {}}",
       "line 1: x?y: unknown key; known are critical, warning, info, settings, "
       "notify_info, silences, rules"},
      {"{'settings': []}", "line 1: settings: [...]: expected an object {...}"},
      {"{'settings': {'repeat': 0}}", "line 1: settings.repeat: 0: " DURATION},
      {"{'settings': {'group_wait': '1 s'}}",
       "line 1: settings.group_wait: \"1 s\": " DURATION},
      {"{'settings': {'groupwait': '1s'}}",
       "line 1: settings.groupwait: unknown key, did you mean \"group_wait\"? "
       "Known are repeat, group_wait, notify_info"},
      {"{'settings': {'notify_info': true},\n'notify_info': true}",
       "line 2: notify_info: given twice, at the top and under settings"},
      {"{'notify_info': 'yes'}",
       "line 1: notify_info: \"yes\": expected true or false"},
      {"{'silences': {}}",
       "line 1: silences: {...}: expected a list [...] of at most 1000 "
       "silences"},
      {"{'silences': [{'metric': '*/*/*'}]}",
       "line 1: silences[0]: expected an \"until\""},
      {"{'silences': [{'metric': '*/*/*', 'until': 'tomorrow'}]}",
       "line 1: silences[0].until: \"tomorrow\": expected " TIMESTAMP_EXPECTED},
      {"{'silences': [{'metric': '*/*/*', 'until': '2026-02-31T00:00:00Z'}]}",
       "line 1: silences[0].until: "
       "\"2026-02-31T00:00:00Z\": expected " TIMESTAMP_EXPECTED},
      {"{'silences': [{'until': '2026-12-01T00:00:00Z'}]}",
       "line 1: silences[0]: expected a \"metric\" or a \"rule\""},
      {"{'silences': [{'rule': 'x', 'until': '2026-12-01T00:00:00Z'}]}",
       "line 1: silences[0]: expected a \"reason\""},
      {"{'silences': [{'metric': 'x'}]}",
       "line 1: silences[0].metric: \"x\": expected "
       "host/plugin-instance/type-instance "
       "or /regular expression/"},
  };

  (void)state;
  for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
    refuse_rules(cases[i].text, cases[i].error);
  refuse_rules(
      "{'a': 1, b: 2}",
      "line 1: not JSON: quoted object property name expected, found b");
}

static void keys_in_single_quotes_are_refused(void **state) {
  static const char text[] = "{\n'warning': {}}";
  char err[100];

  (void)state;
  assert_null(ruleset_parse(text, strlen(text), err, sizeof(err)));
  assert_string_equal(
      err, "line 2: not JSON: quoted object property name expected, found '");
}

static void a_byte_of_zero_ends_no_text_silently(void **state) {
  static const char text[] = "{}\0{";
  char err[100];

  (void)state;
  assert_null(ruleset_parse(text, sizeof(text) - 1, err, sizeof(err)));
  assert_string_equal(err, "line 1: not JSON: a byte of zero");
}

static void a_text_that_is_cut_anywhere_is_refused(void **state) {
  static const char text[] =
      "{ 'critical': { 'llm_success_rate': 0.90 }, 'rules': [ { 'name': 'x', "
      "'metric': '/a(b|c)/', 'op': '>', 'warning': 1, 'for': '1h' } ] }";
  char err[700];

  (void)state;
  for (size_t len = 0; len < sizeof(text) - 1; len++) {
    char cut[sizeof(text)];
    memcpy(cut, text, len);
    cut[len] = '\0';
    assert_null(try_rules(cut, err, sizeof(err)));
    assert_memory_equal(err, "line 1: not JSON: ", 18);
  }
  ruleset_destroy(parse_rules(text));
}

static void errors_fit_the_buffer_of_the_caller(void **state) {
  (void)state;
  for (size_t size = 1; size < 200; size++) {
    char *err = malloc(size);
    assert_non_null(err);
    assert_null(ruleset_parse("{\"x\": 1}", 8, err, size));
    assert_true(strlen(err) < size);
    assert_memory_equal(err, "line 1: x: unknown key; known are",
                        size - 1 < 33 ? size - 1 : 33);
    free(err);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(wrong_thresholds_are_named_with_line_and_path),
      cmocka_unit_test(wrong_rules_are_named_with_line_and_path),
      cmocka_unit_test(wrong_files_are_named_with_their_line),
      cmocka_unit_test(keys_in_single_quotes_are_refused),
      cmocka_unit_test(a_byte_of_zero_ends_no_text_silently),
      cmocka_unit_test(a_text_that_is_cut_anywhere_is_refused),
      cmocka_unit_test(errors_fit_the_buffer_of_the_caller),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
