/* SPDX-License-Identifier: MIT */
#include "app/check_settings.h"

#include "auth/file.h"
#include "base/log.h"

int check_settings_read(const struct settings *s, struct check_options *o, struct error *e)
{
    const char *rules = settings_text(s, SETTING_RULES);
    const char *limits = settings_text(s, SETTING_LIMITS);
    check_options_init(o);
    o->fail_on_unknown = settings_switch(s, SETTING_FAIL_ON_UNKNOWN);
    if ((rules &&
         check_options_rules(o, view_of(rules), settings_origin(s, SETTING_RULES), e) != 0) ||
        (limits &&
         check_options_limits(o, view_of(limits), settings_origin(s, SETTING_LIMITS), e) != 0) ||
        check_options_fail_on(o, view_of(settings_text(s, SETTING_FAIL_ON)),
                              settings_origin(s, SETTING_FAIL_ON), e) != 0)
        return -1;
    if (o->fail_on_unknown && !o->fails)
        return error_set(e, ERROR_CONFIG,
                         "--fail-on-unknown is given without a severity: give --fail-on too");
    return check_options_check(o, e);
}

int check_settings_suppressions(const struct settings *s, struct suppressions **out,
                                struct error *e)
{
    const char *path = settings_text(s, SETTING_SUPPRESS);
    struct secret text = {0};
    *out = NULL;
    if (!path)
        return 0;
    if (file_read(path, SUPPRESSIONS_MAX_BYTES, &text, e) == 0)
        *out = suppressions_read(secret_reveal(&text), path, e);
    secret_clear(&text);
    if (*out)
        return 0;
    e->kind = ERROR_CONFIG;
    return -1;
}

void check_settings_warn(const struct suppressions *s, int64_t started_s)
{
    size_t count = 0;
    const struct suppression *lines = s ? suppressions_lines(s, &count) : NULL;
    for (size_t i = 0; lines && i < count; i++)
        if (suppression_has_expired(&lines[i], started_s))
            log_event(LOG_WARN, "suppression has expired and covers nothing",
                      FIELD_NUMBER("line", (int64_t)lines[i].line),
                      FIELD_VIEW("expires", lines[i].expires));
}

int check_settings_unused(const struct settings *s, struct error *e)
{
    static const enum setting_id ids[] = {
        SETTING_FINDINGS_FORMAT, SETTING_RULES,   SETTING_LIMITS,         SETTING_SUPPRESS,
        SETTING_SUPPRESS_KEY,    SETTING_FAIL_ON, SETTING_FAIL_ON_UNKNOWN};
    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
        if (s->from_flag[ids[i]])
            return error_set(e, ERROR_CONFIG, "%s is given without findings: give --findings too",
                             settings_origin(s, ids[i]));
    return 0;
}
