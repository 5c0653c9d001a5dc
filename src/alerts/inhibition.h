/* inhibition.h - who silences whom: the names must exist and not form a circle.
 */
#ifndef ALERTS_INHIBITION_H
#define ALERTS_INHIBITION_H

#include "alerts/draft.h"

/* Marks who inhibits others. 0, or -1 with an error as in jsonread.h. */
int inhibition_check(struct jsonread *in, struct draft *drafts, size_t num);

#endif
