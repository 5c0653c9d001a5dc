/* SPDX-License-Identifier: MIT */
/* api_bodies.h - what tests of the API parser do with a body. */
#ifndef TESTS_API_BODIES_H
#define TESTS_API_BODIES_H

#include "hub/api_reference.h"

#include "unit.h"

#define WHOLE ((size_t)1 << 24) /* a piece that no body is larger than */
#define ARRAY_LENGTH(a) (sizeof(a) / sizeof((a)[0]))

static const size_t api_pieces[] = {1, 2, 3, 7, 16, 17, 33, WHOLE};

/* False: `error` says why. *s is to be cleared. */
static inline bool parse(enum api_answer answer, const char *text, size_t len,
                         size_t piece, struct hub_snapshot *s, char error[96]) {
  bool oversize;
  hub_snapshot_init(s);
  bool good = api_parse(answer, text, len, piece, s, error, &oversize);
  assert_int_equal(good, *error == '\0');
  assert_false(oversize);
  return good;
}

/* Two health documents give the same, in whatever pieces. */
static inline void assert_same(const char *text, const char *as) {
  struct hub_snapshot want, got;
  char error[96];
  if (!parse(API_HEALTH, as, strlen(as), WHOLE, &want, error))
    fail_msg("%s: %s", as, error);
  for (size_t i = 0; i < ARRAY_LENGTH(api_pieces); i++) {
    if (!parse(API_HEALTH, text, strlen(text), api_pieces[i], &got, error))
      fail_msg("%s: %s", text, error);
    const char *difference = reference_difference(&got, &want);
    if (difference != NULL)
      fail_msg("%s: %s differs in %s", text, difference, as);
    hub_snapshot_clear(&got);
  }
  hub_snapshot_clear(&want);
}

static inline void assert_error(const char *text, size_t len,
                                const char *error) {
  for (size_t i = 0; i < 2 * ARRAY_LENGTH(api_pieces); i++) {
    struct hub_snapshot s;
    char got[96];
    if (parse(i % 2 ? API_HEALTH : API_FILTERING, text, len, api_pieces[i / 2],
              &s, got))
      fail_msg("accepted: %s", text);
    assert_string_equal(got, error);
    assert_int_equal(s.servers_num, 0);
    hub_snapshot_clear(&s);
  }
}

static inline char *repeat(const char *text, size_t times) {
  size_t len = strlen(text);
  char *all = malloc(len * times + 1);
  assert_non_null(all);
  for (size_t i = 0; i < times; i++)
    memcpy(all + i * len, text, len);
  all[len * times] = '\0';
  return all;
}

/* head, text * times, tail */
static inline char *fill(const char *head, const char *text, size_t times,
                         const char *tail) {
  char *middle = repeat(text, times);
  size_t size = strlen(head) + strlen(middle) + strlen(tail) + 1;
  char *all = malloc(size);
  assert_non_null(all);
  snprintf(all, size, "%s%s%s", head, middle, tail);
  free(middle);
  return all;
}

static const char sample[] =
    " {\r\n\t\"sta\\u0074e\" : \"re\\u0061dy\" , \"x\":[-0.5e+10,true,false,"
    "null,{\"y\":[[],{}]}],\"servers\":[{\"name\":\"a\\\"\\ud83d\\ude00\\ud83d"
    "\",\"status\":\"o\\td\\u0064\",\"uptime\": 20E-1 ,\"capabilities\":{"
    "\"tools\":[{\"d\":\"]}\\\\\\\"[\"},[1,2],3,\"a,b\",null] ,\"resources\":[ "
    "],\"prompts\":7}, \"config_source\":\"/c\"},7,[8],\"nine\",{}],"
    "\"workspaces\":{\"allActive\":{\"7000\":{\"pid\":1e2,\"state\":\"active\","
    "\"config_files\":[\"/a\" , [\"/b\"] ,\"/\\u00e4\"],\"cwd\":\"/\"},\"\":{}}"
    ",\"current\":\"7000\"}, \"longer than sixteen bytes\": \"and so is this\"}"
    "\n";

#endif
