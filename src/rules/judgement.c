/* SPDX-License-Identifier: MIT */
#include "rules/judgement.h"

#define SECONDS_A_DAY 86400

int64_t judging_days(const struct judging *j, int64_t t)
{
    return timestamp_age_days(t, j->started_s);
}

int64_t judging_day_after(int64_t t, int64_t days)
{
    return t + days * SECONDS_A_DAY;
}

struct truth judging_reaches(const struct judging *j, int64_t t, int64_t days, enum column column)
{
    return t == TIMESTAMP_NONE ? missing(column) : known(judging_days(j, t) >= days);
}

struct truth judging_reaches_of_user(const struct judging *j, int64_t t, int64_t days,
                                     enum column column)
{
    int64_t created_s = j->user->created_s;
    if (t == TIMESTAMP_NONE && created_s != TIMESTAMP_NONE && judging_days(j, created_s) < days)
        return known(false);
    return judging_reaches(j, t, days, column);
}

void judgement_date(const struct judging *j, struct judgement *out, int64_t t, int64_t days)
{
    if (t == TIMESTAMP_NONE)
        return;
    out->has_value = true;
    out->value = judging_days(j, t);
    out->since_s = judging_day_after(t, days);
}

bool judging_knows(const struct judging *j, enum fact fact)
{
    return (j->unknown & FACT_BIT(fact)) == 0;
}

struct truth judging_fact(const struct judging *j, enum fact fact, bool is_true, enum column column)
{
    return judging_knows(j, fact) ? known(is_true) : missing(column);
}
