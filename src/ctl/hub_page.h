/* SPDX-License-Identifier: MIT */
/* hub_page.h - one look at the hubs: the page of the only one, else a table; or
 * the same as data. */
#ifndef CTL_HUB_PAGE_H
#define CTL_HUB_PAGE_H

#include "ctl/ctl.h"
#include "ctl/page.h"

/* Puts it on the page; with `p` NULL into *json: every value, alert and score
 * of every hub. Without status.json there is less to see. -1 with `err`:
 * collectd does not answer; either may have been begun. */
int hub_page_look(const struct ctl *c, struct page *p, struct json_writer *json,
                  char *err, size_t err_size);

#endif
