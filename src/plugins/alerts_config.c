#include "plugins/alerts_config.h"

const struct option alerts_options[] = {
    {.key = "Rules",
     .type = OPTION_PATH,
     .offset = offsetof(struct alerts_config, rules),
     .fallback = DEFAULT_RULES,
     .help = "File of thresholds and rules; read again when it changes."},
    {0}};
