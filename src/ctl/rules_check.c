/* SPDX-License-Identifier: MIT */
/* mcphubctl rules check: reads an alerts.json and reports its errors. */
#include "ctl/output.h"
#include "ctl/rules_input.h"

#include <stdio.h>

int command_rules_check(const struct ctl *c) {
  int status = CTL_CLEAR;
  struct ruleset *set = rules_input_read(c, c->args[0], &status);
  if (set == NULL)
    return status;
  if (c->json) {
    struct json_writer w = CTL_JSON;
    json_begin_object(&w, NULL);
    json_put_number(&w, "rules", (double)set->rules_num);
    json_end_object(&w);
    status = ctl_print_json(&w);
  } else {
    output_format("%zu rules, built-in ones included\n", set->rules_num);
  }
  ruleset_destroy(set);
  return status == 0 ? CTL_CLEAR : ctl_fail(c, "out of memory");
}
