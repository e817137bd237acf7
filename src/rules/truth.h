/* SPDX-License-Identifier: MIT */
/*
 * truth.h: logic of three values: yes, no, and unknown together with what is missing.
 *
 * 'both' is false as soon as one side is known to be false, 'either' is true as soon as one side is
 * known to be true, whatever else is unknown (Kleene's strong logic). What remains unknown carries
 * the columns that would have to be known.
 */
#ifndef RULES_TRUTH_H
#define RULES_TRUTH_H

#include <stdbool.h>
#include <stdint.h>

/* The columns that a rule may miss, named as in JSON Lines and in the table 'account'. */
enum column {
    COLUMN_KEYS,
    COLUMN_KEY_CREATED,
    COLUMN_KEY_USED,
    COLUMN_POLICIES,
    COLUMN_CONSOLE_ACCESS,
    COLUMN_SIGN_IN,
    COLUMN_CREATED,
    COLUMN_INLINE_POLICIES,
    COLUMN_ADMIN,
    COLUMN_MANAGEMENT,
    COLUMN_MFA,
    COLUMN_PASSWORD_CHANGED,
    COLUMN_PASSWORD_POLICY,
    COLUMN_BOUNDARY,
    COLUMN_ROOT_KEYS,
    COLUMN_ROOT_CERTIFICATES,
    COLUMN_ROOT_USED,
    COLUMN_ROOT_MFA,
    COLUMN_ROOT_MFA_KIND,
    COLUMN_ROOT_PASSWORD,
    COLUMN_SERVICE_CREDENTIALS,
    COLUMN_SERVICE_CREDENTIAL_CREATED,
    COLUMN_CERTIFICATES,
    COLUMN_CERTIFICATE_UPLOADED,
    COLUMN_TAGS,
    COLUMN_COUNT
};

typedef uint32_t column_set; /* a COLUMN_BIT for each column in the set */
#define COLUMN_BIT(column) (UINT32_C(1) << (column))

struct truth {
    enum { TRUTH_NO, TRUTH_YES, TRUTH_UNKNOWN } is;
    column_set missing; /* why it is unknown */
};

static inline struct truth known(bool is_true)
{
    return (struct truth){is_true ? TRUTH_YES : TRUTH_NO, 0};
}

static inline struct truth missing(enum column column)
{
    return (struct truth){TRUTH_UNKNOWN, COLUMN_BIT(column)};
}

static inline struct truth no(struct truth a)
{
    return a.is == TRUTH_UNKNOWN ? a : known(a.is == TRUTH_NO);
}

static inline struct truth both(struct truth a, struct truth b)
{
    if (a.is == TRUTH_NO || b.is == TRUTH_NO)
        return known(false);
    if (a.is == TRUTH_YES && b.is == TRUTH_YES)
        return known(true);
    return (struct truth){TRUTH_UNKNOWN, a.missing | b.missing};
}

static inline struct truth either(struct truth a, struct truth b)
{
    return no(both(no(a), no(b)));
}

/* The name of a column; static. */
const char *column_name(enum column column);

#endif
