/* SPDX-License-Identifier: MIT */
/* webhook_sender.h - sends messages to webhooks, on one thread for all.
 *
 * notify/webhook_queue.h decides what is sent when, http/client.h does the
 * HTTP: TLS verified, no redirects, no proxy. One request per webhook at a
 * time; webhooks do not wait for each other. Any 2xx is success; 408, 425, 429,
 * 5xx and connection errors are retried; other answers are final.
 *
 * A URL is a secret: log messages have "https://host/..." only. A webhook's
 * failure, refusal and recovery are logged once. All functions but
 * webhooks_create() and webhooks_destroy() are thread-safe and never wait for
 * the network. Independent of collectd. */
#ifndef PLUGINS_WEBHOOK_SENDER_H
#define PLUGINS_WEBHOOK_SENDER_H

#include "notify/webhook_queue.h"

#include <stdbool.h>
#include <stddef.h>

#define WEBHOOK_MAX_WAITING 1000  /* messages per webhook */
#define WEBHOOK_MAX_ALERTS 100000 /* per webhook */
#define WEBHOOKS_ALL SIZE_MAX

struct webhook_config { /* units and defaults: see webhook_options */
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

/* `priority` as in syslog. Called on the webhooks' thread. */
typedef void (*webhook_log_fn)(int priority, const char *message);

/* Initialises libcurl: call it before other threads start. Copies `configs`.
 * NULL with an error in `err`: `<Webhook "ops">: CACert: ...`. */
struct webhooks *webhooks_create(const struct webhook_config *configs,
                                 size_t count, webhook_log_fn log, char *err,
                                 size_t err_size);

/* Accepts no more messages. Delivers waiting ones for at most `grace` seconds;
 * those that wait for a retry are dropped. */
void webhooks_finish(struct webhooks *w, double grace);

/* Waits until delivery has finished (without webhooks_finish(): stops at once)
 * and logs what was not delivered. Accepts NULL. */
void webhooks_destroy(struct webhooks *w);

/* Copies the alerts. `which`: the webhook, or WEBHOOKS_ALL. */
void webhooks_send(struct webhooks *w, size_t which,
                   const struct webhook_notice *notice);

/* Refilling (webhook_queue_room()): how many alerts that it missed the webhook
 * has room for. */
size_t webhooks_num(const struct webhooks *w);
size_t webhooks_room(struct webhooks *w, size_t which);
bool webhooks_lack(struct webhooks *w, size_t which, const struct alert *alert);

/* Sum over all webhooks: a message to two webhooks counts twice. */
struct webhook_queue_counts webhooks_count(struct webhooks *w);

#endif
