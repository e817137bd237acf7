/* SPDX-License-Identifier: MIT */
#include "app/settings.h"

#include "base/alloc.h"
#include "base/buffer.h"
#include "base/colour.h"
#include "base/environ.h"
#include "output/finding_format.h"
#include "output/formats.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#define VALUE_MAX_BYTES ((size_t)16 * 1024 * 1024)

#define CHOICES(...) ((const char *const[]){__VA_ARGS__, NULL})

/* clang-format off */
const struct setting settings_table[SETTING_COUNT] = {
    /*                                 flag                     event                      variable                   kind         value */
    [SETTING_ROLE_NAME]             = {"role-name",             "role_name",               "ROLE_NAME",               KIND_TEXT,   "NAME",
        .help = "role to assume in each account; required"},
    [SETTING_EXTERNAL_ID]           = {"external-id",           "external_id",             "EXTERNAL_ID",             KIND_TEXT,   "ID",
        .rare = true, .help = "external id that the role asks for"},
    [SETTING_NO_SESSION_POLICY]     = {"no-session-policy",     NULL,                      NULL,                      KIND_SWITCH, NULL,
        .rare = true, .help = "do not narrow the role's session to what is read"},
    [SETTING_PROFILE]               = {"profile",               NULL,                      NULL,                      KIND_TEXT,   "NAME",
        .help = "AWS profile of the caller [AWS_PROFILE]"},
    [SETTING_REGION]                = {"region",                NULL,                      NULL,                      KIND_TEXT,   "NAME",
        .rare = true, .help = "AWS region [AWS_REGION, the profile's, us-east-1]"},
    [SETTING_ACCOUNTS]              = {"accounts",              "child_account_ids",       "CHILD_ACCOUNT_IDS",       KIND_LIST,   "LIST",
        .value = FLAG_VALUE_AT_FILE, .help = "ids, @FILE, - for stdin [all of the organization]"},
    [SETTING_UNITS]                 = {"ou",                    "organizational_unit_ids", "ORGANIZATIONAL_UNIT_IDS", KIND_LIST,   "ID",
        .help = "only accounts in and below this unit (repeatable)"},
    [SETTING_EXCLUDE]               = {"exclude",               "exclude_account_ids",     "EXCLUDE_ACCOUNT_IDS",     KIND_LIST,   "LIST",
        .value = FLAG_VALUE_AT_FILE, .help = "accounts to leave out, as for --accounts"},
    [SETTING_OUTPUT]                = {"output",                NULL,                      NULL,                      KIND_TEXT,   "PATH",
        .letter = 'o', .value = FLAG_VALUE_FILE, .help = "file, or - for stdout [named after the time]"},
    [SETTING_FORMAT]                = {"format",                "format",                  "OUTPUT_FORMAT",           KIND_CHOICE, "FORMAT",
        .choices = writer_format_names, .fallback = "csv",
        .help = "{} [csv]"},
    [SETTING_COLUMNS]               = {"columns",               "columns",                 "OUTPUT_COLUMNS",          KIND_CHOICE, "SET",
        .choices = column_set_names, .fallback = "standard",
        .help = "{} [standard]"},
    [SETTING_SSH_KEYS]              = {"ssh-keys",              "ssh_keys",                "SSH_KEYS",                KIND_SWITCH, NULL,
        .rare = true, .help = "read SSH public keys too: one call more a user"},
    [SETTING_ACCOUNTS_FILE]         = {"accounts-file",         "accounts_file",           "ACCOUNTS_FILE",           KIND_PLACE,  "PATH",
        .value = FLAG_VALUE_FILE, .rare = true, .help = "a row for every account too; true (and with a\n"
                "bucket): beside the output"},
    [SETTING_CSV_RAW]               = {"csv-raw",               NULL,                      NULL,                      KIND_SWITCH, NULL,
        .rare = true, .help = "names unchanged, even if spreadsheets run them"},
    [SETTING_KEEP_RUNS]             = {"keep-runs",             NULL,                      NULL,                      KIND_NUMBER, "N",
        .rare = true, .least = 1, .most = 1000000,
        .help = "in a database, keep only the newest N runs [all]"},
    [SETTING_ORGANIZATION_ID]       = {"organization-id",       "organization_id",         "ORGANIZATION_ID",         KIND_TEXT,   "ID",
        .rare = true, .help = "in the file's name [asked of AWS Organizations]"},
    [SETTING_S3_BUCKET]             = {"s3-bucket",             "s3_bucket_name",          "S3_BUCKET_NAME",          KIND_TEXT,   "NAME",
        .help = "write into this bucket"},
    [SETTING_S3_PREFIX]             = {"s3-prefix",             "s3_prefix",               "S3_PREFIX",               KIND_TEXT,   "PREFIX",
        .rare = true, .fallback = "",
        .help = "put before the object's name unchanged, as iam/"},
    [SETTING_SSE]                   = {"sse",                   "sse",                     "SSE",                     KIND_CHOICE, "HOW",
        .rare = true, .choices = CHOICES("aws:kms", "aws:kms:dsse", "AES256"),
        .help = "encryption: {} [the\n"
                "bucket's default]"},
    [SETTING_SSE_KMS_KEY_ID]        = {"sse-kms-key-id",        "sse_kms_key_id",          "SSE_KMS_KEY_ID",          KIND_TEXT,   "ID",
        .rare = true, .help = "KMS key for the object [the bucket's default]"},
    [SETTING_EXPECTED_BUCKET_OWNER] = {"expected-bucket-owner", "expected_bucket_owner",   "EXPECTED_BUCKET_OWNER",   KIND_TEXT,   "ID",
        .rare = true, .help = "refuse a bucket of another account"},
    [SETTING_FINDINGS]              = {"findings",              "findings",                "FINDINGS",                KIND_PLACE,  "PATH",
        .value = FLAG_VALUE_FILE, .help = "judge what is read; true: beside the output"},
    [SETTING_FINDINGS_FORMAT]       = {"findings-format",       "findings_format",         "FINDINGS_FORMAT",         KIND_CHOICE, "FORMAT",
        .rare = true, .choices = finding_format_names, .fallback = "jsonl",
        .help = "{} [jsonl]"},
    [SETTING_RULES]                 = {"rules",                 "rules",                   "FINDINGS_RULES",          KIND_LIST,   "LIST",
        .value = FLAG_VALUE_RULES, .help = "ids of rules, default, or all [default]"},
    [SETTING_LIMITS]                = {"limit",                 "limits",                  "FINDINGS_LIMITS",         KIND_LIST,   "RULE=N",
        .value = FLAG_VALUE_LIMITS, .rare = true, .help = "another limit of a rule (repeatable)"},
    [SETTING_SUPPRESS]              = {"suppress",              NULL,                      NULL,                      KIND_TEXT,   "FILE",
        .value = FLAG_VALUE_FILE, .help = "CSV of failures that are accepted"},
    [SETTING_SUPPRESS_KEY]          = {"suppress-key",          "suppress_key",            "SUPPRESS_KEY",            KIND_TEXT,   "KEY",
        .rare = true, .help = "the same, as an object of the bucket"},
    [SETTING_FAIL_ON]               = {"fail-on",               NULL,                      NULL,                      KIND_CHOICE, "SEVERITY",
        .choices = CHOICES("none", "info", "low", "medium", "high", "critical"), .fallback = "none",
        .help = "exit with 4 if a finding is as severe [none]"},
    [SETTING_FAIL_ON_UNKNOWN]       = {"fail-on-unknown",       NULL,                      NULL,                      KIND_SWITCH, NULL,
        .rare = true, .help = "also if it is unknown"},
    [SETTING_STRATEGY]              = {"strategy",              "strategy",                "STRATEGY",                KIND_CHOICE, "HOW",
        .rare = true, .choices = CHOICES("auto", "bulk", "per-user"), .fallback = "auto",
        .help = "{} [auto]"},
    [SETTING_MAX_CONNECTIONS]       = {"max-connections",       "max_connections",         "MAX_CONNECTIONS",         KIND_NUMBER, "N",
        .rare = true, .least = 1, .most = 1024, .fallback = "64",
        .help = "requests at once, 1 to 1024 [64]"},
    [SETTING_MAX_REPORT_AGE]        = {"max-report-age",        "max_report_age",          "MAX_REPORT_AGE",          KIND_NUMBER, "MINUTES",
        .rare = true, .least = 0, .most = 52560000, .fallback = "300",
        .help = "use no older credential report [300]"},
    [SETTING_CONNECT_TIMEOUT]       = {"connect-timeout",       NULL,                      NULL,                      KIND_NUMBER, "SECONDS",
        .rare = true, .least = 1, .most = 600, .fallback = "5",
        .help = "to wait for a connection, 1 to 600 [5]"},
    [SETTING_READ_TIMEOUT]          = {"read-timeout",          NULL,                      NULL,                      KIND_NUMBER, "SECONDS",
        .rare = true, .least = 1, .most = 600, .fallback = "30",
        .help = "without a byte of an answer, 1 to 600 [30]"},
    [SETTING_DRY_RUN]               = {"dry-run",               NULL,                      NULL,                      KIND_SWITCH, NULL,
        .help = "print how many accounts and calls; read no users"},
    [SETTING_JSON]                  = {"json",                  NULL,                      NULL,                      KIND_SWITCH, NULL,
        .help = "print the result as JSON, not as a summary"},
    [SETTING_QUIET]                 = {"quiet",                 NULL,                      NULL,                      KIND_SWITCH, NULL,
        .letter = 'q', .everywhere = true,
        .help = "only errors: no progress, no summary"},
    [SETTING_VERBOSE]               = {"verbose",               NULL,                      NULL,                      KIND_SWITCH, NULL,
        .letter = 'v', .everywhere = true,
        .help = "log what is done; -vv: every call and retry"},
    [SETTING_COLOR]                 = {"color",                 NULL,                      NULL,                      KIND_CHOICE, "WHEN",
        .choices = colour_choice_names, .fallback = "auto", .everywhere = true,
        .help = "{} [auto: on a terminal]"},
    [SETTING_LOG_LEVEL]             = {"log-level",             NULL,                      "LOG_LEVEL",               KIND_CHOICE, "LEVEL",
        .rare = true, .choices = CHOICES("error", "warn", "info", "debug"),
        .help = "{} [warn; Lambda: info]"},
    [SETTING_LOG_FORMAT]            = {"log-format",            NULL,                      "LOG_FORMAT",              KIND_CHOICE, "FORMAT",
        .rare = true, .choices = CHOICES("text", "json"),
        .help = "{} [text; Lambda: json]"},
};
/* clang-format on */

void settings_release(struct settings *s)
{
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        if (s->values[i])
            secret_wipe(s->values[i], strlen(s->values[i]));
        free(s->values[i]);
        free(s->origins[i]);
    }
    *s = (struct settings){0};
}

/* Other words that are accepted for a choice: log levels of Lambda and of other programs. */
static const struct alias {
    enum setting_id id;
    const char *given, *means;
} aliases[] = {
    {SETTING_LOG_LEVEL, "warning", "warn"},
    {SETTING_LOG_LEVEL, "trace", "debug"},
    {SETTING_LOG_LEVEL, "fatal", "error"},
    {SETTING_LOG_LEVEL, "critical", "error"},
};

/*
 * Further variables of a setting; its own variable wins. Lambda's logging controls set this one if
 * the function's log format is JSON ("Log-level filtering", AWS Lambda Developer Guide).
 * AWS_LAMBDA_LOG_FORMAT is not used: JSON is the default in Lambda anyway, and the variable may be
 * 'Text' although nobody chose it.
 */
static const struct other_variable {
    enum setting_id id;
    const char *variable;
} other_variables[] = {{SETTING_LOG_LEVEL, "AWS_LAMBDA_LOG_LEVEL"}};

/* The choice that equals 'value', ignoring case; NULL if there is none. */
static const char *find_choice(const char *const *choices, const char *value)
{
    while (*choices && strcasecmp(*choices, value) != 0)
        choices++;
    return *choices;
}

/* 'value' as the table spells it, if it is a choice; otherwise as it is. The caller frees it. */
static char *spell(enum setting_id id, const char *value)
{
    const char *const *choices = settings_table[id].choices;
    if (!choices)
        return xstrdup(value);
    for (size_t i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++)
        if (aliases[i].id == id && strcasecmp(aliases[i].given, value) == 0)
            value = aliases[i].means;
    const char *choice = find_choice(choices, value);
    return xstrdup(choice ? choice : value);
}

static int wrong_choice(const struct setting *setting, const char *value, const char *origin,
                        struct error *e)
{
    struct buffer allowed;
    buffer_init(&allowed, 256);
    for (const char *const *choice = setting->choices; *choice; choice++)
        buffer_addf(&allowed, "%s%s", choice == setting->choices ? "" : ", ", *choice);
    error_set(e, ERROR_CONFIG, "%s is '%s': allowed are %s%s", origin, value,
              buffer_text_cut(&allowed), strchr(value, ',') ? "; give one of them" : "");
    buffer_release(&allowed);
    return -1;
}

static bool read_number(const struct setting *setting, const char *value, long *number)
{
    char *end;
    errno = 0;
    *number = strtol(value, &end, 10);
    return *value != '\0' && *end == '\0' && errno == 0 && *number >= setting->least &&
           *number <= setting->most;
}

/* The message names the unit, for people who tried "4h" or "5s". */
static int wrong_number(const struct setting *setting, const char *value, const char *origin,
                        struct error *e)
{
    const char *unit = strcmp(setting->value_name, "MINUTES") == 0   ? " of minutes"
                       : strcmp(setting->value_name, "SECONDS") == 0 ? " of seconds"
                                                                     : "";
    return error_set(e, ERROR_CONFIG, "%s is '%s': it must be a whole number%s from %ld to %ld",
                     origin, value, unit, setting->least, setting->most);
}

static const char *const truths[] = {"true", "false", NULL};

int settings_check(const struct settings *s, struct error *e)
{
    long number;
    for (unsigned id = 0; id < SETTING_COUNT; id++) {
        const struct setting *setting = &settings_table[id];
        const char *value = s->values[id];
        if (value && setting->kind == KIND_CHOICE && !find_choice(setting->choices, value))
            return wrong_choice(setting, value, s->origins[id], e);
        if (value && setting->kind == KIND_SWITCH && !find_choice(truths, value))
            return error_set(e, ERROR_CONFIG, "%s is '%s': allowed are true, false", s->origins[id],
                             value);
        if (value && setting->kind == KIND_NUMBER && !read_number(setting, value, &number))
            return wrong_number(setting, value, s->origins[id], e);
    }
    return 0;
}

static void settings_set(struct settings *s, enum setting_id id, const char *value,
                         const char *origin)
{
    char *copy = spell(id, value);
    if (s->values[id])
        secret_wipe(s->values[id], strlen(s->values[id]));
    free(s->values[id]);
    free(s->origins[id]);
    s->values[id] = copy;
    s->origins[id] = xstrdup(origin);
}

/* Like settings_set, from a buffer; an error if the text did not fit into it. */
static int set_buffer(struct settings *s, enum setting_id id, const struct buffer *value,
                      const char *origin, struct error *e)
{
    if (buffer_check(value, origin, e) != 0) {
        e->kind = ERROR_CONFIG;
        return -1;
    }
    settings_set(s, id, buffer_text(value), origin);
    return 0;
}

/* Ignores an empty variable: templates often leave variables empty. */
static void set_from_variable(struct settings *s, enum setting_id id, const char *variable)
{
    const char *value = variable ? environ_get(environ_system(), variable) : NULL;
    if (value)
        settings_set(s, id, value, variable);
}

void settings_from_environment(struct settings *s)
{
    for (size_t i = 0; i < sizeof(other_variables) / sizeof(other_variables[0]); i++)
        set_from_variable(s, other_variables[i].id, other_variables[i].variable);
    for (unsigned id = 0; id < SETTING_COUNT; id++)
        set_from_variable(s, (enum setting_id)id, settings_table[id].variable);
}

static int wrong_type(struct error *e, const struct setting *setting, const char *wanted)
{
    return error_set(e, ERROR_CONFIG, "the event's '%s' is of the wrong type: it must be %s",
                     setting->event, wanted);
}

static int event_list(const struct setting *setting, const json_t *value, struct buffer *text,
                      struct error *e)
{
    size_t i;
    json_t *item;
    if (!json_is_array(value))
        return wrong_type(e, setting, "an array of strings");
    /* An empty list of accounts is probably a mistake, and must not mean 'all accounts'. */
    if (json_array_size(value) == 0 && setting != &settings_table[SETTING_EXCLUDE])
        return error_set(e, ERROR_CONFIG, "the event's '%s' is an empty array: leave it out%s",
                         setting->event,
                         setting < &settings_table[SETTING_OUTPUT] ? " to read every account" : "");
    json_array_foreach ((json_t *)(uintptr_t)value, i, item) {
        if (!json_is_string(item))
            return wrong_type(e, setting, "an array of strings");
        if (json_string_length(item) == 0)
            return error_set(e, ERROR_CONFIG, "the event's '%s' holds an empty string",
                             setting->event);
        if (i > 0)
            buffer_add_char(text, '\n'); /* ends a comment before the next item */
        buffer_add_text(text, json_string_value(item));
    }
    return 0;
}

static int event_value(const struct setting *setting, const json_t *value, struct buffer *text,
                       struct error *e)
{
    if (setting->kind == KIND_LIST)
        return event_list(setting, value, text, e);
    if (setting->kind == KIND_NUMBER) {
        if (!json_is_integer(value))
            return wrong_type(e, setting, "a whole number");
        buffer_add_int(text, json_integer_value(value));
        return 0;
    }
    if (setting->kind == KIND_SWITCH || setting->kind == KIND_PLACE) {
        if (!json_is_boolean(value))
            return wrong_type(e, setting, "true or false");
        buffer_add_text(text, json_is_true(value) ? "true" : "false");
        return 0;
    }
    if (!json_is_string(value))
        return wrong_type(e, setting, "a string");
    if (strlen(json_string_value(value)) != json_string_length(value))
        return error_set(e, ERROR_CONFIG, "the event's '%s' holds a NUL", setting->event);
    buffer_add_text(text, json_string_value(value));
    return 0;
}

int settings_from_event(struct settings *s, const json_t *event, struct error *e)
{
    if (json_is_null(event))
        return 0;
    if (!json_is_object(event))
        return error_set(e, ERROR_CONFIG, "the event is not a JSON object");
    for (unsigned id = 0; id < SETTING_COUNT; id++) {
        const struct setting *setting = &settings_table[id];
        const json_t *value = setting->event ? json_object_get(event, setting->event) : NULL;
        if (!value || json_is_null(value))
            continue;
        struct buffer text;
        char origin[128];
        buffer_init(&text, VALUE_MAX_BYTES);
        int result = event_value(setting, value, &text, e);
        snprintf(origin, sizeof(origin), "the event's '%s'", setting->event);
        /* An empty list or text is ignored, as an empty variable is. */
        if (result == 0 && text.len > 0)
            result = set_buffer(s, (enum setting_id)id, &text, origin, e);
        buffer_release(&text);
        if (result != 0)
            return -1;
    }
    return 0;
}

/* -q: errors; -v: info; a second -v: debug. The last of these and --log-level counts. */
static void set_level(struct settings *s, enum setting_id id, const char *origin)
{
    const char *level = "error";
    if (id == SETTING_VERBOSE)
        level = s->from_flag[SETTING_VERBOSE] ? "debug" : "info";
    settings_set(s, SETTING_LOG_LEVEL, level, origin);
}

int settings_from_flag(struct settings *s, enum setting_id id, const char *value, struct error *e)
{
    const struct setting *setting = &settings_table[id];
    char origin[64];
    snprintf(origin, sizeof(origin), "--%s", setting->flag);
    if (id == SETTING_QUIET || id == SETTING_VERBOSE)
        set_level(s, id, origin);
    if (setting->kind == KIND_SWITCH)
        value = "true";
    struct buffer joined;
    buffer_init(&joined, VALUE_MAX_BYTES);
    if (setting->kind == KIND_LIST && s->from_flag[id]) {
        buffer_add_text(&joined, s->values[id]);
        buffer_add_char(&joined, '\n');
    }
    buffer_add_text(&joined, value);
    int result = set_buffer(s, id, &joined, origin, e);
    s->from_flag[id] = true;
    buffer_release(&joined);
    return result;
}

const char *settings_text(const struct settings *s, enum setting_id id)
{
    return s->values[id] ? s->values[id] : settings_table[id].fallback;
}

long settings_number(const struct settings *s, enum setting_id id)
{
    const struct setting *setting = &settings_table[id];
    long number;
    if (s->values[id] && read_number(setting, s->values[id], &number))
        return number;
    return strtol(setting->fallback, NULL, 10);
}

bool settings_switch(const struct settings *s, enum setting_id id)
{
    return s->values[id] && strcasecmp(s->values[id], "true") == 0;
}

const char *settings_origin(const struct settings *s, enum setting_id id)
{
    return s->origins[id] ? s->origins[id] : settings_table[id].flag;
}
