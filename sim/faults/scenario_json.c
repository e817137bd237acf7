/* SPDX-License-Identifier: MIT */
#include "faults/scenario_json.h"

#include "wire/text.h"
#include "world/action.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define LIST_MAX 100000

int scenario_check_names(const json_t *object, const char *const *known, const char *where,
                         struct error *error)
{
    const char *name;
    json_t *value;
    json_object_foreach ((json_t *)object, name, value) {
        size_t i = 0;
        while (known[i] && strcmp(known[i], name) != 0)
            i++;
        if (!known[i])
            return error_set(error, ERROR_CONFIG, "%s: unknown name '%s'", where, name);
    }
    return 0;
}

const char *scenario_string(struct arena *arena, const json_t *object, const char *name)
{
    const char *value = json_string_value(json_object_get(object, name));
    return value ? text_copy(arena, value) : NULL;
}

double scenario_number(const json_t *object, const char *name, double otherwise)
{
    const json_t *value = json_object_get(object, name);
    return json_is_number(value) ? json_number_value(value) : otherwise;
}

int scenario_strings(struct arena *arena, const json_t *object, const char *name,
                     const char ***strings, size_t *count, struct error *error)
{
    const json_t *value = json_object_get(object, name);
    *count = 0;
    if (!value)
        return 0;
    bool single = json_is_string(value);
    size_t size = single ? 1 : json_array_size(value);
    if ((!single && !json_is_array(value)) || size > LIST_MAX)
        return error_set(error, ERROR_CONFIG, "'%s' must be a string or a list of strings", name);
    *strings = arena_alloc(arena, size * sizeof(char *) + 1);
    for (size_t i = 0; i < size; i++) {
        const char *text = json_string_value(single ? value : json_array_get(value, i));
        if (!text)
            return error_set(error, ERROR_CONFIG, "'%s' must be a string or a list of strings",
                             name);
        (*strings)[(*count)++] = text_copy(arena, text);
    }
    return 0;
}

int scenario_actions(struct arena *arena, const json_t *object, const char *name, uint64_t *actions,
                     struct error *error)
{
    const char **patterns = NULL;
    size_t count;
    if (scenario_strings(arena, object, name, &patterns, &count, error) != 0)
        return -1;
    *actions = 0;
    for (size_t i = 0; i < count; i++) {
        char pattern[128];
        /* A name without a service matches operations of that name in all services. */
        snprintf(
            pattern, sizeof(pattern), "%s%.120s",
            strchr(patterns[i], ':') || strcmp(patterns[i], "*") == 0 ? "" : "*:", patterns[i]);
        uint64_t matched = action_match(pattern);
        if (matched == 0)
            return error_set(error, ERROR_CONFIG, "'%s': no action is called '%s'", name,
                             patterns[i]);
        *actions |= matched;
    }
    return 0;
}

static int read_accounts(struct arena *arena, const json_t *object, struct selection *selection,
                         struct error *error)
{
    const char **texts = NULL;
    size_t count;
    if (scenario_strings(arena, object, "accounts", &texts, &count, error) != 0)
        return -1;
    selection->accounts = arena_alloc(arena, count * sizeof(*selection->accounts) + 1);
    for (size_t i = 0; i < count; i++) {
        struct selected_accounts *accounts = &selection->accounts[selection->account_count++];
        int fields = sscanf(texts[i], "#%zu-%zu", &accounts->first, &accounts->last);
        if (fields == 1)
            accounts->last = accounts->first;
        if (strcmp(texts[i], "*") == 0)
            accounts->last = SIZE_MAX;
        else if (fields < 1 && strlen(texts[i]) == 12 && strspn(texts[i], "0123456789") == 12)
            accounts->id = texts[i];
        else if (fields < 1)
            return error_set(error, ERROR_CONFIG,
                             "'accounts': '%s' is not an account id, '#N', '#A-B' or '*'",
                             texts[i]);
    }
    return 0;
}

int scenario_selection(struct arena *arena, const json_t *object, struct selection *selection,
                       struct error *error)
{
    if (read_accounts(arena, object, selection, error) != 0)
        return -1;
    return scenario_strings(arena, object, "users", &selection->users, &selection->user_count,
                            error);
}
