/* SPDX-License-Identifier: MIT */
#include "plugins/alerts_config.h"

#include "report/daily_time.h"

#include "http/client.h"

#include <stdlib.h>
#include <string.h>

static const char *const formats[] = {[WEBHOOK_QUEUE_SLACK] = "slack",
                                      [WEBHOOK_QUEUE_JSON] = "json",
                                      [WEBHOOK_QUEUE_ALERTMANAGER] =
                                          "alertmanager",
                                      NULL};

static const char *const severities[] = {"info", "warning", "critical", NULL};

const struct option webhook_options[] = {
    {.key = "URL",
     .type = OPTION_URL,
     .flags = OPTION_REQUIRED | OPTION_SECRET,
     .offset = offsetof(struct webhook_config, url),
     .check = http_check_target,
     .help = "Where notices are posted, as it stands; of Alertmanager "
             "http://HOST:9093/api/v2/alerts. Never logged in full."},
    {.key = "Format",
     .type = OPTION_CHOICE,
     .offset = offsetof(struct webhook_config, format),
     .choices = formats,
     .fallback = "json",
     .help = "What is posted."},
    {.key = "MinSeverity",
     .type = OPTION_CHOICE,
     .offset = offsetof(struct webhook_config, min_severity),
     .choices = severities,
     .fallback = "warning",
     .help = "Alerts from that level on, and their end."},
    {.key = "Timeout",
     .type = OPTION_SECONDS,
     .offset = offsetof(struct webhook_config, timeout),
     .min = 0.1,
     .max = 300,
     .fallback = "10",
     .help = "Deadline of a whole request."},
    {.key = "Resend",
     .type = OPTION_SECONDS,
     .offset = offsetof(struct webhook_config, resend),
     .min = 1,
     .max = 3600,
     .fallback = "60",
     .help = "Alertmanager is told again of what fires; after three times "
             "as long without it, alerts end there."},
    {.key = "User",
     .type = OPTION_STRING,
     .offset = offsetof(struct webhook_config, user),
     .help = "Name for HTTP basic authentication at the webhook."},
    {.key = "Password",
     .type = OPTION_STRING,
     .flags = OPTION_SECRET,
     .offset = offsetof(struct webhook_config, password),
     .help = "Password for HTTP basic authentication at the webhook."},
    {.key = "BearerTokenFile",
     .type = OPTION_PATH,
     .flags = OPTION_SECRET, /* the URL may have a token */
     .offset = offsetof(struct webhook_config, bearer_file),
     .help = "File that holds the webhook's bearer token; read again for each "
             "request."},
    {.key = "Header",
     .type = OPTION_LIST,
     .flags = OPTION_SECRET,
     .offset = offsetof(struct webhook_config, headers),
     .help = "A header to post with, as \"Name: value\"; may stand "
             "repeatedly."},
    {.key = "VerifyPeer",
     .type = OPTION_BOOLEAN,
     .offset = offsetof(struct webhook_config, verify_peer),
     .fallback = "true",
     .help = "Check the webhook's certificate."},
    {.key = "VerifyHost",
     .type = OPTION_BOOLEAN,
     .offset = offsetof(struct webhook_config, verify_host),
     .fallback = "true",
     .help = "Check that the certificate is for the webhook's host."},
    {.key = "CACert",
     .type = OPTION_PATH,
     .offset = offsetof(struct webhook_config, ca_cert),
     .help = "File of certificates to trust for it instead of the system's."},
    {.key = "ClientCert",
     .type = OPTION_PATH,
     .offset = offsetof(struct webhook_config, client_cert),
     .help = "Certificate file to present to the webhook."},
    {.key = "ClientKey",
     .type = OPTION_PATH,
     .offset = offsetof(struct webhook_config, client_key),
     .help = "Key file of the webhook's ClientCert."},
    {0}};

static bool is_named(const struct alerts_config *config, const char *name) {
  for (size_t i = 0; i < config->webhooks_num; i++)
    if (strcmp(config->webhooks[i].name, name) == 0)
      return true;
  return false;
}

/* NULL: out of memory. */
static struct webhook_config *add_webhook(struct alerts_config *config,
                                          const char *name) {
  size_t size = (config->webhooks_num + 1) * sizeof(*config->webhooks);
  struct webhook_config *webhooks = realloc(config->webhooks, size);
  if (webhooks == NULL)
    return NULL;
  config->webhooks = webhooks;
  struct webhook_config *added = &webhooks[config->webhooks_num];
  if (options_defaults(webhook_options, added) != 0)
    return NULL;
  added->name = strdup(name);
  if (added->name == NULL) {
    options_free(webhook_options, added);
    return NULL;
  }
  config->webhooks_num++;
  return added;
}

static void bind_webhook(void *target, const oconfig_item_t *block,
                         const char *outer, struct option_errors *errors) {
  struct alerts_config *config = target;
  const char *name = options_block_name(block, outer, errors);
  if (name == NULL)
    return;
  char place[OPTIONS_MAX_PLACE];
  options_place(block, outer, place, sizeof(place));
  if (is_named(config, name)) {
    options_complain(errors, place, NULL,
                     "this name is taken: expected another for each webhook");
    return;
  }
  struct webhook_config *webhook = add_webhook(config, name);
  if (webhook == NULL)
    options_complain(errors, place, NULL, "out of memory");
  else
    options_bind(webhook_options, webhook, block, outer, errors);
}

static int check_state_file(const char *text, char *err, size_t err_size) {
  if (text[0] == '/' || strcmp(text, "none") == 0)
    return 0;
  snprintf(err, err_size, "expected none or an absolute path");
  return -1;
}

static int check_time(const char *text, char *err, size_t err_size) {
  int hour = 0;
  int minute = 0;
  if (daily_time_parse(text, &hour, &minute) == 0)
    return 0;
  snprintf(err, err_size, "expected a time from 00:00 to 23:59");
  return -1;
}

const struct option alerts_options[] = {
    {.key = "Rules",
     .type = OPTION_PATH,
     .offset = offsetof(struct alerts_config, rules),
     .fallback = DEFAULT_RULES,
     .help = "File of thresholds and rules; read again when it changes."},
    {.key = "StateFile",
     .type = OPTION_STRING,
     .offset = offsetof(struct alerts_config, state_file),
     .fallback_help = "mcp_hub_alerts.state in collectd's BaseDir",
     .check = check_state_file,
     .help = "What is remembered over a restart, with status.json beside it; "
             "or none."},
    {.key = "DailySummary",
     .type = OPTION_STRING,
     .offset = offsetof(struct alerts_config, daily_summary),
     .check = check_time,
     .help = "Local time of a notification that sums up the day."},
    {.key = "ReportDir",
     .type = OPTION_PATH,
     .offset = offsetof(struct alerts_config, report_dir),
     .help =
         "Folder for the day's report, made when it is missing; one Markdown "
         "file a host and day."},
    {.key = "Webhook",
     .type = OPTION_BLOCK,
     .block = bind_webhook,
     .help = "Where notices are posted, see below; may stand repeatedly."},
    {0}};

void alerts_config_free(struct alerts_config *config) {
  options_free(alerts_options, config);
  for (size_t i = 0; i < config->webhooks_num; i++) {
    options_free(webhook_options, &config->webhooks[i]);
    free(config->webhooks[i].name);
  }
  free(config->webhooks);
  config->webhooks = NULL;
  config->webhooks_num = 0;
}
