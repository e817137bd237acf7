/* SPDX-License-Identifier: MIT */
/* Each rule about users and their credentials, at its edges and with each of its facts unknown. */
#include "rules_scene.h"

#define Y     1
#define N     0
#define Q     LOST /* "?" */
#define F(f)  FACT_BIT(FACT_##f)
#define A     "Active"
#define I     "Inactive"
#define OFTEN D(1000) /* older than any limit */

/* A user, and what a rule says. Ages are in seconds. 'created' 0: 1000 days ago. */
struct row {
    int line;
    const char *rule;
    int console, mfa, admin;
    int64_t created, signed_in, changed;
    struct {
        const char *status;
        int64_t created, used;
    } keys[3];
    const char *said;
};

static void set(struct rules_scene *s, const struct row *r)
{
    static const char *const ids[] = {"AKIA1", "AKIA2", "AKIA3"};
    struct user *u = &s->user;
    u->has_password = r->console == Y;
    u->has_mfa = r->mfa == Y;
    u->is_admin = r->admin == Y;
    u->unknown |= (r->console == Q ? F(PASSWORD) : 0) | (r->mfa == Q ? F(MFA) : 0) |
                  (r->admin == Q ? F(ADMIN) : 0) | (r->signed_in == LOST ? F(PASSWORD_USED) : 0) |
                  (r->changed == LOST ? F(PASSWORD_CHANGED) : 0);
    if (r->created != 0)
        u->created_s = ago(r->created);
    u->password_used_s = ago(r->signed_in == 0 ? NEVER : r->signed_in);
    u->password_changed_s = ago(r->changed == 0 ? NEVER : r->changed);
    for (size_t i = 0; i < 3 && r->keys[i].status; i++)
        add_key(s, ids[i], r->keys[i].status, r->keys[i].created, r->keys[i].used);
}

/* clang-format off */
static const struct row rows[] = {
    /* line      rule               console mfa admin */
    {__LINE__, "user-console-mfa",       Y, N, N, .said = "fail"},
    {__LINE__, "user-console-mfa",       Y, Y, N, .said = "pass"},
    {__LINE__, "user-console-mfa",       N, Q, N, .said = "pass"},
    {__LINE__, "user-console-mfa",       Q, Y, N, .said = "pass"},
    {__LINE__, "user-console-mfa",       Q, N, N, .said = "unknown console_access"},
    {__LINE__, "user-console-mfa",       Y, Q, N, .said = "unknown mfa_enabled"},
    {__LINE__, "user-console-mfa",       Q, Q, N, .said = "unknown console_access mfa_enabled"},
    {__LINE__, "user-admin-console-mfa", Y, N, Y, .said = "fail"},
    {__LINE__, "user-admin-console-mfa", Y, N, N, .said = "pass"},
    {__LINE__, "user-admin-console-mfa", N, Q, Q, .said = "pass"},
    {__LINE__, "user-admin-console-mfa", Q, Y, Q, .said = "pass"},
    {__LINE__, "user-admin-console-mfa", Q, Q, N, .said = "pass"},
    {__LINE__, "user-admin-console-mfa", Y, N, Q, .said = "unknown is_admin"},
    {__LINE__, "user-admin-console-mfa", Q, Q, Q, .said = "unknown console_access is_admin mfa_enabled"},
    {__LINE__, "user-admin",             Q, Q, Y, .said = "fail"},
    {__LINE__, "user-admin",             Y, N, N, .said = "pass"},
    {__LINE__, "user-admin",             Y, N, Q, .said = "unknown is_admin"},

    {__LINE__, "user-password-unused", Y, .signed_in = D(45),     .said = "fail value=45 since=0"},
    {__LINE__, "user-password-unused", Y, .signed_in = D(45) - 1, .said = "pass value=44"},
    {__LINE__, "user-password-unused", Y, .signed_in = D(46) + 1, .said = "fail value=46 since=86401"},
    {__LINE__, "user-password-unused", N, .signed_in = D(400),    .said = "pass value=400"},
    {__LINE__, "user-password-unused", Q, .signed_in = D(400),    .said = "unknown console_access"},
    {__LINE__, "user-password-unused", Q, .signed_in = D(1),      .said = "pass value=1"},
    {__LINE__, "user-password-unused", Y, .changed = D(45),       .said = "fail value=45 since=0"},
    {__LINE__, "user-password-unused", Y, .changed = D(45) - 1,   .said = "pass value=44"},
    {__LINE__, "user-password-unused", Y, .changed = LOST,        .said = "unknown password_last_changed_at"},
    {__LINE__, "user-password-unused", Y,                         .said = "unknown password_last_changed_at"},
    {__LINE__, "user-password-unused", Y, .created = D(45), .changed = LOST,     .said = "unknown password_last_changed_at"},
    {__LINE__, "user-password-unused", Y, .created = D(45) - 1, .changed = LOST, .said = "pass"},
    {__LINE__, "user-password-unused", Y, .signed_in = LOST, .changed = D(400),  .said = "unknown console_last_sign_in_at"},
    {__LINE__, "user-password-unused", Y, .signed_in = LOST, .changed = LOST,    .said = "unknown console_last_sign_in_at password_last_changed_at"},
    {__LINE__, "user-password-unused", Y, .created = D(45) - 1, .signed_in = LOST, .changed = LOST, .said = "pass"},
    {__LINE__, "user-password-unused", N, .signed_in = LOST, .changed = LOST,    .said = "pass"},

    {__LINE__, "user-password-age", Y, N, .changed = D(91),     .said = "fail value=91 since=0"},
    {__LINE__, "user-password-age", Y, N, .changed = D(91) - 1, .said = "pass value=90"},
    {__LINE__, "user-password-age", Y, Y, .changed = D(400),    .said = "pass value=400"},
    {__LINE__, "user-password-age", N, N,                       .said = "pass"},
    {__LINE__, "user-password-age", Y, Q, .changed = D(400),    .said = "unknown mfa_enabled"},
    {__LINE__, "user-password-age", Q, N, .changed = D(400),    .said = "unknown console_access"},
    {__LINE__, "user-password-age", Q, Q, .changed = D(4),      .said = "pass value=4"},
    {__LINE__, "user-password-age", Y, N, .changed = LOST,      .said = "unknown password_last_changed_at"},
    {__LINE__, "user-password-age", Y, N, .created = D(91) - 1, .changed = LOST, .said = "pass"},
    {__LINE__, "user-password-age", Y, N, .created = D(91), .changed = LOST, .said = "unknown password_last_changed_at"},

    {__LINE__, "user-key-unused", .keys = {{A, OFTEN, D(45)}},     .said = "fail value=45 since=0 of AKIA1"},
    {__LINE__, "user-key-unused", .keys = {{A, OFTEN, D(45) - 1}}, .said = "pass value=44 of AKIA1"},
    {__LINE__, "user-key-unused", .keys = {{I, OFTEN, D(400)}},    .said = "pass value=400 of AKIA1"},
    {__LINE__, "user-key-unused", .keys = {{A, D(45), NEVER}},     .said = "fail value=45 since=0 of AKIA1"},
    {__LINE__, "user-key-unused", .keys = {{A, D(45) - 1, NEVER}}, .said = "pass value=44 of AKIA1"},
    {__LINE__, "user-key-unused", .keys = {{A, D(45), LOST}},      .said = "unknown of AKIA1 access_keys.last_used_at"},
    {__LINE__, "user-key-unused", .keys = {{A, D(45) - 1, LOST}},  .said = "pass of AKIA1"},
    {__LINE__, "user-key-unused", .keys = {{I, D(400), LOST}},     .said = "pass of AKIA1"},
    {__LINE__, "user-key-unused", .keys = {{A, LOST, NEVER}},      .said = "unknown of AKIA1 access_keys.created_at"},
    {__LINE__, "user-key-unused", .keys = {{A, LOST, LOST}},       .said = "unknown of AKIA1 access_keys.created_at access_keys.last_used_at"},
    {__LINE__, "user-key-unused", .keys = {{A, LOST, D(400)}},     .said = "fail value=400 since=30672000 of AKIA1"},
    {__LINE__, "user-key-unused", .created = D(44), .keys = {{A, LOST, LOST}}, .said = "pass of AKIA1"},
    {__LINE__, "user-key-unused", .said = ""},
    {__LINE__, "user-key-unused", .keys = {{A, OFTEN, D(1)}, {A, D(90), D(2)}}, .said = "pass value=1 of AKIA1\npass value=2 of AKIA2"},
    {__LINE__, "user-key-unused", .keys = {{A, D(90), D(1)}, {A, OFTEN, D(2)}}, .said = "pass value=1 of AKIA1\npass value=2 of AKIA2"},

    {__LINE__, "user-key-age", .keys = {{A, D(91), NEVER}},     .said = "fail value=91 since=0 of AKIA1"},
    {__LINE__, "user-key-age", .keys = {{A, D(91) - 1, NEVER}}, .said = "pass value=90 of AKIA1"},
    {__LINE__, "user-key-age", .keys = {{A, D(90), LOST}},      .said = "pass value=90 of AKIA1"},
    {__LINE__, "user-key-age", .keys = {{I, D(400), NEVER}},    .said = "pass value=400 of AKIA1"},
    {__LINE__, "user-key-age", .keys = {{"Expired", D(400), NEVER}}, .said = "pass value=400 of AKIA1"},
    {__LINE__, "user-key-age", .keys = {{A, LOST, D(1)}},       .said = "unknown of AKIA1 access_keys.created_at"},
    {__LINE__, "user-key-age", .created = D(90), .keys = {{A, LOST, D(1)}}, .said = "pass of AKIA1"},
    {__LINE__, "user-key-age", .keys = {{I, LOST, D(1)}},       .said = "pass of AKIA1"},

    {__LINE__, "user-two-active-keys", .keys = {{A, D(9), NEVER}, {A, D(3), NEVER}}, .said = "fail value=2 since=259200"},
    {__LINE__, "user-two-active-keys", .keys = {{A, D(9), NEVER}, {I, D(3), NEVER}}, .said = "pass value=1"},
    {__LINE__, "user-two-active-keys", .keys = {{A, LOST, NEVER}, {A, D(3), NEVER}}, .said = "fail value=2"},
    {__LINE__, "user-two-active-keys", .said = "pass value=0"},

    {__LINE__, "user-key-at-setup", Y, .keys = {{A, D(1000) - 60, NEVER}}, .said = "fail since=86399940 of AKIA1"},
    {__LINE__, "user-key-at-setup", Y, .keys = {{A, D(1000) - 61, NEVER}}, .said = "pass of AKIA1"},
    {__LINE__, "user-key-at-setup", Y, .keys = {{A, D(1000) + 60, NEVER}}, .said = "fail since=86400060 of AKIA1"},
    {__LINE__, "user-key-at-setup", Y, .keys = {{A, D(1000), D(1)}},       .said = "pass of AKIA1"},
    {__LINE__, "user-key-at-setup", Y, .keys = {{I, D(1000), NEVER}},      .said = "pass of AKIA1"},
    {__LINE__, "user-key-at-setup", N, .keys = {{A, D(1000), LOST}},       .said = "pass of AKIA1"},
    {__LINE__, "user-key-at-setup", Q, .keys = {{A, D(1000), NEVER}},      .said = "unknown of AKIA1 console_access"},
    {__LINE__, "user-key-at-setup", Y, .keys = {{A, D(1000), LOST}},       .said = "unknown of AKIA1 access_keys.last_used_at"},
    {__LINE__, "user-key-at-setup", Y, .keys = {{A, LOST, NEVER}},         .said = "unknown of AKIA1 access_keys.created_at"},
    {__LINE__, "user-key-at-setup", Y, .keys = {{A, D(9), LOST}},          .said = "pass of AKIA1"},

    {__LINE__, "user-inactive-key", .keys = {{I, D(90), NEVER}},     .said = "fail value=90 since=0 of AKIA1"},
    {__LINE__, "user-inactive-key", .keys = {{I, D(90) - 1, NEVER}}, .said = "pass value=89 of AKIA1"},
    {__LINE__, "user-inactive-key", .keys = {{I, D(400), D(90)}},    .said = "fail value=90 since=0 of AKIA1"},
    {__LINE__, "user-inactive-key", .keys = {{I, D(400), D(89)}},    .said = "pass value=89 of AKIA1"},
    {__LINE__, "user-inactive-key", .keys = {{A, D(400), NEVER}},    .said = "pass value=400 of AKIA1"},
    {__LINE__, "user-inactive-key", .keys = {{I, D(400), LOST}},     .said = "unknown of AKIA1 access_keys.last_used_at"},
    {__LINE__, "user-inactive-key", .keys = {{I, D(89), LOST}},      .said = "pass of AKIA1"},
    {__LINE__, "user-inactive-key", .keys = {{I, LOST, D(89)}},      .said = "pass of AKIA1"},
    {__LINE__, "user-inactive-key", .keys = {{I, LOST, D(400)}},     .said = "unknown of AKIA1 access_keys.created_at"},

    {__LINE__, "user-dormant", Y, .signed_in = D(90),     .said = "fail value=90 since=0"},
    {__LINE__, "user-dormant", Y, .signed_in = D(90) - 1, .said = "pass value=89"},
    {__LINE__, "user-dormant", Y, .created = D(90),       .said = "fail value=90 since=0"},
    {__LINE__, "user-dormant", Y, .created = D(90) - 1,   .said = "pass value=89"},
    {__LINE__, "user-dormant", N,                         .said = "pass value=1000"},
    {__LINE__, "user-dormant", N, .keys = {{I, D(400), NEVER}}, .said = "pass value=1000"},
    {__LINE__, "user-dormant", N, .keys = {{A, D(400), D(99)}}, .said = "fail value=99 since=777600"},
    {__LINE__, "user-dormant", N, .keys = {{A, D(400), NEVER}, {I, D(500), D(89)}}, .said = "pass value=89"},
    {__LINE__, "user-dormant", N, .keys = {{A, D(400), LOST}}, .said = "unknown access_keys.last_used_at"},
    {__LINE__, "user-dormant", N, .keys = {{A, D(400), LOST}, {I, D(500), D(89)}}, .said = "pass"},
    {__LINE__, "user-dormant", Y, .signed_in = LOST,      .said = "unknown console_last_sign_in_at"},
    {__LINE__, "user-dormant", Q, .signed_in = D(400),    .said = "unknown console_access"},
    {__LINE__, "user-dormant", Q, .signed_in = D(1),      .said = "pass value=1"},
    {__LINE__, "user-dormant", Q, .created = D(1), .signed_in = LOST, .said = "pass"},

    {__LINE__, "user-no-credential", N, .created = D(90),     .said = "fail value=90 since=0"},
    {__LINE__, "user-no-credential", N, .created = D(90) - 1, .said = "pass value=89"},
    {__LINE__, "user-no-credential", Y,                       .said = "pass value=1000"},
    {__LINE__, "user-no-credential", Q,                       .said = "unknown console_access"},
    {__LINE__, "user-no-credential", Q, .keys = {{A, D(1), NEVER}}, .said = "pass value=1000"},
    {__LINE__, "user-no-credential", N, .keys = {{I, D(1), NEVER}}, .said = "fail value=1000 since=78624000"},
};
/* clang-format on */

static void test_rows(void **state)
{
    (void)state;
    size_t wrong = 0;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct rules_scene s;
        scene_begin(&s);
        set(&s, &rows[i]);
        const char *said = scene_judge(&s, rows[i].rule);
        if (strcmp(said, rows[i].said) != 0) {
            print_error("line %d, %s: \"%s\", not \"%s\"\n", rows[i].line, rows[i].rule, said,
                        rows[i].said);
            wrong++;
        }
        scene_end(&s);
    }
    assert_int_equal(wrong, 0);
}

#define EXPECT(rule, said) assert_string_equal(scene_judge(&s, rule), said)

static void test_policies(void **state)
{
    (void)state;
    struct rules_scene s;
    scene_begin(&s);
    EXPECT("user-direct-policy", "pass");
    s.user.unknown = F(POLICIES);
    EXPECT("user-direct-policy", "unknown attached_policies");
    s.user.unknown |= F(INLINE_POLICIES);
    EXPECT("user-direct-policy", "unknown attached_policies inline_policies");
    s.user.unknown = F(POLICIES);
    add_name(&s, &s.user.inline_policies, "own");
    EXPECT("user-direct-policy", "fail");
    s.user.unknown = F(INLINE_POLICIES);
    EXPECT("user-direct-policy", "unknown inline_policies");
    add_name(&s, &s.user.policies, "arn:aws:iam::aws:policy/A");
    EXPECT("user-direct-policy", "fail");
    EXPECT("user-boundary", "fail");
    s.user.boundary = VIEW_LITERAL("arn:aws:iam::111111111111:policy/b");
    EXPECT("user-boundary", "pass");
    s.account.unknown = F(BOUNDARY);
    EXPECT("user-boundary", "unknown permissions_boundary");
    scene_end(&s);
}

static void test_tags(void **state)
{
    (void)state;
    struct rules_scene s;
    struct error e;
    scene_begin(&s);
    assert_int_equal(
        check_options_limit(&s.options, VIEW_LITERAL("user-tag=owner, team"), "--limit", &e), 0);
    EXPECT("user-tag", "fail");
    add_tag(&s, "owner", "jo");
    EXPECT("user-tag", "fail");
    add_tag(&s, "Team", "x");
    EXPECT("user-tag", "fail");
    add_tag(&s, "team", "");
    EXPECT("user-tag", "pass");
    s.user.unknown = F(TAGS);
    EXPECT("user-tag", "unknown tags");
    scene_end(&s);
}

static void test_lists_that_are_unknown(void **state)
{
    (void)state;
    struct rules_scene s;
    scene_begin(&s);
    s.user.unknown = F(KEYS) | F(SERVICE_CREDENTIALS) | F(CERTIFICATES);
    EXPECT("user-key-age", "unknown access_keys");
    EXPECT("user-key-unused", "unknown access_keys");
    EXPECT("user-key-at-setup", "unknown access_keys");
    EXPECT("user-inactive-key", "unknown access_keys");
    EXPECT("user-two-active-keys", "unknown access_keys");
    EXPECT("user-certificate-age", "unknown signing_certificates");
    EXPECT("user-service-credential-age", "unknown service_credentials");
    EXPECT("user-api-key-no-expiry", "unknown service_credentials");
    EXPECT("user-no-credential", "unknown access_keys service_credentials signing_certificates");
    EXPECT("user-dormant", "unknown access_keys service_credentials signing_certificates");
    s.user.has_password = true;
    EXPECT("user-no-credential", "pass value=1000");
    s.user.password_used_s = ago(D(1));
    EXPECT("user-dormant", "pass");
    scene_end(&s);
}

static void test_credentials_without_recorded_use(void **state)
{
    (void)state;
    struct rules_scene s;
    scene_begin(&s);
    add_credential(&s, "ACCA1", "codecommit.amazonaws.com", I, D(400));
    add_certificate(&s, "CERT1", I, D(400));
    EXPECT("user-dormant", "pass value=1000");
    EXPECT("user-no-credential", "fail value=1000 since=78624000");
    add_certificate(&s, "CERT2", A, D(400));
    EXPECT("user-dormant", "unknown signing_certificates");
    EXPECT("user-no-credential", "pass value=1000");
    s.user.certificates = NULL;
    add_credential(&s, "ACCA0", "codecommit.amazonaws.com", A, D(400));
    EXPECT("user-dormant", "unknown service_credentials");
    s.user.password_used_s = ago(D(89));
    EXPECT("user-dormant", "pass");
    s.user.password_used_s = TIMESTAMP_NONE;
    s.user.created_s = ago(D(89));
    EXPECT("user-dormant", "pass");
    scene_end(&s);
}

static void test_service_credentials(void **state)
{
    (void)state;
    struct rules_scene s;
    scene_begin(&s);
    struct service_credential *c = add_credential(&s, "ACCA1", "bedrock.amazonaws.com", A, D(91));
    EXPECT("user-service-credential-age", "fail value=91 since=0 of ACCA1");
    EXPECT("user-api-key-no-expiry", "fail since=7862400 of ACCA1");
    c->service = VIEW_LITERAL("logs.amazonaws.com");
    EXPECT("user-api-key-no-expiry", "fail since=7862400 of ACCA1");
    c->service = VIEW_LITERAL("codecommit.amazonaws.com");
    EXPECT("user-api-key-no-expiry", "pass of ACCA1");
    c->service = VIEW_LITERAL("bedrock.amazonaws.com");
    c->expires_s = STARTED_S + 1;
    EXPECT("user-api-key-no-expiry", "pass of ACCA1");
    c->created_s = ago(D(91) - 1);
    EXPECT("user-service-credential-age", "pass value=90 of ACCA1");
    c->created_s = TIMESTAMP_NONE;
    EXPECT("user-service-credential-age", "unknown of ACCA1 service_credentials.created_at");
    c->status = VIEW_LITERAL(I);
    c->expires_s = TIMESTAMP_NONE;
    EXPECT("user-service-credential-age", "pass of ACCA1");
    EXPECT("user-api-key-no-expiry", "pass of ACCA1");
    scene_end(&s);
}

static void test_certificates(void **state)
{
    (void)state;
    struct rules_scene s;
    scene_begin(&s);
    add_certificate(&s, "CERT1", A, D(366));
    add_certificate(&s, "CERT0", A, D(366) - 1);
    add_certificate(&s, "CERT2", I, D(700));
    add_certificate(&s, "CERT3", A, LOST);
    EXPECT("user-certificate-age", "pass value=365 of CERT0\nfail value=366 since=0 of CERT1\n"
                                   "pass value=700 of CERT2\n"
                                   "unknown of CERT3 signing_certificates.uploaded_at");
    scene_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_policies),
        cmocka_unit_test(test_tags),
        cmocka_unit_test(test_lists_that_are_unknown),
        cmocka_unit_test(test_credentials_without_recorded_use),
        cmocka_unit_test(test_service_credentials),
        cmocka_unit_test(test_certificates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
