#include "ctl/values.h"

#include <errno.h>
#include <grp.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

struct values {
  lcc_connection_t *con;
  bool failed;
  struct value *list; /* sorted */
  size_t num;
  struct hub_name *hubs;
  size_t hubs_num;
};

/* ---- the deadline: libcollectdclient knows none, its reads are interrupted */

static void interrupt(int signal_number) { (void)signal_number; }

static void set_deadline(int seconds) {
  struct sigaction action = {.sa_handler = interrupt}; /* no SA_RESTART */
  /* Again and again: the first may come between two calls. */
  struct itimerval timer = {.it_value = {.tv_sec = seconds},
                            .it_interval = {.tv_usec = 100000}};
  sigaction(SIGALRM, &action, NULL);
  if (seconds == 0)
    timer = (struct itimerval){0};
  setitimer(ITIMER_REAL, &timer, NULL);
}

/* ---- the socket ---- */

static void describe_refusal(const char *path, int error, char *err,
                             size_t size) {
  struct stat st = {0};
  struct group *group = stat(path, &st) == 0 ? getgrgid(st.st_gid) : NULL;
  switch (error) {
  case ENOENT:
    snprintf(err, size,
             "there is no socket %s\n"
             "  Is collectd running?      systemctl status collectd\n"
             "  Does it load unixsock?    LoadPlugin unixsock\n"
             "  Is it somewhere else?     mcphubctl -s SOCKET (its SocketFile)",
             path);
    break;
  case ECONNREFUSED:
    snprintf(err, size,
             "collectd is not running: nobody listens on %s\n"
             "  Start it:                 systemctl start collectd",
             path);
    break;
  case EACCES:
    snprintf(err, size,
             "no permission to use %s\n"
             "  Run this as root, or as a member of group %s\n"
             "  (SocketGroup and SocketPerms in <Plugin unixsock> decide)",
             path, group != NULL ? group->gr_name : "of the socket");
    break;
  case EINTR:
  case EAGAIN:
    snprintf(err, size,
             "collectd does not answer on %s within %d s\n"
             "  Is it stopped, or held up? journalctl -u collectd",
             path, VALUES_DEADLINE);
    break;
  default:
    snprintf(err, size, "cannot use %s: %s", path, strerror(error));
  }
}

int values_connect(const char *path, char *err, size_t err_size) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  struct timeval patience = {.tv_sec = VALUES_DEADLINE};
  if (strlen(path) >= sizeof(address.sun_path)) {
    snprintf(err, err_size, "the socket's path is longer than %zu bytes: %s",
             sizeof(address.sun_path) - 1, path);
    return -1;
  }
  memcpy(address.sun_path, path, strlen(path));
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd >= 0 &&
      setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) ==
          0 &&
      setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) ==
          0 &&
      connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
    return fd;
  describe_refusal(path, errno, err, err_size);
  if (fd >= 0)
    close(fd);
  return -1;
}

/* ---- the list ---- */

static bool is_wanted(const struct ctl *c, const lcc_identifier_t *id) {
  bool alerts = strcmp(id->plugin, VALUES_ALERTS) == 0;
  if (!alerts && strcmp(id->plugin, VALUES_HUB) != 0)
    return false;
  if (alerts && *id->plugin_instance == '\0') /* of the plugin itself */
    return true;
  return (c->host == NULL || strcmp(id->host, c->host) == 0) &&
         (c->hub == NULL || strcmp(id->plugin_instance, c->hub) == 0);
}

static int compare(const void *a, const void *b) {
  return lcc_identifier_compare(&((const struct value *)a)->id,
                                &((const struct value *)b)->id);
}

static int take_list(struct values *v, const struct ctl *c,
                     const lcc_identifier_t *ids, size_t num) {
  v->list = calloc(num + 1, sizeof(*v->list));
  v->hubs = calloc(num + 1, sizeof(*v->hubs));
  if (v->list == NULL || v->hubs == NULL)
    return -1;
  for (size_t i = 0; i < num; i++)
    if (is_wanted(c, &ids[i]))
      v->list[v->num++] = (struct value){.id = ids[i], .number = NAN};
  qsort(v->list, v->num, sizeof(*v->list), compare);
  for (size_t i = 0; i < v->num; i++) {
    const lcc_identifier_t *id = &v->list[i].id;
    struct hub_name *last = &v->hubs[v->hubs_num > 0 ? v->hubs_num - 1 : 0];
    if (strcmp(id->plugin, VALUES_HUB) != 0)
      continue;
    if (v->hubs_num > 0 && strcmp(last->host, id->host) == 0 &&
        strcmp(last->name, id->plugin_instance) == 0)
      continue;
    v->hubs[v->hubs_num++] = (struct hub_name){id->host, id->plugin_instance};
  }
  return 0;
}

/* "a on h, b on h": what there is instead of what was asked for. */
static void list_hubs(const lcc_identifier_t *ids, size_t num, char *buf,
                      size_t size) {
  size_t len = 0;
  *buf = '\0';
  for (size_t i = 0; i < num; i++) {
    const lcc_identifier_t *id = &ids[i];
    if (strcmp(id->plugin, VALUES_HUB) != 0 || strcmp(id->type, "bool") != 0 ||
        strcmp(id->type_instance, "up") != 0)
      continue;
    int put = snprintf(buf + len, size - len, "%s%s on %s", len > 0 ? ", " : "",
                       id->plugin_instance, id->host);
    if (put < 0 || (size_t)put >= size - len) {
      buf[len] = '\0';
      return;
    }
    len += (size_t)put;
  }
}

static void describe_absence(const struct ctl *c, const lcc_identifier_t *ids,
                             size_t num, char *err, size_t size) {
  char there[512];
  list_hubs(ids, num, there, sizeof(there));
  if (*there == '\0')
    snprintf(err, size,
             "collectd runs, but has no values of mcp_hub\n"
             "  Is the plugin loaded?     LoadPlugin mcp_hub\n"
             "  Did it refuse to start?   journalctl -u collectd | grep "
             "mcp_hub\n"
             "  Has collectd just started? Values come with the next interval");
  else if (c->hub != NULL)
    snprintf(err, size, "there is no hub \"%s\"%s%s\n  There are: %s", c->hub,
             c->host != NULL ? " on " : "", c->host != NULL ? c->host : "",
             there);
  else
    snprintf(err, size, "there are no hubs of host \"%s\"\n  There are: %s",
             c->host, there);
}

static int list_values(struct values *v, const struct ctl *c, char *err,
                       size_t size) {
  lcc_identifier_t *ids = NULL;
  size_t num = 0;
  char address[sizeof("unix:") + sizeof(((struct sockaddr_un *)0)->sun_path)];
  snprintf(address, sizeof(address), "unix:%s", c->socket);
  errno = 0;
  if (lcc_connect(address, &v->con) != 0 ||
      lcc_listval(v->con, &ids, &num) != 0) {
    describe_refusal(c->socket, errno != 0 ? errno : EPROTO, err, size);
    return -1;
  }
  int status = take_list(v, c, ids, num);
  if (status != 0) {
    snprintf(err, size, "out of memory");
  } else if (v->hubs_num == 0) {
    describe_absence(c, ids, num, err, size);
    status = -1;
  }
  free(ids);
  return status;
}

struct values *values_open(const struct ctl *c, char *err, size_t err_size) {
  int probe = values_connect(c->socket, err, err_size);
  if (probe < 0)
    return NULL;
  close(probe);
  struct values *v = calloc(1, sizeof(*v));
  if (v == NULL) {
    snprintf(err, err_size, "out of memory");
    return NULL;
  }
  set_deadline(VALUES_DEADLINE);
  if (list_values(v, c, err, err_size) == 0)
    return v;
  values_close(v);
  return NULL;
}

void values_close(struct values *v) {
  if (v == NULL)
    return;
  if (v->con != NULL)
    lcc_disconnect(v->con);
  set_deadline(0);
  free(v->list);
  free(v->hubs);
  free(v);
}

const struct hub_name *values_hubs(const struct values *v, size_t *num) {
  *num = v->hubs_num;
  return v->hubs;
}

/* ---- values ---- */

static bool is_of(const struct value *value, const struct hub_name *hub,
                  const char *plugin) {
  return strcmp(value->id.host, hub->host) == 0 &&
         strcmp(value->id.plugin, plugin) == 0 &&
         strcmp(value->id.plugin_instance, hub->name) == 0;
}

/* The first that is not before the key. */
static size_t lower_bound(const struct values *v, const struct value *key) {
  size_t low = 0;
  size_t high = v->num;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (compare(&v->list[middle], key) < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

static struct value key_of(const struct hub_name *hub, const char *plugin,
                           const char *type, const char *instance) {
  struct value key = {.number = NAN};
  snprintf(key.id.host, sizeof(key.id.host), "%s", hub->host);
  snprintf(key.id.plugin, sizeof(key.id.plugin), "%s", plugin);
  snprintf(key.id.plugin_instance, sizeof(key.id.plugin_instance), "%s",
           hub->name);
  snprintf(key.id.type, sizeof(key.id.type), "%s", type);
  snprintf(key.id.type_instance, sizeof(key.id.type_instance), "%s", instance);
  return key;
}

struct value *values_range(struct values *v, const struct hub_name *hub,
                           const char *plugin, size_t *num) {
  struct value key = key_of(hub, plugin, "", "");
  size_t first = lower_bound(v, &key);
  for (*num = 0; first + *num < v->num; ++*num)
    if (!is_of(&v->list[first + *num], hub, plugin))
      break;
  return v->list + first;
}

static bool is_cut(const lcc_identifier_t *id) {
  return strlen(id->host) == LCC_NAME_LEN - 1 ||
         strlen(id->plugin_instance) == LCC_NAME_LEN - 1 ||
         strlen(id->type_instance) == LCC_NAME_LEN - 1;
}

double values_number(struct values *v, struct value *value) {
  gauge_t *numbers = NULL;
  size_t num = 0;
  if (value->asked || v->failed || is_cut(&value->id))
    return value->number;
  value->asked = true;
  set_deadline(VALUES_DEADLINE);
  errno = 0;
  if (lcc_getval(v->con, &value->id, &num, &numbers, NULL) != 0) {
    v->failed = errno != 0; /* else it is gone meanwhile */
    return NAN;
  }
  value->number = num > 0 ? 0 : NAN;
  for (size_t i = 0; i < num; i++)
    value->number += numbers[i];
  free(numbers);
  return value->number;
}

bool values_failed(const struct values *v, const struct ctl *c, char *err,
                   size_t err_size) {
  if (v->failed)
    describe_refusal(c->socket, EINTR, err, err_size);
  return v->failed;
}

double values_get(struct values *v, const struct hub_name *hub,
                  const char *plugin, const char *type, const char *instance) {
  struct value key = key_of(hub, plugin, type, instance);
  struct value *found =
      bsearch(&key, v->list, v->num, sizeof(*v->list), compare);
  return found != NULL ? values_number(v, found) : NAN;
}

const char *values_own_host(const struct values *v) {
  for (size_t i = 0; i < v->num; i++)
    if (strcmp(v->list[i].id.plugin, VALUES_ALERTS) == 0 &&
        *v->list[i].id.plugin_instance == '\0')
      return v->list[i].id.host;
  return NULL;
}
