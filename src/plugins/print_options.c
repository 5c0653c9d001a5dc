/* SPDX-License-Identifier: MIT */
/* Prints the option tables of the plugins, or that of one block: `make tables`
 * keeps them as man/BLOCK.options. */
#include "plugins/alerts_config.h"
#include "plugins/hub_config.h"

#include <string.h>

int main(int argc, char **argv) {
  static const struct {
    const char *block;
    const struct option *table;
  } tables[] = {{"hub", hub_options},
                {"alerts", alerts_options},
                {"webhook", webhook_options}};
  for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++)
    if (argc < 2 || strcmp(argv[1], tables[i].block) == 0)
      options_print(tables[i].table, stdout);
  return 0;
}
