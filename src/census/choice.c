/* SPDX-License-Identifier: MIT */
#include "census/choice.h"

/* True if the user's line in the report says something about the fact. */
static bool line_tells(const struct report_line *line, enum fact fact)
{
    bool has_date = line->password_changed_s != TIMESTAMP_NONE;
    switch (fact) {
    case FACT_PASSWORD:
        return line->password != SAID_NOTHING;
    case FACT_PASSWORD_AGE:
    case FACT_PASSWORD_CHANGED:
        return line->password == SAID_FALSE || (line->password == SAID_TRUE && has_date);
    case FACT_PASSWORD_USED:
        /* The report shows N/A once a password is removed; ListUsers still has the last sign-in. */
        return line->password == SAID_TRUE;
    case FACT_MFA:
        return line->mfa != SAID_NOTHING;
    case FACT_PASSWORD_ROTATION:
        return line->tells_rotation;
    default:
        return true;
    }
}

bool choice_may_use(const struct choice *c, enum source_id id)
{
    const struct source *source = &census_sources[id];
    if (c->failed_sources & SOURCE_BIT(id))
        return false;
    if (c->strategy == STRATEGY_AUTO || source_used_by(source, c->strategy))
        return true;
    /* Under 'bulk' a per-user source only fills gaps of the report, so there must be one. */
    return c->strategy == STRATEGY_BULK && (source->used_by & USED_BY_LATER) != 0 &&
           c->report != REPORT_MISSING;
}

enum source_id choice_for_account(const struct choice *c, enum fact fact)
{
    for (const enum source_id *s = census_facts[fact].sources; *s != SOURCE_NONE; s++)
        if (choice_may_use(c, *s))
            return *s;
    return SOURCE_NONE;
}

enum source_id choice_for_user(const struct choice *c, const struct report_line *line,
                               enum fact fact)
{
    for (const enum source_id *s = census_facts[fact].sources; *s != SOURCE_NONE; s++) {
        bool says = census_sources[*s].scope != SCOPE_REPORT ||
                    (c->report == REPORT_USED && line && line_tells(line, fact));
        if (says && choice_may_use(c, *s))
            return *s;
    }
    return SOURCE_NONE;
}

bool choice_shows_none(const struct choice *c, const struct report_line *line, enum source_id id)
{
    if (!line || c->report != REPORT_USED)
        return false;
    switch (census_sources[id].asked_of) {
    case USERS_WITH_KEYS:
        /* A key created since the report would be missing: only 'bulk' accepts that. */
        return c->strategy == STRATEGY_BULK && !line->has_key && !line->has_more;
    case USERS_WITH_MFA:
        return line->mfa == SAID_FALSE;
    case USERS_WITH_CERTIFICATES:
        return !line->has_certificate && !line->has_more;
    case ALL_USERS:
        break;
    }
    return false;
}

bool choice_lost_source(const struct choice *c, enum fact fact)
{
    bool report_failed = (c->failed_sources & SOURCE_BIT(SOURCE_GET_CREDENTIAL_REPORT)) != 0;
    for (const enum source_id *s = census_facts[fact].sources; *s != SOURCE_NONE; s++) {
        bool needs_report =
            c->strategy == STRATEGY_BULK && (census_sources[*s].used_by & USED_BY_LATER) != 0;
        if ((c->failed_sources & SOURCE_BIT(*s)) || (needs_report && report_failed))
            return true;
    }
    return false;
}
