/* SPDX-License-Identifier: MIT */
/* status_file.h - the status.json that a running alert plugin writes: found,
 * new enough, about what the command asks for.
 *
 * Read whole, at most STATUS_FILE_MAX bytes. Texts in it are untrusted. */
#ifndef CTL_STATUS_FILE_H
#define CTL_STATUS_FILE_H

#include "ctl/ctl.h"
#include "report/status_json.h"

#define STATUS_FILE_MAX (64U << 20)

/* For status_json_free(): alerts sorted, active ones first, of these the worst,
 * then the oldest. NULL: `err` says why and what to do: not there, not
 * permitted, no status.json, older than c->max_age, without the hub that `c`
 * names. */
struct status_json *status_file_read(const struct ctl *c, double now, char *err,
                                     size_t err_size);

/* Whether its message says since when. */
bool status_file_says_since(const struct alert *a);

#endif
