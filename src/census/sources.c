/* SPDX-License-Identifier: MIT */
#include "census/sources.h"

#include "api/iam.h"
#include "census/gathered.h"
#include "census/roster.h"
#include "census/sources_list.h"

static struct arena *arena_of(const struct subject *s)
{
    return &s->roster->account->arena;
}

/*
 * Adds a user with what both ListUsers and GetAccountAuthorizationDetails return; NULL and 'e' if
 * something is missing.
 */
static struct user *take_user(struct roster *roster, const struct iam_user *item, struct error *e)
{
    if (item->name.len == 0 || item->arn.len == 0 || item->created_s == TIMESTAMP_NONE) {
        lacks(e, "a user without name, ARN or creation date");
        return NULL;
    }
    struct user *user = roster_add(roster, item->name);
    struct arena *arena = &roster->account->arena;
    user->path = arena_copy(arena, item->path);
    user->arn = arena_copy(arena, item->arn);
    user->id = arena_copy(arena, item->id);
    user->created_s = item->created_s;
    return user;
}

static void take_sign_in(struct user *user, const struct iam_user *item)
{
    if (user && item->password_last_used_s > user->password_used_s)
        user->password_used_s = item->password_last_used_s;
}

/*
 * If the users are known already, only their last sign-ins are wanted: the later of the report's
 * and ListUsers', since either may lag behind.
 */
int source_users_page(struct subject *s, const void *answer, struct error *e)
{
    const struct iam_users *page = answer;
    FOR_EACH (struct iam_user, item, page->users) {
        if (s->roster->closed) {
            take_sign_in(roster_find_again(s->roster, item->name, item->created_s), item);
            continue;
        }
        struct user *user = take_user(s->roster, item, e);
        if (!user)
            return -1;
        take_sign_in(user, item);
    }
    return 0;
}

static void take_names(struct arena *arena, const struct xml_list *names, struct name **list)
{
    FOR_EACH (struct xml_text, item, *names) {
        struct name *name = arena_alloc(arena, sizeof(*name));
        name->text = arena_copy(arena, item->text);
        names_insert(list, name);
    }
}

static int take_tags(struct arena *arena, const struct xml_list *tags, struct tag **list,
                     struct error *e)
{
    FOR_EACH (struct iam_tag, item, *tags) {
        if (item->key.len == 0)
            return lacks(e, "a tag without key");
        struct tag *tag = arena_alloc(arena, sizeof(*tag));
        tag->key = arena_copy(arena, item->key);
        tag->value = arena_copy(arena, item->value.ptr ? item->value : VIEW_LITERAL(""));
        tags_insert(list, tag);
    }
    return 0;
}

int source_tags_page(struct subject *s, const void *answer, struct error *e)
{
    return take_tags(arena_of(s), &((const struct iam_tags *)answer)->tags, &s->user->tags, e);
}

void source_tags_discard(struct subject *s)
{
    s->user->tags = NULL;
}

static void take_inline_names(struct arena *arena, const struct iam_user *item, struct user *user)
{
    FOR_EACH (struct iam_inline_policy, policy, item->inlines) {
        struct name *name = arena_alloc(arena, sizeof(*name));
        name->text = arena_copy(arena, policy->name);
        names_insert(&user->inline_policies, name);
    }
}

int source_details_page(struct subject *s, const void *answer, struct error *e)
{
    const struct iam_users *page = answer;
    struct arena *arena = arena_of(s);
    fact_set wanted = s->gathered->wanted;
    FOR_EACH (struct iam_user, item, page->users) {
        struct user *user = take_user(s->roster, item, e);
        if (!user || take_tags(arena, &item->tags, &user->tags, e) != 0)
            return -1;
        take_names(arena, &item->groups, &user->groups);
        take_names(arena, &item->policies, &user->policies);
        user->boundary = arena_copy(arena, item->boundary);
        if (wanted & FACT_BIT(FACT_INLINE_POLICIES))
            take_inline_names(arena, item, user);
        if (wanted & FACT_BIT(FACT_ADMIN))
            privileges_take_inline(arena, user, item);
    }
    return privileges_take(&s->gathered->privileges, arena, page, e);
}

void source_details_whole(struct subject *s)
{
    s->gathered->privileges.whole = true;
}

void source_details_discard(struct subject *s)
{
    privileges_drop(&s->gathered->privileges);
}

int source_groups_page(struct subject *s, const void *answer, struct error *e UNUSED)
{
    take_names(arena_of(s), &((const struct iam_names *)answer)->names, &s->user->groups);
    return 0;
}

void source_groups_discard(struct subject *s)
{
    s->user->groups = NULL;
}

int source_login_profile_page(struct subject *s, const void *answer, struct error *e)
{
    const struct iam_login_profile *profile = answer;
    if (profile->created_s == TIMESTAMP_NONE)
        return lacks(e, "a login profile without creation date");
    s->user->has_password = true;
    s->user->password_set_s = profile->created_s;
    s->user->password_age_from_creation = true;
    return 0;
}

/* Without a password there is no date of its last or next change, so that is not unknown. */
void source_login_profile_absent(struct subject *s)
{
    s->user->has_password = false;
    s->user->unknown &= ~(FACT_BIT(FACT_PASSWORD_CHANGED) | FACT_BIT(FACT_PASSWORD_ROTATION));
}

int source_mfa_devices_page(struct subject *s, const void *answer, struct error *e UNUSED)
{
    const struct iam_names *page = answer;
    take_names(arena_of(s), &page->names, &s->user->mfa_devices);
    return 0;
}

/* Replaces what the report says: the list is newer. */
void source_mfa_devices_whole(struct subject *s)
{
    s->user->has_mfa = s->user->mfa_devices != NULL;
}

void source_mfa_devices_discard(struct subject *s)
{
    s->user->mfa_devices = NULL;
}

int source_access_keys_page(struct subject *s, const void *answer, struct error *e)
{
    const struct iam_access_keys *page = answer;
    FOR_EACH (struct iam_access_key, item, page->keys) {
        if (item->id.len == 0 || item->status.len == 0 || item->created_s == TIMESTAMP_NONE)
            return lacks(e, "an access key without id, status or creation date");
        struct access_key *key = arena_alloc(arena_of(s), sizeof(*key));
        key->id = arena_copy(arena_of(s), item->id);
        key->status = arena_copy(arena_of(s), item->status);
        key->created_s = item->created_s;
        key->last_used_s = TIMESTAMP_NONE;
        access_keys_insert(&s->user->keys, key);
    }
    return 0;
}

void source_access_keys_discard(struct subject *s)
{
    s->user->keys = NULL;
}

/* The API says "N/A" for the service and region of a key that was never used. */
static struct view take_place(struct arena *arena, struct view text)
{
    return text.len == 0 || view_is(text, "N/A") ? VIEW_NONE : arena_copy(arena, text);
}

int source_key_use_page(struct subject *s, const void *answer, struct error *e UNUSED)
{
    const struct iam_key_use *use = answer;
    s->key->last_used_s = use->date_s;
    s->key->last_used_service = take_place(arena_of(s), use->service);
    s->key->last_used_region = take_place(arena_of(s), use->region);
    return 0;
}

static int take_certificates(struct arena *arena, const struct iam_certificates *page,
                             struct certificate **list, struct error *e)
{
    FOR_EACH (struct iam_certificate, item, page->certificates) {
        if (item->id.len == 0 || item->status.len == 0)
            return lacks(e, "a signing certificate or an SSH key without id or status");
        struct certificate *c = arena_alloc(arena, sizeof(*c));
        c->id = arena_copy(arena, item->id);
        c->status = arena_copy(arena, item->status);
        c->uploaded_s = item->uploaded_s;
        certificates_insert(list, c);
    }
    return 0;
}

int source_certificates_page(struct subject *s, const void *answer, struct error *e)
{
    return take_certificates(arena_of(s), answer, &s->user->certificates, e);
}

void source_certificates_discard(struct subject *s)
{
    s->user->certificates = NULL;
}

int source_ssh_keys_page(struct subject *s, const void *answer, struct error *e)
{
    return take_certificates(arena_of(s), answer, &s->user->ssh_keys, e);
}

void source_ssh_keys_discard(struct subject *s)
{
    s->user->ssh_keys = NULL;
}
