/* SPDX-License-Identifier: MIT */
#include "ctl/collectd_client.h"

#include <errno.h>
#include <grp.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define LINE_SIZE 1024 /* bytes of a line */

struct collectd_client {
  int fd;
  FILE *answers;          /* stream of fd */
  int error;              /* errno of the connection; 0: none */
  struct timespec opened; /* CLOCK_MONOTONIC */
  struct value *list;     /* sorted */
  size_t num;
  struct hub_name *hubs;
  size_t hubs_num;
};

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
             "  Did collectd -T take it?  systemctl restart collectd\n"
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
  case ECONNRESET:
  case EPIPE:
    snprintf(err, size,
             "collectd ended the connection on %s\n"
             "  Does it restart?          journalctl -u collectd",
             path);
    break;
  case EAGAIN:
    snprintf(err, size,
             "collectd does not answer on %s within %d s\n"
             "  Is it stopped, or held up? journalctl -u collectd",
             path, COLLECTD_CLIENT_DEADLINE);
    break;
  case ETIMEDOUT:
    snprintf(err, size,
             "collectd answers too slowly on %s: not complete within %d s\n"
             "  Is it held up?            journalctl -u collectd",
             path, COLLECTD_CLIENT_TOTAL);
    break;
  default:
    snprintf(err, size, "cannot use %s: %s", path, strerror(error));
  }
}

int collectd_client_connect(const char *path, char *err, size_t err_size) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  struct timeval patience = {.tv_sec = COLLECTD_CLIENT_DEADLINE};
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
      TEMP_FAILURE_RETRY(
          connect(fd, (struct sockaddr *)&address, sizeof(address))) == 0)
    return fd;
  int error = errno;
  describe_refusal(path, error, err, err_size);
  if (fd >= 0)
    close(fd);
  errno = error;
  return -1;
}

/* ---- list ---- */

static bool is_wanted(const struct ctl *c, const struct value_id *id) {
  bool alerts = strcmp(id->plugin, COLLECTD_CLIENT_ALERTS) == 0;
  if (!alerts && strcmp(id->plugin, COLLECTD_CLIENT_HUB) != 0)
    return false;
  if (alerts && *id->plugin_instance == '\0') /* of the plugin itself */
    return true;
  return (c->host == NULL || strcmp(id->host, c->host) == 0) &&
         (c->hub == NULL || strcmp(id->plugin_instance, c->hub) == 0);
}

static int compare(const void *a, const void *b) {
  const struct value_id *x = &((const struct value *)a)->id;
  const struct value_id *y = &((const struct value *)b)->id;
  int order = strcmp(x->host, y->host);
  if (order == 0)
    order = strcmp(x->plugin, y->plugin);
  if (order == 0)
    order = strcmp(x->plugin_instance, y->plugin_instance);
  if (order == 0)
    order = strcmp(x->type, y->type);
  return order != 0 ? order : strcmp(x->type_instance, y->type_instance);
}

static int take_list(struct collectd_client *v, const struct ctl *c,
                     const struct value_id *ids, size_t num) {
  v->list = calloc(num + 1, sizeof(*v->list));
  v->hubs = calloc(num + 1, sizeof(*v->hubs));
  if (v->list == NULL || v->hubs == NULL)
    return -1;
  for (size_t i = 0; i < num; i++)
    if (is_wanted(c, &ids[i]))
      v->list[v->num++] = (struct value){.id = ids[i], .number = NAN};
  qsort(v->list, v->num, sizeof(*v->list), compare);
  struct hub_name *last = NULL;
  for (size_t i = 0; i < v->num; i++) {
    const struct value_id *id = &v->list[i].id;
    if (strcmp(id->plugin, COLLECTD_CLIENT_HUB) != 0)
      continue;
    if (last != NULL && strcmp(last->host, id->host) == 0 &&
        strcmp(last->name, id->plugin_instance) == 0)
      continue;
    last = &v->hubs[v->hubs_num++];
    *last = (struct hub_name){id->host, id->plugin_instance};
  }
  return 0;
}

/* "a on h, b on h": the hubs that exist. */
static void list_hubs(const struct value_id *ids, size_t num, char *buf,
                      size_t size) {
  size_t len = 0;
  *buf = '\0';
  for (size_t i = 0; i < num; i++) {
    const struct value_id *id = &ids[i];
    if (strcmp(id->plugin, COLLECTD_CLIENT_HUB) != 0 ||
        strcmp(id->type, "bool") != 0 || strcmp(id->type_instance, "up") != 0)
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

static void describe_absence(const struct ctl *c, const struct value_id *ids,
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

/* "name-instance" up to `end` */
static void take_part(const char *text, const char *end,
                      char name[COLLECTD_CLIENT_NAME],
                      char instance[COLLECTD_CLIENT_NAME]) {
  const char *dash = memchr(text, '-', (size_t)(end - text));
  const char *cut = dash != NULL ? dash : end;
  snprintf(name, COLLECTD_CLIENT_NAME, "%.*s", (int)(cut - text), text);
  snprintf(instance, COLLECTD_CLIENT_NAME, "%.*s",
           dash != NULL ? (int)(end - dash - 1) : 0, cut + (dash != NULL));
}

/* "1182204284.123 host/plugin-instance/type-instance"; -1: other text. */
static int parse_listed(const char *line, struct value_id *id) {
  const char *host = strchr(line, ' ');
  const char *plugin = host != NULL ? strchr(host, '/') : NULL;
  const char *type = plugin != NULL ? strchr(plugin + 1, '/') : NULL;
  if (type == NULL)
    return -1;
  snprintf(id->host, sizeof(id->host), "%.*s", (int)(plugin - host - 1),
           host + 1);
  take_part(plugin + 1, type, id->plugin, id->plugin_instance);
  take_part(type + 1, type + strlen(type), id->type, id->type_instance);
  return 0;
}

/* Custom stream: stdio ends on EINTR, which SIGCONT can cause. */
static ssize_t read_some(void *arg, char *buf, size_t size) {
  const struct collectd_client *v = arg;
  struct timespec now = {0};
  clock_gettime(CLOCK_MONOTONIC, &now);
  if (now.tv_sec - v->opened.tv_sec > COLLECTD_CLIENT_TOTAL) {
    errno = ETIMEDOUT;
    return -1;
  }
  return TEMP_FAILURE_RETRY(recv(v->fd, buf, size, 0));
}

static int close_socket(void *arg) {
  const struct collectd_client *v = arg;
  return close(v->fd);
}

static int read_line(struct collectd_client *v, char *line, size_t size) {
  errno = EIO;
  if (fgets(line, (int)size, v->answers) == NULL) {
    v->error = feof(v->answers) ? ECONNRESET : errno;
    return -1;
  }
  line[strcspn(line, "\n")] = '\0';
  return 0;
}

static int send_all(struct collectd_client *v, const char *command) {
  size_t len = strlen(command);
  for (size_t sent = 0; sent < len;) {
    ssize_t more = TEMP_FAILURE_RETRY(
        send(v->fd, command + sent, len - sent, MSG_NOSIGNAL));
    if (more < 0) {
      v->error = errno;
      return -1;
    }
    sent += (size_t)more;
  }
  return 0;
}

/* The number of lines that follow; negative: error. */
static long ask(struct collectd_client *v, const char *command) {
  char line[LINE_SIZE];
  return send_all(v, command) == 0 && read_line(v, line, sizeof(line)) == 0
             ? strtol(line, NULL, 10)
             : -1;
}

/* Makes room for one more; NULL: out of memory. */
static struct value_id *grown(struct value_id *ids, size_t num) {
  if ((num & (num - 1)) != 0)
    return ids;
  return realloc(ids, (num > 0 ? 2 * num : 1) * sizeof(*ids));
}

/* For free(); NULL: no answer. Allocates by the lines received, not by the
 * number announced. */
static struct value_id *read_list(struct collectd_client *v, size_t *num) {
  char line[LINE_SIZE];
  long lines = ask(v, "LISTVAL\n");
  struct value_id *ids = lines >= 0 ? malloc(sizeof(*ids)) : NULL;
  *num = 0;
  if (lines < 0 && v->error == 0)
    v->error = EPROTO;
  for (long i = 0; ids != NULL && i < lines; i++) {
    bool read = read_line(v, line, sizeof(line)) == 0;
    struct value_id *more = read ? grown(ids, *num) : NULL;
    if (more == NULL)
      free(ids);
    ids = more;
    *num += ids != NULL && parse_listed(line, &ids[*num]) == 0;
  }
  return ids;
}

static int list_values(struct collectd_client *v, const struct ctl *c,
                       char *err, size_t size) {
  size_t num = 0;
  struct value_id *ids = read_list(v, &num);
  int status = -1;
  if (ids == NULL) {
    describe_refusal(c->socket, v->error != 0 ? v->error : ENOMEM, err, size);
  } else if (take_list(v, c, ids, num) != 0) {
    snprintf(err, size, "out of memory");
  } else if (v->hubs_num == 0) {
    describe_absence(c, ids, num, err, size);
  } else {
    status = 0;
  }
  free(ids);
  return status;
}

/* A client with an empty list. */
static struct collectd_client *start(const struct ctl *c, char *err,
                                     size_t err_size) {
  const cookie_io_functions_t functions = {.read = read_some,
                                           .close = close_socket};
  int fd = collectd_client_connect(c->socket, err, err_size);
  if (fd < 0)
    return NULL;
  struct collectd_client *v = calloc(1, sizeof(*v));
  if (v != NULL) {
    v->fd = fd;
    clock_gettime(CLOCK_MONOTONIC, &v->opened);
    v->answers = fopencookie(v, "r", functions);
  }
  if (v != NULL && v->answers != NULL)
    return v;
  snprintf(err, err_size, "out of memory");
  free(v);
  close(fd);
  return NULL;
}

struct collectd_client *collectd_client_open(const struct ctl *c, char *err,
                                             size_t err_size) {
  struct collectd_client *v = start(c, err, err_size);
  if (v == NULL || list_values(v, c, err, err_size) == 0)
    return v;
  collectd_client_close(v);
  return NULL;
}

int collectd_client_command(const struct ctl *c, const char *command,
                            char *answer, size_t size, char *err,
                            size_t err_size) {
  struct collectd_client *v = start(c, err, err_size);
  if (v == NULL)
    return -1;
  int status = send_all(v, command) == 0 ? read_line(v, answer, size) : -1;
  collectd_client_failed(v, c, err, err_size);
  collectd_client_close(v);
  return status;
}

void collectd_client_close(struct collectd_client *v) {
  if (v == NULL)
    return;
  fclose(v->answers);
  free(v->list);
  free(v->hubs);
  free(v);
}

const struct hub_name *collectd_client_hubs(const struct collectd_client *v,
                                            size_t *num) {
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

/* The first value that is not before the key. */
static size_t lower_bound(const struct collectd_client *v,
                          const struct value *key) {
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

struct value *collectd_client_range(struct collectd_client *v,
                                    const struct hub_name *hub,
                                    const char *plugin, size_t *num) {
  struct value key = key_of(hub, plugin, "", "");
  size_t first = lower_bound(v, &key);
  for (*num = 0; first + *num < v->num; ++*num)
    if (!is_of(&v->list[first + *num], hub, plugin))
      break;
  return v->list + first;
}

static void format_getval(const struct value_id *id, char *buf, size_t size) {
  char identity[LINE_SIZE];
  snprintf(identity, sizeof(identity), "%s/%s%s%s/%s%s%s", id->host, id->plugin,
           *id->plugin_instance != '\0' ? "-" : "", id->plugin_instance,
           id->type, *id->type_instance != '\0' ? "-" : "", id->type_instance);
  size_t len = (size_t)snprintf(buf, size, "GETVAL \"");
  for (const char *at = identity; *at != '\0' && len + 5 < size; at++) {
    if (*at == '"' || *at == '\\')
      buf[len++] = '\\';
    buf[len++] = *at;
  }
  snprintf(buf + len, size - len, "\"\n");
}

double collectd_client_number(struct collectd_client *v, struct value *value) {
  char line[LINE_SIZE];
  char command[2 * LINE_SIZE];
  double sum = 0;
  if (value->asked || v->error != 0)
    return value->number;
  value->asked = true;
  format_getval(&value->id, command, sizeof(command));
  long lines = ask(v, command);
  for (long i = 0; i < lines && read_line(v, line, sizeof(line)) == 0; i++) {
    const char *equals = strrchr(line, '=');
    sum += equals != NULL ? strtod(equals + 1, NULL) : NAN;
  }
  value->number = lines > 0 && v->error == 0 ? sum : NAN;
  return value->number;
}

bool collectd_client_failed(const struct collectd_client *v,
                            const struct ctl *c, char *err, size_t err_size) {
  if (v->error != 0)
    describe_refusal(c->socket, v->error, err, err_size);
  return v->error != 0;
}

double collectd_client_get(struct collectd_client *v,
                           const struct hub_name *hub, const char *plugin,
                           const char *type, const char *instance) {
  struct value key = key_of(hub, plugin, type, instance);
  struct value *found =
      bsearch(&key, v->list, v->num, sizeof(*v->list), compare);
  return found != NULL ? collectd_client_number(v, found) : NAN;
}

const char *collectd_client_own_host(const struct collectd_client *v) {
  for (size_t i = 0; i < v->num; i++)
    if (strcmp(v->list[i].id.plugin, COLLECTD_CLIENT_ALERTS) == 0 &&
        *v->list[i].id.plugin_instance == '\0')
      return v->list[i].id.host;
  return NULL;
}
