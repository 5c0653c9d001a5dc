/* SPDX-License-Identifier: MIT */
#include "report/state_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FORMAT 3
#define HEAD_MAX 100

static int make_head(char head[HEAD_MAX]) {
  const uint32_t order = 0x01020304;
  unsigned char first = 0;

  memcpy(&first, &order, 1);
  return snprintf(head, HEAD_MAX,
                  "mcp_hub_alerts state %d, %s endian, %zu %zu\n", FORMAT,
                  first == 4 ? "little" : "big", sizeof(struct hub_stats),
                  incidents_saved_size());
}

/* CRC-32 (ISO 3309), four bits per step. */
static uint32_t checksum(const unsigned char *data, size_t len) {
  static const uint32_t table[16] = {
      0x00000000, 0x1DB71064, 0x3B6E20C8, 0x26D930AC, 0x76DC4190, 0x6B6B51F4,
      0x4DB26158, 0x5005713C, 0xEDB88320, 0xF00F9344, 0xD6D6A3E8, 0xCB61B38C,
      0x9B64C2B0, 0x86D3D2D4, 0xA00AE278, 0xBDBDF21C};
  uint32_t crc = 0xFFFFFFFF;

  for (size_t i = 0; i < len; i++) {
    crc = (crc >> 4) ^ table[(crc ^ data[i]) & 15];
    crc = (crc >> 4) ^ table[(crc ^ (data[i] >> 4)) & 15];
  }
  return crc ^ 0xFFFFFFFF;
}

/* ---- write ---- */

static void save_hubs(const struct hub_stats_table *hubs,
                      struct serializer *out) {
  size_t num = 0;
  const struct hub_stats **list = hub_stats_table_list(hubs, NULL, &num);

  out->failed |= list == NULL;
  serialize_u64(out, num);
  for (size_t i = 0; list != NULL && i < num; i++)
    serialize(out, list[i], sizeof(*list[i]));
  free(list);
}

int state_file_write(const struct alert_memory *m, double now, double wall,
                     struct serializer *out) {
  char head[HEAD_MAX];

  serialize(out, head, (size_t)make_head(head));
  serialize_u64(out, 0); /* set by state_file_seal() */
  serialize_double(out, now);
  serialize_double(out, wall);
  save_hubs(m->hubs, out);
  incidents_save(m->incidents, out);
  dispatcher_save(m->notifier, out);
  engine_save(m->engine, out);
  return out->failed ? -1 : 0;
}

void state_file_seal(struct serializer *out) {
  char head[HEAD_MAX];
  size_t at = (size_t)make_head(head);
  uint64_t crc = 0;

  crc = checksum(out->data + at + sizeof(crc), out->len - at - sizeof(crc));
  memcpy(out->data + at, &crc, sizeof(crc));
}

/* ---- read ---- */

static int skip_head(struct deserializer *in, char *err, size_t err_size) {
  char head[HEAD_MAX];
  int size = make_head(head);
  const void *given = deserialize(in, (size_t)size);

  if (given != NULL && memcmp(given, head, (size_t)size) == 0)
    return 0;
  snprintf(err, err_size, "expected the first line \"%.*s\"", size - 1, head);
  return -1;
}

int state_file_check(const void *data, size_t len, double *now, double *wall,
                     char *err, size_t err_size) {
  struct deserializer in = {.at = data, .left = len};
  uint64_t crc = 0;
  double times[2] = {0};

  if (skip_head(&in, err, err_size) != 0)
    return -1;
  crc = deserialize_u64(&in);
  if (in.failed || crc != checksum(in.at, in.left)) {
    snprintf(err, err_size, "damaged: the checksum does not fit");
    return -1;
  }
  times[0] = deserialize_time(&in);
  times[1] = deserialize_time(&in);
  if (in.failed) {
    snprintf(err, err_size, "damaged: it does not say when it was written");
    return -1;
  }
  *now = times[0];
  *wall = times[1];
  return 0;
}

static void load_hubs(struct hub_stats_table *hubs, struct deserializer *in,
                      double away, double now) {
  uint64_t num = deserialize_u64(in);
  struct hub_stats view;

  for (uint64_t i = 0; i < num && !in->failed; i++) {
    const void *data = deserialize(in, sizeof(view));
    if (data == NULL)
      return;
    memcpy(&view, data, sizeof(view));
    hub_stats_table_restore(hubs, &view, away, now);
  }
}

/* Loads what follows header, checksum and times. An allocation failure sets
 * errno only. */
static int load(const struct alert_memory *m, const void *data, size_t len,
                double away, double now) {
  struct deserializer in = {.at = data, .left = len};
  char head[HEAD_MAX];

  errno = 0;
  deserialize(&in,
              (size_t)make_head(head) + sizeof(uint64_t) + 2 * sizeof(double));
  load_hubs(m->hubs, &in, away, now);
  incidents_load(m->incidents, &in);
  return dispatcher_load(m->notifier, &in, now) == 0 &&
                 engine_load(m->engine, &in, away, now) == 0 && in.left == 0 &&
                 errno != ENOMEM
             ? 0
             : -1;
}

static void ignore_event(void *unused, const struct alert *event) {
  (void)unused;
  (void)event;
}

static int ignore_events(void *unused, const struct alert *events, size_t num) {
  (void)unused;
  (void)events;
  (void)num;
  return 0;
}

/* Validates the data: loads it into objects that keep nothing. */
static int validate(const void *data, size_t len, double away, double now) {
  struct alert_memory m = {.engine = engine_create(0, ignore_event, NULL),
                           .notifier =
                               dispatcher_create(0, ignore_events, NULL),
                           .hubs = hub_stats_table_create(0),
                           .incidents = incidents_create(0)};
  int status = -1;

  if (m.engine != NULL && m.notifier != NULL && m.hubs != NULL &&
      m.incidents != NULL)
    status = load(&m, data, len, away, now);
  engine_destroy(m.engine);
  dispatcher_destroy(m.notifier);
  hub_stats_table_destroy(m.hubs);
  incidents_destroy(m.incidents);
  return status;
}

int state_file_read(const struct alert_memory *m, const void *data, size_t len,
                    double away, double now) {
  if (validate(data, len, away, now) != 0)
    return -1;
  return load(m, data, len, away, now) == 0 ? 0 : 1;
}
