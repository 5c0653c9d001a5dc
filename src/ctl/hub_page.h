/* SPDX-License-Identifier: MIT */
/* hub_page.h - one look at the hubs: the page of the only one, else a table; or
 * the same as data. */
#ifndef CTL_HUB_PAGE_H
#define CTL_HUB_PAGE_H

#include "ctl/page_data.h"

/* Puts it on the page; with `p` NULL into *json: every value, alert and score
 * of every hub. Without status.json there is less to see. -1 with `err`:
 * collectd does not answer; either may have been begun. */
int hub_page_look(const struct ctl *c, struct page *p, struct json_writer *json,
                  char *err, size_t err_size);

/* ---- its parts ---- */

void hub_page_put(struct page *p, const struct page_data *d,
                  const struct hub_name *hub);
/* Why there is no more about alerts, where status.json is missing or its rules
 * are not those of the file. */
void hub_page_put_missing(struct page *p, const struct page_data *d);
void hub_table_put(struct page *p, const struct page_data *d,
                   const struct hub_name *hubs, size_t num);
void hub_json_put(struct json_writer *w, const struct page_data *d);

#endif
