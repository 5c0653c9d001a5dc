/* SPDX-License-Identifier: MIT */
#include "fault.h"

#include "unit.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define CALLS_MAX 100000 /* a scenario that needs more does not end */

static struct {
  const char *what; /* NULL: no scenario runs */
  enum fault_call call;
  int error;
  bool lasting; /* those that follow fail, too */
  size_t nth;
} plan;

static atomic_bool begun; /* and not ended */
static atomic_bool happened;
static atomic_size_t calls;
static bool follow;                 /* threads to come */
static _Thread_local bool counting; /* of the thread that began */
static _Thread_local bool follows;
static const char *spared;

static bool fails(enum fault_call call) {
  if (!(counting || (follows && begun)) || call != plan.call)
    return false;
  size_t number = ++calls;
  bool is = plan.lasting ? number >= plan.nth : number == plan.nth;
  if (is) {
    happened = true;
    errno = plan.error;
  }
  return is;
}

#define NEXT(name) (__extension__(__typeof__(&(name))) dlsym(RTLD_NEXT, #name))

/* ---- scenarios ---- */

void fault_begin(void) {
  calls = 0;
  happened = false;
  counting = begun = plan.what != NULL;
}

void fault_follow(bool on) { follow = on; }

bool fault_happened(void) { return happened; }

size_t fault_calls(void) { return calls; }

void fault_spare(const char *library) { spared = library; }

void fault_shelter(bool on) { counting = !on && begun; }

bool fault_end(void) {
  counting = begun = false;
  return happened;
}

static size_t each(void (*scenario)(void *arg), void *arg) {
  for (plan.nth = 1; plan.nth < CALLS_MAX; plan.nth++) {
    scenario(arg);
    if (!happened)
      return plan.nth - 1;
  }
  fail_msg("%s: it never ends", plan.what);
  return 0;
}

size_t fault_once(const char *what, enum fault_call call, int error,
                  void (*scenario)(void *arg), void *arg) {
  plan.what = what;
  plan.call = call;
  plan.error = error;
  plan.lasting = false;
  size_t num = each(scenario, arg);
  plan.what = NULL;
  if (num > 0)
    print_message("%s: %zu calls\n", what, num);
  return num;
}

size_t fault_each(const char *what, enum fault_call call, int error,
                  void (*scenario)(void *arg), void *arg) {
  size_t num = fault_once(what, call, error, scenario, arg);
  plan.what = what;
  plan.lasting = true;
  if (error != EINTR) /* is tried again until it ends */
    each(scenario, arg);
  plan.what = NULL;
  return num;
}

size_t fault_all(const char *what, bool lasting, void (*scenario)(void *arg),
                 void *arg) {
  static const struct {
    enum fault_call call;
    int error;
    const char *name;
  } faults[] = {
      {FAULT_MEMORY, ENOMEM, "memory"},
      {FAULT_OPEN, EMFILE, "open()"},
      {FAULT_READ, EIO, "read()"},
      {FAULT_READ, EAGAIN, "read(), not in time"},
      {FAULT_READ, EINTR, "read(), a signal"},
      {FAULT_READ, FAULT_SHORT, "read(), in part"},
      {FAULT_WRITE, ENOSPC, "write(), no room"},
      {FAULT_WRITE, EIO, "write()"},
      {FAULT_WRITE, EPIPE, "write(), nobody there"},
      {FAULT_WRITE, EINTR, "write(), a signal"},
      {FAULT_WRITE, FAULT_SHORT, "write(), in part"},
      {FAULT_STAT, EIO, "stat()"},
      {FAULT_SYNC, EIO, "fsync()"},
      {FAULT_CLOSE, EIO, "close()"},
      {FAULT_RENAME, EIO, "rename()"},
      {FAULT_THREAD, EAGAIN, "threads"},
      {FAULT_SOCKET, EMFILE, "sockets"},
      {FAULT_CONNECT, ECONNREFUSED, "connect()"},
      {FAULT_CONNECT, EACCES, "connect(), no permission"},
      {FAULT_CONNECT, EAGAIN, "connect(), not in time"},
      {FAULT_CONNECT, EINTR, "connect(), a signal"},
      {FAULT_CONNECT, FAULT_SHORT, "connect(), lost at once"},
      {FAULT_WATCH, ENOSPC, "epoll"},
      {FAULT_WAIT, ENOMEM, "waits"},
      {FAULT_WAIT, EINTR, "waits, a signal"},
  };
  size_t num = 0;
  for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
    static char words[96]; /* a test that fails leaves */
    snprintf(words, sizeof(words), "%s, %s", what, faults[i].name);
    num += (lasting ? fault_each : fault_once)(words, faults[i].call,
                                               faults[i].error, scenario, arg);
  }
  return num;
}

bool fault_is_harmless(void) {
  return plan.what != NULL &&
         (plan.error == EINTR ||
          (plan.error == FAULT_SHORT && plan.call != FAULT_CONNECT));
}

bool fault_is_of(enum fault_call call) {
  return plan.what != NULL && plan.call == call;
}

int fault_teardown(void **state) {
  (void)state;
  fault_end();
  fault_spare(NULL);
  if (plan.what != NULL)
    print_message("%s: when call %zu failed%s\n", plan.what, plan.nth,
                  plan.lasting ? " and all that followed" : "");
  plan.what = NULL;
  return 0;
}

/* ---- memory ---- */

#ifdef __SANITIZE_ADDRESS__
#define ALLOCATOR(name) __interceptor_##name

/* Out of memory, json-c 0.16 leaks what it cannot add to an object, and glibc
 * 2.36 the name of a codeset. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) {
  return "leak:libjson-c\nleak:_nl_normalize_codeset\n";
}
#else
#define ALLOCATOR(name) __libc_##name
#endif

void *ALLOCATOR(malloc)(size_t size);
void *ALLOCATOR(calloc)(size_t num, size_t size);
void *ALLOCATOR(realloc)(void *block, size_t size);

static bool is_of(const char *library, const void *caller) {
  Dl_info info;
  return dladdr(caller, &info) != 0 && strstr(info.dli_fname, library) != NULL;
}

static bool no_memory(const void *caller) {
  return (spared == NULL || !is_of(spared, caller)) && fails(FAULT_MEMORY);
}

#define NO_MEMORY no_memory(__builtin_return_address(0))

void *malloc(size_t size) { return NO_MEMORY ? NULL : ALLOCATOR(malloc)(size); }

void *calloc(size_t num, size_t size) {
  return NO_MEMORY ? NULL : ALLOCATOR(calloc)(num, size);
}

void *realloc(void *block, size_t size) {
  return NO_MEMORY ? NULL : ALLOCATOR(realloc)(block, size);
}

/* json-c 0.16 does not look whether its copy of a key is there, and crashes. */
static char *copy_of(const char *text, size_t len, const void *caller) {
  bool safe = is_of("libjson-c", caller);
  char *copy = !safe && no_memory(caller) ? NULL : ALLOCATOR(malloc)(len + 1);
  if (copy == NULL)
    return NULL;
  copy[len] = '\0';
  return memcpy(copy, text, len);
}

/* A sanitizer has its own, which do not call malloc(). */
char *strndup(const char *text, size_t most) {
  return copy_of(text, strnlen(text, most), __builtin_return_address(0));
}

char *strdup(const char *text) {
  return copy_of(text, strlen(text), __builtin_return_address(0));
}

/* ---- files ---- */

int open(const char *path, int flags, ...) {
  va_list args;
  va_start(args, flags);
  mode_t mode = (flags & O_CREAT) != 0 ? va_arg(args, mode_t) : 0;
  va_end(args);
  return fails(FAULT_OPEN) ? -1 : NEXT(open)(path, flags, mode);
}

int openat(int dir, const char *path, int flags, ...) {
  va_list args;
  va_start(args, flags);
  mode_t mode = (flags & O_CREAT) != 0 ? va_arg(args, mode_t) : 0;
  va_end(args);
  return fails(FAULT_OPEN) ? -1 : NEXT(openat)(dir, path, flags, mode);
}

FILE *fopen(const char *path, const char *mode) {
  return fails(FAULT_OPEN) ? NULL : NEXT(fopen)(path, mode);
}

/* A byte at least: none would be the end of the file. */
static size_t part(size_t size) { return size > 1 ? size / 2 : size; }

ssize_t read(int fd, void *buf, size_t size) {
  bool is = fails(FAULT_READ);
  if (is && plan.error != FAULT_SHORT)
    return -1;
  return NEXT(read)(fd, buf, is ? part(size) : size);
}

ssize_t pread(int fd, void *buf, size_t size, off_t at) {
  bool is = fails(FAULT_READ);
  if (is && plan.error != FAULT_SHORT)
    return -1;
  return NEXT(pread)(fd, buf, is ? part(size) : size, at);
}

ssize_t write(int fd, const void *buf, size_t size) {
  bool is = fails(FAULT_WRITE);
  if (is && plan.error != FAULT_SHORT)
    return -1;
  return NEXT(write)(fd, buf, is ? part(size) : size);
}

ssize_t recv(int fd, void *buf, size_t size, int flags) {
  bool is = fails(FAULT_READ);
  if (is && plan.error != FAULT_SHORT)
    return -1;
  return NEXT(recv)(fd, buf, is ? part(size) : size, flags);
}

ssize_t send(int fd, const void *buf, size_t size, int flags) {
  bool is = fails(FAULT_WRITE);
  if (is && plan.error != FAULT_SHORT)
    return -1;
  return NEXT(send)(fd, buf, is ? part(size) : size, flags);
}

int stat(const char *path, struct stat *st) {
  return fails(FAULT_STAT) ? -1 : NEXT(stat)(path, st);
}

int fstat(int fd, struct stat *st) {
  return fails(FAULT_STAT) ? -1 : NEXT(fstat)(fd, st);
}

int fchmod(int fd, mode_t mode) {
  return fails(FAULT_STAT) ? -1 : NEXT(fchmod)(fd, mode);
}

/* No test ends with the machine: nobody waits for its disk. */
int fsync(int fd) {
  (void)fd;
  return fails(FAULT_SYNC) ? -1 : 0;
}

int close(int fd) {
  bool is = fails(FAULT_CLOSE);
  int status = NEXT(close)(fd);
  if (is)
    errno = plan.error;
  return is ? -1 : status;
}

int rename(const char *from, const char *to) {
  return fails(FAULT_RENAME) ? -1 : NEXT(rename)(from, to);
}

int link(const char *from, const char *to) {
  return fails(FAULT_RENAME) ? -1 : NEXT(link)(from, to);
}

/* ---- threads and sockets ---- */

struct follower {
  void *(*run)(void *);
  void *arg;
};

static void *run_follower(void *arg) {
  struct follower f = *(struct follower *)arg;
  free(arg);
  follows = true;
  return f.run(f.arg);
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                   void *(*run)(void *), void *arg) {
  if (fails(FAULT_THREAD))
    return plan.error;
  struct follower *f = follow ? ALLOCATOR(malloc)(sizeof(*f)) : NULL;
  if (f == NULL)
    return NEXT(pthread_create)(thread, attributes, run, arg);
  *f = (struct follower){run, arg};
  int status = NEXT(pthread_create)(thread, attributes, run_follower, f);
  if (status != 0)
    free(f);
  return status;
}

int socket(int family, int type, int protocol) {
  return fails(FAULT_SOCKET) ? -1 : NEXT(socket)(family, type, protocol);
}

/* As glibc declares it. */
int connect(int fd, __CONST_SOCKADDR_ARG address, socklen_t len) {
  bool is = fails(FAULT_CONNECT);
  if (is && plan.error != FAULT_SHORT)
    return -1;
  int status = NEXT(connect)(fd, address, len);
  if (is)
    shutdown(fd, SHUT_RDWR);
  return status;
}

int setsockopt(int fd, int level, int name, const void *value, socklen_t len) {
  return fails(FAULT_SOCKET) ? -1
                             : NEXT(setsockopt)(fd, level, name, value, len);
}

int eventfd(unsigned count, int flags) {
  return fails(FAULT_SOCKET) ? -1 : NEXT(eventfd)(count, flags);
}

int epoll_create1(int flags) {
  return fails(FAULT_SOCKET) ? -1 : NEXT(epoll_create1)(flags);
}

int epoll_ctl(int epoll, int op, int fd, struct epoll_event *event) {
  bool is = op == EPOLL_CTL_ADD && fails(FAULT_WATCH);
  return is ? -1 : NEXT(epoll_ctl)(epoll, op, fd, event);
}

int epoll_wait(int epoll, struct epoll_event *events, int most, int wait) {
  return fails(FAULT_WAIT) ? -1 : NEXT(epoll_wait)(epoll, events, most, wait);
}
