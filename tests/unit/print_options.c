/* Prints the option tables of the plugins, for the tests of the documents. */
#include "plugins/alerts_config.h"
#include "plugins/hub_config.h"

int main(void) {
  options_print(hub_options, stdout);
  options_print(alerts_options, stdout);
  options_print(webhook_options, stdout);
  return 0;
}
