/* SPDX-License-Identifier: MIT */
/*
 * settings.h: every setting once: its flag, event field, variable, values and help.
 *
 * Precedence: flag, then field of the Lambda event, then environment variable, then default. The
 * table in settings.c is what --help, the parsers and the error messages are made of.
 *
 * Values are taken as they come, one over the other, and only those that count in the end are
 * checked (settings_check): a wrong value that another one overrides is not an error.
 */
#ifndef APP_SETTINGS_H
#define APP_SETTINGS_H

#include "base/error.h"
#include "base/secret.h"

#include <jansson.h>

/* In the order of the help. */
enum setting_id {
    SETTING_ROLE_NAME,
    SETTING_EXTERNAL_ID,
    SETTING_NO_SESSION_POLICY,
    SETTING_PROFILE,
    SETTING_REGION,
    SETTING_ACCOUNTS,
    SETTING_UNITS,
    SETTING_EXCLUDE,
    SETTING_OUTPUT,
    SETTING_FORMAT,
    SETTING_COLUMNS,
    SETTING_CSV_RAW,
    SETTING_ORGANIZATION_ID,
    SETTING_S3_BUCKET,
    SETTING_S3_PREFIX,
    SETTING_SSE,
    SETTING_SSE_KMS_KEY_ID,
    SETTING_EXPECTED_BUCKET_OWNER,
    SETTING_STRATEGY,
    SETTING_MAX_CONNECTIONS,
    SETTING_MAX_REPORT_AGE,
    SETTING_CONNECT_TIMEOUT,
    SETTING_READ_TIMEOUT,
    SETTING_DRY_RUN,
    SETTING_JSON,
    SETTING_LOG_LEVEL,
    SETTING_LOG_FORMAT,
    SETTING_COUNT
};

enum setting_kind {
    KIND_TEXT,
    KIND_LIST, /* ids (app/id_list.h); a flag may stand several times, an event field is an array */
    KIND_CHOICE, /* one of a few words, in any case */
    KIND_NUMBER,
    KIND_SWITCH, /* a flag without value */
};

struct setting {
    const char *flag;     /* "role-name" */
    const char *event;    /* "role_name"; NULL: not in the event */
    const char *variable; /* "ROLE_NAME"; NULL: not in the environment */
    enum setting_kind kind;
    const char *value_name;     /* "NAME": for help */
    const char *const *choices; /* of KIND_CHOICE: "csv", "jsonl", NULL */
    long least, most;           /* of a number */
    const char *fallback;       /* the default, or NULL */
    const char *help;           /* "{}": the choices; "\n" between its lines */
};

extern const struct setting settings_table[SETTING_COUNT];

/* What has been set, and by what: "--role-name", "the event's 'role_name'", "ROLE_NAME". */
struct settings {
    char *values[SETTING_COUNT];  /* owned; NULL: not set; a choice is spelled as in the table */
    char *origins[SETTING_COUNT]; /* owned */
    bool from_flag[SETTING_COUNT];
};

/* Frees and wipes the values. */
void settings_release(struct settings *s);
/* Takes what the environment has. */
void settings_from_environment(struct settings *s);
/*
 * Takes what the event has over it. -1 with ERROR_CONFIG if a field is of a wrong type or over the
 * bound. Fields that are not known are left alone.
 */
int settings_from_event(struct settings *s, const json_t *event, struct error *e) MUST_CHECK;
/*
 * Takes a flag's value over both. 'value' is NULL for a switch. -1 with ERROR_CONFIG if it is over
 * the bound of all values.
 */
int settings_from_flag(struct settings *s, enum setting_id id, const char *value,
                       struct error *e) MUST_CHECK;
/* 0 if every value that is set is allowed; -1 with ERROR_CONFIG that names one that is not. */
int settings_check(const struct settings *s, struct error *e) MUST_CHECK;
/* The value, or the default; NULL if there is neither. */
const char *settings_text(const struct settings *s, enum setting_id id);
/* A number; the default if the value is not allowed, which settings_check reports. */
long settings_number(const struct settings *s, enum setting_id id);
/* True if a switch is set. */
bool settings_switch(const struct settings *s, enum setting_id id);
/* Where a value came from, for messages; the flag's name if it is not set. */
const char *settings_origin(const struct settings *s, enum setting_id id);

#endif
