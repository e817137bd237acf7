/* SPDX-License-Identifier: MIT */
#include "rules/check_options.h"

#include "base/character.h"

void check_options_init(struct check_options *o)
{
    *o = (struct check_options){.started_s = TIMESTAMP_NONE};
    for (size_t i = 0; i < rules_count; i++) {
        o->on[i] = !rules_table[i].off;
        o->limits[i] = rules_table[i].limit;
    }
}

static int unknown_rule(struct view given, const char *origin, struct error *e)
{
    char near[96];
    rule_nearest(given, near, sizeof(near));
    return error_set(e, ERROR_CONFIG, "%s: there is no rule '%.*s'%s", origin,
                     (int)(given.len < 60 ? given.len : 60), given.ptr, near);
}

static int turn_on(struct check_options *o, struct view word, const char *origin, struct error *e)
{
    bool all = view_is(word, "all"), by_default = view_is(word, "default");
    const struct rule *rule = rule_find(word);
    if (!all && !by_default && !rule)
        return unknown_rule(word, origin, e);
    for (size_t i = 0; i < rules_count; i++)
        if (all || (by_default && !rules_table[i].off) || rule == &rules_table[i])
            o->on[i] = true;
    return 0;
}

static bool separates(char c)
{
    return c == ',' || character_is_space(c);
}

int check_options_rules(struct check_options *o, struct view list, const char *origin,
                        struct error *e)
{
    size_t count = 0;
    memset(o->on, 0, sizeof(o->on));
    for (size_t i = 0; i < list.len;) {
        size_t start = i;
        while (i < list.len && !separates(list.ptr[i]))
            i++;
        struct view word = {list.ptr + start, i - start};
        if (word.len > 0 && turn_on(o, word, origin, e) != 0)
            return -1;
        count += word.len > 0;
        while (i < list.len && separates(list.ptr[i]))
            i++;
    }
    if (count == 0)
        return error_set(e, ERROR_CONFIG, "%s names no rule", origin);
    return 0;
}

static bool read_number(struct view text, int64_t *number)
{
    *number = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9' || i >= 9)
            return false;
        *number = *number * 10 + (text.ptr[i] - '0');
    }
    return text.len > 0;
}

static int set_number(struct check_options *o, const struct rule *rule, struct view text,
                      const char *origin, struct error *e)
{
    int64_t number;
    if (!read_number(text, &number) || number < rule->least || number > rule->most)
        return error_set(e, ERROR_CONFIG,
                         "%s: the limit of '%s' is '%.*s': it must be a whole number from %lld to "
                         "%lld",
                         origin, rule->id, (int)(text.len < 40 ? text.len : 40), text.ptr,
                         (long long)rule->least, (long long)rule->most);
    o->limits[rule_place(rule)] = number;
    return 0;
}

/* Tag keys have 1 to 128 characters ("Tagging IAM resources"). */
static int set_keys(struct check_options *o, const struct rule *rule, struct view text,
                    const char *origin, struct error *e)
{
    for (size_t start = 0, i = 0; i <= text.len; i++) {
        if (i < text.len && text.ptr[i] != ',')
            continue;
        if (i == start || i - start > 512)
            return error_set(e, ERROR_CONFIG,
                             "%s: the limit of '%s' must be tag keys, as in %s=owner,team", origin,
                             rule->id, rule->id);
        start = i + 1;
    }
    o->tag_keys = text;
    return 0;
}

int check_options_limit(struct check_options *o, struct view text, const char *origin,
                        struct error *e)
{
    text = view_trim(text);
    const char *equals = text.len > 0 ? memchr(text.ptr, '=', text.len) : NULL;
    if (!equals)
        return error_set(e, ERROR_CONFIG,
                         "%s is '%.*s': it must be a rule, '=' and its limit, as in "
                         "user-key-age=180",
                         origin, (int)(text.len < 60 ? text.len : 60), text.ptr ? text.ptr : "");
    struct view id = {text.ptr, (size_t)(equals - text.ptr)};
    struct view value = {equals + 1, text.len - id.len - 1};
    const struct rule *rule = rule_find(id);
    if (!rule)
        return unknown_rule(id, origin, e);
    if (rule->limit_kind == LIMIT_NONE)
        return error_set(e, ERROR_CONFIG, "%s: the rule '%s' has no limit", origin, rule->id);
    o->limit_given[rule_place(rule)] = true;
    return rule->limit_kind == LIMIT_KEYS ? set_keys(o, rule, value, origin, e)
                                          : set_number(o, rule, value, origin, e);
}

int check_options_limits(struct check_options *o, struct view list, const char *origin,
                         struct error *e)
{
    while (list.len > 0) {
        const char *end = memchr(list.ptr, '\n', list.len);
        size_t len = end ? (size_t)(end - list.ptr) : list.len;
        if (check_options_limit(o, (struct view){list.ptr, len}, origin, e) != 0)
            return -1;
        list.ptr += len + (end != NULL);
        list.len -= len + (end != NULL);
    }
    return 0;
}

int check_options_fail_on(struct check_options *o, struct view text, const char *origin,
                          struct error *e)
{
    o->fails = severity_parse(text, &o->fail_on);
    if (o->fails || view_is(text, "none"))
        return 0;
    return error_set(e, ERROR_CONFIG,
                     "%s is '%.*s': allowed are none, info, low, medium, high, critical", origin,
                     (int)(text.len < 40 ? text.len : 40), text.ptr);
}

int check_options_check(const struct check_options *o, struct error *e)
{
    if (o->fail_on_unknown && !o->fails)
        return error_set(e, ERROR_CONFIG,
                         "to fail on unknown findings, give the severity from which on: "
                         "--fail-on-unknown needs --fail-on");
    for (size_t i = 0; i < rules_count; i++) {
        const char *id = rules_table[i].id;
        if (o->limit_given[i] && !o->on[i])
            return error_set(e, ERROR_CONFIG,
                             "there is a limit of the rule '%s', which is not judged: name it in "
                             "the rules too, as in --rules default,%s",
                             id, id);
        if (o->on[i] && rules_table[i].limit_kind == LIMIT_KEYS && !o->limit_given[i])
            return error_set(e, ERROR_CONFIG,
                             "the rule '%s' needs the tag keys that users must have, as in "
                             "--limit %s=owner,team",
                             id, id);
    }
    return 0;
}

fact_set check_options_wanted(const struct check_options *o)
{
    fact_set facts = 0;
    for (size_t i = 0; i < rules_count; i++)
        if (o->on[i])
            facts |= rules_table[i].facts;
    return facts;
}
