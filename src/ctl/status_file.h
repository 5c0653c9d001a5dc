/* SPDX-License-Identifier: MIT */
/* status_file.h - finds, checks and reads the status.json of the alert plugin.
 *
 * Reads at most STATUS_FILE_MAX bytes. Strings are not trusted. */
#ifndef CTL_STATUS_FILE_H
#define CTL_STATUS_FILE_H

#include "ctl/ctl.h"
#include "report/status_json.h"

#define STATUS_FILE_MAX (64U << 20)

/* Alerts are sorted: active first, then worst, then oldest. Free the result
 * with status_json_free(). NULL: `err` has reason and remedy (missing, not
 * permitted, invalid, older than c->max_age, hub of `c` unknown). */
struct status_json *status_file_read(const struct ctl *c, double now, char *err,
                                     size_t err_size);

/* True: the message says since when. */
bool status_file_says_since(const struct alert *a);

#endif
