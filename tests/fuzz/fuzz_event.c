/* SPDX-License-Identifier: MIT */
/* Any JSON as the event of an invocation: settings, and the config that they make. */
#include "app/config.h"
#include "app/event.h"
#include "base/log.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct settings settings = {0};
    struct config config;
    struct error e = {0};
    log_configure(LOG_ERROR, LOG_TEXT, NULL);
    json_t *event = json_loadb((const char *)bytes, len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    if (!event)
        return 0;
    if (event_check(event, &e) == 0 && settings_from_event(&settings, event, &e) == 0) {
        if (config_make(&settings, true, &config, &e) == 0) {
            for (size_t i = 0; i < config.scope.account_count; i++)
                if (config.scope.accounts[i].len != 12)
                    abort();
            if (!config.destination.bucket || config.role.len == 0)
                abort();
        } else if (e.kind != ERROR_CONFIG) {
            abort();
        }
        config_release(&config);
    } else if (e.kind != ERROR_CONFIG) {
        abort();
    }
    settings_release(&settings);
    json_decref(event);
    return 0;
}
