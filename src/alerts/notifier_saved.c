#include "alerts/notifier_parts.h"

#include <math.h>
#include <string.h>

static void save_alert(const struct alert *a, struct bytes *out) {
  bytes_put_text(out, a->rule->name);
  series_save(&a->subject->entry.series, out);
  bytes_put_u64(out, a->level);
  bytes_put_u64(out, a->reason);
  bytes_put_u64(out, (uint64_t)(a->told - FLAPPING));
  bytes_put_u64(out, a->worst);
  bytes_put_u64(out, a->waits);
  bytes_put_u64(out, a->again);
  bytes_put_u64(out, a->released);
  bytes_put_u64(out, a->unsure || a->doubtful);
  bytes_put_double(out, a->due);
  bytes_put_double(out, a->value);
  bytes_put_double(out, a->threshold);
  bytes_put_double(out, a->since);
  bytes_put_double(out, a->now);
  bytes_put_double(out, a->changed);
  bytes_put_double(out, a->told_at);
  bytes_put_u64(out, (uint64_t)a->flap.head);
  bytes_put_u64(out, a->flap.newest);
  bytes_put_u64(out, a->flap.active);
  bytes_put(out, a->flap.changes, sizeof(a->flap.changes));
}

void notifier_save(const struct notifier *n, struct bytes *out) {
  const struct alert *a = NULL;

  bytes_put_u64(out, n->num);
  TAILQ_FOREACH(a, &n->all, all) { save_alert(a, out); }
}

static void load_flap(struct flap *flap, struct bytes_reader *in) {
  uint64_t newest = 0;
  const void *changes = NULL;

  flap->head = (int64_t)bytes_get_u64(in);
  newest = bytes_get_u64(in);
  flap->active = bytes_get_u64(in) != 0;
  changes = bytes_get(in, sizeof(flap->changes));
  flap->newest = newest < FLAP_SLOTS ? (uint8_t)newest : FLAP_SLOTS;
  if (changes != NULL)
    memcpy(flap->changes, changes, sizeof(flap->changes));
  if (!flap_fits(flap))
    in->failed = true;
}

/* Fails unless it is a number from 0 to `most`. */
static int load_choice(struct bytes_reader *in, int most) {
  uint64_t number = bytes_get_u64(in);

  if (number <= (uint64_t)most)
    return (int)number;
  in->failed = true;
  return 0;
}

static void load_figures(struct alert *a, struct bytes_reader *in) {
  a->level = (enum alert_level)load_choice(in, ALERT_CRITICAL);
  a->reason = (enum alert_reason)load_choice(in, ALERT_REPEATED);
  a->told = load_choice(in, ALERT_CRITICAL - FLAPPING) + FLAPPING;
  a->worst = (enum alert_level)load_choice(in, ALERT_CRITICAL);
  a->waits = load_choice(in, true);
  a->again = load_choice(in, true);
  a->released = load_choice(in, true);
  a->doubtful = load_choice(in, true);
  a->due = bytes_get_double(in);
  a->value = bytes_get_double(in);
  a->threshold = bytes_get_double(in);
  a->since = bytes_get_time(in);
  a->now = bytes_get_time(in);
  a->changed = bytes_get_time(in);
  a->told_at = bytes_get_time(in);
  load_flap(&a->flap, in);
  if (isnan(a->due))
    in->failed = true;
}

/* Its rule is gone: whoever has heard of it hears of its end. */
static void tell_orphan(const struct notifier *n, const struct alert *a,
                        char *name, const struct series *s, double now) {
  const struct rule rule = {.name = name};
  const struct alert_event event = {
      .rule = &rule,
      .series = s,
      .level = ALERT_OK,
      .previous = a->told <= ALERT_OK ? a->worst : (enum alert_level)a->told,
      .reason = ALERT_RULE_CHANGED,
      .value = a->value,
      .threshold = NAN,
      .since = a->since,
      .now = now};

  if (a->told != ALERT_OK || a->doubtful)
    n->tell(n->arg, &event, 1);
}

/* Its place among those of the rules in force. */
static void take_loaded(struct notifier *n, const struct rule *rule,
                        const struct series *s, const struct alert *loaded,
                        double now) {
  struct alert *a = alert_add(n, rule, s, loaded->changed);

  if (a == NULL)
    return;
  a->level = loaded->level;
  a->reason = loaded->reason;
  a->told = loaded->told;
  a->worst = loaded->worst;
  a->again = loaded->again;
  a->released = loaded->released;
  a->value = loaded->value;
  a->threshold = loaded->threshold;
  a->since = loaded->since;
  a->now = loaded->now;
  a->changed = loaded->changed;
  a->told_at = loaded->told_at;
  a->flap = loaded->flap;
  alert_set_inhibitor(a);
  alert_find_silence(n, a);
  a->doubtful = loaded->doubtful;
  if (loaded->waits && !a->doubtful)
    alert_enqueue(n, a, loaded->due);
  else if (a->doubtful)
    alert_enqueue(n, a, now + DOUBT);
}

static void load_alert(struct notifier *n, struct bytes_reader *in,
                       double now) {
  const char *name = bytes_get_text(in);
  const struct series s = series_load(in);
  struct alert loaded = {0};
  const struct rule *rule = NULL;

  load_figures(&loaded, in);
  if (in->failed)
    return;
  rule = n->rules != NULL ? ruleset_find(n->rules, name) : NULL;
  if (rule == NULL)
    tell_orphan(n, &loaded, (char *)(uintptr_t)name, &s, now);
  else if (alert_find(n, name, &s) == NULL)
    take_loaded(n, rule, &s, &loaded, now);
}

int notifier_load(struct notifier *n, struct bytes_reader *in, double now) {
  uint64_t num = bytes_get_u64(in);

  for (uint64_t i = 0; i < num && !in->failed; i++)
    load_alert(n, in, now);
  if (!in->failed)
    return 0;
  while (!TAILQ_EMPTY(&n->all))
    alert_drop(n, TAILQ_FIRST(&n->all));
  return -1;
}
