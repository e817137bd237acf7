/* SPDX-License-Identifier: MIT */
#include "services/constraint.h"

#include "services/call.h"
#include "services/failure.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* The violations found so far, joined as AWS joins them. */
struct violations {
    struct buffer text;
    size_t count;
};

/* Continuation bytes don't count; a character of four bytes in UTF-8 is two units in UTF-16. */
static size_t utf16_len(const char *value)
{
    size_t len = 0;
    for (; *value; value++) {
        unsigned char byte = (unsigned char)*value;
        len += (byte & 0xC0) != 0x80;
        len += byte >= 0xF0;
    }
    return len;
}

static bool is_text(const char *value, unsigned below)
{
    if (!*value)
        return false;
    for (; *value; value++) {
        unsigned char byte = (unsigned char)*value;
        if (byte >= below || (byte < 0x20 && !strchr("\t\n\r", byte)))
            return false;
    }
    return true;
}

static bool has_pattern(const struct constraint *rule, const char *value)
{
    if (!rule->pattern)
        return true;
    return rule->characters ? value[strspn(value, rule->characters)] == '\0'
                            : is_text(value, rule->text_below);
}

static void violate(struct violations *found, const struct constraint *rule, const char *value)
{
    if (found->count++ > 0)
        buffer_add_text(&found->text, "; ");
    if (value)
        buffer_addf(&found->text, "Value '%s' at '%s' failed to satisfy constraint: Member must ",
                    value, rule->member);
    else
        buffer_addf(&found->text, "Value null at '%s' failed to satisfy constraint: Member must ",
                    rule->member);
}

/* Checks in AWS's order: the pattern before the length. */
static void constraint_check_one(struct violations *found, const struct constraint *rule,
                                 const char *value)
{
    size_t len = value ? utf16_len(value) : 0;
    if (!value && rule->required) {
        violate(found, rule, NULL);
        buffer_add_text(&found->text, "not be null");
    }
    if (!value)
        return;
    if (!has_pattern(rule, value)) {
        violate(found, rule, value);
        buffer_addf(&found->text, "satisfy regular expression pattern: %s", rule->pattern);
    }
    if (len < rule->least) {
        violate(found, rule, value);
        buffer_addf(&found->text, "have length greater than or equal to %zu", rule->least);
    }
    if (rule->most > 0 && len > rule->most) {
        violate(found, rule, value);
        buffer_addf(&found->text, "have length less than or equal to %zu", rule->most);
    }
}

int constraint_check(struct call *call, const struct constraint *rules, size_t count)
{
    struct violations found = {.text = {.max = TEXT_MAX}};
    for (size_t i = 0; i < count; i++)
        constraint_check_one(&found, &rules[i], call_parameter(call, rules[i].parameter));
    if (found.count > 0)
        failure_answer(call, FAILURE_VALIDATION, "%zu validation error%s detected: %s", found.count,
                       found.count == 1 ? "" : "s", buffer_text(&found.text));
    buffer_release(&found.text);
    return found.count > 0 ? -1 : 0;
}

int constraint_number(struct call *call, const char *parameter, const char *member, long least,
                      long most, long *number)
{
    const char *given = call_parameter(call, parameter);
    char *end;
    if (!given)
        return 0;
    errno = 0;
    long value = strtol(given, &end, 10);
    /* strtol skips leading blanks, which AWS refuses. */
    if (!strchr("+-0123456789", *given) || *given == '\0' || *end != '\0' || errno != 0 ||
        value > INT32_MAX || value < INT32_MIN) {
        failure_custom(call, 400, "MalformedInput", "%s",
                       *given ? "" : "missing value for decimal type");
        return -1;
    }
    if (value < least || value > most) {
        failure_answer(call, FAILURE_VALIDATION,
                       "1 validation error detected: Value '%ld' at '%s' failed to satisfy "
                       "constraint: Member must have value %s than or equal to %ld",
                       value, member, value < least ? "greater" : "less",
                       value < least ? least : most);
        return -1;
    }
    *number = value;
    return 0;
}
