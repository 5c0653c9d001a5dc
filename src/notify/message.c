/* SPDX-License-Identifier: MIT */
#include "notify/message.h"

#include "metrics/metric.h"
#include "rules/template.h"
#include "util/utf8.h"

#include <stdio.h>
#include <string.h>

#define PIECES_MAX 96
#define NAME_LEAST 8U /* bytes kept of a longer identifier */
#define OTHERS_NAMED 3
#define OTHERS_MAX 48
#define ELLIPSIS "\xE2\x80\xA6"

/* ---- templates ---- */

/* For an alert without a rule: an empty rule. */
static const struct rule *rule_of(const struct alert *event) {
  static const struct rule none = {0};

  return event->rule != NULL ? event->rule : &none;
}

/* Start of the default template; choose_templates() adds the end. */
static const char *default_template(const struct alert *event) {
  bool ds = strcmp(event->series.ds, "value") != 0;

  switch (rule_of(event)->function) {
  case RULE_VALUE:
    return ds ? "{rule}: {identity} {ds} is {value} (alert at {op} {threshold})"
              : "{rule}: {identity} is {value} (alert at {op} {threshold})";
  case RULE_ABSENT:
    return "{rule}: no value of {identity} for {value} s (alert at "
           "{threshold})";
  case RULE_ANOMALY:
    return ds ? "{rule}: {identity} {ds} is {value}, unlike its past"
              : "{rule}: {identity} is {value}, unlike its past";
  default:
    return ds ? "{rule}: {function} of {identity} {ds} is {value} (alert at "
                "{op} {threshold})"
              : "{rule}: {function} of {identity} is {value} (alert at {op} "
                "{threshold})";
  }
}

static const char *general_end(const struct alert *event) {
  if (rule_of(event)->function == RULE_ABSENT && event->level == ALERT_OK)
    return "{rule}: {identity} has a value again, after {duration}";
  return event->level != ALERT_OK ? " since {since}" : ", after {duration}";
}

/* Selects the two templates of an event; the second may be "". */
static void choose_templates(const struct alert *event, const char *chosen[2]) {
  const struct rule *rule = rule_of(event);

  chosen[1] = "";
  if (event->reason == ALERT_FLAPPING)
    chosen[0] = "{rule} comes and goes on {identity}: no more notices until "
                "it settles (now {value})";
  else if (event->reason == ALERT_RULE_CHANGED)
    chosen[0] = "{rule} no longer applies to {identity}, after {duration}";
  else if (event->reason == ALERT_UNLISTED)
    chosen[0] =
        "MCP server {type_instance} of hub {plugin_instance} on {host} is "
        "no longer listed by its hub ({rule}, after {duration})";
  else if (event->level != ALERT_OK && rule->message != NULL)
    chosen[0] = rule->message;
  else if (event->level == ALERT_OK && rule->resolved != NULL)
    chosen[0] = rule->resolved;
  else if (event->level == ALERT_OK && rule->function == RULE_ABSENT)
    chosen[0] = general_end(event);
  else {
    chosen[0] = default_template(event);
    chosen[1] = general_end(event);
  }
}

/* ---- numbers ---- */

struct figures {
  char value[FORMAT_MAX];
  char value_mib[FORMAT_MAX];
  char threshold[FORMAT_MAX];
  char threshold_mib[FORMAT_MAX];
  char function[2 * FORMAT_MAX];
  char since[FORMAT_MAX];
  char duration[FORMAT_MAX];
};

static void format_function(const struct rule *rule, char buf[2 * FORMAT_MAX]) {
  char width[FORMAT_MAX];
  char *nothing = NULL;

  format_duration(rule->window, width);
  nothing = strstr(width, " 0 "); /* "10 min 0 s" is "10 min" */
  if (nothing != NULL)
    *nothing = '\0';
  if (rule->window > 0)
    snprintf(buf, 2 * FORMAT_MAX, "%s over %s",
             rule_function_name(rule->function), width);
  else
    snprintf(buf, 2 * FORMAT_MAX, "%s", rule_function_name(rule->function));
}

static void figures_init(struct figures *f, const struct alert *event,
                         time_t since) {
  const double mib = 1048576;
  const char *type = event->series.type;

  format_number_pair(event->value, event->threshold, f->value, f->threshold);
  format_number_pair(event->value / mib, event->threshold / mib, f->value_mib,
                     f->threshold_mib);
  if (rule_of(event)->function == RULE_VALUE) {
    metric_format_state(type, event->value, f->value);
    metric_format_state(type, event->threshold, f->threshold);
  }
  format_moment((double)since, f->since);
  format_function(rule_of(event), f->function);
  format_duration(event->time - event->since, f->duration);
}

/* ---- pieces ---- */

struct piece {
  const char *text;
  size_t len;
  bool is_name; /* an identifier, may be shortened */
};

struct pieces {
  struct piece list[PIECES_MAX];
  size_t num;
};

static void add(struct pieces *p, const char *text, size_t len, bool is_name) {
  if (p->num < PIECES_MAX && len > 0)
    p->list[p->num++] = (struct piece){text, len, is_name};
}

static void add_fixed(struct pieces *p, const char *text) {
  add(p, text, strlen(text), false);
}

static void add_name(struct pieces *p, const char *text) {
  add(p, text, strlen(text), true);
}

static void add_part(struct pieces *p, const char *name, const char *instance) {
  add_fixed(p, "/");
  add_name(p, name);
  if (*instance != '\0')
    add_fixed(p, "-");
  add_name(p, instance);
}

static void add_identity(struct pieces *p, const struct series *s) {
  add_name(p, s->host);
  add_part(p, s->plugin, s->plugin_instance);
  add_part(p, s->type, s->type_instance);
}

static void add_piece(struct pieces *p, const struct template_piece *piece,
                      const struct alert *event, const struct figures *f) {
  const struct series *s = &event->series;
  const char *const texts[TEMPLATE_NAMES] = {
      [TEMPLATE_RULE] = event->rule_name,
      [TEMPLATE_LEVEL] = alert_level_name(event->level),
      [TEMPLATE_HOST] = s->host,
      [TEMPLATE_PLUGIN] = s->plugin,
      [TEMPLATE_PLUGIN_INSTANCE] = s->plugin_instance,
      [TEMPLATE_TYPE] = s->type,
      [TEMPLATE_TYPE_INSTANCE] = s->type_instance,
      [TEMPLATE_DS] = s->ds,
      [TEMPLATE_VALUE] = f->value,
      [TEMPLATE_VALUE_MIB] = f->value_mib,
      [TEMPLATE_THRESHOLD] = f->threshold,
      [TEMPLATE_THRESHOLD_MIB] = f->threshold_mib,
      [TEMPLATE_FUNCTION] = f->function,
      [TEMPLATE_OP] = rule_op_symbol(rule_of(event)->op),
      [TEMPLATE_SINCE] = f->since,
      [TEMPLATE_DURATION] = f->duration,
  };

  if (piece->name >= TEMPLATE_NAMES)
    add(p, piece->text, piece->len, false);
  else if (piece->name == TEMPLATE_IDENTITY)
    add_identity(p, s);
  else if (piece->name <= TEMPLATE_DS && piece->name != TEMPLATE_LEVEL)
    add_name(p, texts[piece->name]);
  else
    add_fixed(p, texts[piece->name]);
}

/* ---- text ---- */

static size_t length_with(const struct pieces *p, size_t cap) {
  size_t sum = 0;

  for (size_t i = 0; i < p->num; i++) {
    const struct piece *piece = &p->list[i];
    sum += piece->is_name && piece->len > cap ? cap : piece->len;
  }
  return sum;
}

/* The greatest length limit of identifiers with which the message fits. */
static size_t fair_cap(const struct pieces *p) {
  size_t cap = MESSAGE_MAX - 1;

  while (cap > NAME_LEAST && length_with(p, cap) > MESSAGE_MAX - 1)
    cap--;
  return cap;
}

static size_t put_name(char *to, size_t room, const struct piece *piece,
                       size_t cap) {
  size_t dots = sizeof(ELLIPSIS) - 1;
  size_t used = 0;

  if (piece->len <= cap || room < cap)
    return utf8_put(to, room, piece->text, piece->len);
  used = utf8_put(to, cap - dots, piece->text, piece->len);
  memcpy(to + used, ELLIPSIS, dots);
  return used + dots;
}

static void add_template(struct pieces *p, const char *at,
                         const struct alert *event, const struct figures *f) {
  struct template_piece piece;

  while (template_next(&at, &piece))
    add_piece(p, &piece, event, f);
}

/* Adds the type instance, else the type. */
static void add_other(struct pieces *p, const struct series *s) {
  if (*s->type_instance != '\0')
    add_name(p, s->type_instance);
  else
    add_part(p, s->type, s->type_instance);
}

static void add_others(struct pieces *p, const struct alert *events, size_t num,
                       char more[OTHERS_MAX]) {
  if (num < 2)
    return;
  snprintf(more, OTHERS_MAX, " (and %zu more: ", num - 1);
  add_fixed(p, more);
  for (size_t i = 1; i < num && i <= OTHERS_NAMED; i++) {
    if (i > 1)
      add_fixed(p, ", ");
    add_other(p, &events[i].series);
  }
  add_fixed(p, num > OTHERS_NAMED + 1 ? ", " ELLIPSIS ")" : ")");
}

void message_format(const struct alert *alerts, size_t num, time_t since,
                    char buf[MESSAGE_MAX]) {
  const char *templates[2];
  char more[OTHERS_MAX];
  struct pieces pieces = {.num = 0};
  struct figures figures;
  size_t cap = 0;
  size_t len = 0;

  choose_templates(alerts, templates);
  figures_init(&figures, alerts, since);
  if (alerts->reason == ALERT_REPEATED)
    add_fixed(&pieces, "Still: ");
  else if (alerts->level == ALERT_OK && alerts->reason != ALERT_FLAPPING)
    add_fixed(&pieces, "Resolved: ");
  add_template(&pieces, templates[0], alerts, &figures);
  add_template(&pieces, templates[1], alerts, &figures);
  add_others(&pieces, alerts, num, more);
  cap = fair_cap(&pieces);
  for (size_t i = 0; i < pieces.num; i++) {
    const struct piece *p = &pieces.list[i];
    size_t room = MESSAGE_MAX - 1 - len;
    len += p->is_name ? put_name(buf + len, room, p, cap)
                      : utf8_put(buf + len, room, p->text, p->len);
  }
  buf[len] = '\0';
}
