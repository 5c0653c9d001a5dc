/* SPDX-License-Identifier: MIT */
#include "hub/snapshot.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void hub_snapshot_init(struct hub_snapshot *s) {
  *s = (struct hub_snapshot){
      .state = HUB_UNKNOWN, .self = {.start = NAN}, .timestamp = NAN};
  for (size_t i = 0; i < HUB_NUMBERS; i++)
    s->number[i] = NAN;
}

void hub_snapshot_clear(struct hub_snapshot *s) {
  free(s->servers);
  free(s->self.config_files);
  free(s->texts);
  hub_snapshot_init(s);
}

int server_snapshot_compare(const struct server_snapshot *a,
                            const struct server_snapshot *b) {
  if (a->name == NULL || b->name == NULL)
    return (a->name != NULL) - (b->name != NULL);
  size_t len = a->name_len < b->name_len ? a->name_len : b->name_len;
  int order = memcmp(a->name, b->name, len);
  return order != 0 ? order
                    : (a->name_len > b->name_len) - (a->name_len < b->name_len);
}
