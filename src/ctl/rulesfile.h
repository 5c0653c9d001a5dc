/* rulesfile.h - an alerts.json on disk -> a ruleset. */
#ifndef CTL_RULESFILE_H
#define CTL_RULESFILE_H

#include "alerts/ruleset.h"
#include "ctl/ctl.h"

/* NULL: it said why, "FILE:12: rules[3].for: …", and *status is the exit
 * status. */
struct ruleset *rulesfile_read(const struct ctl *c, const char *path,
                               int *status);

#endif
