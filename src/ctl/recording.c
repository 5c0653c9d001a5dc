/* SPDX-License-Identifier: MIT */
#include "ctl/recording.h"

#include "ctl/csv.h"
#include "ctl/types_db.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SOURCES_MOST 32U /* data sources per series */
#define DATE_LEN 11U     /* "-2026-11-21" */
#define NAME_SIZE 256U

struct day_file {
  char *path;
  char *date; /* in `path` */
  size_t entry;
};

struct entry { /* a series with all its data sources */
  char *identity;
  struct series series; /* strings in `text`; ds changes per value */
  char *text;
  char *sources[SOURCES_MOST];
  enum sample_kind kinds[SOURCES_MOST];
  size_t sources_num;
  double last;
  double step; /* seconds between the previous two values; 0: unknown */
};

struct recording_row {
  double time;
  double value;
  unsigned entry;
  unsigned source;
};

struct recording {
  const struct recording_options *o;
  struct types_db *types;
  struct entry *entries;
  size_t entries_num;
  struct day_file *files;
  size_t files_num;
  struct recording_row *rows;
  size_t rows_num, rows_room;
  recording_fn each;
  void *arg;
  struct recording_counts *counts;
  char *err;
  size_t err_size;
};

static int fail(struct recording *r, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
static int fail(struct recording *r, const char *fmt, ...) {
  va_list args;
  va_start(args, fmt);
  vsnprintf(r->err, r->err_size, fmt, args);
  va_end(args);
  return -1;
}

/* Makes room for one more; NULL: out of memory. */
static void *grown(void *list, size_t num, size_t size) {
  if ((num & (num + 1)) != 0)
    return list;
  return realloc(list, (2 * num + 1) * size);
}

/* ---- identities ---- */

/* Splits "name-instance" at the first '-'. */
static const char *split(char *text) {
  char *dash = strchr(text, '-');
  if (dash == NULL)
    return text + strlen(text);
  *dash = '\0';
  return dash + 1;
}

/* host/plugin-instance/type-instance */
static int entry_init(struct recording *r, struct entry *e,
                      const char *identity) {
  *e = (struct entry){
      .identity = strdup(identity), .text = strdup(identity), .last = NAN};
  char *plugin = e->text != NULL ? strchr(e->text, '/') : NULL;
  char *type = plugin != NULL ? strchr(plugin + 1, '/') : NULL;
  if (e->identity == NULL || type == NULL || strchr(type + 1, '/') != NULL) {
    free(e->identity);
    free(e->text);
    return fail(r, "\"%s\": expected HOST/PLUGIN[-INSTANCE]/TYPE[-INSTANCE]",
                identity);
  }
  *plugin++ = '\0';
  *type++ = '\0';
  e->series = (struct series){.host = e->text,
                              .plugin = plugin,
                              .plugin_instance = split(plugin),
                              .type = type,
                              .type_instance = split(type),
                              .ds = "value"};
  return 0;
}

static void entry_clear(struct entry *e) {
  for (size_t i = 0; i < e->sources_num; i++)
    free(e->sources[i]);
  free(e->identity);
  free(e->text);
}

/* The index, or -1. Files of one series are adjacent. */
static long find_entry(struct recording *r, const char *identity) {
  size_t num = r->entries_num;
  if (num > 0 && strcmp(r->entries[num - 1].identity, identity) == 0)
    return (long)num - 1;
  struct entry *list = grown(r->entries, num, sizeof(*list));
  if (list == NULL)
    return fail(r, "out of memory");
  r->entries = list;
  if (entry_init(r, &list[num], identity) != 0)
    return -1;
  r->entries_num++;
  return (long)num;
}

static int add_source(struct recording *r, struct entry *e, const char *name) {
  if (e->sources_num == SOURCES_MOST)
    return fail(r, "%s: more than %u data sources", e->identity, SOURCES_MOST);
  char *copy = strdup(name);
  if (copy == NULL)
    return fail(r, "out of memory");
  e->kinds[e->sources_num] =
      r->o->rates ? SAMPLE_GAUGE
                  : types_db_kind(r->types, e->series.type, name);
  e->sources[e->sources_num++] = copy;
  return 0;
}

/* ---- rows ---- */

static int add_row(struct recording *r, const struct recording_row *row) {
  if (r->rows_num == RECORDING_ROWS)
    return fail(r, "%s: more than %u values in a day", r->o->path,
                RECORDING_ROWS);
  if (r->rows_num == r->rows_room) {
    size_t room = r->rows_room > 0 ? 2 * r->rows_room : 4096;
    struct recording_row *rows = realloc(r->rows, room * sizeof(*rows));
    if (rows == NULL)
      return fail(r, "out of memory");
    r->rows = rows;
    r->rows_room = room;
  }
  r->rows[r->rows_num++] = *row;
  return 0;
}

static int compare_rows(const void *a, const void *b) {
  const struct recording_row *x = a;
  const struct recording_row *y = b;
  if (x->time != y->time)
    return x->time < y->time ? -1 : 1;
  if (x->entry != y->entry)
    return x->entry < y->entry ? -1 : 1;
  return (x->source > y->source) - (x->source < y->source);
}

static union sample_value value_of(enum sample_kind kind, double value) {
  bool fits = value >= -9e18 && value <= 9e18;
  if (kind == SAMPLE_GAUGE)
    return (union sample_value){.gauge = value};
  if (kind == SAMPLE_DERIVE)
    return (union sample_value){.derive = fits ? (int64_t)value : 0};
  return (union sample_value){.counter =
                                  fits && value >= 0 ? (uint64_t)value : 0};
}

/* The shorter of the last two steps, so that a gap is not an interval. */
static double interval_at(const struct entry *e, double time) {
  if (!(time > e->last)) /* first value */
    return RECORDING_INTERVAL;
  return e->step > 0 ? fmin(e->step, time - e->last) : time - e->last;
}

static void entry_advance(struct entry *e, double time) {
  if (time > e->last)
    e->step = time - e->last;
  e->last = time;
}

/* Passes on the rows of one day. */
static void play_rows(struct recording *r) {
  if (r->rows_num == 0)
    return;
  qsort(r->rows, r->rows_num, sizeof(*r->rows), compare_rows);
  for (size_t i = 0; i < r->rows_num; i++) {
    const struct recording_row *row = &r->rows[i];
    struct entry *e = &r->entries[row->entry];
    enum sample_kind kind = e->kinds[row->source];
    if (isnan(row->value) && kind != SAMPLE_GAUGE)
      continue; /* NaN is no counter value */
    struct sample sample = {.kind = kind,
                            .value = value_of(kind, row->value),
                            .time = row->time,
                            .interval = interval_at(e, row->time)};
    e->series.ds = e->sources[row->source];
    r->each(r->arg, &e->series, &sample);
    if (row->source + 1 == e->sources_num)
      entry_advance(e, row->time);
    if (!(row->time >= r->counts->begin))
      r->counts->begin = row->time;
    r->counts->end = row->time;
  }
  r->counts->values += r->rows_num;
  r->rows_num = 0;
}

/* ---- files of the csv plugin ---- */

static int read_header(struct recording *r, const struct day_file *f,
                       char *line) {
  struct entry *e = &r->entries[f->entry];
  char *rest = NULL;
  const char *first = strtok_r(line, ",\r\n", &rest);
  if (first == NULL || strcmp(first, "epoch") != 0)
    return fail(r, "%s:1: expected a header \"epoch,…\"", f->path);
  if (e->sources_num > 0)
    return 0;
  for (const char *name; (name = strtok_r(NULL, ",\r\n", &rest)) != NULL;)
    if (add_source(r, e, name) != 0)
      return -1;
  return e->sources_num > 0
             ? 0
             : fail(r, "%s:1: expected a data source after \"epoch\"", f->path);
}

/* "1700000000.123,5,nan" */
static int read_row(struct recording *r, const struct day_file *f, char *line,
                    unsigned number) {
  const struct entry *e = &r->entries[f->entry];
  char *end = NULL;
  struct recording_row row = {.time = strtod(line, &end),
                              .entry = (unsigned)f->entry};
  if (end == line || !(row.time >= 0 && row.time < CSV_TIME_END))
    return fail(r, "%s:%u: expected epoch seconds", f->path, number);
  for (; row.source < e->sources_num; row.source++) {
    char *at = end + 1;
    if (*end == ',')
      row.value = strtod(at, &end);
    if (*(at - 1) != ',' || end == at)
      return fail(r, "%s:%u: expected %zu numbers after the time", f->path,
                  number, e->sources_num);
    if (add_row(r, &row) != 0)
      return -1;
  }
  return 0;
}

static int read_day_file(struct recording *r, const struct day_file *f) {
  FILE *file = fopen(f->path, "re");
  char *line = NULL;
  size_t size = 0;
  int status = 0;
  if (file == NULL)
    return fail(r, "%s: %s", f->path, strerror(errno));
  for (unsigned number = 1; status == 0 && getline(&line, &size, file) > 0;
       number++) {
    if (strspn(line, " \t\r\n") == strlen(line))
      continue;
    status =
        number == 1 ? read_header(r, f, line) : read_row(r, f, line, number);
  }
  if (status == 0 && !feof(file)) /* a read error, or ENOMEM */
    status = fail(r, "%s: %s", f->path, strerror(errno));
  free(line);
  fclose(file);
  return status;
}

/* ---- directory ---- */

static bool ends_with_date(const char *name) {
  size_t len = strlen(name);
  const char *at = name + len - DATE_LEN;
  if (len <= DATE_LEN)
    return false;
  for (size_t i = 0; i < DATE_LEN; i++)
    if (i == 0 || i == 5 || i == 8 ? at[i] != '-'
                                   : !isdigit((unsigned char)at[i]))
      return false;
  return true;
}

static int add_file(struct recording *r, const char *path, const char *where) {
  char identity[3 * NAME_SIZE];
  snprintf(identity, sizeof(identity), "%s", where);
  identity[strlen(identity) - DATE_LEN] = '\0';
  struct day_file *list = grown(r->files, r->files_num, sizeof(*list));
  if (list == NULL)
    return fail(r, "out of memory");
  r->files = list;
  long entry = find_entry(r, identity);
  if (entry < 0)
    return -1;
  char *copy = strdup(path);
  if (copy == NULL)
    return fail(r, "out of memory");
  list[r->files_num++] = (struct day_file){
      copy, copy + strlen(copy) - DATE_LEN + 1, (size_t)entry};
  return 0;
}

static int not_hidden(const struct dirent *d) { return d->d_name[0] != '.'; }

/* Byte order, not that of the locale: files of a series stay adjacent. */
static int compare_names(const struct dirent **a, const struct dirent **b) {
  return strcmp((*a)->d_name, (*b)->d_name);
}

/* Scans `depth` levels; `where` is the path relative to the recording. */
static int scan(struct recording *r, const char *path, const char *where,
                int depth) {
  struct dirent **names = NULL;
  int status = 0;
  int num = scandir(path, &names, not_hidden, compare_names);
  if (num < 0)
    return errno == ENOTDIR ? 0 : fail(r, "%s: %s", path, strerror(errno));
  for (int i = 0; i < num; i++) {
    char below[4096];
    char inside[3 * NAME_SIZE];
    int a = snprintf(below, sizeof(below), "%s/%s", path, names[i]->d_name);
    int b = snprintf(inside, sizeof(inside), "%s%s%s", where,
                     *where != '\0' ? "/" : "", names[i]->d_name);
    if (status == 0 && (a < 0 || (size_t)a >= sizeof(below) || b < 0 ||
                        (size_t)b >= sizeof(inside)))
      status = fail(r, "%s: a path too long", path);
    else if (status == 0 && depth > 1)
      status = scan(r, below, inside, depth - 1);
    else if (status == 0 && ends_with_date(names[i]->d_name))
      status = add_file(r, below, inside);
    free(names[i]);
  }
  free(names);
  return status;
}

static int compare_files(const void *a, const void *b) {
  const struct day_file *x = a;
  const struct day_file *y = b;
  int order = strcmp(x->date, y->date);
  return order != 0 ? order : (x->entry > y->entry) - (x->entry < y->entry);
}

static int read_folder(struct recording *r) {
  int status = scan(r, r->o->path, "", 3);
  if (status == 0 && r->files_num == 0)
    return fail(r,
                "%s: no files HOST/PLUGIN-INSTANCE/TYPE-INSTANCE-YYYY-MM-DD "
                "of collectd's csv plugin",
                r->o->path);
  if (status == 0)
    qsort(r->files, r->files_num, sizeof(*r->files), compare_files);
  for (size_t i = 0; status == 0 && i < r->files_num; i++) {
    if (i > 0 && strcmp(r->files[i].date, r->files[i - 1].date) != 0)
      play_rows(r);
    status = read_day_file(r, &r->files[i]);
  }
  return status;
}

/* ---- single file ---- */

static int read_plain(struct recording *r, FILE *file) {
  struct csv csv = {.file = file};
  struct csv_row csv_row;
  char line[256];
  int status = add_source(r, &r->entries[0], "value");
  if (status != 0)
    return -1;
  while ((status = csv_next(&csv, &csv_row, line, sizeof(line))) > 0) {
    struct recording_row row = {.time = csv_row.time, .value = csv_row.value};
    if (add_row(r, &row) != 0)
      return -1;
  }
  return status < 0 ? fail(r, "%s: %s", r->o->path, line) : 0;
}

static bool is_of_csv_plugin(FILE *file) {
  char begin[sizeof("epoch,")] = "";
  bool is =
      fgets(begin, sizeof(begin), file) != NULL && strcmp(begin, "epoch,") == 0;
  rewind(file);
  return is;
}

static int read_single(struct recording *r) {
  char path[4096];
  struct day_file whole = {.path = path};
  FILE *file = fopen(r->o->path, "re");
  int status = 0;
  if (file == NULL)
    return fail(r, "%s: %s", r->o->path, strerror(errno));
  snprintf(path, sizeof(path), "%s", r->o->path);
  if (find_entry(r, r->o->series) != 0)
    status = -1;
  else
    status =
        is_of_csv_plugin(file) ? read_day_file(r, &whole) : read_plain(r, file);
  fclose(file);
  return status;
}

/* ---- recording ---- */

static int read_types(struct recording *r) {
  for (size_t i = 0; i < r->o->types_num; i++)
    if (types_db_read(r->types, r->o->types[i], r->err, r->err_size) != 0)
      return -1;
  return 0;
}

static int read_all(struct recording *r) {
  struct stat st = {0};
  r->types = types_db_create();
  if (r->types == NULL)
    return fail(r, "out of memory");
  if (stat(r->o->path, &st) != 0)
    return fail(r, "%s: %s", r->o->path, strerror(errno));
  if (read_types(r) != 0)
    return -1;
  return S_ISDIR(st.st_mode) ? read_folder(r) : read_single(r);
}

int recording_read(const struct recording_options *o, recording_fn each,
                   void *arg, struct recording_counts *counts, char *err,
                   size_t err_size) {
  struct recording r = {.o = o,
                        .each = each,
                        .arg = arg,
                        .counts = counts,
                        .err = err,
                        .err_size = err_size};
  *counts = (struct recording_counts){.begin = NAN, .end = NAN};
  int status = read_all(&r);
  if (status == 0)
    play_rows(&r);
  counts->series = r.entries_num;
  for (size_t i = 0; i < r.entries_num; i++)
    entry_clear(&r.entries[i]);
  for (size_t i = 0; i < r.files_num; i++)
    free(r.files[i].path);
  types_db_destroy(r.types);
  free(r.entries);
  free(r.files);
  free(r.rows);
  return status;
}
