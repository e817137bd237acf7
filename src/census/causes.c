#include "census/causes.h"

#define BIT(source) (1u << (source))

/* The source that a failed call belongs to: the report's, also if it could not even be asked for.
 */
static enum source_id source_of(const struct call_failure *failure)
{
    for (enum source_id id = SOURCE_NONE + 1; id < SOURCE_COUNT; id++)
        if (strcmp(census_sources[id].operation->action, failure->operation) == 0)
            return id == SOURCE_GENERATE_CREDENTIAL_REPORT ? SOURCE_GET_CREDENTIAL_REPORT : id;
    return SOURCE_NONE;
}

/* Whether a source could take the place of another. 'bulk' fills gaps of a report, not its absence.
 */
static bool could_replace(enum source_id id, enum strategy strategy, unsigned failed_sources)
{
    const struct source *source = &census_sources[id];
    bool has_report = (failed_sources & BIT(SOURCE_GET_CREDENTIAL_REPORT)) == 0;
    if (failed_sources & BIT(id))
        return false;
    return source_used_by(source, strategy) ||
           (strategy == STRATEGY_BULK && has_report && (source->used_by & USED_BY_LATER) != 0);
}

/* True if nothing came after this source of the fact. */
static bool was_last(enum source_id id, enum fact fact, enum strategy strategy,
                     unsigned failed_sources)
{
    const enum source_id *s = census_facts[fact].sources;
    while (*s != id && *s != SOURCE_NONE)
        s++;
    if (*s == SOURCE_NONE)
        return false;
    for (s++; *s != SOURCE_NONE; s++)
        if (could_replace(*s, strategy, failed_sources))
            return false;
    return true;
}

static bool is_cause(const struct call_failure *failure, const struct account *account,
                     enum strategy strategy, unsigned failed_sources)
{
    enum source_id id = source_of(failure);
    for (enum fact fact = 0; id != SOURCE_NONE && fact < FACT_COUNT; fact++)
        if ((account->partial & FACT_BIT(fact)) && was_last(id, fact, strategy, failed_sources))
            return true;
    return false;
}

void causes_keep(struct account *account, enum strategy strategy, unsigned failed_sources)
{
    struct call_failure **place = &account->failures;
    while (*place) {
        if (is_cause(*place, account, strategy, failed_sources))
            place = &(*place)->next;
        else
            *place = (*place)->next;
    }
}
