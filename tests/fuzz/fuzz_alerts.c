/* SPDX-License-Identifier: MIT */
/* The alert plugin without collectd: engine, notifier, webhooks' outboxes,
 * incidents and what a restart keeps, driven by bytes: values, time that goes
 * on or steps back, other rules, restarts, deliveries that fail.
 *
 * Promises: each event goes on where the one before of its alert ended; what is
 * listed is what fires; only what was delivered is resolved, and when all
 * rules are gone everything is; a restart changes none of it; what goes out is
 * JSON. */
#include "fuzz.h"
#include "hub/json_reference.h"
#include "notify/message.h"
#include "notify/webhook_queue.h"
#include "report/note_incident.h"
#include "report/state_file.h"
#include "report/status_json.h"

#include <math.h>

#define RULESETS 4
#define SERIES 8
#define MODEL_MAX 512
#define EPOCH 1.7e9 /* of the wall clock at time 0 */

/* ---- what is fed ---- */

static const char *const rule_texts[RULESETS] = {
    "{\"settings\": {\"group_wait\": \"5s\"}, \"rules\": ["
    "{\"name\": \"a\", \"metric\": \"*/*/*\", \"op\": \">\", \"warning\": 5,"
    " \"critical\": 50, \"clear\": 3, \"inhibited_by\": [\"hub_down\"]},"
    "{\"name\": \"b\", \"metric\": \"*/*/x*\", \"op\": \"<=\", \"info\": 2,"
    " \"for\": \"20s\", \"clear_for\": \"15s\", \"no_data\": \"critical\"}]}",
    "{\"settings\": {\"repeat\": \"1m\", \"group_wait\": \"0\"}, \"rules\": ["
    "{\"name\": \"a\", \"metric\": \"*/*/*\", \"op\": \"<\", \"critical\": 7,"
    " \"no_data\": \"ok\", \"no_data_for\": \"40s\"},"
    "{\"name\": \"b\", \"metric\": \"*/*/x*\", \"op\": \">\", \"warning\": 2,"
    " \"function\": \"avg\", \"window\": \"1m\", \"inhibited_by\": [\"a\"]},"
    "{\"name\": \"c\", \"metric\": \"h/p/t-gone\", \"function\": \"absent\","
    " \"op\": \">\", \"warning\": 30}],"
    "\"silences\": [{\"metric\": \"*/mcp_hub-*/*\","
    " \"until\": \"2023-11-14T22:23:20Z\", \"reason\": \"load\"}]}",
    "{\"notify_info\": true, \"rules\": ["
    "{\"name\": \"a\", \"metric\": \"*/*/*\", \"ds\": \"value\","
    " \"function\": \"flaps\", \"window\": \"2m\", \"op\": \">\", \"info\": 1,"
    " \"warning\": 3, \"runbook\": \"https://x/{\\\"}\"},"
    "{\"name\": \"d\", \"metric\": \"*/*/*\", \"function\": \"percentile\","
    " \"rank\": 90, \"window\": \"1m\", \"op\": \">\", \"warning\": 4,"
    " \"message\": \"{identity} {value} {{ {threshold} {since}\"},"
    "{\"name\": \"e\", \"metric\": \"*/*/t*\", \"function\": \"delta\","
    " \"window\": \"30s\", \"op\": \">=\", \"warning\": 9},"
    "{\"name\": \"server_dead\", \"enabled\": false}]}",
    "{\"critical\": {\"llm_success_rate\": 0.9}, \"warning\": {\"queue_depth\":"
    " 5}, \"rules\": ["
    "{\"name\": \"f\", \"metric\": \"*/*/*\", \"function\": \"anomaly\","
    " \"severity\": \"warning\"},"
    "{\"name\": \"g\", \"metric\": \"*/*/*\", \"function\": \"leak\","
    " \"window\": \"2m\", \"warning\": 100},"
    "{\"name\": \"h\", \"metric\": \"*/*/*\", \"function\": \"burn_rate\","
    " \"window\": \"1m\", \"objective\": 99, \"op\": \">\","
    " \"warning\": 2},"
    "{\"name\": \"i\", \"metric\": \"*/*/*\", \"function\": \"count_over\","
    " \"window\": \"1m\", \"limit\": 3, \"op\": \">\", \"warning\": 1}]}",
};

static const struct series all_series[SERIES] = {
    {"h", "p", "", "t", "x", "value"},
    {"h", "p", "", "t", "x", "other"},
    {"h", "mcp_hub", "one", "bool", "up", "value"},
    {"h", "mcp_hub", "one", "mcp_server_state", "git", "value"},
    {"h", "mcp_hub", "one", "mcp_server_state", "a\"\\\xff\n<@x>", "value"},
    {"h", "mcp_hub", "one", "percent", "llm_success", "value"},
    {"h\xc3", "mcp_hub", "two", "mcp_servers", "connected", "value"},
    {"h\xc3", "mcp_hub", "two", "queue_length", "llm", "value"},
};

struct input {
  const uint8_t *at;
  size_t left;
};

static unsigned byte(struct input *in) {
  if (in->left == 0)
    return 0;
  in->left--;
  return *in->at++;
}

static double figure(struct input *in) {
  static const double known[] = {0,  1,   2,   3,  4,   5,   6,     7,
                                 10, 100, 1e9, -1, NAN, 0.5, 1e300, INFINITY};
  unsigned code = byte(in);
  double raw = 0;
  if (code < 240 || in->left < sizeof(raw))
    return known[code % (sizeof(known) / sizeof(*known))];
  memcpy(&raw, in->at, sizeof(raw));
  in->at += sizeof(raw);
  in->left -= sizeof(raw);
  return raw;
}

/* ---- what has happened to each alert ---- */

struct model {
  char rule[RULE_NAME_MAX + 1];
  const struct series *series;
  enum alert_level level;  /* as the engine said last */
  bool notified;           /* that it is not ok */
  bool unconfirmed;        /* whether the last notice has arrived */
  bool unconfirmed_before; /* that was so at a restart */
  bool listed;
};

struct plugin {
  struct alert_memory m;
  struct ruleset *sets[RULESETS];
  unsigned set;
  struct webhook_queue *outboxes[3];
  struct model models[MODEL_MAX];
  size_t models_num;
  double now, wall;
};

static bool same_series(const struct series *a, const struct series *b) {
  return strcmp(a->host, b->host) == 0 && strcmp(a->plugin, b->plugin) == 0 &&
         strcmp(a->plugin_instance, b->plugin_instance) == 0 &&
         strcmp(a->type, b->type) == 0 &&
         strcmp(a->type_instance, b->type_instance) == 0 &&
         strcmp(a->ds, b->ds) == 0;
}

/* Series come from the table, or from the metric of a rule that is absent. */
static const struct series *known_series(const struct series *s) {
  static const struct series gone = {"h", "", "p", "t", "gone", ""};
  for (size_t i = 0; i < SERIES; i++)
    if (same_series(&all_series[i], s))
      return &all_series[i];
  return &gone;
}

static struct model *model_of(struct plugin *p, const struct alert *e) {
  const struct series *s = known_series(&e->series);
  for (size_t i = 0; i < p->models_num; i++)
    if (p->models[i].series == s &&
        strcmp(p->models[i].rule, e->rule_name) == 0)
      return &p->models[i];
  demand(p->models_num < MODEL_MAX, "few alerts");
  struct model *m = &p->models[p->models_num++];
  *m = (struct model){.series = s};
  snprintf(m->rule, sizeof(m->rule), "%s", e->rule_name);
  return m;
}

static void on_event(void *arg, const struct alert *e) {
  struct plugin *p = arg;
  struct model *m = model_of(p, e);
  demand(e->previous == m->level, "an event goes on where its alert was");
  demand(e->level != e->previous, "an event is a change");
  demand(isfinite(e->since) && e->since <= e->time && e->time <= p->now,
         "since then, and now");
  m->level = e->level;
  dispatcher_event(p->m.notifier, e);
}

static void post(const struct plugin *p, const struct alert *e,
                 const char *message) {
  struct alert a = *e;
  a.since = floor(EPOCH + e->since);
  a.time = floor(p->wall);
  a.message = message;
  for (size_t i = 0; i < 3; i++)
    webhook_queue_put(p->outboxes[i],
                      &(struct webhook_notice){&a, &a, 1, false}, p->now);
}

static int on_notification(void *arg, const struct alert *events, size_t num) {
  struct plugin *p = arg;
  char message[MESSAGE_MAX];
  message_format(events, num, (time_t)(EPOCH + events->since), message);
  demand_one_line(message, "a notice is one line");
  for (size_t i = 0; i < num; i++) {
    const struct alert *e = &events[i];
    struct model *m = model_of(p, e);
    bool ok = e->level == ALERT_OK && e->reason != ALERT_FLAPPING;
    demand(!ok || m->notified || m->unconfirmed_before,
           "only what was delivered is resolved");
    demand(e->reason != ALERT_REPEATED || m->notified,
           "only what was delivered is repeated");
    demand(e->reason == ALERT_FLAPPING || e->level == m->level,
           "a notice is true");
    m->notified = !ok;
    m->unconfirmed = true;
    m->unconfirmed_before = false;
    message_format(e, 1, (time_t)(EPOCH + e->since), message);
    if (e->reason != ALERT_FLAPPING && e->reason != ALERT_REPEATED)
      note_incident(p->m.incidents, e, message, EPOCH + e->since,
                    EPOCH + e->time);
    post(p, e, message);
  }
  return 0;
}

/* ---- what can be asked ---- */

static void list_alert(void *arg, const struct alert *e) {
  struct plugin *p = arg;
  struct model *m = model_of(p, e);
  if (e->level == ALERT_OK)
    return; /* pending */
  demand(m->level == e->level && !m->listed, "what fires is listed once");
  m->listed = true;
}

static void add_counts(void *arg, const struct engine_counts *c) {
  size_t *sum = arg;
  for (int level = ALERT_INFO; level < ALERT_LEVELS; level++)
    sum[level] += c->firing[level];
}

static void check_alerts(struct plugin *p) {
  size_t counted[ALERT_LEVELS] = {0};
  for (size_t i = 0; i < p->models_num; i++)
    p->models[i].listed = false;
  engine_each_alert(p->m.engine, list_alert, p);
  engine_each_count(p->m.engine, add_counts, counted);
  for (size_t i = 0; i < p->models_num; i++) {
    const struct model *m = &p->models[i];
    demand(m->listed == (m->level != ALERT_OK), "all that fires is listed");
    counted[m->level] -= m->level != ALERT_OK;
  }
  for (int level = ALERT_INFO; level < ALERT_LEVELS; level++)
    demand(counted[level] == 0, "what fires is counted");
}

static void add_alert(void *arg, const struct alert *e) {
  struct status_json *s = arg;
  demand(s->alerts_num < MODEL_MAX, "few alerts");
  s->alerts[s->alerts_num++] = *e;
}

static void check_status(const struct plugin *p) {
  struct alert alerts[MODEL_MAX];
  struct status_json s = {
      .time = p->wall, .alerts = alerts, .incidents = p->m.incidents};
  struct hub_stats *hubs = hub_stats_table_copy(p->m.hubs, NULL, &s.hubs_num);
  size_t len = 0;
  engine_each_alert(p->m.engine, add_alert, &s);
  s.hubs = hub_reports_of(hubs, s.hubs_num, p->now);
  char *text = status_json_write(&s, &len);
  demand(text != NULL && reference_is_json(text, len), "status.json is JSON");
  free(text);
  free(s.hubs);
  free(hubs);
}

/* ---- what is done ---- */

static void open_memory(struct plugin *p, engine_emit_fn emit,
                        dispatcher_deliver_fn deliver) {
  p->m = (struct alert_memory){engine_create(100, emit, p),
                               dispatcher_create(100, deliver, p),
                               hub_stats_table_create(4), incidents_create(10)};
  engine_set_rules(p->m.engine, ruleset_share(p->sets[p->set]), p->now);
  dispatcher_set_rules(p->m.notifier, p->sets[p->set], p->now);
}

static void close_memory(const struct alert_memory *m) {
  engine_destroy(m->engine);
  dispatcher_destroy(m->notifier);
  hub_stats_table_destroy(m->hubs);
  incidents_destroy(m->incidents);
}

static void feed(struct plugin *p, struct input *in) {
  unsigned code = byte(in);
  const struct series *s = &all_series[code % SERIES];
  struct sample x = {.kind =
                         code / SERIES % 8 == 7 ? byte(in) % 4 : SAMPLE_GAUGE,
                     .time = p->wall,
                     .interval = code & 128 ? 1 + byte(in) : 10};
  double value = figure(in);
  if (x.kind == SAMPLE_GAUGE)
    x.value.gauge = value;
  else
    x.value.derive = isfinite(value) && fabs(value) < 9e18 ? (int64_t)value : 0;
  engine_sample(p->m.engine, s, &x, p->now);
  if (x.kind == SAMPLE_GAUGE && isfinite(value)) {
    const struct hub_stats_sample seen = {value, x.interval, p->now, p->wall};
    hub_stats_table_sample(p->m.hubs, s, &seen);
  }
}

static void tick(struct plugin *p, double step) {
  p->now += step;
  p->wall += step;
  engine_tick(p->m.engine, p->now);
  dispatcher_tick(p->m.notifier, p->now, p->wall);
}

static void change_rules(struct plugin *p, unsigned set) {
  p->set = set;
  engine_set_rules(p->m.engine, ruleset_share(p->sets[set]), p->now);
  dispatcher_set_rules(p->m.notifier, p->sets[set], p->now);
}

/* What has perhaps not arrived is told once more; the engine ends those whose
 * rule is gone in silence. */
static void restart_models(struct plugin *p) {
  for (size_t i = 0; i < p->models_num; i++) {
    struct model *m = &p->models[i];
    m->unconfirmed_before |= m->unconfirmed;
    if (ruleset_find(p->sets[p->set], m->rule) == NULL)
      m->level = ALERT_OK;
  }
}

static struct serializer save(const struct plugin *p) {
  struct serializer file = {0};
  demand(state_file_write(&p->m, p->now, p->wall, &file) == 0, "memory");
  state_file_seal(&file);
  return file;
}

static void load(const struct plugin *p, const struct serializer *file,
                 double away) {
  char err[200] = "";
  double now = 0;
  double wall = 0;
  demand(state_file_check(file->data, file->len, &now, &wall, err,
                          sizeof(err)) == 0,
         "what was saved is ours");
  demand(state_file_read(&p->m, file->data, file->len, away, p->now) == 0,
         "what was saved is read");
}

static void restart(struct plugin *p, unsigned set, double away) {
  struct serializer file = save(p);
  close_memory(&p->m);
  p->set = set;
  restart_models(p);
  p->wall += away;
  p->now += away;
  open_memory(p, on_event, on_notification);
  load(p, &file, away);
  free(file.data);
}

static void no_event(void *arg, const struct alert *event) {
  (void)arg;
  (void)event;
  demand(0, "a restart with the same rules changes nothing");
}

static int no_notice(void *arg, const struct alert *events, size_t num) {
  (void)num;
  no_event(arg, events);
  return 0;
}

struct saved {
  struct serializer file;
  uint64_t alerts; /* of what is known of each; in any order */
};

static void add_alert_known(void *arg, const struct alert *e) {
  uint64_t *sum = arg;
  uint64_t hash = 14695981039346656037U; /* FNV-1a */
  struct serializer known = {0};
  serialize_text(&known, e->rule_name);
  serialize_text(&known, e->series.host);
  serialize_text(&known, e->series.type_instance);
  serialize_text(&known, e->series.ds);
  serialize_u64(&known, e->level * 2 + (e->status == STATUS_CLEARING));
  serialize_double(&known, e->since);
  serialize_double(&known, e->value);
  serialize_double(&known, e->threshold);
  demand(!known.failed, "memory");
  for (size_t i = 0; i < known.len; i++)
    hash = (hash ^ known.data[i]) * 1099511628211U;
  *sum += hash;
  free(known.data);
}

static struct saved save_all(const struct plugin *p) {
  struct saved s = {.file = save(p)};
  engine_each_alert(p->m.engine, add_alert_known, &s.alerts);
  return s;
}

/* What a plugin saves that has read this just now. */
static struct saved reload(const struct plugin *p, const struct saved *s) {
  struct plugin q = *p;
  open_memory(&q, no_event, no_notice);
  load(&q, &s->file, 0);
  struct saved again = save_all(&q);
  close_memory(&q.m);
  return again;
}

/* What was unsure is in doubt after a restart, values are unknown, and each
 * turns the order of what is saved around. */
static void check_saved(const struct plugin *p) {
  struct saved s[4] = {save_all(p)};
  for (size_t i = 1; i < 4; i++) {
    s[i] = reload(p, &s[i - 1]);
    demand(s[i].alerts == s[0].alerts, "alerts go on as they were");
  }
  const struct serializer *a = &s[1].file;
  const struct serializer *b = &s[3].file;
  demand(a->len == b->len && memcmp(a->data, b->data, a->len) == 0,
         "what was read is what is saved");
  for (size_t i = 0; i < 4; i++)
    free(s[i].file.data);
}

static void deliver(struct plugin *p, struct input *in) {
  unsigned code = byte(in);
  struct webhook_queue *o = p->outboxes[code % 3];
  char *body = webhook_queue_begin(o, p->now, (int64_t)p->wall);
  if (body == NULL)
    return;
  demand(reference_is_json(body, strlen(body)), "a body is JSON");
  free(body);
  enum webhook_queue_outcome outcome =
      (enum webhook_queue_outcome)(code / 3 % 3);
  webhook_queue_end(o, outcome, code & 128 ? fabs(figure(in)) : 0,
                    (code & 7) / 7.0, p->now);
  demand(!isnan(webhook_queue_due(o)), "a time to try again");
  demand(outcome != WEBHOOK_QUEUE_FAILED ||
             webhook_queue_due(o) <= p->now + WEBHOOK_QUEUE_MAX_PATIENCE,
         "within an hour");
}

static void act(struct plugin *p, struct input *in) {
  unsigned code = byte(in);
  switch (code % 16) {
  case 0:
    change_rules(p, code / 16 % RULESETS);
    break;
  case 1:
    restart(p, code & 128 ? code / 16 % RULESETS : p->set, code & 64 ? 5 : 0);
    break;
  case 2:
    deliver(p, in);
    break;
  case 3:
    dispatcher_delivered(p->m.notifier);
    for (size_t i = 0; i < p->models_num; i++)
      p->models[i].unconfirmed = false;
    break;
  case 4:
    tick(p, code & 128 ? 3700 : code);
    break;
  case 5:
    p->wall += code & 128 ? -500 : 500;
    break;
  case 6:
    hub_stats_table_end_day(p->m.hubs, p->wall);
    incidents_expire(p->m.incidents, p->wall);
    break;
  case 7:
    check_status(p);
    check_saved(p);
    break;
  case 8:
  case 9:
  case 10:
    tick(p, code / 16);
    break;
  default:
    feed(p, in);
  }
}

static void check_told(void *arg, const struct alert *event) {
  (void)arg;
  (void)event;
  demand(0, "without rules nothing is told to go on");
}

/* Without rules, and after any wait, all is over. */
static void end(struct plugin *p) {
  static const char none[] = "{}";
  char err[200] = "";
  struct ruleset *set = ruleset_parse(none, strlen(none), err, sizeof(err));
  demand(set != NULL, "no rules of one's own");
  engine_set_rules(p->m.engine, NULL, p->now);
  dispatcher_set_rules(p->m.notifier, set, p->now);
  for (int i = 0; i < 4; i++)
    tick(p, 100000);
  dispatcher_each_notified(p->m.notifier, check_told, NULL);
  for (size_t i = 0; i < p->models_num; i++)
    demand(p->models[i].level == ALERT_OK && !p->models[i].notified,
           "what was told is told to be over");
  ruleset_destroy(set);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static struct ruleset *sets[RULESETS];
  struct plugin p = {.now = 1000, .wall = EPOCH + 1000};
  struct input in = {data, size};
  char err[200] = "";
  for (size_t i = 0; i < RULESETS; i++) {
    if (sets[i] == NULL)
      sets[i] =
          ruleset_parse(rule_texts[i], strlen(rule_texts[i]), err, sizeof(err));
    demand(sets[i] != NULL, err);
    p.sets[i] = sets[i];
  }
  for (size_t i = 0; i < 3; i++) {
    const struct webhook_queue_settings settings = {
        (enum webhook_queue_format)i, (enum alert_level)(ALERT_INFO + i), 4, 8,
        60};
    p.outboxes[i] = webhook_queue_create(&settings);
  }
  open_memory(&p, on_event, on_notification);
  while (in.left > 0) {
    act(&p, &in);
    check_alerts(&p);
  }
  end(&p);
  close_memory(&p.m);
  for (size_t i = 0; i < 3; i++)
    webhook_queue_destroy(p.outboxes[i]);
  return 0;
}
