/* SPDX-License-Identifier: MIT */
/* How a response becomes data: each source's function, what it refuses, and what it forgets. */
#include "users_scene.h"

#include "api/iam.h"
#include "census/facts.h"
#include "census/gathered.h"
#include "census/sources.h"

static struct error e;

static struct subject subject_of(struct account *account, struct roster *roster)
{
    roster_init(roster, account);
    static struct gathered gathered;
    gathered_init(&gathered, FACT_BIT(FACT_COUNT) - 1);
    return (struct subject){.roster = roster, .gathered = &gathered};
}

/* Puts a record into a list of a response. */
static void put(struct xml_list *list, struct xml_record *record)
{
    struct xml_record **last = list->last ? list->last : &list->first;
    *last = record;
    list->last = &record->next;
    list->count++;
}

static int take(enum source_id id, struct subject *s, const void *answer)
{
    return census_sources[id].page(s, answer, &e);
}

static struct iam_user a_user(const char *name, int64_t created_s, int64_t signed_in_s)
{
    return (struct iam_user){.name = view_of(name),
                             .arn = VIEW_LITERAL("arn"),
                             .created_s = created_s,
                             .password_last_used_s = signed_in_s};
}

static void test_users(void **state)
{
    struct roster r;
    struct subject s = subject_of(*state, &r);
    struct iam_user ann = a_user("ann", 5, 7), bob = a_user("bob", 6, TIMESTAMP_NONE);
    struct iam_users page = {0};
    put(&page.users, &ann.link);
    put(&page.users, &bob.link);
    assert_int_equal(take(SOURCE_LIST_USERS, &s, &page), 0);
    assert_int_equal(r.count, 2);
    assert_int_equal(r.first->password_used_s, 7);
    assert_int_equal(r.first->next->password_used_s, TIMESTAMP_NONE);
}

/* The list is complete: a second one tells sign-ins, of users who are the same, and adds nobody. */
static void test_users_again(void **state)
{
    struct roster r;
    struct subject s = subject_of(*state, &r);
    struct user *ann = add_user(&r, "ann", 5), *bob = add_user(&r, "bob", 6);
    ann->password_used_s = 9;
    roster_close(&r);
    struct iam_user earlier = a_user("ann", 5, 7), other = a_user("bob", 99, 7);
    struct iam_user unknown = a_user("eve", 5, 7);
    struct iam_users page = {0};
    put(&page.users, &earlier.link);
    put(&page.users, &other.link);
    put(&page.users, &unknown.link);
    assert_int_equal(take(SOURCE_LIST_USERS, &s, &page), 0);
    assert_int_equal(ann->password_used_s, 9); /* the later of the two */
    assert_int_equal(bob->password_used_s, TIMESTAMP_NONE);
    assert_int_equal(r.count, 2);
}

static void test_incomplete_users(void **state)
{
    struct roster r;
    struct subject s = subject_of(*state, &r);
    struct iam_user rows[] = {a_user("", 1, 1), a_user("a", TIMESTAMP_NONE, 1), a_user("a", 1, 1)};
    rows[2].arn = VIEW_NONE;
    for (size_t i = 0; i < 3; i++) {
        struct iam_users page = {0};
        put(&page.users, &rows[i].link);
        assert_int_equal(take(SOURCE_LIST_USERS, &s, &page), -1);
        assert_int_equal(e.kind, ERROR_PROTOCOL);
        assert_int_equal(take(SOURCE_GET_ACCOUNT_AUTHORIZATION_DETAILS, &s, &page), -1);
    }
    assert_int_equal(r.count, 0);
}

static void test_details(void **state)
{
    struct roster r;
    struct subject s = subject_of(*state, &r);
    struct iam_user ann = a_user("ann", 5, 7);
    struct iam_tag z = {.key = VIEW_LITERAL("z"), .value = VIEW_NONE};
    struct iam_tag a = {.key = VIEW_LITERAL("a"), .value = VIEW_LITERAL("1")};
    struct xml_text group = {.text = VIEW_LITERAL("devs")}, policy = {.text = VIEW_LITERAL("arn")};
    struct iam_users page = {0};
    put(&ann.tags, &z.link);
    put(&ann.tags, &a.link);
    put(&ann.groups, &group.link);
    put(&ann.policies, &policy.link);
    ann.boundary = VIEW_LITERAL("boundary");
    put(&page.users, &ann.link);
    assert_int_equal(take(SOURCE_GET_ACCOUNT_AUTHORIZATION_DETAILS, &s, &page), 0);
    const struct user *u = r.first;
    assert_true(view_is(u->tags->key, "a")); /* in the order of keys */
    assert_true(view_is(u->tags->next->value, ""));
    assert_true(view_is(u->groups->text, "devs"));
    assert_true(view_is(u->policies->text, "arn"));
    assert_true(view_is(u->boundary, "boundary"));
    /* The details have no sign-ins, whatever stands there. */
    assert_int_equal(u->password_used_s, TIMESTAMP_NONE);
}

static void test_alias(void **state)
{
    struct account *account = *state;
    struct roster r;
    struct subject s = subject_of(account, &r);
    struct xml_text name = {.text = VIEW_LITERAL("core")};
    struct iam_names page = {0};
    assert_int_equal(take(SOURCE_LIST_ACCOUNT_ALIASES, &s, &page), 0);
    assert_null(account->alias.ptr);
    put(&page.names, &name.link);
    assert_int_equal(take(SOURCE_LIST_ACCOUNT_ALIASES, &s, &page), 0);
    assert_true(view_is(account->alias, "core"));
    census_sources[SOURCE_LIST_ACCOUNT_ALIASES].discard(&s);
    assert_null(account->alias.ptr);
}

static void test_password(void **state)
{
    struct roster r;
    struct subject s = subject_of(*state, &r);
    struct iam_login_profile profile = {.created_s = TIMESTAMP_NONE};
    s.user = add_user(&r, "ann", 1);
    assert_int_equal(take(SOURCE_GET_LOGIN_PROFILE, &s, &profile), -1);
    profile.created_s = 5;
    assert_int_equal(take(SOURCE_GET_LOGIN_PROFILE, &s, &profile), 0);
    assert_true(s.user->has_password && s.user->password_age_from_creation);
    assert_int_equal(s.user->password_set_s, 5);
    s.user->unknown = FACT_BIT(FACT_PASSWORD_CHANGED) | FACT_BIT(FACT_TAGS);
    census_sources[SOURCE_GET_LOGIN_PROFILE].absent(&s);
    assert_false(s.user->has_password);
    assert_int_equal(s.user->unknown, FACT_BIT(FACT_TAGS)); /* no password was never changed */
}

static void test_devices(void **state)
{
    const struct source *source = &census_sources[SOURCE_LIST_MFA_DEVICES];
    struct roster r;
    struct subject s = subject_of(*state, &r);
    struct xml_text serial = {.text = VIEW_LITERAL("GAHT")};
    struct iam_names page = {0};
    s.user = add_user(&r, "ann", 1);
    s.user->has_mfa = true; /* by the report, which is older */
    source->whole(&s);
    assert_false(s.user->has_mfa);
    put(&page.names, &serial.link);
    assert_int_equal(take(SOURCE_LIST_MFA_DEVICES, &s, &page), 0);
    source->whole(&s);
    assert_true(s.user->has_mfa);
    source->discard(&s);
    assert_null(s.user->mfa_devices);
}

static void test_keys(void **state)
{
    struct roster r;
    struct subject s = subject_of(*state, &r);
    struct iam_access_key late = {
        .id = VIEW_LITERAL("A"), .status = VIEW_LITERAL("Active"), .created_s = 9};
    struct iam_access_key early = {
        .id = VIEW_LITERAL("B"), .status = VIEW_LITERAL("Inactive"), .created_s = 5};
    struct iam_access_keys page = {0};
    s.user = add_user(&r, "ann", 1);
    put(&page.keys, &late.link);
    put(&page.keys, &early.link);
    assert_int_equal(take(SOURCE_LIST_ACCESS_KEYS, &s, &page), 0);
    assert_true(view_is(s.user->keys->id, "B"));
    assert_int_equal(s.user->keys->last_used_s, TIMESTAMP_NONE);
    late.status = VIEW_NONE;
    assert_int_equal(take(SOURCE_LIST_ACCESS_KEYS, &s, &page), -1);
    census_sources[SOURCE_LIST_ACCESS_KEYS].discard(&s);
    assert_null(s.user->keys);
}

/* IAM's word for 'nowhere' is not a place. */
static void test_key_use(void **state)
{
    struct roster r;
    struct subject s = subject_of(*state, &r);
    struct access_key key = {.last_used_s = TIMESTAMP_NONE};
    struct iam_key_use use = {
        .date_s = 5, .service = VIEW_LITERAL("s3"), .region = VIEW_LITERAL("eu-west-1")};
    s.key = &key;
    assert_int_equal(take(SOURCE_GET_ACCESS_KEY_LAST_USED, &s, &use), 0);
    assert_int_equal(key.last_used_s, 5);
    assert_true(view_is(key.last_used_service, "s3"));
    assert_true(view_is(key.last_used_region, "eu-west-1"));
    use = (struct iam_key_use){
        .date_s = TIMESTAMP_NONE, .service = VIEW_LITERAL("N/A"), .region = VIEW_LITERAL("N/A")};
    assert_int_equal(take(SOURCE_GET_ACCESS_KEY_LAST_USED, &s, &use), 0);
    assert_int_equal(key.last_used_s, TIMESTAMP_NONE);
    assert_null(key.last_used_service.ptr);
    assert_null(key.last_used_region.ptr);
}

static void test_certificates(void **state)
{
    struct roster r;
    struct subject s = subject_of(*state, &r);
    struct iam_certificate c = {
        .id = VIEW_LITERAL("C"), .status = VIEW_LITERAL("Active"), .uploaded_s = TIMESTAMP_NONE};
    struct iam_certificates page = {0};
    s.user = add_user(&r, "ann", 1);
    put(&page.certificates, &c.link);
    assert_int_equal(take(SOURCE_LIST_SIGNING_CERTIFICATES, &s, &page), 0);
    assert_true(view_is(s.user->certificates->id, "C")); /* AWS may give no date */
    c.id = VIEW_NONE;
    assert_int_equal(take(SOURCE_LIST_SIGNING_CERTIFICATES, &s, &page), -1);
    census_sources[SOURCE_LIST_SIGNING_CERTIFICATES].discard(&s);
    assert_null(s.user->certificates);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_users),        TEST(test_users_again), TEST(test_incomplete_users),
        TEST(test_details),      TEST(test_alias),       TEST(test_password),
        TEST(test_devices),      TEST(test_keys),        TEST(test_key_use),
        TEST(test_certificates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
