/* SPDX-License-Identifier: MIT */
/*
 * settings.h: the table of settings, each with its flag, event field, variable, values and help.
 *
 * Precedence: flag, then field of the Lambda event, then environment variable, then default.
 * --help, the parsers and the error messages all use the table in settings.c.
 *
 * Each source of settings overrides the ones before it, and only the final values are checked
 * (settings_check): a wrong value that is overridden is not an error.
 */
#ifndef APP_SETTINGS_H
#define APP_SETTINGS_H

#include "app/flags.h"
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
    SETTING_SSH_KEYS,
    SETTING_ACCOUNTS_FILE,
    SETTING_CSV_RAW,
    SETTING_KEEP_RUNS,
    SETTING_ORGANIZATION_ID,
    SETTING_S3_BUCKET,
    SETTING_S3_PREFIX,
    SETTING_SSE,
    SETTING_SSE_KMS_KEY_ID,
    SETTING_EXPECTED_BUCKET_OWNER,
    SETTING_FINDINGS,
    SETTING_FINDINGS_FORMAT,
    SETTING_RULES,
    SETTING_LIMITS,
    SETTING_SUPPRESS,
    SETTING_SUPPRESS_KEY,
    SETTING_FAIL_ON,
    SETTING_FAIL_ON_UNKNOWN,
    SETTING_STRATEGY,
    SETTING_MAX_CONNECTIONS,
    SETTING_MAX_REPORT_AGE,
    SETTING_CONNECT_TIMEOUT,
    SETTING_READ_TIMEOUT,
    SETTING_DRY_RUN,
    SETTING_JSON,
    SETTING_QUIET,
    SETTING_VERBOSE,
    SETTING_COLOR,
    SETTING_LOG_LEVEL,
    SETTING_LOG_FORMAT,
    SETTING_COUNT
};

enum setting_kind {
    KIND_TEXT,
    KIND_LIST,   /* items; a flag may be repeated, an event field is an array */
    KIND_CHOICE, /* one of a few words, in any case */
    KIND_NUMBER,
    KIND_SWITCH, /* a flag without a value; in the event and in a variable true or false */
    KIND_PLACE,  /* a path, or true: beside the output; in the event only true or false */
};

struct setting {
    const char *flag;     /* "role-name" */
    const char *event;    /* "role_name"; NULL: not in the event */
    const char *variable; /* "ROLE_NAME"; NULL: not in the environment */
    enum setting_kind kind;
    const char *value_name;     /* "NAME": for help */
    const char *const *choices; /* for KIND_CHOICE: "csv", "jsonl", NULL */
    long least, most;           /* for a number */
    const char *fallback;       /* the default, or NULL */
    const char *help;           /* "{}" stands for the choices; "\n" between its lines */
    char letter;                /* 'o' for -o; 0: none. In all commands it means the same */
    bool rare;                  /* only the whole help has it (struct flag) */
    bool everywhere;            /* every command takes it, whatever its table says */
    enum flag_value value;      /* what completion offers for its value */
};

extern const struct setting settings_table[SETTING_COUNT];

/* What has been set, and where: "--role-name", "the event's 'role_name'", "ROLE_NAME". */
struct settings {
    char *values[SETTING_COUNT];  /* owned; NULL: not set; a choice is spelled as in the table */
    char *origins[SETTING_COUNT]; /* owned */
    bool from_flag[SETTING_COUNT];
};

/* Frees and wipes the values. */
void settings_release(struct settings *s);
/* Reads the settings in the environment. */
void settings_from_environment(struct settings *s);
/*
 * Reads the settings in the event, which override those. -1 with ERROR_CONFIG if a field has the
 * wrong type or is too long. Unknown fields are ignored.
 */
int settings_from_event(struct settings *s, const json_t *event, struct error *e) MUST_CHECK;
/*
 * Sets a flag's value, which overrides both. 'value' is NULL for a switch. -1 with ERROR_CONFIG if
 * it is too long. --quiet and --verbose set the log's level too.
 */
int settings_from_flag(struct settings *s, enum setting_id id, const char *value,
                       struct error *e) MUST_CHECK;
/*
 * Returns 0 if all values that are set are allowed; -1 with ERROR_CONFIG that names one that is
 * not.
 */
int settings_check(const struct settings *s, struct error *e) MUST_CHECK;
/* The setting's value, or its default; NULL if there is neither. */
const char *settings_text(const struct settings *s, enum setting_id id);
/* The value of a number; its default if the value is not allowed, which settings_check reports. */
long settings_number(const struct settings *s, enum setting_id id);
/* True if a switch is on. */
bool settings_switch(const struct settings *s, enum setting_id id);
/* Where a value came from, for messages; the flag's name if it is not set. */
const char *settings_origin(const struct settings *s, enum setting_id id);

#endif
