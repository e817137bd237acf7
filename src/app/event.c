/* SPDX-License-Identifier: MIT */
#include "app/event.h"

#include "app/settings.h"

#include <ctype.h>
#include <stdint.h>

#define WORD_SIZE 64
#define DEPTH_MAX 16 /* how deeply nested objects are searched */

/*
 * Fields of the steps (app/fanout), and 'max_concurrency', which the state machine that calls the
 * steps reads.
 */
static const char *const step_fields[] = {"action", "batch",  "batch_size", "max_concurrency",
                                          "run",    "run_id", "started_at"};

/* Names that people give to a field, other than its own, its flag's and its variable's. */
static const struct synonym {
    const char *name, *field;
} synonyms[] = {
    {"ous", "organizational_unit_ids"},      {"ou_id", "organizational_unit_ids"},
    {"ou_ids", "organizational_unit_ids"},   {"units", "organizational_unit_ids"},
    {"unit_ids", "organizational_unit_ids"}, {"ids", "child_account_ids"},
};

/*
 * Words about what is read and where the output goes: a field with one of them in its name is never
 * ignored.
 */
static const struct synonym parts[] = {
    {"exclude", "exclude_account_ids"},
    {"account", "child_account_ids"},
    {"bucketowner", "expected_bucket_owner"},
    {"bucket", "s3_bucket_name"},
    {"organizationalunit", "organizational_unit_ids"},
    {"role", "role_name"},
    {"prefix", "s3_prefix"},
    {"kms", "sse_kms_key_id"},
    {"encrypt", "sse"},
};

/* EventBridge's own fields that look like ours ("Events in Amazon EventBridge", User Guide). */
static const char *const bridge_fields[] = {"account", "region"};

/* The fields in which a function URL, an API, a load balancer or a queue wraps what it was sent. */
static const char *const envelopes[] = {"body", "requestContext", "Records", "records"};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Turns "child_account_ids", "childAccountIds" and "CHILD-ACCOUNT-IDS" into the same word. */
static void make_word(const char *name, char word[WORD_SIZE])
{
    size_t len = 0;
    for (; *name && len + 1 < WORD_SIZE; name++)
        if (isalnum((unsigned char)*name))
            word[len++] = (char)tolower((unsigned char)*name);
    word[len] = '\0';
}

/* True if one word becomes the other by adding or removing at most 'letters' letters. */
static bool within(const char *a, const char *b, int letters)
{
    for (; *a && *a == *b; a++)
        b++;
    if (!*a && !*b)
        return true;
    return letters > 0 &&
           ((*a && within(a + 1, b, letters - 1)) || (*b && within(a, b + 1, letters - 1)));
}

/* Short names must match exactly: too many words with other meanings are near them. */
static bool is_near(const char *word, const char *name)
{
    char other[WORD_SIZE];
    make_word(name, other);
    size_t len = strlen(other);
    return within(word, other, len < 6 ? 0 : len < 12 ? 1 : 2);
}

static bool is_step_field(const char *name)
{
    for (size_t i = 0; i < COUNT(step_fields); i++)
        if (strcmp(name, step_fields[i]) == 0)
            return true;
    return false;
}

static bool is_setting(const char *name)
{
    for (size_t id = 0; id < SETTING_COUNT; id++)
        if (settings_table[id].event && strcmp(name, settings_table[id].event) == 0)
            return true;
    return false;
}

/* The field that 'name' was probably meant to be; NULL if there is none. */
static const char *find_meant(const char *name)
{
    char word[WORD_SIZE];
    make_word(name, word);
    for (size_t id = 0; id < SETTING_COUNT; id++) {
        const struct setting *s = &settings_table[id];
        if (s->event && (is_near(word, s->event) || is_near(word, s->flag) ||
                         (s->variable && is_near(word, s->variable))))
            return s->event;
    }
    for (size_t i = 0; i < COUNT(step_fields); i++)
        if (is_near(word, step_fields[i]))
            return step_fields[i];
    for (size_t i = 0; i < COUNT(synonyms); i++)
        if (is_near(word, synonyms[i].name))
            return synonyms[i].field;
    for (size_t i = 0; i < COUNT(parts); i++)
        if (strstr(word, parts[i].name))
            return parts[i].field;
    return NULL;
}

/*
 * The setting that has this name but can't be set by an event; NULL if there is none. 'region' is
 * ignored: many callers add it, and it would not change what a census reads.
 */
static const struct setting *find_other_setting(const char *name)
{
    char word[WORD_SIZE], flag[WORD_SIZE];
    make_word(name, word);
    for (size_t id = 0; id < SETTING_COUNT; id++) {
        const struct setting *s = &settings_table[id];
        make_word(s->flag, flag);
        if (!s->event && id != SETTING_REGION && strcmp(word, flag) == 0)
            return s;
    }
    return NULL;
}

static const char *find_inside(const json_t *value, unsigned depth);

static const char *find_in_text(const char *text, unsigned depth)
{
    if (text[0] != '{' && text[0] != '[')
        return NULL;
    json_t *value = json_loads(text, 0, NULL);
    const char *found = find_inside(value, depth);
    json_decref(value);
    return found;
}

/*
 * The first of our settings, in the order of the table, inside 'value', including JSON in its
 * strings; NULL if there is none. Only names with '_' count: others use plain words ("format") too.
 */
static const char *find_inside(const json_t *value, unsigned depth)
{
    const char *name, *found = NULL;
    size_t i;
    json_t *member;
    if (depth == 0)
        return NULL;
    if (json_is_string(value))
        return find_in_text(json_string_value(value), depth - 1);
    for (size_t id = 0; id < SETTING_COUNT && json_is_object(value); id++) {
        name = settings_table[id].event;
        if (name && strchr(name, '_') && json_object_get(value, name))
            return name;
    }
    json_object_foreach ((json_t *)(uintptr_t)value, name, member) {
        if (!found)
            found = find_inside(member, depth - 1);
    }
    json_array_foreach ((json_t *)(uintptr_t)value, i, member) {
        if (!found)
            found = find_inside(member, depth - 1);
    }
    return found;
}

static int check_foreign(const json_t *event, const char *name, const json_t *value,
                         struct error *e)
{
    bool bridge = json_object_get(event, "detail-type") != NULL;
    for (size_t i = 0; i < COUNT(bridge_fields) && bridge; i++)
        if (strcmp(name, bridge_fields[i]) == 0)
            return 0;
    const struct setting *other = find_other_setting(name);
    if (other)
        return error_set(
            e, ERROR_CONFIG,
            "the event's '%.80s' can't be set by an event: it is a flag of the command "
            "line%s%s",
            name, other->variable ? ", and a variable: " : "",
            other->variable ? other->variable : "");
    const char *meant = find_meant(name);
    if (meant)
        return error_set(e, ERROR_CONFIG,
                         "the event's '%.80s' is not a field of this function: is '%s' meant?",
                         name, meant);
    const char *inside = find_inside(value, DEPTH_MAX);
    if (inside)
        return error_set(e, ERROR_CONFIG,
                         "the event's '%.80s' holds '%s' inside: fields are read at the top of the "
                         "event only",
                         name, inside);
    return 0;
}

int event_check(const json_t *event, struct error *e)
{
    const char *name;
    json_t *value;
    bool ours = false;
    json_object_foreach ((json_t *)(uintptr_t)event, name, value) {
        bool known = is_setting(name) || is_step_field(name);
        ours = ours || (known && !json_is_null(value));
        /* A null counts as not set, as for fields that are known. */
        if (!known && !json_is_null(value) && check_foreign(event, name, value, e) != 0)
            return -1;
    }
    for (size_t i = 0; i < COUNT(envelopes) && !ours; i++)
        if (json_object_get(event, envelopes[i]))
            return error_set(e, ERROR_CONFIG,
                             "the event has '%s' and none of this function's fields: it comes from "
                             "a URL, an API or a queue, and what was sent is inside; invoke the "
                             "function with the fields at the top of the event",
                             envelopes[i]);
    return 0;
}
