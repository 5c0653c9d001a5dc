/* SPDX-License-Identifier: MIT */
/* hub_page.h - shows the only hub as a page, several as a table, or all as
 * JSON. */
#ifndef CTL_HUB_PAGE_H
#define CTL_HUB_PAGE_H

#include "ctl/page_data.h"

/* Writes to the page, or to *json if `p` is NULL: all values, alerts and
 * scores. Without status.json some data is missing. -1 with `err`: collectd
 * does not answer; the output may be incomplete. */
int hub_page_look(const struct ctl *c, struct page *p, struct json_writer *json,
                  char *err, size_t err_size);

/* ---- parts of a page ---- */

/* Explains missing alert data: no status.json, or its rules are not those of
 * the file. */
void hub_page_put_missing(struct page *p, const struct page_data *d);
void hub_table_put(struct page *p, const struct page_data *d,
                   const struct hub_name *hubs, size_t num);
void hub_json_put(struct json_writer *w, const struct page_data *d);

#endif
