/* SPDX-License-Identifier: MIT */
#include "services/policy.h"

#include "world/action.h"

#include <jansson.h>
#include <string.h>

/* The actions that match a string or a list of strings. Returns -1 if the value is neither. */
static int policy_actions(const json_t *value, uint64_t *actions)
{
    *actions = 0;
    if (json_is_string(value)) {
        *actions = action_match(json_string_value(value));
        return 0;
    }
    if (!json_is_array(value))
        return -1;
    for (size_t i = 0; i < json_array_size(value); i++) {
        const char *pattern = json_string_value(json_array_get(value, i));
        if (!pattern)
            return -1;
        *actions |= action_match(pattern);
    }
    return 0;
}

static int policy_statement(const json_t *statement, uint64_t *allowed, uint64_t *denied)
{
    const char *effect = json_string_value(json_object_get(statement, "Effect"));
    const json_t *not_action = json_object_get(statement, "NotAction");
    uint64_t actions;
    if (!effect || !json_object_get(statement, "Resource") ||
        policy_actions(not_action ? not_action : json_object_get(statement, "Action"), &actions) !=
            0)
        return -1;
    if (not_action)
        actions = action_all() & ~actions;
    if (strcmp(effect, "Allow") == 0)
        *allowed |= actions;
    else if (strcmp(effect, "Deny") == 0)
        *denied |= actions;
    else
        return -1;
    return 0;
}

int policy_read(const char *document, uint64_t *actions)
{
    json_error_t error;
    json_t *policy = json_loads(document, JSON_REJECT_DUPLICATES, &error);
    const json_t *statements = json_object_get(policy, "Statement");
    uint64_t allowed = 0;
    uint64_t denied = 0;
    int result = -1;
    if (json_is_object(statements)) {
        result = policy_statement(statements, &allowed, &denied);
    } else if (json_is_array(statements) && json_array_size(statements) > 0) {
        result = 0;
        for (size_t i = 0; i < json_array_size(statements) && result == 0; i++)
            result = policy_statement(json_array_get(statements, i), &allowed, &denied);
    }
    json_decref(policy);
    *actions = allowed & ~denied;
    return result;
}
