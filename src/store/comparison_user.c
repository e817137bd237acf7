/* SPDX-License-Identifier: MIT */
/* Compares one user who is in both runs, field after field. */
#include "store/comparison.h"

static bool knows(const struct user_pair *p, enum fact fact)
{
    return comparison_knows(p->c, p->unknown, fact);
}

static void add(const struct user_pair *p, enum difference_kind kind, struct view resource_id,
                struct view before, struct view after)
{
    comparison_add(p->c, kind, p->after, resource_id, before, after);
}

/* A field that is true or false: 'on' if it has become true. */
static void compare_truths(const struct user_pair *p, bool before, bool after,
                           enum difference_kind on, enum difference_kind off)
{
    if (before != after)
        add(p, after ? on : off, p->after->arn,
            before ? VIEW_LITERAL("true") : VIEW_LITERAL("false"),
            after ? VIEW_LITERAL("true") : VIEW_LITERAL("false"));
}

/* Two ascending lists of names: what is only in one of them. */
static void compare_names(const struct user_pair *p, const struct name *before,
                          const struct name *after, enum difference_kind added,
                          enum difference_kind removed)
{
    while (before || after) {
        int order = !before ? 1 : !after ? -1 : view_compare(before->text, after->text);
        if (order < 0)
            add(p, removed, before->text, before->text, VIEW_NONE);
        else if (order > 0)
            add(p, added, after->text, VIEW_NONE, after->text);
        before = order <= 0 ? before->next : before;
        after = order >= 0 ? after->next : after;
    }
}

static void compare_tags(const struct user_pair *p)
{
    const struct tag *before = p->before->tags, *after = p->after->tags;
    while (before || after) {
        int order = !before ? 1 : !after ? -1 : view_compare(before->key, after->key);
        if (order != 0 || !view_equal(before->value, after->value))
            add(p, DIFFERENCE_TAG_CHANGED, order <= 0 ? before->key : after->key,
                order <= 0 ? before->value : VIEW_NONE, order >= 0 ? after->value : VIEW_NONE);
        before = order <= 0 ? before->next : before;
        after = order >= 0 ? after->next : after;
    }
}

static const struct access_key *find_key(const struct user *u, struct view id)
{
    const struct access_key *k = u->keys;
    while (k && !view_equal(k->id, id))
        k = k->next;
    return k;
}

/* The first use of a key always counts; later ones only if uses are asked for. */
static void compare_key_use(const struct user_pair *p, const struct access_key *before,
                            const struct access_key *after)
{
    bool is_first = before->last_used_s == TIMESTAMP_NONE && after->last_used_s != TIMESTAMP_NONE;
    if (before->use_unknown || after->use_unknown) {
        p->c->unknown++;
        return;
    }
    if (before->last_used_s == after->last_used_s || (!is_first && !p->c->with_use))
        return;
    add(p, is_first ? DIFFERENCE_KEY_FIRST_USED : DIFFERENCE_KEY_USED, after->id,
        comparison_time(p->c, before->last_used_s), comparison_time(p->c, after->last_used_s));
}

static void compare_key(const struct user_pair *p, const struct access_key *before,
                        const struct access_key *after)
{
    bool was = access_key_is_active(before), is = access_key_is_active(after);
    if (was != is)
        add(p, is ? DIFFERENCE_KEY_ACTIVATED : DIFFERENCE_KEY_DEACTIVATED, after->id,
            before->status, after->status);
    compare_key_use(p, before, after);
}

static void compare_keys(const struct user_pair *p)
{
    for (const struct access_key *k = p->before->keys; k; k = k->next) {
        const struct access_key *after = find_key(p->after, k->id);
        if (after)
            compare_key(p, k, after);
        else
            add(p, DIFFERENCE_KEY_REMOVED, k->id, k->status, VIEW_NONE);
    }
    for (const struct access_key *k = p->after->keys; k; k = k->next)
        if (!find_key(p->before, k->id))
            add(p, DIFFERENCE_KEY_ADDED, k->id, VIEW_NONE, k->status);
}

static void compare_certificates(const struct user_pair *p)
{
    const struct certificate *before = p->before->certificates, *after = p->after->certificates;
    while (before || after) {
        int order = !before ? 1 : !after ? -1 : view_compare(before->id, after->id);
        if (order < 0)
            add(p, DIFFERENCE_CERTIFICATE_REMOVED, before->id, before->status, VIEW_NONE);
        else if (order > 0)
            add(p, DIFFERENCE_CERTIFICATE_ADDED, after->id, VIEW_NONE, after->status);
        before = order <= 0 ? before->next : before;
        after = order >= 0 ? after->next : after;
    }
}

static void compare_service_credentials(const struct user_pair *p)
{
    const struct service_credential *before = p->before->service_credentials,
                                    *after = p->after->service_credentials;
    while (before || after) {
        int order = !before ? 1 : !after ? -1 : view_compare(before->id, after->id);
        if (order < 0)
            add(p, DIFFERENCE_SERVICE_CREDENTIAL_REMOVED, before->id, before->service, VIEW_NONE);
        else if (order > 0)
            add(p, DIFFERENCE_SERVICE_CREDENTIAL_ADDED, after->id, VIEW_NONE, after->service);
        before = order <= 0 ? before->next : before;
        after = order >= 0 ? after->next : after;
    }
}

/* A password that has been changed shows in the date alone. */
static void compare_passwords(const struct user_pair *p)
{
    const struct user *before = p->before, *after = p->after;
    if (!knows(p, FACT_PASSWORD))
        return;
    compare_truths(p, before->has_password, after->has_password, DIFFERENCE_PASSWORD_ADDED,
                   DIFFERENCE_PASSWORD_REMOVED);
    if (!before->has_password || !after->has_password || !knows(p, FACT_PASSWORD_CHANGED))
        return;
    if (before->password_changed_s == TIMESTAMP_NONE || after->password_changed_s == TIMESTAMP_NONE)
        p->c->unknown++;
    else if (before->password_changed_s != after->password_changed_s)
        add(p, DIFFERENCE_PASSWORD_CHANGED, after->arn,
            comparison_time(p->c, before->password_changed_s),
            comparison_time(p->c, after->password_changed_s));
}

static bool same_names(const struct name *a, const struct name *b)
{
    for (; a && b; a = a->next, b = b->next)
        if (!view_equal(a->text, b->text))
            return false;
    return !a && !b;
}

/* "serial, serial" */
static struct view list_text(struct comparison *c, const struct name *names)
{
    size_t len = 0, used = 0;
    for (const struct name *n = names; n; n = n->next)
        len += n->text.len + 2;
    char *text = arena_alloc(&c->arena, len + 1);
    for (const struct name *n = names; n; n = n->next) {
        memcpy(text + used, n->text.ptr, n->text.len);
        used += n->text.len;
        memcpy(text + used, ", ", n->next ? 2 : 0);
        used += n->next ? 2 : 0;
    }
    return names ? (struct view){text, used} : VIEW_NONE;
}

/* If MFA was switched on or off, that the devices differ goes without saying. */
static void compare_mfa(const struct user_pair *p)
{
    bool knows_mfa = knows(p, FACT_MFA);
    bool knows_devices = knows(p, FACT_MFA_DEVICES);
    if (knows_mfa && p->before->has_mfa != p->after->has_mfa)
        compare_truths(p, p->before->has_mfa, p->after->has_mfa, DIFFERENCE_MFA_ON,
                       DIFFERENCE_MFA_OFF);
    else if (knows_devices && !same_names(p->before->mfa_devices, p->after->mfa_devices))
        add(p, DIFFERENCE_MFA_DEVICE_CHANGED, p->after->arn,
            list_text(p->c, p->before->mfa_devices), list_text(p->c, p->after->mfa_devices));
}

static void compare_identity(const struct user_pair *p)
{
    const struct user *before = p->before, *after = p->after;
    if (!view_equal(before->name, after->name))
        add(p, DIFFERENCE_USER_RENAMED, after->arn, before->name, after->name);
    if (knows(p, FACT_BOUNDARY) && !view_equal(before->boundary, after->boundary))
        add(p, DIFFERENCE_BOUNDARY_CHANGED, after->arn, before->boundary, after->boundary);
    if (p->c->with_use && knows(p, FACT_PASSWORD_USED) &&
        before->password_used_s != after->password_used_s)
        add(p, DIFFERENCE_CONSOLE_USED, after->arn, comparison_time(p->c, before->password_used_s),
            comparison_time(p->c, after->password_used_s));
}

static void compare_permissions(const struct user_pair *p)
{
    const struct user *before = p->before, *after = p->after;
    if (knows(p, FACT_GROUPS))
        compare_names(p, before->groups, after->groups, DIFFERENCE_GROUP_JOINED,
                      DIFFERENCE_GROUP_LEFT);
    if (knows(p, FACT_POLICIES))
        compare_names(p, before->policies, after->policies, DIFFERENCE_POLICY_ATTACHED,
                      DIFFERENCE_POLICY_DETACHED);
    if (knows(p, FACT_INLINE_POLICIES))
        compare_names(p, before->inline_policies, after->inline_policies,
                      DIFFERENCE_POLICY_ATTACHED, DIFFERENCE_POLICY_DETACHED);
    if (knows(p, FACT_ADMIN))
        compare_truths(p, before->is_admin, after->is_admin, DIFFERENCE_ADMIN_GAINED,
                       DIFFERENCE_ADMIN_LOST);
}

void comparison_user(const struct user_pair *p)
{
    compare_identity(p);
    compare_permissions(p);
    compare_passwords(p);
    compare_mfa(p);
    if (knows(p, FACT_TAGS))
        compare_tags(p);
    if (knows(p, FACT_KEYS))
        compare_keys(p);
    if (knows(p, FACT_CERTIFICATES))
        compare_certificates(p);
    if (knows(p, FACT_SERVICE_CREDENTIALS))
        compare_service_credentials(p);
}
