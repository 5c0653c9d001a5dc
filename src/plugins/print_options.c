/* SPDX-License-Identifier: MIT */
/* print_options.c - prints the tables of options and of the keys of
 * alerts.json, or one of them; `make tables` stores them in
 * man/NAME.options. */
#include "plugins/alerts_config.h"
#include "plugins/hub_config.h"
#include "rules/rule_parser.h"
#include "rules/ruleset.h"

#include <string.h>

int main(int argc, char **argv) {
  static const struct {
    const char *name;
    const struct option *options;
    const struct json_key *keys;
  } tables[] = {
      {"hub", hub_options, NULL},         {"alerts", alerts_options, NULL},
      {"webhook", webhook_options, NULL}, {"ruleset", NULL, ruleset_keys},
      {"rule", NULL, rule_keys},          {"silence", NULL, silence_keys},
      {"setting", NULL, setting_keys}};
  for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++) {
    if (argc > 1 && strcmp(argv[1], tables[i].name) != 0)
      continue;
    if (tables[i].options != NULL)
      options_print(tables[i].options, stdout);
    else
      json_keys_print(tables[i].keys, stdout);
  }
  return 0;
}
