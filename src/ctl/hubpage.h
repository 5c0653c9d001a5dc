/* hubpage.h - one hub on a page; many hubs as a table. */
#ifndef CTL_HUBPAGE_H
#define CTL_HUBPAGE_H

#include "ctl/page.h"
#include "ctl/statusfile.h"
#include "ctl/values.h"

/* Everything of one moment. */
struct sight {
  struct values *values;
  struct statusfile *status; /* NULL: `missing` says why */
  char missing[CTL_ERROR_MAX];
  double time; /* epoch seconds */
};

/* 0, or -1 with `err`: no values. Without status.json there is less to see. */
int sight_take(struct sight *s, const struct ctl *c, char *err,
               size_t err_size);
void sight_free(struct sight *s);

/* The page of the only hub, else the table. */
void hubpage_put(struct page *p, const struct sight *s);

/* The same as data: every value, alert and score of every hub. */
struct json_object *hubpage_json(const struct sight *s);

#endif
