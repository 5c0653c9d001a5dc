/* SPDX-License-Identifier: MIT */
/* webhook_sender.h - notices leave to webhooks, on one thread for all of them.
 *
 * What is sent when is the outbox's business (notify/webhook_queue.h), how the
 * engine's (http/client.h): TLS checked, no redirects, no proxy. One request a
 * webhook at a time, none waits for another. Any 2xx is delivery; 408, 425,
 * 429, 5xx and whatever is no HTTP answer are tried again; other answers are
 * final.
 *
 * A URL is a secret: only "https://host/..." appears in what is logged, once
 * when a webhook fails or refuses, once when it works again. All functions but
 * webhooks_create() and webhooks_destroy() may be called from any thread and
 * never wait for the network. Knows nothing of collectd. */
#ifndef PLUGINS_WEBHOOK_SENDER_H
#define PLUGINS_WEBHOOK_SENDER_H

#include "notify/webhook_queue.h"

#include <stdbool.h>
#include <stddef.h>

#define WEBHOOK_MAX_WAITING 1000 /* notices or alerts of each webhook */

struct webhook_config { /* see webhook_options for units and defaults */
  char *name;
  char *url;
  int format;       /* enum webhook_queue_format */
  int min_severity; /* enum alert_level - ALERT_INFO */
  double timeout;
  double resend;
  char *user;
  char *password;
  char *bearer_file;
  char **headers;
  bool verify_peer;
  bool verify_host;
  char *ca_cert;
  char *client_cert;
  char *client_key;
};

struct webhooks;

/* `priority` as syslog's. Called from the webhooks' thread. */
typedef void (*webhook_log_fn)(int priority, const char *message);

/* Initialises libcurl: call it before other threads start. Copies what it needs
 * of `configs`. NULL with the reason in `err`, `<Webhook "ops">: CACert: ...`.
 */
struct webhooks *webhooks_create(const struct webhook_config *configs,
                                 size_t count, webhook_log_fn log, char *err,
                                 size_t err_size);

/* Takes no more; what waits is delivered for at most `grace` seconds from now,
 * unless it is to be tried again later. */
void webhooks_finish(struct webhooks *w, double grace);

/* Waits for the end of that (without it: ends at once), logs what was not
 * delivered. NULL is fine. */
void webhooks_destroy(struct webhooks *w);

/* Copies. */
void webhooks_send(struct webhooks *w, const struct alert *alert,
                   enum webhook_part part);

/* Of all webhooks: a notice that two of them got was sent twice. */
struct webhook_queue_counts webhooks_count(struct webhooks *w);

#endif
