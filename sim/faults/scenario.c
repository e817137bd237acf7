/* SPDX-License-Identifier: MIT */
#include "faults/scenario.h"

#include "faults/scenario_json.h"
#include "wire/text.h"
#include "world/action.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BYTES_OVERSIZED (64LL * 1024 * 1024)
#define BYTES_A_SECOND  256
#define STALL_MS        600000

static const char *const scopes[] = {"call", "user", "action", "account", "rule"};

void scenario_default(struct scenario *scenario)
{
    *scenario = (struct scenario){.empty_pages = true, .tells_status = true, .tells_state = true};
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
    return error_set(error, ERROR_CONFIG,
                     "'scope': '%s' is none of call, user, action, account, rule", scope);
}

static int read_form(const json_t *object, struct rule *rule, struct error *error)
{
    const char *form = json_string_value(json_object_get(object, "form"));
    rule->has_date_skew = json_object_get(object, "date_skew_s") != NULL;
    rule->date_skew_seconds = (int64_t)scenario_number(object, "date_skew_s", 0);
    rule->form = form ? error_form_find(form) : ERROR_FORM_OWN;
    return rule->form < ERROR_FORM_COUNT
               ? 0
               : error_set(error, ERROR_CONFIG, "'form': '%s' is not the name of an error form",
                           form);
}

static int read_rewrite(struct scenario *scenario, const json_t *object, struct rule *rule,
                        struct error *error)
{
    const json_t *set = json_object_get(object, "set");
    const json_t *pairs = json_object_get(object, "replace");
    const char *from;
    json_t *to;
    if (set && (!json_is_object(set) || !(rule->rewrite.set = json_deep_copy(set))))
        return error_set(error, ERROR_CONFIG, "'set' must be an object");
    if (pairs && !json_is_object(pairs))
        return error_set(error, ERROR_CONFIG, "'replace' must be an object of texts");
    rule->rewrite.replacements = arena_alloc(
        &scenario->arena, json_object_size(pairs) * sizeof(*rule->rewrite.replacements) + 1);
    json_object_foreach ((json_t *)pairs, from, to) {
        if (!json_is_string(to) || !*from)
            return error_set(error, ERROR_CONFIG, "'replace' must be an object of texts");
        rule->rewrite.replacements[rule->rewrite.replacement_count++] = (struct replacement){
            text_copy(&scenario->arena, from),
            text_copy_len(&scenario->arena, json_string_value(to), json_string_length(to))};
    }
    if (rule->fault == FAULT_REWRITE && !set && !pairs)
        return error_set(error, ERROR_CONFIG, "'fault': 'rewrite' needs 'set' or 'replace'");
    return 0;
}

static int read_fault(struct scenario *scenario, const json_t *object, struct rule *rule,
                      struct error *error)
{
    const char *name = json_string_value(json_object_get(object, "fault"));
    if (name) {
        rule->fault = fault_find(name);
        if (rule->fault == FAULT_COUNT)
            return error_set(error, ERROR_CONFIG, "'fault': '%s' is not the name of a fault", name);
    }
    rule->probability = scenario_number(object, "probability", 1);
    rule->first = (uint32_t)scenario_number(object, "first", 0);
    rule->every = (uint32_t)scenario_number(object, "every", 0);
    rule->for_ms = (int64_t)scenario_number(object, "for_ms", 0);
    rule->status = (int)scenario_number(object, "status", 400);
    rule->code = scenario_string(&scenario->arena, object, "code");
    rule->message = scenario_string(&scenario->arena, object, "message");
    rule->retry_after_seconds = (int)scenario_number(object, "retry_after_s", -1);
    rule->bytes = (int64_t)scenario_number(object, "bytes", (double)BYTES_OVERSIZED);
    rule->bytes_per_second = (int64_t)scenario_number(object, "bytes_per_s", BYTES_A_SECOND);
    rule->stall_ms = (int64_t)scenario_number(object, "stall_ms", STALL_MS);
    rule->same_marker = json_is_true(json_object_get(object, "same_marker"));
    if (!rule->message)
        rule->message = "Rate exceeded";
    if (rule->fault == FAULT_ERROR && !rule->code)
        return error_set(error, ERROR_CONFIG, "'fault': 'error' needs a 'code'");
    if (rule->status < 100 || rule->status > 599 || rule->probability < 0 ||
        rule->probability > 1 || rule->bytes_per_second < 1 || rule->bytes < 0 ||
        rule->stall_ms < 0 || rule->for_ms < 0)
        return error_set(error, ERROR_CONFIG, "a number is out of its range");
    if (read_form(object, rule, error) != 0 || read_rewrite(scenario, object, rule, error) != 0)
        return -1;
    return read_scope(object, rule, error);
}

static int read_pace(const json_t *object, struct rule *rule, struct error *error)
{
    static const char *const known[] = {"median", "p99", "share", NULL};
    const json_t *latency = json_object_get(object, "latency_ms");
    rule->rate = scenario_number(object, "rate", 0);
    rule->burst = scenario_number(object, "burst", rule->rate);
    rule->from_ms = (int64_t)scenario_number(object, "from_ms", 0);
    rule->until_ms = (int64_t)scenario_number(object, "until_ms", 0);
    if (rule->from_ms < 0 || (rule->until_ms != 0 && rule->until_ms <= rule->from_ms))
        return error_set(error, ERROR_CONFIG, "'until_ms' must be after 'from_ms'");
    if (!latency)
        return 0;
    rule->has_latency = true;
    rule->latency_share = 1;
    if (json_is_number(latency)) {
        rule->latency_median_ms = json_number_value(latency);
        return 0;
    }
    if (!json_is_object(latency))
        return error_set(error, ERROR_CONFIG,
                         "'latency_ms' must be a number or {\"median\", \"p99\", \"share\"}");
    rule->latency_median_ms = scenario_number(latency, "median", 0);
    rule->latency_p99_ms = scenario_number(latency, "p99", rule->latency_median_ms);
    rule->latency_share = scenario_number(latency, "share", 1);
    return scenario_check_names(latency, known, "latency_ms", error);
}

static int read_rule(struct scenario *scenario, const json_t *object, struct error *error)
{
    static const char *const known[] = {
        "accounts",    "actions", "users",         "fault",  "scope",       "probability", "first",
        "every",       "status",  "code",          "bytes",  "bytes_per_s", "latency_ms",  "rate",
        "burst",       "message", "retry_after_s", "note",   "same_marker", "stall_ms",    "form",
        "date_skew_s", "set",     "replace",       "for_ms", "from_ms",     "until_ms",    NULL};
    struct rule *rule = &scenario->rules[scenario->rule_count];
    *rule = (struct rule){.number = scenario->rule_count, .actions = action_all()};
    scenario->rule_count++;
    if (!json_is_object(object))
        return error_set(error, ERROR_CONFIG, "a rule must be an object");
    if (scenario_check_names(object, known, "rule", error) != 0 ||
        (json_object_get(object, "actions") &&
         scenario_actions(&scenario->arena, object, "actions", &rule->actions, error) != 0) ||
        scenario_selection(&scenario->arena, object, &rule->about, error) != 0 ||
        read_fault(scenario, object, rule, error) != 0 || read_pace(object, rule, error) != 0)
        return -1;
    return 0;
}

/* The value is a status, or a name if two cases share a status. */
static int read_wrong_region(const json_t *object, struct bucket_rule *bucket, struct error *error)
{
    static const int statuses[] = {301, 307, 400};
    const json_t *value = json_object_get(object, "wrong_region");
    int kind = 0;
    if (!value)
        return 0;
    if (json_is_string(value) && strcmp(json_string_value(value), "illegal_location") == 0)
        kind = WRONG_REGION_ILLEGAL;
    else
        while (kind < WRONG_REGION_ILLEGAL && json_integer_value(value) != statuses[kind])
            kind++;
    if (kind == WRONG_REGION_ILLEGAL && !json_is_string(value))
        return error_set(error, ERROR_CONFIG,
                         "'wrong_region' is none of 301, 307, 400, \"illegal_location\"");
    bucket->wrong_region = (enum wrong_region)kind;
    return 0;
}

static int read_buckets(struct scenario *scenario, const json_t *buckets, struct error *error)
{
    static const char *const known[] = {
        "missing", "denied", "region", "owner", "wrong_region", "hint", "forgets_completed", NULL};
    const char *name;
    json_t *value;
    scenario->buckets =
        arena_alloc(&scenario->arena, json_object_size(buckets) * sizeof(*scenario->buckets) + 1);
    json_object_foreach ((json_t *)buckets, name, value) {
        struct bucket_rule *bucket = &scenario->buckets[scenario->bucket_count++];
        if (!json_is_object(value) || scenario_check_names(value, known, "bucket", error) != 0)
            return error->text[0]
                       ? -1
                       : error_set(error, ERROR_CONFIG, "bucket '%s' must be an object", name);
        bucket->name = text_copy(&scenario->arena, name);
        bucket->missing = json_is_true(json_object_get(value, "missing"));
        bucket->denied = json_is_true(json_object_get(value, "denied"));
        bucket->region = scenario_string(&scenario->arena, value, "region");
        bucket->owner = scenario_string(&scenario->arena, value, "owner");
        bucket->no_hint = json_is_false(json_object_get(value, "hint"));
        bucket->forgets_completed = json_is_true(json_object_get(value, "forgets_completed"));
        if (read_wrong_region(value, bucket, error) != 0)
            return -1;
    }
    return 0;
}

static int scenario_read(struct scenario *scenario, const json_t *root, struct error *error)
{
    static const char *const known[] = {"seed",
                                        "max_consecutive",
                                        "clock_skew_s",
                                        "session_s",
                                        "empty_pages",
                                        "allowed_actions",
                                        "report_forms",
                                        "account_fields",
                                        "all_users_credentials",
                                        "buckets",
                                        "rules",
                                        "changes",
                                        "note",
                                        NULL};
    const json_t *rules = json_object_get(root, "rules");
    if (!json_is_object(root))
        return error_set(error, ERROR_CONFIG, "a scenario must be an object");
    if (scenario_check_names(root, known, "scenario", error) != 0)
        return -1;
    scenario->has_seed = json_object_get(root, "seed") != NULL;
    scenario->seed = (uint64_t)scenario_number(root, "seed", 0);
    scenario->max_consecutive = (uint32_t)scenario_number(root, "max_consecutive", 0);
    scenario->clock_skew_seconds = (int64_t)scenario_number(root, "clock_skew_s", 0);
    scenario->session_seconds = (int64_t)scenario_number(root, "session_s", 0);
    scenario->ignores_all_users = json_is_false(json_object_get(root, "all_users_credentials"));
    scenario->empty_pages = !json_is_false(json_object_get(root, "empty_pages"));
    const char *forms = json_string_value(json_object_get(root, "report_forms"));
    scenario->report_forms = report_forms_find(forms ? forms : "today");
    if (scenario->report_forms == REPORT_FORMS_COUNT)
        return error_set(error, ERROR_CONFIG, "'report_forms': '%s' is none of today, older, mixed",
                         forms);
    const char *fields = json_string_value(json_object_get(root, "account_fields"));
    scenario->tells_status = !fields || strcmp(fields, "State") != 0;
    scenario->tells_state = !fields || strcmp(fields, "Status") != 0;
    if (fields && scenario->tells_status && scenario->tells_state && strcmp(fields, "both") != 0)
        return error_set(error, ERROR_CONFIG,
                         "'account_fields': '%s' is none of State, Status, both", fields);
    scenario->has_allowed = json_object_get(root, "allowed_actions") != NULL;
    if (scenario_actions(&scenario->arena, root, "allowed_actions", &scenario->allowed, error) !=
            0 ||
        read_buckets(scenario, json_object_get(root, "buckets"), error) != 0 ||
        change_read(&scenario->changes, &scenario->arena, json_object_get(root, "changes"),
                    error) != 0)
        return -1;
    if (json_array_size(rules) > SCENARIO_RULES_MAX)
        return error_set(error, ERROR_CONFIG, "too many rules: at most %d are allowed",
                         SCENARIO_RULES_MAX);
    scenario->rules =
        arena_alloc(&scenario->arena, json_array_size(rules) * sizeof(*scenario->rules) + 1);
    for (size_t i = 0; i < json_array_size(rules); i++) {
        if (read_rule(scenario, json_array_get(rules, i), error) != 0)
            return error_prefix(error, "rule %zu", i);
    }
    return 0;
}

int scenario_load(struct scenario *scenario, const char *path, struct error *error)
{
    json_error_t place;
    json_t *root = json_load_file(path, JSON_REJECT_DUPLICATES, &place);
    int result;
    if (!root)
        return error_set(error, ERROR_CONFIG, "%s: line %d: %s", path, place.line, place.text);
    result = scenario_read(scenario, root, error);
    if (result != 0)
        error_prefix(error, "%s", path);
    json_decref(root);
    return result;
}

void scenario_open(struct scenario *scenario, size_t accounts, uint64_t seed)
{
    if (!scenario->has_seed)
        scenario->seed = seed;
    scenario->changes.seed = scenario->seed;
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
    for (size_t i = 0; i < scenario->rule_count; i++) {
        throttle_release(&scenario->rules[i].throttle);
        json_decref(scenario->rules[i].rewrite.set);
    }
    change_reset(&scenario->changes);
    arena_release(&scenario->arena);
    *scenario = (struct scenario){0};
}
