/* SPDX-License-Identifier: MIT */
/* What a run finds out first: what is asked in which order, and what a refusal then says. */
#include "app_scene.h"

#include "app/discovery.h"
#include "app/services.h"

#define ORGANIZATION "{\"Organization\":{\"Id\":\"o-abcdefghij\"}}"
#define ACTIVE_ONE                                                                                 \
    "{\"Accounts\":[{\"Id\":\"111111111111\",\"Name\":\"one\",\"State\":\"ACTIVE\"},"              \
    "{\"Id\":\"222222222222\",\"Name\":\"two\",\"State\":\"SUSPENDED\"}]}"

static const struct census_account given[] = {{.id = "333333333333"}};

/* A search, the one operation that is refused, and the one that is not answered at once. */
struct search {
    struct app_scene *scene;
    struct services services;
    struct discovery discovery;
    struct error error;
    const char *refused, *code, *late; /* NULL: none is */
    struct wire_request *late_request;
};

static void search_refuse(struct search *s, struct wire_request *r)
{
    char body[512];
    snprintf(body, sizeof(body),
             "<ErrorResponse><Error><Code>%s</Code><Message>not you</Message></Error>"
             "</ErrorResponse>",
             s->code);
    if (r->body[0] == '{')
        snprintf(body, sizeof(body), "{\"__type\":\"%s\",\"message\":\"not you\"}", s->code);
    wire_reply(r->peer, 400, "", body);
}

static void search_reply(struct search *s, struct wire_request *r, const char *operation)
{
    if (s->refused && strcmp(operation, s->refused) == 0)
        search_refuse(s, r);
    else if (strcmp(operation, "DescribeOrganization") == 0)
        wire_reply(r->peer, 200, "", ORGANIZATION);
    else if (strcmp(operation, "ListAccounts") == 0)
        wire_reply(r->peer, 200, "", ACTIVE_ONE);
    else
        app_answer_query(s->scene, r, operation);
}

static void search_answer(struct wire *w, struct wire_request *r)
{
    struct search *s = w->arg;
    char target[1024];
    const char *operation = wire_header(r->head, "X-Amz-Target", target);
    if (operation[0] != '\0')
        operation = strchr(target, '.') + 1;
    else
        operation = app_word(strstr(r->body, "Action=") + 7, "&", target);
    buffer_addf(&s->scene->log, "%s\n", operation);
    if (s->late && strcmp(operation, s->late) == 0)
        s->late_request = r;
    else
        search_reply(s, r, operation);
}

static void search_on_done(void *arg, const struct error *e)
{
    struct search *s = arg;
    if (e)
        s->error = *e;
    app_on_done(s->scene);
}

/* Begins it. 'organization' is the id that the config has, or NULL. */
static void search_begin(struct search *s, struct app_scene *scene,
                         const struct discovery_options *options, const char *organization)
{
    struct discovery_options with_config = *options;
    s->scene = scene;
    scene->w->answer = search_answer;
    scene->w->arg = s;
    config_release(&scene->config);
    app_configure(scene);
    scene->config.organization_id = view_of(organization);
    with_config.config = &scene->config;
    services_init(&s->services, &scene->platform, 4);
    discovery_init(&s->discovery, &s->services);
    discovery_start(&s->discovery, &with_config, search_on_done, s);
    assert_int_equal(scene->calls, 0);
}

static void search_end(struct search *s)
{
    discovery_cancel(&s->discovery);
    services_release(&s->services);
}

static void assert_asked(const struct search *s, const char *operations)
{
    assert_string_equal(buffer_text(&s->scene->log), operations);
}

static void assert_found(const struct search *s)
{
    if (s->error.kind != ERROR_NONE)
        fail_msg("%s", s->error.text);
}

static void assert_says(const struct search *s, enum error_kind kind, const char *text)
{
    if (!strstr(s->error.text, text))
        fail_msg("'%s' is not in '%s'", text, s->error.text);
    assert_int_equal(s->error.kind, kind);
}

/* The time is that of the answers before: nobody is asked for it. */
static void test_order(void **state)
{
    static const struct discovery_options options = {.needs_organization_id = true,
                                                     .needs_time = true};
    struct search s = {0};
    size_t count;
    search_begin(&s, *state, &options, NULL);
    app_run(s.scene);
    assert_found(&s);
    assert_asked(&s, "DescribeOrganization\nListAccounts\n");
    assert_string_equal(s.discovery.organization_id, "o-abcdefghij");
    assert_true(s.discovery.started.at_s >= WIRE_NOON_S);
    const struct census_account *accounts = discovery_accounts(&s.discovery, &count);
    assert_int_equal(count, 1);
    assert_string_equal(accounts[0].id, "111111111111");
    discovery_skipped(&s.discovery, &count);
    assert_int_equal(count, 1);
    search_end(&s);
}

/* What is given is not asked for, and neither is what is not needed. */
static void test_only_what_is_needed(void **state)
{
    static const struct {
        struct discovery_options options;
        const char *organization;
        const char *asked;
    } cases[] = {
        {{.needs_organization_id = true}, "o-0123456789", "ListAccounts\n"},
        {{.needs_organization_id = false}, NULL, "ListAccounts\n"},
        {{.accounts = given, .account_count = 1, .needs_organization_id = true},
         NULL,
         "DescribeOrganization\n"},
        {{.accounts = given, .account_count = 1, .needs_time = true}, NULL, "GetCallerIdentity\n"},
        {{.accounts = given, .account_count = 1}, NULL, ""},
    };
    struct app_scene *scene = *state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct search s = {0};
        size_t count;
        buffer_clear(&scene->log);
        search_begin(&s, scene, &cases[i].options, cases[i].organization);
        app_run(scene);
        assert_found(&s);
        assert_asked(&s, cases[i].asked);
        if (cases[i].organization)
            assert_string_equal(s.discovery.organization_id, cases[i].organization);
        const struct census_account *accounts = discovery_accounts(&s.discovery, &count);
        assert_int_equal(count, 1);
        assert_string_equal(accounts[0].id,
                            cases[i].options.accounts ? given[0].id : "111111111111");
        search_end(&s);
    }
}

/* The accounts of the config need no call. */
static void test_accounts_of_the_config(void **state)
{
    static const struct discovery_options options = {.needs_time = true};
    struct search s = {0};
    size_t count;
    app_set(*state, SETTING_ACCOUNTS, "444444444444,555555555555");
    app_set(*state, SETTING_EXCLUDE, "444444444444");
    search_begin(&s, *state, &options, NULL);
    app_run(s.scene);
    assert_found(&s);
    assert_asked(&s, "GetCallerIdentity\n");
    assert_string_equal(discovery_accounts(&s.discovery, &count)->id, "555555555555");
    assert_int_equal(count, 1);
    search_end(&s);
}

/* Each says what may stand in for the answer, and nothing more is asked. */
static void test_refusals(void **state)
{
    static const struct {
        const char *refused, *code;
        enum error_kind kind;
        const char *asked, *said;
    } cases[] = {
        {"DescribeOrganization", "AccessDeniedException", ERROR_CONFIG, "DescribeOrganization\n",
         "can't be asked of AWS Organizations (give --organization-id"},
        {"DescribeOrganization", "UnrecognizedClientException", ERROR_SERVICE,
         "DescribeOrganization\n", "refused: AWS does not know this access key"},
        {"ListAccounts", "AccessDeniedException", ERROR_SERVICE,
         "DescribeOrganization\nListAccounts\n",
         "accounts could not be listed (--accounts names them instead): "},
        {"ListAccounts", "UnrecognizedClientException", ERROR_SERVICE,
         "DescribeOrganization\nListAccounts\n", "refused: AWS does not know this access key"},
    };
    static const struct discovery_options options = {.needs_organization_id = true,
                                                     .needs_time = true};
    struct app_scene *scene = *state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct search s = {.refused = cases[i].refused, .code = cases[i].code};
        buffer_clear(&scene->log);
        search_begin(&s, scene, &options, NULL);
        app_run(scene);
        assert_says(&s, cases[i].kind, cases[i].said);
        assert_asked(&s, cases[i].asked);
        search_end(&s);
    }
}

/* The refusal of one service is no reason not to try the roles; refused credentials are. */
static void test_time_is_refused(void **state)
{
    static const struct discovery_options options = {
        .accounts = given, .account_count = 1, .needs_time = true};
    struct search denied = {.refused = "GetCallerIdentity", .code = "AccessDenied"};
    struct search unknown = {.refused = "GetCallerIdentity", .code = "InvalidClientTokenId"};
    struct app_scene *scene = *state;
    search_begin(&denied, scene, &options, NULL);
    app_run(scene);
    assert_found(&denied);
    search_end(&denied);
    search_begin(&unknown, scene, &options, NULL);
    app_run(scene);
    assert_says(&unknown, ERROR_SERVICE, "refused: AWS does not know this access key");
    search_end(&unknown);
}

static void test_unit_that_does_not_exist(void **state)
{
    static const struct discovery_options options = {.needs_time = true};
    struct search s = {.refused = "ListAccountsForParent", .code = "ParentNotFoundException"};
    app_set(*state, SETTING_UNITS, "ou-abcd-12345678");
    search_begin(&s, *state, &options, NULL);
    app_run(s.scene);
    assert_says(&s, ERROR_SERVICE, "has no such organizational unit or root (--ou): ");
    search_end(&s);
}

static void test_no_account_is_left(void **state)
{
    static const struct discovery_options options = {.needs_time = true};
    struct search s = {0};
    app_set(*state, SETTING_EXCLUDE, "111111111111");
    search_begin(&s, *state, &options, NULL);
    app_run(s.scene);
    assert_says(&s, ERROR_CONFIG, "there is no account to read");
    assert_asked(&s, "ListAccounts\n");
    search_end(&s);
}

static const char *no_credentials(void *arg, const char *name)
{
    (void)arg;
    return strcmp(name, "AWS_EC2_METADATA_DISABLED") == 0 ? "true" : NULL;
}

/* Settings that can't be used are wrong usage, whichever they are; nobody is contacted. */
static void test_before_the_first_call(void **state)
{
    static const struct environ nothing = {no_credentials, NULL};
    static const struct discovery_options options = {.needs_time = true};
    struct app_scene *scene = *state;
    struct search s = {0}, misled = {0};
    const struct environ *env = scene->platform.env;
    scene->platform.env = &nothing;
    search_begin(&s, scene, &options, NULL);
    app_run(scene);
    assert_says(&s, ERROR_CONFIG, "no AWS credentials found");
    search_end(&s);
    scene->platform.env = env;
    free(scene->platform.overrides[SERVICE_STS]);
    scene->platform.overrides[SERVICE_STS] = xstrdup("http://example.com");
    search_begin(&misled, scene, &options, NULL);
    app_run(scene);
    assert_says(&misled, ERROR_CONFIG, "would send requests unencrypted");
    search_end(&misled);
    assert_int_equal(scene->w->count, 0);
}

/* Whatever is under way by then: nobody is called any more. */
static void test_cancelled(void **state)
{
    static const struct {
        struct discovery_options options;
        const char *late; /* the operation that is under way */
        size_t requests;
        bool begun; /* the credentials are being waited for */
    } cases[] = {
        {{.needs_organization_id = true}, NULL, 0, false},
        {{.needs_organization_id = true}, NULL, 0, true},
        {{.needs_organization_id = true}, "DescribeOrganization", 1, true},
        {{.needs_organization_id = true}, "ListAccounts", 2, true},
        {{.accounts = given, .account_count = 1, .needs_time = true}, "GetCallerIdentity", 1, true},
    };
    struct app_scene *scene = *state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct search s = {.late = cases[i].late};
        size_t requests = scene->w->count;
        search_begin(&s, scene, &cases[i].options, NULL);
        if (cases[i].begun)
            wire_pass(scene->w, 0);
        wire_await(scene->w, requests + cases[i].requests);
        discovery_cancel(&s.discovery);
        if (s.late_request)
            search_reply(&s, s.late_request, s.late);
        wire_pass(scene->w, 100000);
        assert_int_equal(scene->calls, 0);
        search_end(&s);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, app_begin, app_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_order),
        TEST(test_only_what_is_needed),
        TEST(test_accounts_of_the_config),
        TEST(test_refusals),
        TEST(test_time_is_refused),
        TEST(test_unit_that_does_not_exist),
        TEST(test_no_account_is_left),
        TEST(test_before_the_first_call),
        TEST(test_cancelled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
