#include "ctl/amount.h"
#include "ctl/statusfile.h"

#include "alerts/figure.h"
#include "hub/identifier.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* ---- Markdown out of foreign text ---- */

/* Nothing in it is markup, HTML or a control character. */
static void put_text(const char *text) {
  char clean[1024];
  identifier_printable(text, strlen(text), clean, sizeof(clean));
  for (const char *at = clean; *at != '\0'; at++) {
    if (strchr("\\`*_[]<>|#&~", *at) != NULL)
      putchar('\\');
    putchar(*at);
  }
}

static void put_row(const char *left, const char *right) {
  printf("| ");
  put_text(left);
  printf(" | ");
  put_text(right);
  printf(" |\n");
}

/* ---- of one hub ---- */

static void put_health(const struct statusfile_hub *hub) {
  char amount[AMOUNT_MAX];
  if (isnan(hub->score)) {
    printf("Score: unknown.\n");
  } else {
    printf("Score: **%.0f** of 100, ", hub->score);
    put_text(hub->grade);
    printf(".\n");
  }
  size_t num =
      hub->reasons != NULL ? json_object_array_length(hub->reasons) : 0;
  printf("%s", num > 0 ? "\n" : "");
  for (size_t i = 0; i < num; i++) {
    struct json_object *o = json_object_array_get_idx(hub->reasons, i);
    struct json_object *points = NULL;
    struct json_object *why = NULL;
    if (!json_object_object_get_ex(o, "points", &points) ||
        !json_object_object_get_ex(o, "why", &why))
      continue;
    printf("- %.0f points lost: ", fabs(json_object_get_double(points)));
    put_text(json_object_get_string(why));
    printf("\n");
  }
  printf("\n| availability | |\n|---|---|\n");
  put_row("last hour",
          amount_text(AMOUNT_PERCENT, hub->availability_1h, amount));
  put_row("last 24 h",
          amount_text(AMOUNT_PERCENT, hub->availability_24h, amount));
  put_row("error budget left",
          amount_text(AMOUNT_PERCENT, hub->error_budget, amount));
}

/* "latency-llm_p95", in the unit of its type. */
static void put_figure(const char *name, double value) {
  char type[64];
  char amount[AMOUNT_MAX];
  snprintf(type, sizeof(type), "%.*s", (int)strcspn(name, "-"), name);
  put_row(name, amount_text(amount_unit_of(type), value, amount));
}

static void put_figures(const struct statusfile_hub *hub) {
  if (hub->figures == NULL || json_object_object_length(hub->figures) == 0)
    return;
  printf("\n### Figures\n\n| figure | now |\n|---|---|\n");
  json_object_object_foreach(hub->figures, name, number) {
    bool known = json_object_is_type(number, json_type_double) ||
                 json_object_is_type(number, json_type_int);
    put_figure(name, known ? json_object_get_double(number) : NAN);
  }
}

static bool is_incident_of(const struct statusfile_incident *n,
                           const struct statusfile_hub *hub) {
  return strcmp(n->host, hub->host) == 0 && strcmp(n->hub, hub->name) == 0;
}

static void put_incident(const struct statusfile_incident *n, double now) {
  char begin[AMOUNT_MAX];
  char lasted[FIGURE_MAX];
  bool over = !isnan(n->end);
  figure_duration((over ? n->end : now) - n->begin, lasted);
  printf("| %s | %s%s | %s | ", amount_moment(n->begin, begin), lasted,
         over ? "" : ", goes on", alert_level_name(n->level));
  put_text(n->rule);
  printf(" | ");
  put_text(n->message);
  printf(" |\n");
}

static void put_incidents(const struct statusfile *s,
                          const struct statusfile_hub *hub) {
  size_t num = 0;
  printf("\n### Incidents\n\n");
  for (size_t i = 0; i < s->incidents_num; i++) {
    if (!is_incident_of(&s->incidents[i], hub))
      continue;
    if (num++ == 0)
      printf(
          "| begin | lasted | level | rule | what |\n|---|---|---|---|---|\n");
    put_incident(&s->incidents[i], s->time);
  }
  if (num == 0)
    printf("None in the last 24 hours.\n");
}

/* ---- recommendations ---- */

static const struct {
  const char *rule;
  const char *advice;
} advices[] = {
    {"hub_down", "Find out why the hub went away (its log, its service), and "
                 "let the service manager restart it."},
    {"all_servers_down", "Every server was down: look for a common cause, such "
                         "as the network, Node or the hub's configuration."},
    {"server_dead", "A server's process died and its hub will not restart it: "
                    "reconnect it there, and look why it ended."},
    {"server_down", "Look at the error that the hub gives for the server, and "
                    "disable it there if it is not wanted."},
    {"llm_success_rate", "Look at the LLM provider's status, keys and limits."},
    {"cache_hit_rate", "A longer life or a larger size of the LLM cache would "
                       "save calls."},
    {"p95_latency", "Use a faster model, or shorten what is asked of it."},
    {"p99_latency", "Use a faster model, or set a shorter time-out."},
    {"queue_depth", "More calls come in than the LLM answers: allow more at "
                    "once, or filter less often."},
    {"circuit_breaker_state", "The circuit breaker held LLM calls back: mend "
                              "what made them fail before it opens again."},
    {"circuit_breaker_failures", "Calls fail in a row: the circuit breaker is "
                                 "about to open."},
    {"cpu_percent", "Look for clients or servers that keep the hub busy."},
    {"memory_percent",
     "Plan a restart of the hub, and watch whether its memory "
     "grows again."},
    {"memory_mb", "Plan a restart of the hub, and watch whether its memory "
                  "grows again."},
    {"error_count", "Read the hub's log: errors pile up there."},
    {"connection_flaps", "Clients come and go: look at their network and "
                         "time-outs."},
    {"log_size_mb", "Rotate the hub's log."},
    {"log_growth_mb_per_hour", "Rotate the hub's log, and look what fills it."},
};

static bool had_incident(const struct statusfile *s,
                         const struct statusfile_hub *hub, const char *rule) {
  for (size_t i = 0; i < s->incidents_num; i++)
    if (is_incident_of(&s->incidents[i], hub) &&
        strcmp(s->incidents[i].rule, rule) == 0)
      return true;
  for (size_t i = 0; i < s->alerts_num; i++)
    if (statusfile_is_active(&s->alerts[i]) &&
        strcmp(s->alerts[i].host, hub->host) == 0 &&
        strcmp(s->alerts[i].hub, hub->name) == 0 &&
        strcmp(s->alerts[i].rule, rule) == 0)
      return true;
  return false;
}

static void put_recommendations(const struct statusfile *s,
                                const struct statusfile_hub *hub) {
  size_t num = 0;
  printf("\n### Recommendations\n\n");
  for (size_t i = 0; i < sizeof(advices) / sizeof(advices[0]); i++) {
    if (!had_incident(s, hub, advices[i].rule))
      continue;
    num++;
    printf("- ");
    put_text(advices[i].rule);
    printf(": %s\n", advices[i].advice);
  }
  if (num == 0)
    printf("None.\n");
}

static void print_text(const struct statusfile *s) {
  char when[AMOUNT_MAX];
  printf("# MCP hubs: the 24 hours to %s\n", amount_moment(s->time, when));
  if (s->hubs_num == 0)
    printf("\nThe alert plugin has seen no hub yet.\n");
  for (size_t i = 0; i < s->hubs_num; i++) {
    printf("\n## ");
    put_text(s->hubs[i].name);
    printf(" on ");
    put_text(s->hubs[i].host);
    printf("\n\n");
    put_health(&s->hubs[i]);
    put_incidents(s, &s->hubs[i]);
    put_figures(&s->hubs[i]);
    put_recommendations(s, &s->hubs[i]);
  }
}

static void print_json(const struct statusfile *s) {
  struct json_object *o = json_object_new_object();
  struct json_object *hubs = json_object_new_array();
  struct json_object *incidents = json_object_new_array();
  for (size_t i = 0; i < s->hubs_num; i++)
    json_object_array_add(hubs, json_object_get(s->hubs[i].json));
  for (size_t i = 0; i < s->incidents_num; i++)
    json_object_array_add(incidents, json_object_get(s->incidents[i].json));
  json_object_object_add(o, "time", ctl_json_number(s->time));
  json_object_object_add(o, "hubs", hubs);
  json_object_object_add(o, "incidents", incidents);
  ctl_print_json(o);
}

int command_summary(const struct ctl *c) {
  char err[CTL_ERROR_MAX];
  struct statusfile *s =
      statusfile_read(c, (double)time(NULL), err, sizeof(err));
  if (s == NULL)
    return ctl_fail(c, "%s", err);
  if (c->json)
    print_json(s);
  else
    print_text(s);
  statusfile_free(s);
  return CTL_CLEAR;
}
