#include "app/settings.h"

#include "base/alloc.h"
#include "base/buffer.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#define VALUE_MAX_BYTES ((size_t)16 * 1024 * 1024)

const struct setting settings_table[SETTING_COUNT] = {
    [SETTING_ROLE_NAME] = {.flag = "role-name",
                           .event = "role_name",
                           .variable = "ROLE_NAME",
                           .kind = KIND_TEXT,
                           .value_name = "NAME",
                           .help = "role to assume in each account; required"},
    [SETTING_EXTERNAL_ID] = {.flag = "external-id",
                             .event = "external_id",
                             .variable = "EXTERNAL_ID",
                             .kind = KIND_TEXT,
                             .value_name = "ID",
                             .help = "external id that the role asks for"},
    [SETTING_NO_SESSION_POLICY] = {.flag = "no-session-policy",
                                   .kind = KIND_SWITCH,
                                   .help = "do not narrow the role's session to what is read"},
    [SETTING_PROFILE] = {.flag = "profile",
                         .kind = KIND_TEXT,
                         .value_name = "NAME",
                         .help = "AWS profile of the caller [AWS_PROFILE]"},
    [SETTING_REGION] = {.flag = "region",
                        .kind = KIND_TEXT,
                        .value_name = "NAME",
                        .help = "AWS region [AWS_REGION, the profile's, us-east-1]"},
    [SETTING_ACCOUNTS] = {.flag = "accounts",
                          .event = "child_account_ids",
                          .variable = "CHILD_ACCOUNT_IDS",
                          .kind = KIND_LIST,
                          .value_name = "LIST",
                          .help = "account ids, @FILE, or - for standard input [all\n"
                                  "active accounts of the organization]"},
    [SETTING_UNITS] = {.flag = "ou",
                       .event = "organizational_unit_ids",
                       .variable = "ORGANIZATIONAL_UNIT_IDS",
                       .kind = KIND_LIST,
                       .value_name = "ID",
                       .help = "only accounts in and below this unit (repeatable)"},
    [SETTING_EXCLUDE] = {.flag = "exclude",
                         .event = "exclude_account_ids",
                         .variable = "EXCLUDE_ACCOUNT_IDS",
                         .kind = KIND_LIST,
                         .value_name = "LIST",
                         .help = "accounts to leave out, as for --accounts"},
    [SETTING_OUTPUT] = {.flag = "output",
                        .kind = KIND_TEXT,
                        .value_name = "PATH",
                        .help = "file, or - for standard output [named after\n"
                                "organization and time, in this folder]"},
    [SETTING_FORMAT] = {.flag = "format",
                        .event = "format",
                        .variable = "OUTPUT_FORMAT",
                        .kind = KIND_CHOICE,
                        .value_name = "FORMAT",
                        .choices = "csv jsonl",
                        .fallback = "csv",
                        .help = "csv or jsonl [csv]"},
    [SETTING_COLUMNS] = {.flag = "columns",
                         .event = "columns",
                         .variable = "OUTPUT_COLUMNS",
                         .kind = KIND_CHOICE,
                         .value_name = "SET",
                         .choices = "standard extended",
                         .fallback = "standard",
                         .help = "of the CSV: standard or extended [standard]"},
    [SETTING_CSV_RAW] = {.flag = "csv-raw",
                         .kind = KIND_SWITCH,
                         .help = "names unchanged, even if spreadsheets run them"},
    [SETTING_ORGANIZATION_ID] = {.flag = "organization-id",
                                 .event = "organization_id",
                                 .variable = "ORGANIZATION_ID",
                                 .kind = KIND_TEXT,
                                 .value_name = "ID",
                                 .help = "in the file's name [asked of AWS Organizations]"},
    [SETTING_S3_BUCKET] = {.flag = "s3-bucket",
                           .event = "s3_bucket_name",
                           .variable = "S3_BUCKET_NAME",
                           .kind = KIND_TEXT,
                           .value_name = "NAME",
                           .help = "write into this bucket"},
    [SETTING_S3_PREFIX] = {.flag = "s3-prefix",
                           .event = "s3_prefix",
                           .variable = "S3_PREFIX",
                           .kind = KIND_TEXT,
                           .value_name = "PREFIX",
                           .fallback = "",
                           .help = "put before the object's name unchanged, as iam/"},
    [SETTING_SSE] = {.flag = "sse",
                     .event = "sse",
                     .variable = "SSE",
                     .kind = KIND_CHOICE,
                     .value_name = "HOW",
                     .choices = "aws:kms aws:kms:dsse AES256",
                     .help = "encryption of the object: aws:kms, aws:kms:dsse or\n"
                             "AES256 [the bucket's default]"},
    [SETTING_SSE_KMS_KEY_ID] = {.flag = "sse-kms-key-id",
                                .event = "sse_kms_key_id",
                                .variable = "SSE_KMS_KEY_ID",
                                .kind = KIND_TEXT,
                                .value_name = "ID",
                                .help = "KMS key for the object [the bucket's default]"},
    [SETTING_EXPECTED_BUCKET_OWNER] = {.flag = "expected-bucket-owner",
                                       .event = "expected_bucket_owner",
                                       .variable = "EXPECTED_BUCKET_OWNER",
                                       .kind = KIND_TEXT,
                                       .value_name = "ID",
                                       .help = "refuse a bucket of another account"},
    [SETTING_STRATEGY] = {.flag = "strategy",
                          .event = "strategy",
                          .variable = "STRATEGY",
                          .kind = KIND_CHOICE,
                          .value_name = "HOW",
                          .choices = "auto bulk per-user",
                          .fallback = "auto",
                          .help = "auto, bulk or per-user [auto]"},
    [SETTING_MAX_CONNECTIONS] = {.flag = "max-connections",
                                 .event = "max_connections",
                                 .variable = "MAX_CONNECTIONS",
                                 .kind = KIND_NUMBER,
                                 .value_name = "N",
                                 .least = 1,
                                 .most = 1024,
                                 .fallback = "64",
                                 .help = "requests at once, 1 to 1024 [64]"},
    [SETTING_MAX_REPORT_AGE] = {.flag = "max-report-age",
                                .event = "max_report_age",
                                .variable = "MAX_REPORT_AGE",
                                .kind = KIND_NUMBER,
                                .value_name = "MINUTES",
                                .most = 52560000,
                                .fallback = "300",
                                .help = "use no older credential report [300]"},
    [SETTING_CONNECT_TIMEOUT] = {.flag = "connect-timeout",
                                 .kind = KIND_NUMBER,
                                 .value_name = "SECONDS",
                                 .least = 1,
                                 .most = 600,
                                 .fallback = "5",
                                 .help = "to wait for a connection, 1 to 600 [5]"},
    [SETTING_READ_TIMEOUT] = {.flag = "read-timeout",
                              .kind = KIND_NUMBER,
                              .value_name = "SECONDS",
                              .least = 1,
                              .most = 600,
                              .fallback = "30",
                              .help = "without a byte of an answer, 1 to 600 [30]"},
    [SETTING_DRY_RUN] = {.flag = "dry-run",
                         .kind = KIND_SWITCH,
                         .help = "print how many accounts and calls; read no users"},
    [SETTING_JSON] = {.flag = "json",
                      .kind = KIND_SWITCH,
                      .help = "print the result as JSON, not as a summary"},
    [SETTING_LOG_LEVEL] = {.flag = "log-level",
                           .variable = "LOG_LEVEL",
                           .kind = KIND_CHOICE,
                           .value_name = "LEVEL",
                           .choices = "error warn info debug",
                           .help = "error, warn, info or debug [warn; Lambda: info]"},
    [SETTING_LOG_FORMAT] = {.flag = "log-format",
                            .variable = "LOG_FORMAT",
                            .kind = KIND_CHOICE,
                            .value_name = "FORMAT",
                            .choices = "text json",
                            .help = "text or json [text; Lambda: json]"},
};

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

/* Words for a choice besides its own. Of levels: those of Lambda's, and of other programs. */
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
 * Variables besides a setting's own, which goes before them. Lambda's logging controls set this one
 * where the function's log format is JSON ("Log-level filtering", AWS Lambda Developer Guide). Of
 * AWS_LAMBDA_LOG_FORMAT no use is made: JSON is the default in Lambda anyway, and 'Text' may stand
 * there without anybody having chosen it.
 */
static const struct other_variable {
    enum setting_id id;
    const char *variable;
} other_variables[] = {{SETTING_LOG_LEVEL, "AWS_LAMBDA_LOG_LEVEL"}};

/* The word of 'choices' that 'value' is, in any case; VIEW_NONE if it is none of them. */
static struct view find_choice(const char *choices, const char *value)
{
    size_t len = strlen(value);
    if (len == 0 || strchr(value, ' '))
        return VIEW_NONE;
    for (const char *at = choices; at; at = strchr(at, ' ')) {
        at += *at == ' ';
        if (strncasecmp(at, value, len) == 0 && (at[len] == ' ' || at[len] == '\0'))
            return (struct view){at, len};
    }
    return VIEW_NONE;
}

/* A choice as the table spells it; what is none, as it is. The caller frees it. */
static char *spell(enum setting_id id, const char *value)
{
    const char *choices = settings_table[id].choices;
    if (!choices)
        return xstrdup(value);
    for (size_t i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++)
        if (aliases[i].id == id && strcasecmp(aliases[i].given, value) == 0)
            value = aliases[i].means;
    struct view choice = find_choice(choices, value);
    return choice.ptr ? xstrndup(choice.ptr, choice.len) : xstrdup(value);
}

static void list_choices(const char *choices, struct buffer *out)
{
    for (const char *c = choices; *c; c++)
        buffer_add_text(out, *c == ' ' ? ", " : (const char[]){*c, '\0'});
}

static int wrong_choice(const struct setting *setting, const char *value, const char *origin,
                        struct error *e)
{
    struct buffer allowed;
    buffer_init(&allowed, 256);
    list_choices(setting->choices, &allowed);
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

/* Names the unit, which "4h" and "5s" were meant to do. */
static int wrong_number(const struct setting *setting, const char *value, const char *origin,
                        struct error *e)
{
    const char *unit = strcmp(setting->value_name, "MINUTES") == 0   ? " of minutes"
                       : strcmp(setting->value_name, "SECONDS") == 0 ? " of seconds"
                                                                     : "";
    return error_set(e, ERROR_CONFIG, "%s is '%s': allowed is a whole number%s from %ld to %ld",
                     origin, value, unit, setting->least, setting->most);
}

int settings_check(const struct settings *s, struct error *e)
{
    long number;
    for (unsigned id = 0; id < SETTING_COUNT; id++) {
        const struct setting *setting = &settings_table[id];
        const char *value = s->values[id];
        if (value && setting->kind == KIND_CHOICE && !find_choice(setting->choices, value).ptr)
            return wrong_choice(setting, value, s->origins[id], e);
        if (value && setting->kind == KIND_NUMBER && !read_number(setting, value, &number))
            return wrong_number(setting, value, s->origins[id], e);
    }
    return 0;
}

static void set(struct settings *s, enum setting_id id, const char *value, const char *origin)
{
    char *copy = spell(id, value);
    if (s->values[id])
        secret_wipe(s->values[id], strlen(s->values[id]));
    free(s->values[id]);
    free(s->origins[id]);
    s->values[id] = copy;
    s->origins[id] = xstrdup(origin);
}

/* From a text that was put together; an overlong one is a wrong setting. */
static int set_buffer(struct settings *s, enum setting_id id, const struct buffer *value,
                      const char *origin, struct error *e)
{
    if (buffer_check(value, origin, e) != 0) {
        e->kind = ERROR_CONFIG;
        return -1;
    }
    set(s, id, buffer_text(value), origin);
    return 0;
}

/* A variable that is set to nothing counts as not set: templates often leave it so. */
static void set_from_variable(struct settings *s, enum setting_id id, const char *variable)
{
    const char *value = variable ? getenv(variable) : NULL;
    if (value && *value)
        set(s, id, value, variable);
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
    /* A caller whose list came out empty does not mean 'everything'. */
    if (json_array_size(value) == 0 && setting != &settings_table[SETTING_EXCLUDE])
        return error_set(e, ERROR_CONFIG,
                         "the event's '%s' is an empty array: leave it out to read every account",
                         setting->event);
    json_array_foreach ((json_t *)(uintptr_t)value, i, item) {
        if (!json_is_string(item))
            return wrong_type(e, setting, "an array of strings");
        if (json_string_length(item) == 0)
            return error_set(e, ERROR_CONFIG, "the event's '%s' holds an empty string",
                             setting->event);
        if (i > 0)
            buffer_add_char(text, '\n'); /* a comment must not reach into the next one */
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
        /* An empty list or text says nothing, as an empty variable does. */
        if (result == 0 && text.len > 0)
            result = set_buffer(s, (enum setting_id)id, &text, origin, e);
        buffer_release(&text);
        if (result != 0)
            return -1;
    }
    return 0;
}

int settings_from_flag(struct settings *s, enum setting_id id, const char *value, struct error *e)
{
    const struct setting *setting = &settings_table[id];
    char origin[64];
    snprintf(origin, sizeof(origin), "--%s", setting->flag);
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
    return s->values[id] != NULL;
}

const char *settings_origin(const struct settings *s, enum setting_id id)
{
    return s->origins[id] ? s->origins[id] : settings_table[id].flag;
}
