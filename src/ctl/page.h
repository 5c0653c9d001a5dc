/* SPDX-License-Identifier: MIT */
/* page.h - text output with lines of at most `width` columns, styles and
 * symbols.
 *
 * Text is not trusted: control characters and invalid bytes become '_',
 * characters that the locale lacks become '?'. Columns are terminal columns
 * (wcwidth): wide characters take two, combining ones none. Text that does not
 * fit is cut with an ellipsis. Styles are escape sequences, only with `colour`;
 * symbols are ASCII unless the locale is UTF-8. */
#ifndef CTL_PAGE_H
#define CTL_PAGE_H

#include "rules/rule.h"

#include <stdbool.h>
#include <stdio.h>

#define PAGE_WIDTH 80

enum page_style {
  PAGE_PLAIN,
  PAGE_FAINT,
  PAGE_BOLD,
  PAGE_GOOD,
  PAGE_INFO,
  PAGE_WARN,
  PAGE_BAD
};

enum page_symbol {
  PAGE_DOT,     /* good, or a state */
  PAGE_EXCLAIM, /* warning */
  PAGE_CROSS,   /* critical */
  PAGE_CIRCLE,  /* off, unknown */
  PAGE_RULE,    /* part of a horizontal line */
  PAGE_FULL,    /* part of a bar */
  PAGE_EMPTY,
  PAGE_BETWEEN, /* between two items */
  PAGE_ELLIPSIS,
  PAGE_DASH /* unknown */
};

struct page;

/* NULL: out of memory. */
struct page *page_create(int width, bool colour);
void page_destroy(struct page *p);

/* Appends to the current line. */
void page_put(struct page *p, enum page_style style, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void page_symbol(struct page *p, enum page_style style,
                 enum page_symbol symbol);
/* Exactly |width| columns, cut or padded; negative: left-aligned. */
void page_cell(struct page *p, enum page_style style, int width,
               const char *text);
void page_move(struct page *p, int column); /* forward only, with spaces */
/* Wraps words; further lines start at column `indent`. */
void page_wrap(struct page *p, enum page_style style, int indent,
               const char *text);
void page_bar(struct page *p, enum page_style style, double fraction,
              int width);
void page_end_line(struct page *p);
void page_rule(struct page *p);

int page_column(const struct page *p); /* of the current line, from 0 */
int page_left(const struct page *p);   /* columns left in the line */

/* The text so far in whole lines. NULL: out of memory, now or earlier; accepts
 * NULL. */
const char *page_text(struct page *p);

/* Columns of the text when printed. */
int page_columns(const char *text);

/* The style of a level; ALERT_OK is good. */
enum page_style page_level_style(enum alert_level level);
enum page_symbol page_level_symbol(enum alert_level level);

/* True: a terminal with escape sequences (TERM is not "dumb"). */
bool page_is_terminal(FILE *out);
/* True: page_is_terminal(), and NO_COLOR is not set. */
bool page_wants_colour(FILE *out);

/* Creates a page for stdout; prints and destroys it. Printing: 0, or -1: out of
 * memory, nothing is printed. Accepts NULL. */
struct page *page_for_stdout(void);
int page_print(struct page *p);

#endif
