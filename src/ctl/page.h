/* SPDX-License-Identifier: MIT */
/* page.h - text for people: lines of at most `width` columns, styles, symbols.
 *
 * What is put is untrusted: control characters and invalid text become '_',
 * what the locale cannot show becomes '?'. Columns are those of a terminal
 * (wcwidth): wide characters take two, combining ones none. What does not fit
 * is cut, with an ellipsis. Styles are escape sequences only with `colour`;
 * symbols are ASCII where the locale is not UTF-8. */
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
  PAGE_DOT,     /* good, or the state of a thing */
  PAGE_EXCLAIM, /* warning */
  PAGE_CROSS,   /* critical */
  PAGE_CIRCLE,  /* off, unknown */
  PAGE_RULE,    /* a horizontal line's piece */
  PAGE_FULL,    /* a bar's piece */
  PAGE_EMPTY,
  PAGE_BETWEEN, /* between two facts */
  PAGE_ELLIPSIS,
  PAGE_DASH /* unknown */
};

struct page;

/* NULL without memory. */
struct page *page_create(int width, bool colour);
void page_destroy(struct page *p);

/* Appends to the present line. */
void page_put(struct page *p, enum page_style style, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void page_symbol(struct page *p, enum page_style style,
                 enum page_symbol symbol);
/* Exactly |width| columns, cut or filled; negative: to the left. */
void page_cell(struct page *p, enum page_style style, int width,
               const char *text);
void page_move(struct page *p, int column); /* with blanks, never back */
/* The rest of the text's words, each line after the first from `indent` on. */
void page_wrap(struct page *p, enum page_style style, int indent,
               const char *text);
void page_bar(struct page *p, enum page_style style, double fraction,
              int width);
void page_end_line(struct page *p);
void page_rule(struct page *p);

int page_column(const struct page *p); /* of the present line, from 0 */
int page_left(const struct page *p);   /* columns up to the width */

/* What was put so far: whole lines, each ended by a newline. NULL: there was no
 * memory for all of it, or none for the page, which may be NULL, too. */
const char *page_text(struct page *p);

/* Columns that the text takes when it is put. */
int page_columns(const char *text);

/* How a level looks; ALERT_OK is good. */
enum page_style page_level_style(enum alert_level level);
enum page_symbol page_level_symbol(enum alert_level level);

/* Whether escape sequences do something there: a terminal, no TERM that is
 * dumb. */
bool page_is_terminal(FILE *out);
/* Whether to colour what goes to this file: such a terminal, no NO_COLOR. */
bool page_wants_colour(FILE *out);

/* A page for stdout, and its printing (it is destroyed): 0; -1 without memory
 * for all of it, and nothing is printed. NULL is fine. */
struct page *page_for_stdout(void);
int page_print(struct page *p);

#endif
