/* SPDX-License-Identifier: MIT */
/* Loss of power at any write or sync: what was committed is there, what was not
 * is there whole or not at all. */
#include "store/store.h"

#include "store/faulty_vfs.h"
#include "unit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LOSSES 1000
#define ROWS 40 /* of a transaction */

static char folder[] = "/tmp/test_power.XXXXXX";
static char path[64];

struct found { /* in the database: each transaction has ROWS rows */
  int rows;
  int64_t last;
};

static void count(void *arg, const struct store_incident *row) {
  struct found *found = arg;
  found->rows++;
  found->last = row->id > found->last ? row->id : found->last;
}

static enum store_result open_store(struct store **s) {
  const struct store_options o = {.path = path, .vfs = "faulty"};
  char err[256];
  return store_open(s, &o, err, sizeof(err));
}

static enum store_result put(struct store *s, int64_t number) {
  static const struct store_identity id = {"h", "mcp_hub", "i", "t", "x", "v"};
  enum store_result result = store_begin(s);
  for (int64_t i = 0; i < ROWS; i++) {
    const struct store_incident row = {.id = number * ROWS + i + 1,
                                       .begin = (double)number,
                                       .end = NAN,
                                       .rule = "rule",
                                       .identity = id,
                                       .message = "a message of some length"};
    store_put_incident(s, &row);
  }
  return result == STORE_OK ? store_commit(s) : result;
}

/* Writes until the power is gone. Returns the number of transactions that were
 * confirmed so far. */
static int64_t write_until_off(int64_t confirmed) {
  struct store *s = NULL;
  enum store_result result = open_store(&s);
  while (result == STORE_OK) {
    result = put(s, confirmed);
    confirmed += result == STORE_OK;
  }
  assert_true(faulty_vfs_is_off());
  store_close(s);
  return confirmed;
}

static int64_t check(int64_t confirmed) {
  struct found found = {0};
  struct store *s = NULL;
  assert_int_equal(open_store(&s), STORE_OK);
  assert_int_equal(store_each_incident(s, 0, count, &found), STORE_OK);
  assert_int_equal(found.rows % ROWS, 0);
  assert_int_equal(found.last, found.rows);
  int64_t whole = found.rows / ROWS;
  assert_true(whole == confirmed || whole == confirmed + 1);
  store_close(s);
  return whole;
}

static void what_was_committed_survives_a_loss_of_power(void **state) {
  char shared[80];
  int64_t confirmed = 0;
  (void)state;
  snprintf(shared, sizeof(shared), "%s-shm", path);
  faulty_vfs_reset();
  for (unsigned i = 0; i < LOSSES; i++) {
    faulty_vfs_cut_power((int)(i * 7919 % 311));
    confirmed = write_until_off(confirmed);
    faulty_vfs_lose(i + 1);
    unlink(shared); /* memory, in truth */
    confirmed = check(confirmed);
    if (confirmed > 300) { /* keep it small: begin anew */
      unlink(path);
      confirmed = 0;
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_was_committed_survives_a_loss_of_power),
  };
  char command[128];
  if (mkdtemp(folder) == NULL)
    return 1;
  snprintf(path, sizeof(path), "%s/db", folder);
  int status = cmocka_run_group_tests(tests, NULL, NULL);
  faulty_vfs_reset();
  snprintf(command, sizeof(command), "rm -r %s", folder);
  return system(command) != 0 ? 1 : status;
}
