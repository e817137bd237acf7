/* SPDX-License-Identifier: MIT */
/* The sources about an account that are not about its list of users. */
#include "api/iam.h"
#include "base/json_writer.h"
#include "census/gathered.h"
#include "census/roster.h"
#include "census/sources.h"
#include "census/sources_list.h"

#define POLICY_TEXT_MAX_BYTES 1024
#define DEFAULT_LENGTH        8 /* of AWS's own password policy */

static struct arena *arena_of(const struct subject *s)
{
    return &s->roster->account->arena;
}

int source_alias_page(struct subject *s, const void *answer, struct error *e UNUSED)
{
    const struct iam_names *page = answer;
    /* An account has at most one alias. */
    if (page->names.first)
        s->roster->account->alias = arena_copy(
            arena_of(s), ((const struct xml_text *)(const void *)page->names.first)->text);
    return 0;
}

void source_alias_discard(struct subject *s)
{
    s->roster->account->alias = VIEW_NONE;
}

/* Reads a whole number of up to nine digits. */
static bool read_number(struct view text, int64_t *number)
{
    text = view_trim(text);
    *number = 0;
    if (text.len == 0 || text.len > 9)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
        *number = *number * 10 + (text.ptr[i] - '0');
    }
    return true;
}

int source_summary_page(struct subject *s, const void *answer, struct error *e)
{
    struct gathered *g = s->gathered;
    const struct {
        const char *key;
        enum report_said *said;
    } places[] = {{"AccountPasswordPresent", &g->root_password},
                  {"AccountMFAEnabled", &g->root_mfa},
                  {"AccountAccessKeysPresent", &g->root_key},
                  {"AccountSigningCertificatesPresent", &g->root_certificate}};
    FOR_EACH (struct iam_summary_entry, entry, ((const struct iam_summary *)answer)->entries)
        for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
            int64_t number;
            if (!view_is(entry->key, places[i].key))
                continue;
            if (!read_number(entry->value, &number))
                return lacks(e, "an account summary whose values are no numbers");
            *places[i].said = number > 0 ? SAID_TRUE : SAID_FALSE;
        }
    return 0;
}

static void write_policy_member(struct json_writer *w, const char *name, struct view value)
{
    int64_t number;
    bool is_number = read_number(value, &number);
    bool is_true = view_is(view_trim(value), "true");
    if (!is_number && !is_true && !view_is(view_trim(value), "false"))
        return;
    json_key(w, name);
    if (is_number)
        json_int(w, number);
    else
        json_bool(w, is_true);
}

/* The members in the order of the API Reference; those without a value are left out. */
static struct view policy_text(struct arena *arena, const struct iam_password_policy *policy)
{
    const struct {
        const char *name;
        struct view value;
    } members[] = {{"MinimumPasswordLength", policy->minimum_length},
                   {"RequireSymbols", policy->symbols},
                   {"RequireNumbers", policy->numbers},
                   {"RequireUppercaseCharacters", policy->uppercase},
                   {"RequireLowercaseCharacters", policy->lowercase},
                   {"AllowUsersToChangePassword", policy->users_may_change},
                   {"ExpirePasswords", policy->expires},
                   {"MaxPasswordAge", policy->max_age},
                   {"PasswordReusePrevention", policy->reuse_prevention},
                   {"HardExpiry", policy->hard_expiry}};
    struct json_writer w;
    struct buffer text;
    buffer_init(&text, POLICY_TEXT_MAX_BYTES);
    json_writer_init(&w, &text);
    json_object_begin(&w);
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
        write_policy_member(&w, members[i].name, members[i].value);
    json_object_end(&w);
    struct view copy = arena_copy(arena, buffer_view(&text));
    buffer_release(&text);
    return copy;
}

int source_password_policy_page(struct subject *s, const void *answer, struct error *e)
{
    const struct iam_password_policy *item = answer;
    struct password_policy *policy = &s->roster->account->password_policy;
    *policy = (struct password_policy){0};
    if (!read_number(item->minimum_length, &policy->minimum_length))
        return lacks(e, "a password policy without minimum length");
    if (item->reuse_prevention.ptr &&
        !read_number(item->reuse_prevention, &policy->reuse_prevention))
        return lacks(e, "a password policy whose reuse prevention is no number");
    policy->text = policy_text(arena_of(s), item);
    return 0;
}

/* None has been set, so that AWS's own applies. */
void source_password_policy_absent(struct subject *s)
{
    s->roster->account->password_policy = (struct password_policy){
        .is_default = true, .minimum_length = DEFAULT_LENGTH, .text = VIEW_LITERAL("default")};
}

/* A device's user is the root user if the ARN ends in ":root". */
int source_virtual_devices_page(struct subject *s, const void *answer, struct error *e UNUSED)
{
    FOR_EACH (struct xml_text, arn, ((const struct iam_names *)answer)->names)
        if (arn->text.len > 5 && memcmp(arn->text.ptr + arn->text.len - 5, ":root", 5) == 0)
            s->gathered->root_has_virtual = true;
    return 0;
}

void source_virtual_devices_whole(struct subject *s)
{
    s->gathered->devices_listed = true;
}

/* Of one user, or of all, whose list may not be complete yet. */
static void keep_credential(struct subject *s, struct view user, struct service_credential *c)
{
    if (s->user) {
        service_credentials_insert(&s->user->service_credentials, c);
        return;
    }
    struct gathered_credential *kept = arena_alloc(arena_of(s), sizeof(*kept));
    *kept =
        (struct gathered_credential){s->gathered->credentials, arena_copy(arena_of(s), user), c};
    s->gathered->credentials = kept;
}

int source_service_credentials_page(struct subject *s, const void *answer, struct error *e)
{
    const struct iam_service_credentials *page = answer;
    FOR_EACH (struct iam_service_credential, item, page->credentials) {
        if (item->id.len == 0 || item->status.len == 0 || (!s->user && item->user.len == 0))
            return lacks(e, "a service-specific credential without id, status or user");
        struct service_credential *c = arena_alloc(arena_of(s), sizeof(*c));
        *c = (struct service_credential){.id = arena_copy(arena_of(s), item->id),
                                         .service = arena_copy(arena_of(s), item->service),
                                         .status = arena_copy(arena_of(s), item->status),
                                         .created_s = item->created_s,
                                         .expires_s = item->expires_s};
        keep_credential(s, item->user, c);
    }
    return 0;
}

void source_service_credentials_discard(struct subject *s)
{
    if (s->user)
        s->user->service_credentials = NULL;
    else
        s->gathered->credentials = NULL;
}
