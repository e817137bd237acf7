/* SPDX-License-Identifier: MIT */
#include "api/policy_document.h"

#include "api/iam.h"
#include "base/percent.h"

#include <jansson.h>

/* True if the member is this text, or a list that holds it. */
static bool holds(const json_t *member, const char *text)
{
    size_t i;
    const json_t *item;
    if (json_is_string(member))
        return strcmp(json_string_value(member), text) == 0;
    json_array_foreach (member, i, item)
        if (json_is_string(item) && strcmp(json_string_value(item), text) == 0)
            return true;
    return false;
}

static enum policy_grant statement_grant(const json_t *statement)
{
    const json_t *action = json_object_get(statement, "Action");
    bool has_exception = json_object_get(statement, "NotAction") != NULL;
    bool has_condition = json_object_get(statement, "Condition") != NULL;
    bool grants_actions = has_exception || holds(action, "*") || holds(action, "*:*");
    if (!json_is_object(statement))
        return POLICY_CANNOT_BE_READ;
    if (!holds(json_object_get(statement, "Effect"), "Allow") || !grants_actions ||
        !holds(json_object_get(statement, "Resource"), "*"))
        return POLICY_GRANTS_LESS;
    return has_exception || has_condition ? POLICY_MAY_GRANT_ALL : POLICY_GRANTS_ALL;
}

/* One statement that grants everything is enough, even if another can't be read. */
static enum policy_grant document_grant(const json_t *document)
{
    static const int weights[] = {[POLICY_GRANTS_LESS] = 0,
                                  [POLICY_MAY_GRANT_ALL] = 1,
                                  [POLICY_CANNOT_BE_READ] = 2,
                                  [POLICY_GRANTS_ALL] = 3};
    const json_t *statements = json_object_get(document, "Statement");
    enum policy_grant most = POLICY_GRANTS_LESS;
    size_t i;
    const json_t *statement;
    if (json_is_object(statements))
        return statement_grant(statements);
    if (!json_is_array(statements))
        return POLICY_CANNOT_BE_READ;
    json_array_foreach (statements, i, statement) {
        enum policy_grant grant = statement_grant(statement);
        if (weights[grant] > weights[most])
            most = grant;
    }
    return most;
}

enum policy_grant policy_document_grant(struct view encoded)
{
    struct buffer text;
    enum policy_grant grant = POLICY_CANNOT_BE_READ;
    buffer_init(&text, IAM_DOCUMENT_MAX_BYTES);
    for (size_t at = 0; at < encoded.len;)
        buffer_add_char(&text, (char)percent_take(encoded, &at));
    json_t *document =
        buffer_complete(&text) ? json_loadb(buffer_text(&text), text.len, 0, NULL) : NULL;
    if (document)
        grant = document_grant(document);
    json_decref(document);
    buffer_release(&text);
    return grant;
}
