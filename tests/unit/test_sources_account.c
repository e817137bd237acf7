/* SPDX-License-Identifier: MIT */
/* How responses about an account become data: summary, password policy, devices, credentials. */
#include "users_scene.h"

#include "api/iam.h"
#include "census/facts.h"
#include "census/gathered.h"
#include "census/sources.h"

#define LEN(array) (sizeof(array) / sizeof((array)[0]))

static struct error e;
static struct gathered gathered;

static struct subject subject_of(struct account *account, struct roster *roster)
{
    roster_init(roster, account);
    gathered_init(&gathered, FACT_BIT(FACT_COUNT) - 1);
    return (struct subject){.roster = roster, .gathered = &gathered};
}

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

static void test_summary(void **state)
{
    struct roster r;
    struct subject s = subject_of(*state, &r);
    struct iam_summary_entry entries[] = {
        {.key = VIEW_LITERAL("Users"), .value = VIEW_LITERAL("many")},
        {.key = VIEW_LITERAL("AccountMFAEnabled"), .value = VIEW_LITERAL("1")},
        {.key = VIEW_LITERAL("AccountAccessKeysPresent"), .value = VIEW_LITERAL("0")},
        {.key = VIEW_LITERAL("AccountSigningCertificatesPresent"), .value = VIEW_LITERAL("2")},
    };
    struct iam_summary page = {0};
    for (size_t i = 0; i < LEN(entries); i++)
        put(&page.entries, &entries[i].link);
    assert_int_equal(take(SOURCE_GET_ACCOUNT_SUMMARY, &s, &page), 0);
    assert_int_equal(gathered.root_mfa, SAID_TRUE);
    assert_int_equal(gathered.root_key, SAID_FALSE);
    assert_int_equal(gathered.root_certificate, SAID_TRUE);
    assert_int_equal(gathered.root_password, SAID_NOTHING); /* not every account has the entry */
    static const char *const wrong[] = {"", "yes", "-1", "1.0", "99999999999999999999"};
    for (size_t i = 0; i < LEN(wrong); i++) {
        entries[1].value = view_of(wrong[i]);
        assert_int_equal(take(SOURCE_GET_ACCOUNT_SUMMARY, &s, &page), -1);
        assert_int_equal(e.kind, ERROR_PROTOCOL);
    }
}

static void test_password_policy(void **state)
{
    struct account *account = *state;
    struct roster r;
    struct subject s = subject_of(account, &r);
    struct iam_password_policy item = {.minimum_length = VIEW_LITERAL("14"),
                                       .symbols = VIEW_LITERAL("true"),
                                       .numbers = VIEW_LITERAL(""),
                                       .hard_expiry = VIEW_LITERAL("perhaps"),
                                       .lowercase = VIEW_LITERAL("false"),
                                       .max_age = VIEW_LITERAL("90"),
                                       .reuse_prevention = VIEW_LITERAL("24")};
    assert_int_equal(take(SOURCE_GET_ACCOUNT_PASSWORD_POLICY, &s, &item), 0);
    const struct password_policy *policy = &account->password_policy;
    assert_false(policy->is_default);
    assert_int_equal(policy->minimum_length, 14);
    assert_int_equal(policy->reuse_prevention, 24);
    assert_true(view_is(policy->text, "{\"MinimumPasswordLength\":14,\"RequireSymbols\":true,"
                                      "\"RequireLowercaseCharacters\":false,\"MaxPasswordAge\":90,"
                                      "\"PasswordReusePrevention\":24}"));
    item.reuse_prevention = VIEW_LITERAL("some");
    assert_int_equal(take(SOURCE_GET_ACCOUNT_PASSWORD_POLICY, &s, &item), -1);
    item.reuse_prevention = VIEW_NONE;
    assert_int_equal(take(SOURCE_GET_ACCOUNT_PASSWORD_POLICY, &s, &item), 0);
    assert_int_equal(policy->reuse_prevention, 0);
    item.minimum_length = VIEW_NONE;
    assert_int_equal(take(SOURCE_GET_ACCOUNT_PASSWORD_POLICY, &s, &item), -1);
    census_sources[SOURCE_GET_ACCOUNT_PASSWORD_POLICY].absent(&s);
    assert_true(policy->is_default);
    assert_int_equal(policy->minimum_length, 8);
    assert_int_equal(policy->reuse_prevention, 0);
    assert_true(view_is(policy->text, "default"));
}

static void test_virtual_devices(void **state)
{
    static const struct {
        const char *arn;
        bool is_root;
    } rows[] = {{"arn:aws:iam::111111111111:root", true},
                {"arn:aws:iam::111111111111:user/root", false},
                {"arn:aws:iam::111111111111:user/a:root/x", false},
                {":root", false},
                {"", false}};
    struct roster r;
    for (size_t i = 0; i < LEN(rows); i++) {
        struct subject s = subject_of(*state, &r);
        struct xml_text arn = {.text = view_of(rows[i].arn)};
        struct iam_names page = {0};
        put(&page.names, &arn.link);
        assert_int_equal(take(SOURCE_LIST_VIRTUAL_MFA_DEVICES, &s, &page), 0);
        assert_int_equal(gathered.root_has_virtual, rows[i].is_root);
        assert_false(gathered.devices_listed);
        census_sources[SOURCE_LIST_VIRTUAL_MFA_DEVICES].whole(&s);
        assert_true(gathered.devices_listed);
    }
}

static struct iam_service_credential credential(const char *user, const char *id)
{
    return (struct iam_service_credential){.user = view_of(user),
                                           .id = view_of(id),
                                           .service = VIEW_LITERAL("bedrock.amazonaws.com"),
                                           .status = VIEW_LITERAL("Active"),
                                           .created_s = 5,
                                           .expires_s = TIMESTAMP_NONE};
}

/* The list of all users' credentials may come before the list of users. */
static void test_credentials_of_all(void **state)
{
    struct roster r;
    struct subject s = subject_of(*state, &r);
    struct iam_service_credential b = credential("ann", "B"), a = credential("ann", "A");
    struct iam_service_credential eve = credential("eve", "C");
    struct iam_service_credentials page = {0};
    put(&page.credentials, &a.link);
    put(&page.credentials, &eve.link);
    put(&page.credentials, &b.link);
    assert_int_equal(take(SOURCE_LIST_SERVICE_CREDENTIALS, &s, &page), 0);
    struct user *ann = add_user(&r, "ann", 1), *bob = add_user(&r, "bob", 1);
    roster_close(&r);
    gathered_apply(&gathered, &r);
    const struct service_credential *c = ann->service_credentials;
    assert_true(view_is(c->id, "A")); /* ascending, in whatever order they came */
    assert_true(view_is(c->next->id, "B"));
    assert_null(c->next->next);
    assert_true(view_is(c->service, "bedrock.amazonaws.com"));
    assert_int_equal(c->created_s, 5);
    assert_int_equal(c->expires_s, TIMESTAMP_NONE);
    assert_null(bob->service_credentials);
    census_sources[SOURCE_LIST_SERVICE_CREDENTIALS].discard(&s);
    assert_null(gathered.credentials);
    eve.user = VIEW_NONE;
    assert_int_equal(take(SOURCE_LIST_SERVICE_CREDENTIALS, &s, &page), -1);
}

static void test_credentials_of_one(void **state)
{
    struct roster r;
    struct subject s = subject_of(*state, &r);
    struct iam_service_credential item = credential("", "A");
    struct iam_service_credentials page = {0};
    s.user = add_user(&r, "ann", 1);
    put(&page.credentials, &item.link);
    assert_int_equal(take(SOURCE_LIST_SERVICE_CREDENTIALS_OF_USER, &s, &page), 0);
    assert_true(view_is(s.user->service_credentials->id, "A"));
    assert_null(gathered.credentials);
    item.status = VIEW_NONE;
    assert_int_equal(take(SOURCE_LIST_SERVICE_CREDENTIALS_OF_USER, &s, &page), -1);
    census_sources[SOURCE_LIST_SERVICE_CREDENTIALS_OF_USER].discard(&s);
    assert_null(s.user->service_credentials);
}

static void test_ssh_keys(void **state)
{
    struct roster r;
    struct subject s = subject_of(*state, &r);
    struct iam_certificate key = {
        .id = VIEW_LITERAL("APKA"), .status = VIEW_LITERAL("Inactive"), .uploaded_s = 7};
    struct iam_certificates page = {0};
    s.user = add_user(&r, "ann", 1);
    put(&page.certificates, &key.link);
    assert_int_equal(take(SOURCE_LIST_SSH_PUBLIC_KEYS, &s, &page), 0);
    assert_true(view_is(s.user->ssh_keys->id, "APKA"));
    assert_int_equal(s.user->ssh_keys->uploaded_s, 7);
    assert_null(s.user->certificates);
    key.id = VIEW_NONE;
    assert_int_equal(take(SOURCE_LIST_SSH_PUBLIC_KEYS, &s, &page), -1);
    census_sources[SOURCE_LIST_SSH_PUBLIC_KEYS].discard(&s);
    assert_null(s.user->ssh_keys);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_summary),
        TEST(test_password_policy),
        TEST(test_virtual_devices),
        TEST(test_credentials_of_all),
        TEST(test_credentials_of_one),
        TEST(test_ssh_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
