/* SPDX-License-Identifier: MIT */
/* fault.h - the n-th call of a function of the C library fails.
 *
 * fault.c defines malloc(), open(), write() and so on in the place of the C
 * library's, which they call: what libcurl, json-c and the C library itself
 * allocate counts like what we do. They work under sanitizers, too.
 *
 * A scenario is a function that sets its stage up, calls fault_begin(), does
 * what is tested, calls fault_end(), and checks what came of it: all of it
 * right where nothing failed, else right or a clear error, and right again
 * afterwards. fault_each() runs it with the first call failing, then with the
 * second, and so on, until all have had their turn; once with that one call
 * failing, and once with all that follow it, too. */
#ifndef TESTS_FAULT_H
#define TESTS_FAULT_H

#include <stdbool.h>
#include <stddef.h>

enum fault_call {
  FAULT_MEMORY,  /* malloc, calloc, realloc, strdup, strndup */
  FAULT_OPEN,    /* open, openat, fopen */
  FAULT_READ,    /* read, pread, recv */
  FAULT_WRITE,   /* write, send */
  FAULT_STAT,    /* stat, fstat, fchmod */
  FAULT_SYNC,    /* fsync */
  FAULT_CLOSE,   /* close: it is closed all the same */
  FAULT_RENAME,  /* rename, link */
  FAULT_THREAD,  /* pthread_create */
  FAULT_SOCKET,  /* socket, setsockopt, eventfd, epoll_create1 */
  FAULT_CONNECT, /* connect; in part: and lost at once */
  FAULT_WATCH,   /* epoll_ctl, to add one */
  FAULT_WAIT,    /* epoll_wait */
};

#define FAULT_SHORT 0 /* in the place of an errno: does only part of it */

/* How many calls failed, each in its turn. `what` is for people. */
size_t fault_each(const char *what, enum fault_call call, int error,
                  void (*scenario)(void *arg), void *arg);
/* Without those that follow. */
size_t fault_once(const char *what, enum fault_call call, int error,
                  void (*scenario)(void *arg), void *arg);

/* Every call in every way in which it may fail, as fault_each(), or once. */
size_t fault_all(const char *what, bool lasting, void (*scenario)(void *arg),
                 void *arg);
/* Whether what fails is no failure: a signal, or only a part first. */
bool fault_is_harmless(void);
/* Whether calls of this kind are those that fail. */
bool fault_is_of(enum fault_call call);

/* Calls of this thread count from now on; in between they do not; no more.
 * True: one has failed. */
void fault_begin(void);
void fault_shelter(bool on);
bool fault_end(void);

/* Threads that are created from now on count, too, from fault_begin() to
 * fault_end(), which they may outlive; a shelter is not theirs. */
void fault_follow(bool on);
/* Where threads count: whether one has failed already, and how many calls there
 * were. */
bool fault_happened(void);
size_t fault_calls(void);
/* What this library allocates itself does not count; NULL: it does. */
void fault_spare(const char *library);

/* Of cmocka tests, to be the teardown: says which call failed in a scenario
 * that did not end. */
int fault_teardown(void **state);

#endif
