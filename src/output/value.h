/* SPDX-License-Identifier: MIT */
/*
 * value.h: what a field holds, before a format writes it.
 */
#ifndef OUTPUT_VALUE_H
#define OUTPUT_VALUE_H

#include "census/model.h"

/* Texts and lists are borrowed from the account. */
struct value {
    enum value_kind {
        VALUE_NONE, /* there is no value, or it never happened */
        VALUE_UNKNOWN,
        VALUE_TEXT,
        VALUE_TIME,   /* 'number': seconds since 1970 */
        VALUE_NUMBER, /* 'number' */
        VALUE_TRUTH,  /* 'number': 0 or 1 */
        VALUE_NAMES,  /* this and those below are lists */
        VALUE_TAGS,
        VALUE_CERTIFICATES,
        VALUE_KEYS,         /* all keys of the user, active or not */
        VALUE_DEVICE_KINDS, /* 'names': the devices' serial numbers */
        VALUE_GROUP_POLICIES,
        VALUE_SERVICE_CREDENTIALS,
        VALUE_SSH_KEYS /* 'certificates' */
    } kind;
    union {
        struct view text;
        int64_t number;
        const struct name *names;
        const struct tag *tags;
        const struct certificate *certificates;
        const struct access_key *keys;
        const struct group_policy *group_policies;
        const struct service_credential *service_credentials;
    };
};

static inline bool value_is_list(struct value value)
{
    return value.kind >= VALUE_NAMES;
}

static inline struct value value_none(void)
{
    return (struct value){.kind = VALUE_NONE};
}

static inline struct value value_unknown(void)
{
    return (struct value){.kind = VALUE_UNKNOWN};
}

/* Of a text that may be VIEW_NONE. */
static inline struct value value_text_or_none(struct view text)
{
    return text.ptr ? (struct value){.kind = VALUE_TEXT, .text = text} : value_none();
}

/* Of seconds that may be TIMESTAMP_NONE. */
static inline struct value value_time_or_none(int64_t seconds)
{
    return seconds == TIMESTAMP_NONE ? value_none()
                                     : (struct value){.kind = VALUE_TIME, .number = seconds};
}

static inline struct value value_number(int64_t number)
{
    return (struct value){.kind = VALUE_NUMBER, .number = number};
}

static inline struct value value_truth(bool is_true)
{
    return (struct value){.kind = VALUE_TRUTH, .number = is_true};
}

#endif
