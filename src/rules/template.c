/* SPDX-License-Identifier: MIT */
#include "rules/template.h"

#include <stdio.h>
#include <string.h>

static const struct {
  const char *name;
  size_t width; /* minimum bytes */
} names[TEMPLATE_NAMES] = {
    [TEMPLATE_RULE] = {"rule", 8},
    [TEMPLATE_LEVEL] = {"level", 8},
    [TEMPLATE_HOST] = {"host", 8},
    [TEMPLATE_PLUGIN] = {"plugin", 8},
    [TEMPLATE_PLUGIN_INSTANCE] = {"plugin_instance", 8},
    [TEMPLATE_TYPE] = {"type", 8},
    [TEMPLATE_TYPE_INSTANCE] = {"type_instance", 8},
    [TEMPLATE_DS] = {"ds", 8},
    [TEMPLATE_IDENTITY] = {"identity", 44},
    [TEMPLATE_VALUE] = {"value", 16},
    [TEMPLATE_VALUE_MIB] = {"value_mib", 16},
    [TEMPLATE_THRESHOLD] = {"threshold", 16},
    [TEMPLATE_THRESHOLD_MIB] = {"threshold_mib", 16},
    [TEMPLATE_FUNCTION] = {"function", 30},
    [TEMPLATE_OP] = {"op", 2},
    [TEMPLATE_SINCE] = {"since", 19},
    [TEMPLATE_DURATION] = {"duration", 14},
};

static enum template_name find_name(const char *text, size_t len) {
  for (int i = 0; i < TEMPLATE_NAMES; i++)
    if (strlen(names[i].name) == len && memcmp(names[i].name, text, len) == 0)
      return (enum template_name)i;
  return TEMPLATE_UNKNOWN;
}

int template_next(const char **at, struct template_piece *piece) {
  const char *text = *at;
  size_t len = strcspn(text, "{");

  if (*text == '\0')
    return 0;
  *piece = (struct template_piece){TEMPLATE_LITERAL, text, len};
  *at += len;
  if (len > 0)
    return 1;
  if (text[1] == '{') { /* "{{": text is the second brace */
    *piece = (struct template_piece){TEMPLATE_LITERAL, text + 1, 1};
    *at += 2;
    return 1;
  }
  len = strcspn(text, "}");
  piece->len = len + (text[len] == '}');
  piece->name =
      text[len] == '}' ? find_name(text + 1, len - 1) : TEMPLATE_UNKNOWN;
  *at += piece->len;
  return 1;
}

static void list_names(char *buf, size_t size) {
  size_t len = 0;

  for (int i = 0; i < TEMPLATE_NAMES && len < size; i++)
    len += (size_t)snprintf(buf + len, size - len, "%s{%s}", i > 0 ? " " : "",
                            names[i].name);
}

int template_check(const char *text, char *err, size_t err_size) {
  struct template_piece piece;
  size_t width = 0;

  while (template_next(&text, &piece)) {
    if (piece.name == TEMPLATE_UNKNOWN) {
      char known[300];
      list_names(known, sizeof(known));
      snprintf(err, err_size, "%.*s: expected one of %s",
               piece.len > 40 ? 40 : (int)piece.len, piece.text, known);
      return -1;
    }
    width +=
        piece.name == TEMPLATE_LITERAL ? piece.len : names[piece.name].width;
  }
  if (width > TEMPLATE_ROOM) {
    snprintf(err, err_size,
             "expected a text that fits into %u bytes, this takes up to %zu",
             TEMPLATE_ROOM, width);
    return -1;
  }
  return 0;
}
