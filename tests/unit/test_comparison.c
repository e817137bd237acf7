/* SPDX-License-Identifier: MIT */
/* What is different between two readings of one account: each kind once, and what is unknown. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "store/comparison.h"

#include <stdio.h>

#define ID "111111111111"
#define V  VIEW_LITERAL
/* The same for variables that are static. */
#define S(text)                                                                                    \
    {                                                                                              \
        (text), sizeof(text) - 1                                                                   \
    }

/* Both readings, the same at first: an account with one user. */
struct scene {
    struct account before, after;
    struct user old, new;
    struct user *old_users[2], *new_users[2];
    struct comparison comparison;
    struct buffer seen;
};

static struct user jane(void)
{
    return (struct user){.name = V("jane"),
                         .id = V("AIDAJANE"),
                         .arn = V("arn:aws:iam::111111111111:user/jane"),
                         .password_used_s = TIMESTAMP_NONE,
                         .password_changed_s = TIMESTAMP_NONE};
}

static void begin(struct scene *s)
{
    *s = (struct scene){.before = {.id = ID, .root = {.used_s = TIMESTAMP_NONE}},
                        .after = {.id = ID, .root = {.used_s = TIMESTAMP_NONE}}};
    s->old = s->new = jane();
    s->old_users[0] = &s->old;
    s->new_users[0] = &s->new;
    s->before.users = s->old_users;
    s->after.users = s->new_users;
    s->before.user_count = s->after.user_count = 1;
    buffer_init(&s->seen, 65536);
    comparison_init(&s->comparison, false);
}

static void end(struct scene *s)
{
    buffer_release(&s->seen);
    comparison_release(&s->comparison);
}

static void add_text(struct buffer *out, struct view text)
{
    buffer_add_char(out, '|');
    buffer_add_view(out, text.ptr ? text : V("-"));
}

static void on_difference(void *arg, const struct difference *d)
{
    struct scene *s = arg;
    assert_string_equal(d->account_id, ID);
    buffer_add_text(&s->seen, difference_kinds[d->kind].name);
    add_text(&s->seen, d->user_name);
    add_text(&s->seen, d->resource_id);
    add_text(&s->seen, d->before);
    add_text(&s->seen, d->after);
    buffer_add_char(&s->seen, '\n');
}

static const char *compare(struct scene *s)
{
    buffer_clear(&s->seen);
    comparison_begin(&s->comparison, ID);
    comparison_accounts(&s->comparison, &s->before, &s->after);
    comparison_hand_over(&s->comparison, on_difference, s);
    return buffer_text(&s->seen);
}

/*
 * One change each, made to the newer reading; what it is in the other direction as well; and the
 * fact that hides it if unknown.
 */

static struct name device = {.text = S("arn:aws:iam::111111111111:mfa/jane")};
static struct name group = {.text = S("admins")};
static struct name policy = {.text = S("arn:aws:iam::aws:policy/ReadOnlyAccess")};
static struct name inline_policy = {.text = S("own")};
static struct tag tag = {.key = S("team"), .value = S("blue")};
static struct access_key key = {
    .id = S("AKIA1"), .status = S("Active"), .last_used_s = TIMESTAMP_NONE};
static struct certificate certificate = {.id = S("CERT1"), .status = S("Active")};
static struct service_credential credential = {
    .id = S("ACCA1"), .service = S("bedrock.amazonaws.com"), .status = S("Active")};

static void set_admin(struct user *u)
{
    u->is_admin = true;
}
static void set_boundary(struct user *u)
{
    u->boundary = V("arn:b");
}
static void set_certificate(struct user *u)
{
    u->certificates = &certificate;
}
static void set_group(struct user *u)
{
    u->groups = &group;
}
static void set_key(struct user *u)
{
    u->keys = &key;
}
static void set_mfa(struct user *u)
{
    u->has_mfa = true;
    u->mfa_devices = &device;
}
static void set_device(struct user *u)
{
    u->mfa_devices = &device;
}
static void set_password(struct user *u)
{
    u->has_password = true;
    u->password_changed_s = 1000;
}
static void set_policy(struct user *u)
{
    u->policies = &policy;
}
static void set_inline(struct user *u)
{
    u->inline_policies = &inline_policy;
}
static void set_credential(struct user *u)
{
    u->service_credentials = &credential;
}
static void set_tag(struct user *u)
{
    u->tags = &tag;
}
static void set_name(struct user *u)
{
    u->name = V("joan");
}

#define ARN "arn:aws:iam::111111111111:user/jane"

static const struct {
    void (*set)(struct user *u);
    enum fact fact; /* FACT_USERS: nothing hides it */
    const char *there, *back;
} changes[] = {
    {set_admin, FACT_ADMIN, "admin_gained|jane|" ARN "|false|true\n",
     "admin_lost|jane|" ARN "|true|false\n"},
    {set_boundary, FACT_BOUNDARY, "boundary_changed|jane|" ARN "|-|arn:b\n",
     "boundary_changed|jane|" ARN "|arn:b|-\n"},
    {set_certificate, FACT_CERTIFICATES, "certificate_added|jane|CERT1|-|Active\n",
     "certificate_removed|jane|CERT1|Active|-\n"},
    {set_group, FACT_GROUPS, "group_joined|jane|admins|-|admins\n",
     "group_left|jane|admins|admins|-\n"},
    {set_key, FACT_KEYS, "key_added|jane|AKIA1|-|Active\n", "key_removed|jane|AKIA1|Active|-\n"},
    {set_mfa, FACT_MFA, "mfa_on|jane|" ARN "|false|true\n", "mfa_off|jane|" ARN "|true|false\n"},
    {set_device, FACT_MFA_DEVICES,
     "mfa_device_changed|jane|" ARN "|-|arn:aws:iam::111111111111:mfa/jane\n",
     "mfa_device_changed|jane|" ARN "|arn:aws:iam::111111111111:mfa/jane|-\n"},
    {set_password, FACT_PASSWORD, "password_added|jane|" ARN "|false|true\n",
     "password_removed|jane|" ARN "|true|false\n"},
    {set_policy, FACT_POLICIES,
     "policy_attached|jane|arn:aws:iam::aws:policy/ReadOnlyAccess|-|arn:aws:iam::aws:policy/"
     "ReadOnlyAccess\n",
     "policy_detached|jane|arn:aws:iam::aws:policy/ReadOnlyAccess|arn:aws:iam::aws:policy/"
     "ReadOnlyAccess|-\n"},
    {set_inline, FACT_INLINE_POLICIES, "policy_attached|jane|own|-|own\n",
     "policy_detached|jane|own|own|-\n"},
    {set_credential, FACT_SERVICE_CREDENTIALS,
     "service_credential_added|jane|ACCA1|-|bedrock.amazonaws.com\n",
     "service_credential_removed|jane|ACCA1|bedrock.amazonaws.com|-\n"},
    {set_tag, FACT_TAGS, "tag_changed|jane|team|-|blue\n", "tag_changed|jane|team|blue|-\n"},
    {set_name, FACT_USERS, "user_renamed|joan|" ARN "|jane|joan\n",
     "user_renamed|jane|" ARN "|joan|jane\n"},
};
#define CHANGES (sizeof(changes) / sizeof(changes[0]))

static void test_changes(void **state)
{
    (void)state;
    for (size_t i = 0; i < CHANGES; i++) {
        struct scene s;
        begin(&s);
        assert_string_equal(compare(&s), "");
        changes[i].set(&s.new);
        assert_string_equal(compare(&s), changes[i].there);
        s.old = s.new;
        assert_string_equal(compare(&s), "");
        s.new = jane();
        assert_string_equal(compare(&s), changes[i].back);
        assert_int_equal(s.comparison.unknown, 0);
        end(&s);
    }
}

/* A field that is unknown on either side is counted, and is no difference. */
static void test_unknown(void **state)
{
    (void)state;
    for (size_t i = 0; i < CHANGES; i++)
        for (int side = 0; side < 2 && changes[i].fact != FACT_USERS; side++) {
            struct scene s;
            begin(&s);
            changes[i].set(&s.new);
            (side == 0 ? &s.old : &s.new)->unknown = FACT_BIT(changes[i].fact);
            if (changes[i].fact == FACT_MFA)
                s.new.unknown |= FACT_BIT(FACT_MFA_DEVICES);
            assert_string_equal(compare(&s), "");
            assert_in_range(s.comparison.unknown, 1, 2);
            end(&s);
        }
}

static void test_key(void **state)
{
    struct access_key old = key, new = key;
    struct scene s;
    (void)state;
    begin(&s);
    s.old.keys = &old;
    s.new.keys = &new;
    new.status = V("Inactive");
    assert_string_equal(compare(&s), "key_deactivated|jane|AKIA1|Active|Inactive\n");
    old.status = V("Expired");
    assert_string_equal(compare(&s), "");
    new.status = V("Active");
    assert_string_equal(compare(&s), "key_activated|jane|AKIA1|Expired|Active\n");
    old.status = new.status;
    new.last_used_s = 86400;
    assert_string_equal(compare(&s), "key_first_used|jane|AKIA1|-|1970-01-02T00:00:00Z\n");
    old.last_used_s = 1;
    assert_string_equal(compare(&s), "");
    s.comparison.with_use = true;
    assert_string_equal(compare(&s),
                        "key_used|jane|AKIA1|1970-01-01T00:00:01Z|1970-01-02T00:00:00Z\n");
    assert_int_equal(s.comparison.unknown, 0);
    old.use_unknown = true;
    assert_string_equal(compare(&s), "");
    assert_int_equal(s.comparison.unknown, 1);
    end(&s);
}

static void test_password_changed(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    s.old.has_password = s.new.has_password = true;
    s.old.password_changed_s = 0;
    s.new.password_changed_s = 1;
    assert_string_equal(compare(&s), "password_changed|jane|" ARN
                                     "|1970-01-01T00:00:00Z|1970-01-01T00:00:01Z\n");
    s.new.password_changed_s = TIMESTAMP_NONE;
    assert_string_equal(compare(&s), "");
    assert_int_equal(s.comparison.unknown, 1);
    s.comparison.with_use = true;
    s.new.password_changed_s = 0;
    s.new.password_used_s = 1;
    assert_string_equal(compare(&s), "console_used|jane|" ARN "|-|1970-01-01T00:00:01Z\n");
    end(&s);
}

static void test_tag_value(void **state)
{
    struct tag old = tag, new = tag;
    struct scene s;
    (void)state;
    begin(&s);
    s.old.tags = &old;
    s.new.tags = &new;
    new.value = V("");
    assert_string_equal(compare(&s), "tag_changed|jane|team|blue|\n");
    end(&s);
}

/* Users are the same by their id; the same name with another id was made again. */
static void test_users(void **state)
{
    struct scene s;
    struct user zoe = {.name = V("zoe"), .id = V("AIDAZOE"), .arn = V("arn:zoe")};
    struct user again = {.name = V("zoe"), .id = V("AIDA0"), .arn = V("arn:zoe")};
    (void)state;
    begin(&s);
    s.new_users[1] = &zoe;
    s.after.user_count = 2;
    zoe.keys = &key; /* of a user who is added, the credentials are not listed */
    assert_string_equal(compare(&s), "user_added|zoe|arn:zoe|-|AIDAZOE\n");
    s.old_users[1] = &again;
    s.before.user_count = 2;
    assert_string_equal(compare(&s), "user_recreated|zoe|arn:zoe|AIDA0|AIDAZOE\n");
    s.after.user_count = 1;
    assert_string_equal(compare(&s), "user_removed|zoe|arn:zoe|AIDA0|-\n");
    end(&s);
}

static void test_root(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    s.after.root = (struct root_user){.has_password = true,
                                      .has_mfa = true,
                                      .has_keys = true,
                                      .has_certificates = true,
                                      .mfa_kind = ROOT_MFA_VIRTUAL,
                                      .used_s = 0};
    assert_string_equal(compare(&s), "root_changed|-|root_access_keys|false|true\n"
                                     "root_changed|-|root_certificates|false|true\n"
                                     "root_changed|-|root_mfa|false|true\n"
                                     "root_changed|-|root_mfa_kind|none|virtual\n"
                                     "root_changed|-|root_password|false|true\n");
    s.before.unknown = FACT_BIT(FACT_ROOT_PASSWORD) | FACT_BIT(FACT_ROOT_KEYS) |
                       FACT_BIT(FACT_ROOT_CERTIFICATES) | FACT_BIT(FACT_ROOT_MFA_KIND) |
                       FACT_BIT(FACT_ROOT_MFA);
    assert_string_equal(compare(&s), "");
    assert_int_equal(s.comparison.unknown, 5);
    s.comparison.with_use = true;
    assert_string_equal(compare(&s), "root_changed|-|root_last_used|-|1970-01-01T00:00:00Z\n");
    end(&s);
}

/* By user, then kind, then resource, however they were found. */
static void test_order(void **state)
{
    static struct name second = {.text = S("writers")}, first = {&second, S("admins")};
    struct user amy = {.name = V("amy"), .id = V("AIDAZZZ"), .arn = V("arn:amy")};
    struct scene s;
    (void)state;
    begin(&s);
    s.new_users[0] = &amy;
    s.new_users[1] = &s.new;
    s.after.user_count = 2;
    s.new.groups = &first;
    set_admin(&s.new);
    s.after.root.has_mfa = true;
    assert_string_equal(compare(&s), "root_changed|-|root_mfa|false|true\n"
                                     "user_added|amy|arn:amy|-|AIDAZZZ\n"
                                     "admin_gained|jane|" ARN "|false|true\n"
                                     "group_joined|jane|admins|-|admins\n"
                                     "group_joined|jane|writers|-|writers\n");
    end(&s);
}

/* The order of kinds is that of their names, and each has a title. */
static void test_kinds(void **state)
{
    (void)state;
    for (size_t i = 0; i < DIFFERENCE_COUNT; i++) {
        assert_non_null(difference_kinds[i].title);
        if (i > 0)
            assert_true(strcmp(difference_kinds[i - 1].name, difference_kinds[i].name) < 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_changes),   cmocka_unit_test(test_unknown),
        cmocka_unit_test(test_key),       cmocka_unit_test(test_password_changed),
        cmocka_unit_test(test_tag_value), cmocka_unit_test(test_users),
        cmocka_unit_test(test_root),      cmocka_unit_test(test_order),
        cmocka_unit_test(test_kinds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
