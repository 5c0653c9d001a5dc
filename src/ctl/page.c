/* SPDX-License-Identifier: MIT */
#include "ctl/page.h"

#include "ctl/output.h"

#include "util/strbuf.h"
#include "util/utf8.h"

#include <langinfo.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#define TEXT_MAX 1024 /* bytes per call */

struct page {
  struct strbuf text;
  int width;
  int column;
  int blanks; /* spaces up to `column`, printed before text only */
  bool colour;
};

static const char *const escapes[] = {
    [PAGE_PLAIN] = "",         [PAGE_FAINT] = "\033[2m",
    [PAGE_BOLD] = "\033[1m",   [PAGE_GOOD] = "\033[32m",
    [PAGE_INFO] = "\033[36m",  [PAGE_WARN] = "\033[33m",
    [PAGE_BAD] = "\033[1;31m",
};

static const char *const symbols[][2] = {
    /* UTF-8, ASCII */
    [PAGE_DOT] = {"●", "+"},      [PAGE_EXCLAIM] = {"▲", "!"},
    [PAGE_CROSS] = {"✖", "x"},    [PAGE_CIRCLE] = {"○", "o"},
    [PAGE_RULE] = {"─", "-"},     [PAGE_FULL] = {"█", "#"},
    [PAGE_EMPTY] = {"░", "."},    [PAGE_BETWEEN] = {"·", "|"},
    [PAGE_ELLIPSIS] = {"…", "~"}, [PAGE_DASH] = {"–", "-"},
};

static bool is_utf8(void) { return strcmp(nl_langinfo(CODESET), "UTF-8") == 0; }

static const char *symbol_text(enum page_symbol symbol) {
  return symbols[symbol][is_utf8() ? 0 : 1];
}

/* ---- characters ---- */

struct glyph {
  const char *text;
  size_t len; /* bytes of the input */
  size_t put; /* bytes of `text` to put */
  int columns;
};

/* Converts the character at `s` of valid UTF-8 for this locale. */
static struct glyph glyph_at(const char *s) {
  const unsigned char *u = (const unsigned char *)s;
  size_t len = u[0] < 0x80 ? 1 : u[0] < 0xe0 ? 2 : u[0] < 0xf0 ? 3 : 4;
  wchar_t wide = 0;
  mbstate_t state = {0};
  if (len == 1)
    return (struct glyph){s, 1, 1, 1};
  int columns =
      is_utf8() && mbrtowc(&wide, s, len, &state) == len ? wcwidth(wide) : -1;
  return columns < 0 ? (struct glyph){"?", len, 1, 1}
                     : (struct glyph){s, len, len, columns};
}

static int columns_of(const char *clean) {
  int columns = 0;
  for (struct glyph g; *clean != '\0'; clean += g.len) {
    g = glyph_at(clean);
    columns += g.columns;
  }
  return columns;
}

int page_columns(const char *text) {
  char clean[TEXT_MAX];
  utf8_copy(clean, sizeof(clean), text, strlen(text), "");
  return columns_of(clean);
}

/* Writes text into at most `room` columns. Returns the columns used. */
static int put_clean(struct page *p, const char *clean, int room) {
  int columns = columns_of(clean);
  if (columns <= room) {
    for (struct glyph g; *clean != '\0'; clean += g.len) {
      g = glyph_at(clean);
      strbuf_add(&p->text, g.text, g.put);
    }
    return columns;
  }
  int used = 0;
  for (struct glyph g = glyph_at(clean); used + g.columns < room;
       g = glyph_at(clean)) {
    strbuf_add(&p->text, g.text, g.put);
    used += g.columns;
    clean += g.len;
  }
  if (room > 0)
    strbuf_string(&p->text, symbol_text(PAGE_ELLIPSIS));
  return room > 0 ? used + 1 : 0;
}

static void put_text(struct page *p, enum page_style style, int room,
                     const char *text) {
  char clean[TEXT_MAX];
  bool styled = p->colour && style != PAGE_PLAIN;
  utf8_copy(clean, sizeof(clean), text, strlen(text), "");
  if (room > page_left(p))
    room = page_left(p);
  if (*clean == '\0' || room <= 0)
    return;
  for (; p->blanks > 0; p->blanks--)
    strbuf_string(&p->text, " ");
  if (styled)
    strbuf_string(&p->text, escapes[style]);
  p->column += put_clean(p, clean, room);
  if (styled)
    strbuf_string(&p->text, "\033[0m");
}

/* ---- the page ---- */

struct page *page_create(int width, bool colour) {
  struct page *p = calloc(1, sizeof(*p));
  if (p == NULL)
    return NULL;
  p->width = width;
  p->colour = colour;
  return p;
}

void page_destroy(struct page *p) {
  if (p == NULL)
    return;
  strbuf_clear(&p->text);
  free(p);
}

int page_column(const struct page *p) { return p->column; }

int page_left(const struct page *p) { return p->width - p->column; }

void page_put(struct page *p, enum page_style style, const char *fmt, ...) {
  char text[TEXT_MAX];
  va_list args;
  va_start(args, fmt);
  vsnprintf(text, sizeof(text), fmt, args);
  va_end(args);
  put_text(p, style, p->width, text);
}

void page_symbol(struct page *p, enum page_style style,
                 enum page_symbol symbol) {
  put_text(p, style, p->width, symbol_text(symbol));
}

void page_move(struct page *p, int column) {
  int end = column < p->width ? column : p->width;
  if (end <= p->column)
    return;
  p->blanks += end - p->column;
  p->column = end;
}

void page_cell(struct page *p, enum page_style style, int width,
               const char *text) {
  int size = abs(width);
  int columns = page_columns(text);
  int end = p->column + size;
  if (width > 0 && columns < size)
    page_move(p, end - columns);
  put_text(p, style, end - p->column, text);
  page_move(p, end);
}

void page_wrap(struct page *p, enum page_style style, int indent,
               const char *text) {
  char clean[TEXT_MAX];
  char *rest = NULL;
  bool first = true;
  utf8_copy(clean, sizeof(clean), text, strlen(text), "");
  for (char *word = strtok_r(clean, " ", &rest); word != NULL;
       word = strtok_r(NULL, " ", &rest)) {
    if (!first && 1 + columns_of(word) > page_left(p)) {
      page_end_line(p);
      page_move(p, indent);
    } else if (!first) {
      page_put(p, style, " ");
    }
    page_put(p, style, "%s", word);
    first = false;
  }
}

void page_bar(struct page *p, enum page_style style, double fraction,
              int width) {
  int full = fraction >= 1  ? width
             : fraction > 0 ? (int)(fraction * width + 0.5)
                            : 0;
  for (int i = 0; i < width; i++)
    page_symbol(p, i < full ? style : PAGE_FAINT,
                i < full ? PAGE_FULL : PAGE_EMPTY);
}

void page_end_line(struct page *p) {
  strbuf_string(&p->text, "\n");
  p->column = 0;
  p->blanks = 0;
}

void page_rule(struct page *p) {
  char line[PAGE_WIDTH * 4 + 1] = "";
  size_t len = 0;
  for (int i = 0; i < p->width && i < PAGE_WIDTH; i++)
    len += (size_t)snprintf(line + len, sizeof(line) - len, "%s",
                            symbol_text(PAGE_RULE));
  page_put(p, PAGE_FAINT, "%s", line);
  page_end_line(p);
}

const char *page_text(struct page *p) {
  if (p == NULL || p->text.failed)
    return NULL;
  return p->text.text != NULL ? p->text.text : "";
}

/* ---- styles ---- */

enum page_style page_level_style(enum alert_level level) {
  static const enum page_style styles[ALERT_LEVELS] = {
      [ALERT_OK] = PAGE_GOOD,
      [ALERT_INFO] = PAGE_INFO,
      [ALERT_WARNING] = PAGE_WARN,
      [ALERT_CRITICAL] = PAGE_BAD};
  return styles[level];
}

enum page_symbol page_level_symbol(enum alert_level level) {
  static const enum page_symbol marks[ALERT_LEVELS] = {
      [ALERT_OK] = PAGE_DOT,
      [ALERT_INFO] = PAGE_CIRCLE,
      [ALERT_WARNING] = PAGE_EXCLAIM,
      [ALERT_CRITICAL] = PAGE_CROSS};
  return marks[level];
}

bool page_is_terminal(FILE *out) {
  const char *term = getenv("TERM");
  return isatty(fileno(out)) && term != NULL && strcmp(term, "dumb") != 0;
}

bool page_wants_colour(FILE *out) {
  const char *none = getenv("NO_COLOR");
  return page_is_terminal(out) && (none == NULL || *none == '\0');
}

struct page *page_for_stdout(void) {
  struct winsize size = {0};
  int width = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 &&
                      size.ws_col < PAGE_WIDTH
                  ? size.ws_col
                  : PAGE_WIDTH;
  return page_create(width, page_wants_colour(stdout));
}

int page_print(struct page *p) {
  const char *text = page_text(p);
  int status = text != NULL ? 0 : -1;
  if (text != NULL)
    output_text(text);
  page_destroy(p);
  return status;
}
