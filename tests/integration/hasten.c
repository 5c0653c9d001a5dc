/* SPDX-License-Identifier: MIT */
/* Preloaded into the collectd of a test: its read callbacks come HASTEN times
 * as often as their intervals say. A hub's Timeout is at most its Interval, so
 * this lets one be long and reads be many: a machine that is busy makes no hub
 * sick. No clock is changed. */
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <time.h>

typedef int wait_fn(pthread_cond_t *, pthread_mutex_t *,
                    const struct timespec *);

static double times = 1; /* as often */
static double began;     /* seconds since the epoch */
static void *collectd;   /* where the program lies in memory */
static wait_fn *wait_for;

static double seconds(const struct timespec *t) {
  return (double)t->tv_sec + (double)t->tv_nsec / 1e9;
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  return seconds(&t);
}

static void *base_of(void *address) {
  Dl_info info = {0};
  return dladdr(address, &info) != 0 ? info.dli_fbase : NULL;
}

__attribute__((constructor)) static void prepare(void) {
  const char *text = getenv("HASTEN");
  if (text != NULL)
    times = atof(text);
  began = now();
  collectd = base_of((void *)getauxval(AT_ENTRY));
  void *next = dlsym(RTLD_NEXT, "pthread_cond_timedwait");
  memcpy(&wait_for, &next, sizeof(wait_for));
}

/* collectd's own calls with a time of day are of its read threads, which hold
 * a lock here. After a halt those that are late are not made up for. */
int pthread_cond_timedwait(pthread_cond_t *cond, pthread_mutex_t *mutex,
                           const struct timespec *until) {
  if (times <= 1 || base_of(__builtin_return_address(0)) != collectd ||
      seconds(until) < began)
    return wait_for(cond, mutex, until);
  double due = began + (seconds(until) - began) / times;
  double late = now() - due;
  if (late > 1) {
    began += late / (1 - 1 / times);
    return ETIMEDOUT;
  }
  struct timespec t = {.tv_sec = (time_t)due};
  t.tv_nsec = (long)((due - (double)t.tv_sec) * 1e9);
  return wait_for(cond, mutex, &t);
}
