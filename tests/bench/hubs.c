/* SPDX-License-Identifier: MIT */
/* hubs - many hubs that cost next to nothing, so that a thousand of them can
 * answer at the same moment.
 *
 *   hubs NUMBER SILENT FILE
 *
 * Each listens on a port of its own on loopback, printed as a URL a line, and
 * answers GET /api/health with the bytes of FILE, anything else with 404. The
 * first SILENT of them accept, read and never answer. Lines of the standard
 * input change what one of them does with the next request, "0 fails": answers,
 * is silent, fails (500), closes (the connection). Until SIGTERM. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define EVENTS 64
#define SEND_BUFFER (1 << 20) /* an answer fits: sending never waits */

enum manner { ANSWERS, SILENT, FAILS, CLOSES, MANNERS };

static const char *const manners[MANNERS] = {"answers", "silent", "fails",
                                             "closes"};

struct peer { /* a port that listens, or a connection */
  int fd;
  bool listens;
  const enum manner *manner; /* of its hub */
};

struct hubs {
  int num;
  enum manner manner[];
};

struct answer {
  char *bytes;
  size_t len;
};

static char none[] = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
static const struct answer not_found = {none, sizeof(none) - 1};
static char sick[] = "HTTP/1.1 500 Sick\r\nContent-Length: 0\r\n\r\n";
static const struct answer failure = {sick, sizeof(sick) - 1};

static void die(const char *what) {
  perror(what);
  exit(1);
}

static struct answer load(const char *path) {
  FILE *file = fopen(path, "rb");
  if (file == NULL || fseek(file, 0, SEEK_END) != 0)
    die(path);
  size_t len = (size_t)ftell(file);
  rewind(file);
  char head[128];
  int head_len = snprintf(head, sizeof(head),
                          "HTTP/1.1 200 OK\r\nContent-Type: application/json"
                          "\r\nContent-Length: %zu\r\n\r\n",
                          len);
  struct answer a = {malloc((size_t)head_len + len), (size_t)head_len + len};
  if (a.bytes == NULL || fread(a.bytes + head_len, 1, len, file) != len)
    die(path);
  memcpy(a.bytes, head, (size_t)head_len);
  fclose(file);
  return a;
}

static void watch(int epoll, int fd, bool listens, const enum manner *manner) {
  struct peer *p = malloc(sizeof(*p));
  if (p == NULL)
    die("malloc");
  *p = (struct peer){fd, listens, manner};
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = p};
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0)
    die("epoll_ctl");
}

static void listen_on_some_port(int epoll, const enum manner *manner) {
  struct sockaddr_in address = {.sin_family = AF_INET,
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t len = sizeof(address);
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (fd < 0 || bind(fd, (struct sockaddr *)&address, len) != 0 ||
      listen(fd, SOMAXCONN) != 0 ||
      getsockname(fd, (struct sockaddr *)&address, &len) != 0)
    die("listen");
  watch(epoll, fd, true, manner);
  printf("http://127.0.0.1:%d\n", ntohs(address.sin_port));
}

static void take(int epoll, const struct peer *port) {
  int fd = accept(port->fd, NULL, NULL);
  if (fd < 0)
    return;
  int size = SEND_BUFFER;
  setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
  watch(epoll, fd, false, port->manner);
}

/* A request comes in one piece. */
static bool serve(const struct peer *p, const struct answer *health) {
  static const char wanted[] = "GET /api/health ";
  char request[4096];
  ssize_t num = recv(p->fd, request, sizeof(request), 0);
  if (num <= 0 || *p->manner == CLOSES)
    return false;
  if (*p->manner == SILENT)
    return true;
  bool found = (size_t)num >= sizeof(wanted) - 1 &&
               memcmp(request, wanted, sizeof(wanted) - 1) == 0;
  const struct answer *a = *p->manner == FAILS ? &failure
                           : found             ? health
                                               : &not_found;
  return send(p->fd, a->bytes, a->len, MSG_NOSIGNAL) == (ssize_t)a->len;
}

static void attend(int epoll, struct peer *p, const struct answer *health) {
  if (p->listens) {
    take(epoll, p);
  } else if (!serve(p, health)) {
    close(p->fd);
    free(p);
  }
}

/* false: there will be no more. */
static bool obey(struct hubs *hubs) {
  char line[64];
  char word[16];
  int hub = 0;
  if (fgets(line, sizeof(line), stdin) == NULL)
    return false;
  if (sscanf(line, "%d %15s", &hub, word) != 2 || hub < 0 || hub >= hubs->num)
    return true;
  for (enum manner m = ANSWERS; m < MANNERS; m++)
    if (strcmp(word, manners[m]) == 0)
      hubs->manner[hub] = m;
  return true;
}

static struct hubs *open_hubs(int epoll, int num, int silent) {
  struct hubs *hubs =
      calloc(1, sizeof(*hubs) + (size_t)num * sizeof(hubs->manner[0]));
  if (hubs == NULL)
    die("calloc");
  hubs->num = num;
  for (int i = 0; i < num; i++) {
    hubs->manner[i] = i < silent ? SILENT : ANSWERS;
    listen_on_some_port(epoll, &hubs->manner[i]);
  }
  fflush(stdout);
  return hubs;
}

int main(int argc, char **argv) {
  if (argc != 4) {
    fprintf(stderr, "usage: hubs NUMBER SILENT FILE\n");
    return 2;
  }
  const struct answer health = load(argv[3]);
  int epoll = epoll_create1(0);
  struct hubs *hubs = open_hubs(epoll, atoi(argv[1]), atoi(argv[2]));
  setvbuf(stdin, NULL, _IONBF, 0); /* or epoll would not see what is read */
  struct epoll_event orders = {.events = EPOLLIN};
  epoll_ctl(epoll, EPOLL_CTL_ADD, STDIN_FILENO, &orders); /* not of a file */
  struct epoll_event events[EVENTS];
  for (;;) {
    int num = epoll_wait(epoll, events, EVENTS, -1);
    for (int i = 0; i < num; i++)
      if (events[i].data.ptr != NULL)
        attend(epoll, events[i].data.ptr, &health);
      else if (!obey(hubs))
        epoll_ctl(epoll, EPOLL_CTL_DEL, STDIN_FILENO, NULL);
  }
}
