/* SPDX-License-Identifier: MIT */
#include "ctl/collectd_client.h"
#include "ctl/page.h"
#include "ctl/thresholds.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define TARGETS_MOST 32
#define STEP 1.0 /* seconds between two looks, at least */

struct figure { /* of one target over the period */
  double sum;
  double worst;
  double good; /* sums of the counters' rates */
  double bad;
  size_t num;
};

struct baseline_subject { /* a hub */
  char host[COLLECTD_CLIENT_NAME];
  char name[COLLECTD_CLIENT_NAME];
  struct figure figures[TARGETS_MOST];
};

struct baseline {
  struct baseline_subject *subjects;
  size_t num;
  size_t looks;
  double begin, end;
};

/* ---- looking ---- */

static double worse(const struct figure_threshold *t, double a, double b) {
  bool below = rule_op_side(t->op) < 0;
  return isnan(a) || (below ? b < a : b > a) ? b : a;
}

static void add_look(struct figure *f, const struct figure_threshold *t,
                     struct collectd_client *v, const struct hub_name *hub) {
  double value =
      collectd_client_get(v, hub, COLLECTD_CLIENT_HUB, t->type, t->instance);
  if (t->counter != NULL) {
    double good =
        collectd_client_get(v, hub, COLLECTD_CLIENT_HUB, t->counter, t->good);
    double bad =
        collectd_client_get(v, hub, COLLECTD_CLIENT_HUB, t->counter, t->bad);
    if (good + bad > 0) {
      f->good += good;
      f->bad += bad;
      value = good / (good + bad) * 100;
    }
  }
  if (isnan(value))
    return;
  f->worst = f->num == 0 ? value : worse(t, f->worst, value);
  f->sum += value;
  f->num++;
}

static struct baseline_subject *find_subject(struct baseline *b,
                                             const struct hub_name *hub) {
  for (size_t i = 0; i < b->num; i++)
    if (strcmp(b->subjects[i].host, hub->host) == 0 &&
        strcmp(b->subjects[i].name, hub->name) == 0)
      return &b->subjects[i];
  struct baseline_subject *more =
      realloc(b->subjects, (b->num + 1) * sizeof(*b->subjects));
  if (more == NULL)
    return NULL;
  b->subjects = more;
  struct baseline_subject *made = &more[b->num++];
  *made = (struct baseline_subject){.host = ""};
  snprintf(made->host, sizeof(made->host), "%s", hub->host);
  snprintf(made->name, sizeof(made->name), "%s", hub->name);
  return made;
}

static int look(struct baseline *b, const struct ctl *c, char *err,
                size_t size) {
  size_t num = 0;
  struct collectd_client *v = collectd_client_open(c, err, size);
  if (v == NULL)
    return -1;
  const struct hub_name *hubs = collectd_client_hubs(v, &num);
  bool failed = false;
  for (size_t i = 0; i < num && !failed; i++) {
    struct baseline_subject *s = find_subject(b, &hubs[i]);
    failed = s == NULL;
    for (size_t k = 0; !failed && k < targets_num; k++)
      add_look(&s->figures[k], &targets[k], v, &hubs[i]);
  }
  if (failed)
    snprintf(err, size, "out of memory");
  else
    failed = collectd_client_failed(v, c, err, size);
  collectd_client_close(v);
  b->looks++;
  return failed ? -1 : 0;
}

static double monotonic(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void pause_for(double seconds) {
  time_t whole = (time_t)seconds;
  struct timespec left = {.tv_sec = whole,
                          .tv_nsec = (long)((seconds - (double)whole) * 1e9)};
  while (nanosleep(&left, &left) != 0 && errno == EINTR)
    ;
}

static void show_progress(double done, double period) {
  if (!isatty(STDERR_FILENO))
    return;
  struct page *p = page_create(PAGE_WIDTH - 1, page_wants_colour(stderr));
  if (p == NULL)
    return;
  page_put(p, PAGE_PLAIN, "measuring ");
  page_bar(p, PAGE_INFO, done / period, 40);
  page_put(p, PAGE_PLAIN, " %.0f of %.0f s", done, period);
  const char *text = page_text(p);
  fprintf(stderr, "\r%s\033[K", text != NULL ? text : "");
  if (done >= period)
    fprintf(stderr, "\r\033[K");
  fflush(stderr);
  page_destroy(p);
}

static int measure(struct baseline *b, const struct ctl *c, char *err,
                   size_t size) {
  double start = monotonic();
  double step = c->period / 60 > STEP ? c->period / 60 : STEP;
  b->begin = (double)time(NULL);
  for (double done = 0;; done = monotonic() - start) {
    show_progress(done < c->period ? done : c->period, c->period);
    if (look(b, c, err, size) != 0) {
      show_progress(c->period, c->period);
      return -1;
    }
    double left = c->period - (monotonic() - start);
    if (left <= 0)
      break;
    pause_for(left < step ? left : step);
  }
  show_progress(c->period, c->period);
  b->end = (double)time(NULL);
  return 0;
}

/* ---- telling ---- */

static double mean_of(const struct figure *f) {
  if (f->good + f->bad > 0)
    return f->good / (f->good + f->bad) * 100;
  return f->num > 0 ? f->sum / (double)f->num : NAN;
}

static double worst_of(const struct figure *f) {
  return f->num > 0 ? f->worst : NAN;
}

static enum alert_level verdict(const struct figure_threshold *t,
                                const struct figure *f) {
  return figure_threshold_judge(t, t->by_worst ? worst_of(f) : mean_of(f));
}

static enum alert_level worst_verdict(const struct baseline *b) {
  enum alert_level worst = ALERT_OK;
  for (size_t i = 0; i < b->num; i++)
    for (size_t k = 0; k < targets_num; k++)
      if (verdict(&targets[k], &b->subjects[i].figures[k]) > worst)
        worst = verdict(&targets[k], &b->subjects[i].figures[k]);
  return worst;
}

/* The opposite of what alarms: "at most 2.00 s". */
static void describe_target(const struct figure_threshold *t, char *buf,
                            size_t size) {
  double bound = isnan(t->warning) ? t->critical : t->warning;
  char amount[AMOUNT_MAX];
  if (t->op == RULE_GE && (t->unit == AMOUNT_PERCENT || bound == 1)) {
    snprintf(buf, size, "%s",
             amount_text(t->unit, 0, amount)); /* only the least is good */
    return;
  }
  const char *word = t->unit == AMOUNT_YES ? ""
                     : t->op == RULE_LT    ? "at least "
                     : t->op == RULE_GE    ? "below "
                                           : "at most ";
  snprintf(buf, size, "%s%s", word, amount_text(t->unit, bound, amount));
}

static void put_row(struct page *p, const struct figure_threshold *t,
                    const struct figure *f) {
  char amount[AMOUNT_MAX];
  char target[2 * AMOUNT_MAX];
  enum alert_level level = verdict(t, f);
  enum page_style style =
      level == ALERT_OK ? PAGE_PLAIN : page_level_style(level);
  describe_target(t, target, sizeof(target));
  page_put(p, PAGE_PLAIN, "  ");
  if (f->num == 0)
    page_symbol(p, PAGE_FAINT, PAGE_DASH);
  else
    page_symbol(p, page_level_style(level), page_level_symbol(level));
  page_put(p, PAGE_PLAIN, " ");
  page_cell(p, f->num == 0 ? PAGE_FAINT : PAGE_PLAIN, -31, t->label);
  page_cell(
      p, f->num == 0 ? PAGE_FAINT : style, 11,
      amount_text(t->unit, t->by_worst ? worst_of(f) : mean_of(f), amount));
  page_cell(p, PAGE_FAINT, 11,
            f->num == 0 ? "" : amount_text(t->unit, worst_of(f), amount));
  page_put(p, PAGE_PLAIN, "   ");
  page_cell(p, PAGE_FAINT, -19, target);
  page_end_line(p);
}

static int print_text(const struct baseline *b) {
  char begin[AMOUNT_MAX];
  char end[AMOUNT_MAX];
  struct page *p = page_for_stdout();
  if (p == NULL)
    return -1;
  for (size_t i = 0; i < b->num; i++) {
    const struct baseline_subject *s = &b->subjects[i];
    if (i > 0)
      page_end_line(p);
    page_put(p, PAGE_BOLD, "%s", s->name);
    page_put(p, PAGE_FAINT, " on %s, %s to %s, %zu looks", s->host,
             amount_moment(b->begin, begin), amount_clock(b->end, end),
             b->looks);
    page_end_line(p);
    page_rule(p);
    page_move(p, 35);
    page_cell(p, PAGE_FAINT, 11, "measured");
    page_cell(p, PAGE_FAINT, 11, "worst");
    page_put(p, PAGE_FAINT, "   target");
    page_end_line(p);
    for (size_t k = 0; k < targets_num; k++)
      put_row(p, &targets[k], &s->figures[k]);
  }
  return page_print(p);
}

static const char *verdict_word(const struct figure_threshold *t,
                                const struct figure *f) {
  return f->num == 0 ? "unknown" : alert_level_name(verdict(t, f));
}

static void put_figures(struct json_writer *w,
                        const struct baseline_subject *s) {
  json_begin_object(w, "figures");
  for (size_t k = 0; k < targets_num; k++) {
    const struct figure_threshold *t = &targets[k];
    json_begin_object(w, t->key);
    json_put_number(w, "mean", mean_of(&s->figures[k]));
    json_put_number(w, "worst", worst_of(&s->figures[k]));
    json_put_number(w, "warning", t->warning);
    json_put_number(w, "critical", t->critical);
    json_put_text(w, "verdict", verdict_word(t, &s->figures[k]));
    json_end_object(w);
  }
  json_end_object(w);
}

static int print_json(const struct baseline *b) {
  struct json_writer w = CTL_JSON;
  json_begin_object(&w, NULL);
  json_put_number(&w, "begin", b->begin);
  json_put_number(&w, "end", b->end);
  json_put_number(&w, "looks", (double)b->looks);
  json_begin_list(&w, "hubs");
  for (size_t i = 0; i < b->num; i++) {
    json_begin_object(&w, NULL);
    json_put_text(&w, "host", b->subjects[i].host);
    json_put_text(&w, "hub", b->subjects[i].name);
    put_figures(&w, &b->subjects[i]);
    json_end_object(&w);
  }
  json_end_list(&w);
  json_end_object(&w);
  return ctl_print_json(&w);
}

int command_baseline(const struct ctl *c) {
  char err[CTL_ERROR_MAX];
  struct baseline b = {.num = 0};
  _Static_assert(TARGETS_MOST >= 16, "room for every target");
  if (measure(&b, c, err, sizeof(err)) != 0) {
    free(b.subjects);
    return ctl_fail(c, "%s", err);
  }
  int status = c->json ? print_json(&b) : print_text(&b);
  enum alert_level worst = worst_verdict(&b);
  free(b.subjects);
  return status == 0 ? ctl_exit_status(worst) : ctl_fail(c, "out of memory");
}
