#include "scenario.h"

#include "action.h"
#include "text.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BYTES_OVERSIZED (64LL * 1024 * 1024)
#define BYTES_A_SECOND  256
#define LIST_MOST       100000

static const char *const scopes[] = {"call", "user", "action", "account", "rule"};

void scenario_default(struct scenario *scenario)
{
    *scenario = (struct scenario){.empty_pages = true};
}

/* Fails where an object has a name that is not in the list: a typing error must not go unseen. */
static int check_names(const json_t *object, const char *const *known, const char *where,
                       struct error *error)
{
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)object, name, value)
    {
        size_t i = 0;
        while (known[i] && strcmp(known[i], name) != 0)
            i++;
        if (!known[i])
            return error_set(error, "%s: unknown name '%s'", where, name);
    }
    return 0;
}

static const char *get_string(struct scenario *scenario, const json_t *object, const char *name)
{
    const char *value = json_string_value(json_object_get(object, name));
    return value ? arena_copy(&scenario->arena, value, strlen(value)) : NULL;
}

static double get_number(const json_t *object, const char *name, double otherwise)
{
    const json_t *value = json_object_get(object, name);
    return json_is_number(value) ? json_number_value(value) : otherwise;
}

/* The strings of a list; a single string is a list of one. Returns -1 where it is neither. */
static int get_strings(struct scenario *scenario, const json_t *object, const char *name,
                       const char ***strings, size_t *count, struct error *error)
{
    const json_t *value = json_object_get(object, name);
    *count = 0;
    if (!value)
        return 0;
    bool single = json_is_string(value);
    size_t size = single ? 1 : json_array_size(value);
    if ((!single && !json_is_array(value)) || size > LIST_MOST)
        return error_set(error, "'%s' must be a string or a list of strings", name);
    *strings = arena_take(&scenario->arena, size * sizeof(char *) + 1);
    for (size_t i = 0; i < size; i++) {
        const char *text = json_string_value(single ? value : json_array_get(value, i));
        if (!text)
            return error_set(error, "'%s' must be a string or a list of strings", name);
        (*strings)[(*count)++] = arena_copy(&scenario->arena, text, strlen(text));
    }
    return 0;
}

static int read_actions(struct scenario *scenario, const json_t *object, const char *name,
                        uint64_t *actions, struct error *error)
{
    const char **patterns = NULL;
    size_t count;
    if (get_strings(scenario, object, name, &patterns, &count, error) != 0)
        return -1;
    *actions = 0;
    for (size_t i = 0; i < count; i++) {
        char pattern[128];
        /* A bare operation name is that operation of whichever service has it. */
        snprintf(
            pattern, sizeof(pattern), "%s%.120s",
            strchr(patterns[i], ':') || strcmp(patterns[i], "*") == 0 ? "" : "*:", patterns[i]);
        uint64_t matched = action_match(pattern);
        if (matched == 0)
            return error_set(error, "'%s': no action is called '%s'", name, patterns[i]);
        *actions |= matched;
    }
    return 0;
}

static int read_accounts(struct scenario *scenario, const json_t *object, struct rule *rule,
                         struct error *error)
{
    const char **texts = NULL;
    size_t count;
    if (get_strings(scenario, object, "accounts", &texts, &count, error) != 0)
        return -1;
    rule->accounts = arena_take(&scenario->arena, count * sizeof(*rule->accounts) + 1);
    for (size_t i = 0; i < count; i++) {
        struct rule_accounts *accounts = &rule->accounts[rule->account_count++];
        int fields = sscanf(texts[i], "#%zu-%zu", &accounts->first, &accounts->last);
        if (fields == 1)
            accounts->last = accounts->first;
        if (strcmp(texts[i], "*") == 0)
            accounts->last = SIZE_MAX;
        else if (fields < 1 && strlen(texts[i]) == 12 && strspn(texts[i], "0123456789") == 12)
            accounts->id = texts[i];
        else if (fields < 1)
            return error_set(error, "'accounts': '%s' is no account id, '#N', '#A-B' or '*'",
                             texts[i]);
    }
    return 0;
}

static enum rule_scope default_scope(const struct rule *rule)
{
    switch (rule->fault) {
    case FAULT_VANISH:
        return SCOPE_USER;
    case FAULT_ENDLESS_PAGING:
        return SCOPE_ACTION;
    case FAULT_ACCESS_DENIED:
    case FAULT_REPORT_STUCK:
        return SCOPE_ACCOUNT;
    default:
        return rule->every > 0 ? SCOPE_ACTION : SCOPE_CALL;
    }
}

static int read_scope(const json_t *object, struct rule *rule, struct error *error)
{
    const char *scope = json_string_value(json_object_get(object, "scope"));
    rule->scope = default_scope(rule);
    if (!scope)
        return 0;
    for (size_t i = 0; i < sizeof(scopes) / sizeof(*scopes); i++) {
        if (strcmp(scopes[i], scope) == 0) {
            rule->scope = (enum rule_scope)i;
            return 0;
        }
    }
    return error_set(error, "'scope': '%s' is none of call, user, action, account, rule", scope);
}

static int read_fault(struct scenario *scenario, const json_t *object, struct rule *rule,
                      struct error *error)
{
    const char *name = json_string_value(json_object_get(object, "fault"));
    if (name) {
        rule->fault = fault_find(name);
        if (rule->fault == FAULT_COUNT)
            return error_set(error, "'fault': there is no fault '%s'", name);
    }
    rule->probability = get_number(object, "probability", 1);
    rule->first = (uint32_t)get_number(object, "first", 0);
    rule->every = (uint32_t)get_number(object, "every", 0);
    rule->status = (int)get_number(object, "status", 400);
    rule->code = get_string(scenario, object, "code");
    rule->message = get_string(scenario, object, "message");
    rule->retry_after_seconds = (int)get_number(object, "retry_after_s", -1);
    rule->bytes = (int64_t)get_number(object, "bytes", (double)BYTES_OVERSIZED);
    rule->bytes_per_second = (int64_t)get_number(object, "bytes_per_s", BYTES_A_SECOND);
    rule->same_marker = json_is_true(json_object_get(object, "same_marker"));
    if (!rule->message)
        rule->message = "Rate exceeded";
    if (rule->fault == FAULT_ERROR && !rule->code)
        return error_set(error, "'fault': 'error' needs a 'code'");
    if (rule->status < 100 || rule->status > 599 || rule->probability < 0 ||
        rule->probability > 1 || rule->bytes_per_second < 1 || rule->bytes < 0)
        return error_set(error, "a number is out of its range");
    return read_scope(object, rule, error);
}

static int read_pace(const json_t *object, struct rule *rule, struct error *error)
{
    static const char *const known[] = {"median", "p99", NULL};
    const json_t *latency = json_object_get(object, "latency_ms");
    rule->rate = get_number(object, "rate", 0);
    rule->burst = get_number(object, "burst", rule->rate);
    if (!latency)
        return 0;
    rule->has_latency = true;
    if (json_is_number(latency)) {
        rule->latency_median_ms = json_number_value(latency);
        return 0;
    }
    if (!json_is_object(latency))
        return error_set(error, "'latency_ms' must be a number or {\"median\", \"p99\"}");
    rule->latency_median_ms = get_number(latency, "median", 0);
    rule->latency_p99_ms = get_number(latency, "p99", rule->latency_median_ms);
    return check_names(latency, known, "latency_ms", error);
}

static int read_rule(struct scenario *scenario, const json_t *object, struct error *error)
{
    static const char *const known[] = {
        "accounts", "actions", "users",         "fault", "scope",       "probability", "first",
        "every",    "status",  "code",          "bytes", "bytes_per_s", "latency_ms",  "rate",
        "burst",    "message", "retry_after_s", "note",  "same_marker", NULL};
    struct rule *rule = &scenario->rules[scenario->rule_count];
    *rule = (struct rule){.number = scenario->rule_count, .actions = action_all()};
    scenario->rule_count++;
    if (!json_is_object(object))
        return error_set(error, "a rule must be an object");
    if (check_names(object, known, "rule", error) != 0 ||
        (json_object_get(object, "actions") &&
         read_actions(scenario, object, "actions", &rule->actions, error) != 0) ||
        read_accounts(scenario, object, rule, error) != 0 ||
        get_strings(scenario, object, "users", &rule->users, &rule->user_count, error) != 0 ||
        read_fault(scenario, object, rule, error) != 0 || read_pace(object, rule, error) != 0)
        return -1;
    return 0;
}

static int read_buckets(struct scenario *scenario, const json_t *buckets, struct error *error)
{
    static const char *const known[] = {"missing", "denied",       "region",
                                        "owner",   "wrong_region", NULL};
    const char *name;
    json_t *value;
    scenario->buckets =
        arena_take(&scenario->arena, json_object_size(buckets) * sizeof(*scenario->buckets) + 1);
    json_object_foreach((json_t *)buckets, name, value)
    {
        struct bucket_rule *bucket = &scenario->buckets[scenario->bucket_count++];
        if (!json_is_object(value) || check_names(value, known, "bucket", error) != 0)
            return error->text[0] ? -1 : error_set(error, "bucket '%s' must be an object", name);
        bucket->name = arena_copy(&scenario->arena, name, strlen(name));
        bucket->missing = json_is_true(json_object_get(value, "missing"));
        bucket->denied = json_is_true(json_object_get(value, "denied"));
        bucket->region = get_string(scenario, value, "region");
        bucket->owner = get_string(scenario, value, "owner");
        bucket->wrong_region = (int)get_number(value, "wrong_region", 301);
    }
    return 0;
}

static int scenario_read(struct scenario *scenario, const json_t *root, struct error *error)
{
    static const char *const known[] = {
        "seed",    "max_consecutive", "clock_skew_s", "session_s", "empty_pages", "allowed_actions",
        "buckets", "rules",           "note",         NULL};
    const json_t *rules = json_object_get(root, "rules");
    if (!json_is_object(root))
        return error_set(error, "a scenario must be an object");
    if (check_names(root, known, "scenario", error) != 0)
        return -1;
    scenario->has_seed = json_object_get(root, "seed") != NULL;
    scenario->seed = (uint64_t)get_number(root, "seed", 0);
    scenario->max_consecutive = (uint32_t)get_number(root, "max_consecutive", 0);
    scenario->clock_skew_seconds = (int64_t)get_number(root, "clock_skew_s", 0);
    scenario->session_seconds = (int64_t)get_number(root, "session_s", 0);
    scenario->empty_pages = !json_is_false(json_object_get(root, "empty_pages"));
    scenario->has_allowed = json_object_get(root, "allowed_actions") != NULL;
    if (read_actions(scenario, root, "allowed_actions", &scenario->allowed, error) != 0 ||
        read_buckets(scenario, json_object_get(root, "buckets"), error) != 0)
        return -1;
    if (json_array_size(rules) > SCENARIO_RULES_MOST)
        return error_set(error, "there may be %d rules at most", SCENARIO_RULES_MOST);
    scenario->rules =
        arena_take(&scenario->arena, json_array_size(rules) * sizeof(*scenario->rules) + 1);
    for (size_t i = 0; i < json_array_size(rules); i++) {
        if (read_rule(scenario, json_array_get(rules, i), error) != 0) {
            struct error inner = *error;
            return error_set(error, "rule %zu: %.400s", i, inner.text);
        }
    }
    return 0;
}

int scenario_load(struct scenario *scenario, const char *path, struct error *error)
{
    json_error_t place;
    json_t *root = json_load_file(path, JSON_REJECT_DUPLICATES, &place);
    struct error inner = {0};
    int result;
    if (!root)
        return error_set(error, "%s: line %d: %s", path, place.line, place.text);
    result = scenario_read(scenario, root, &inner);
    if (result != 0)
        error_set(error, "%.200s: %.280s", path, inner.text);
    json_decref(root);
    return result;
}

void scenario_open(struct scenario *scenario, size_t accounts)
{
    for (size_t i = 0; i < scenario->rule_count; i++) {
        struct rule *rule = &scenario->rules[i];
        throttle_release(&rule->throttle);
        throttle_open(&rule->throttle, accounts, rule->rate, rule->burst);
    }
}

const struct bucket_rule *scenario_bucket(const struct scenario *scenario, const char *name)
{
    for (size_t i = 0; i < scenario->bucket_count; i++)
        if (strcmp(scenario->buckets[i].name, name) == 0)
            return &scenario->buckets[i];
    return NULL;
}

void scenario_release(struct scenario *scenario)
{
    for (size_t i = 0; i < scenario->rule_count; i++)
        throttle_release(&scenario->rules[i].throttle);
    arena_release(&scenario->arena);
    *scenario = (struct scenario){0};
}
