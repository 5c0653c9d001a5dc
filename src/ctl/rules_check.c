#include "ctl/rulesfile.h"

#include <stdio.h>

int command_rules_check(const struct ctl *c) {
  int status = CTL_CLEAR;
  struct ruleset *set = rulesfile_read(c, c->args[0], &status);
  if (set == NULL)
    return status;
  if (c->json) {
    struct json_object *o = json_object_new_object();
    json_object_object_add(o, "rules",
                           json_object_new_int64((int64_t)set->rules_num));
    ctl_print_json(o);
  } else {
    printf("%zu rules, built-in ones included\n", set->rules_num);
  }
  ruleset_destroy(set);
  return CTL_CLEAR;
}
