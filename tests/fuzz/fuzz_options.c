/* SPDX-License-Identifier: MIT */
/* Any text as the options of a <Hub>, of mcp_hub_alerts or of a <Webhook>, or
 * as a BearerTokenFile.
 *
 * The first byte chooses which. A line is an option: key and values with tabs
 * between them; a value is a text, or after '#' a number, '!' a boolean. "<"
 * before the key begins a block, a line ">" ends it. The first line is the
 * block around. What is bound is within its bounds; messages are one line and
 * hold no secret; what was taken can be used. */
#include "fuzz.h"
#include "http/client.h"
#include "http/http_options_internal.h"
#include "hub/server_selection.h"
#include "plugins/alerts_config.h"
#include "plugins/hub_config.h"

#include <ctype.h>
#include <math.h>
#include <strings.h>

#define DEPTH 4
#define SECRET_MARK '$' /* what a message of ours never holds */

/* ---- text -> tree ---- */

static oconfig_value_t value_of(char *text) {
  oconfig_value_t v = {.value.string = text, .type = OCONFIG_TYPE_STRING};
  if (*text == '#') {
    v.type = OCONFIG_TYPE_NUMBER;
    v.value.number = strtod(text + 1, NULL);
  } else if (*text == '!') {
    v.type = OCONFIG_TYPE_BOOLEAN;
    v.value.boolean = text[1] != '\0';
  }
  return v;
}

/* As collectd's parser takes it. */
static char *key_of(char *text) {
  for (char *at = text; *at != '\0'; at++)
    if (!isalnum((unsigned char)*at))
      *at = '_';
  return text;
}

static oconfig_item_t *add_item(oconfig_item_t *parent, char *line) {
  size_t num = (size_t)parent->children_num;
  parent->children =
      realloc(parent->children, (num + 1) * sizeof(*parent->children));
  oconfig_item_t *item = &parent->children[num];
  *item = (oconfig_item_t){.key = key_of(strsep(&line, "\t"))};
  parent->children_num++;
  for (char *text; (text = strsep(&line, "\t")) != NULL;) {
    size_t size = ((size_t)item->values_num + 1) * sizeof(*item->values);
    item->values = realloc(item->values, size);
    item->values[item->values_num++] = value_of(text);
  }
  return item;
}

/* Items move while their parent grows: only the last one of each is open. */
static void grow(oconfig_item_t *root, char *text) {
  oconfig_item_t *open[DEPTH] = {root};
  int depth = 0;
  for (char *line; (line = strsep(&text, "\n")) != NULL;) {
    if (strcmp(line, ">") == 0) {
      depth -= depth > 0;
    } else {
      bool block = *line == '<' && depth + 1 < DEPTH;
      oconfig_item_t *item = add_item(open[depth], line + block);
      if (block)
        open[++depth] = item;
    }
  }
}

static void cut(oconfig_item_t *item) {
  for (int i = 0; i < item->children_num; i++)
    cut(&item->children[i]);
  free(item->children);
  free(item->values);
}

/* ---- promises ---- */

struct given {
  const char *text; /* all of it */
  const oconfig_item_t *root;
  const char *message; /* the last one */
};

static bool is_secret(const char *key, const oconfig_value_t *v) {
  if (v->type != OCONFIG_TYPE_STRING ||
      strchr(v->value.string, SECRET_MARK) == NULL)
    return false;
  return strcasecmp(key, "Password") == 0 || strcasecmp(key, "Header") == 0 ||
         (strcasecmp(key, "URL") == 0 && strpbrk(v->value.string, "@?#"));
}

/* Those that stand in the text once. */
static void check_secrets(const struct given *g, const oconfig_item_t *item) {
  for (int i = 0; i < item->children_num; i++)
    check_secrets(g, &item->children[i]);
  for (int i = 0; i < item->values_num; i++) {
    const oconfig_value_t *v = &item->values[i];
    const char *at =
        is_secret(item->key, v) ? strstr(g->text, v->value.string) : NULL;
    demand(at == NULL || strstr(at + 1, v->value.string) != NULL ||
               strstr(g->message, v->value.string) == NULL,
           "no secret is told");
  }
}

static void on_message(void *arg, const char *message) {
  struct given *g = arg;
  g->message = message;
  demand_one_line(message, "a message is one line");
  for (int i = 0; i < g->root->children_num; i++) /* its own values are names */
    check_secrets(g, &g->root->children[i]);
}

static void check_text(const struct option *o, const char *text) {
  double len = (double)strlen(text);
  demand(o->min >= o->max || (len >= o->min && len <= o->max), "a length");
  demand(o->type != OPTION_PATH || *text == '/', "a path is absolute");
  demand(o->type != OPTION_IDENTIFIER || (len > 0 && len < 128), "a name");
  if (*text != '\0')
    demand_one_line(text, "no control characters");
}

static void check_number(const struct option *o, double number) {
  bool unset = number == 0 && o->fallback == NULL;
  demand(isfinite(number), "a number");
  demand(unset || o->min >= o->max || (number >= o->min && number <= o->max),
         "bounds");
}

static void check_field(const struct option *o, const char *field) {
  char *const *list = NULL;
  int choice = 0;
  switch (o->type) {
  case OPTION_NUMBER:
  case OPTION_SECONDS:
    check_number(o, *(const double *)(const void *)field);
    break;
  case OPTION_COUNT:
  case OPTION_BYTES:
    check_number(o, (double)*(const uint64_t *)(const void *)field);
    break;
  case OPTION_CHOICE:
    choice = *(const int *)(const void *)field;
    for (int i = 0; i <= choice; i++)
      demand(o->choices[i] != NULL, "a choice");
    break;
  case OPTION_LIST:
    list = *(char **const *)(const void *)field;
    for (; list != NULL && *list != NULL; list++)
      check_text(o, *list);
    break;
  case OPTION_BOOLEAN:
  case OPTION_BLOCK:
    break;
  default:
    if (*(char *const *)(const void *)field != NULL)
      check_text(o, *(char *const *)(const void *)field);
  }
}

static void check_fields(const struct option *table, const void *target) {
  for (const struct option *o = table; o->key != NULL; o++)
    check_field(o, (const char *)target + o->offset);
}

static void check_http_options(const struct http_options *o) {
  char err[256] = "";
  if (http_options_check(o, err, sizeof(err)) != 0)
    demand_one_line(err, "what is wrong with the options");
  if (o->url != NULL)
    demand((o->post ? http_check_target : http_check_url)(o->url, err,
                                                          sizeof(err)) == 0,
           "a URL that was checked");
}

/* ---- the tables ---- */

static void bind_table(const struct option *table, void *target,
                       struct given *g) {
  struct option_errors errors = {.report = on_message, .arg = g};
  int status = options_bind(table, target, g->root, "", &errors);
  demand((status == 0) == (errors.count == 0), "errors are counted");
  demand((g->message == NULL) == (errors.count == 0), "errors are told");
  check_fields(table, target);
}

static void bind_hub(struct given *g) {
  struct hub_config hub;
  demand(options_defaults(hub_options, &hub) == 0, "defaults");
  bind_table(hub_options, &hub, g);
  const struct http_options options = {.url = hub.url,
                                       .unix_socket = hub.unix_socket,
                                       .user = hub.user,
                                       .password = hub.password,
                                       .headers =
                                           (const char *const *)hub.headers};
  check_http_options(&options);
  struct server_selection *selection = server_selection_create(
      (const char *const *)hub.servers, hub.ignore_selected);
  demand(selection != NULL, "servers that were checked");
  server_selection_has(selection, "github", 6);
  server_selection_destroy(selection);
  options_free(hub_options, &hub);
}

static void check_webhook(const struct webhook_config *w) {
  const struct http_options options = {.url = w->url,
                                       .post = true,
                                       .user = w->user,
                                       .password = w->password,
                                       .headers =
                                           (const char *const *)w->headers};
  check_fields(webhook_options, w);
  check_http_options(&options);
}

static void bind_alerts(struct given *g) {
  struct alerts_config config = {0};
  demand(options_defaults(alerts_options, &config) == 0, "defaults");
  bind_table(alerts_options, &config, g);
  for (size_t i = 0; i < config.webhooks_num; i++)
    check_webhook(&config.webhooks[i]);
  alerts_config_free(&config);
}

static void bind_webhook(struct given *g) {
  struct webhook_config webhook = {0};
  demand(options_defaults(webhook_options, &webhook) == 0, "defaults");
  bind_table(webhook_options, &webhook, g);
  check_webhook(&webhook);
  options_free(webhook_options, &webhook);
}

static void read_token(const char *text) {
  char path[FUZZ_PATH_MAX];
  char err[256] = "";
  int fd = file_of(text, strlen(text), path);
  char *header = http_options_bearer(path, err, sizeof(err));
  demand_one_line(header != NULL ? header : err, "a header, or an error");
  free(header);
  close(fd);
}

static void bind_options(const char *whole, unsigned way) {
  static void (*const ways[])(struct given *) = {bind_hub, bind_alerts,
                                                 bind_webhook};
  oconfig_item_t top = {.key = (char *)(uintptr_t) "top"};
  char *text = text_of(whole, strlen(whole));
  char *rest = text;
  add_item(&top, strsep(&rest, "\n"));
  grow(&top.children[0], rest);
  struct given g = {.text = whole, .root = &top.children[0]};
  ways[way](&g);
  cut(&top);
  free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size < 1)
    return 0;
  char *text = text_of(data + 1, size - 1);
  if (data[0] % 4 == 3)
    read_token(text);
  else
    bind_options(text, data[0] % 4);
  free(text);
  return 0;
}
