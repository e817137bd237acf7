/* SPDX-License-Identifier: MIT */
/* Which accounts are read: listed, an organization's, or those of units; over the wire. */
#include "wire_scene.h"

#include "base/log.h"
#include "census/accounts.h"

#include <jansson.h>

struct scene {
    struct wire *w;
    struct wire_keys keys;
    struct credentials_cache cache;
    struct accounts *accounts;
    struct accounts_options options;
    bool over;
    int calls;
    struct error error;
    struct buffer told;
    /* What the server knows: the answer for an operation, parent and token. */
    const struct row *rows;
    size_t row_count;
    struct view excluded[4], units[4];
};

/* "ListAccounts", "", "" -> the body. */
struct row {
    const char *operation, *parent, *token, *body;
};

static const char *text_in(const json_t *input, const char *key)
{
    const char *text = json_string_value(json_object_get(input, key));
    return text ? text : "";
}

static void answer_rows(struct wire *w, struct wire_request *r)
{
    const struct scene *s = w->arg;
    char target[1024];
    wire_header(r->head, "X-Amz-Target", target);
    json_t *input = json_loads(r->body, 0, NULL);
    assert_non_null(input);
    const char *operation = strchr(target, '.') + 1;
    const char *body = NULL;
    for (size_t i = 0; i < s->row_count && !body; i++)
        if (strcmp(s->rows[i].operation, operation) == 0 &&
            strcmp(s->rows[i].parent, text_in(input, "ParentId")) == 0 &&
            strcmp(s->rows[i].token, text_in(input, "NextToken")) == 0)
            body = s->rows[i].body;
    json_decref(input);
    if (body)
        wire_reply(r->peer, 200, "", body);
    else
        wire_reply(r->peer, 400, "", "{\"__type\":\"ParentNotFoundException\",\"Message\":\"?\"}");
}

static int scene_begin(void **state)
{
    struct scene *s = xcalloc(1, sizeof(*s));
    log_configure(LOG_ERROR, LOG_TEXT, NULL);
    s->w = wire_new(answer_rows);
    s->w->arg = s;
    wire_client(s->w, 4);
    wire_endpoint(s->w, SERVICE_ORGANIZATIONS);
    wire_keys_init(&s->keys, s->w);
    credentials_cache_init(&s->cache, s->w->loop, &s->keys.base);
    s->options.organizations = (struct aws_target){
        .client = s->w->client, .endpoint = &s->w->endpoint, .credentials = &s->cache};
    s->options.excluded = s->excluded;
    buffer_init(&s->told, 65536);
    *state = s;
    return 0;
}

static int scene_end(void **state)
{
    struct scene *s = *state;
    accounts_free(s->accounts);
    credentials_cache_release(&s->cache);
    buffer_release(&s->told);
    wire_free(s->w);
    free(s);
    return 0;
}

static void on_found(void *arg, const struct error *e)
{
    struct scene *s = arg;
    s->over = true;
    s->calls++;
    if (e)
        s->error = *e;
}

static void find(struct scene *s)
{
    accounts_free(s->accounts);
    s->over = false;
    s->calls = 0;
    error_clear(&s->error);
    s->accounts = accounts_find(&s->options, on_found, s);
    assert_false(s->over);
    wire_run(s->w, &s->over);
    assert_int_equal(s->calls, 1);
}

/* "111111111111=Shop 222222222222=- " */
static const char *found(struct scene *s)
{
    size_t count;
    const struct census_account *list = accounts_list(s->accounts, &count);
    if (s->error.kind != ERROR_NONE)
        fail_msg("%s", s->error.text);
    buffer_clear(&s->told);
    for (size_t i = 0; i < count; i++)
        buffer_addf(&s->told, "%s=%.*s ", list[i].id, list[i].name.ptr ? (int)list[i].name.len : 1,
                    list[i].name.ptr ? list[i].name.ptr : "-");
    return buffer_text(&s->told);
}

/* "333333333333=SUSPENDED " */
static const char *skipped(struct scene *s)
{
    size_t count;
    const struct skipped_account *list = accounts_skipped(s->accounts, &count);
    buffer_clear(&s->told);
    for (size_t i = 0; i < count; i++)
        buffer_addf(&s->told, "%s=%.*s ", list[i].id, VIEW_ARG(list[i].state));
    return buffer_text(&s->told);
}

static void assert_failed(const struct scene *s, enum error_kind kind, const char *part)
{
    if (!strstr(s->error.text, part))
        fail_msg("'%s' is not in '%s'", part, s->error.text);
    assert_int_equal(s->error.kind, kind);
}

#define ROWS(s, ...)                                                                               \
    do {                                                                                           \
        static const struct row rows_[] = {__VA_ARGS__};                                           \
        (s)->rows = rows_;                                                                         \
        (s)->row_count = sizeof(rows_) / sizeof(rows_[0]);                                         \
    } while (0)

#define ACCOUNT(id, name, more) "{\"Id\":\"" id "\",\"Name\":\"" name "\"," more "}"
#define STATE(word)             "\"State\":\"" word "\""
#define STATUS(word)            "\"Status\":\"" word "\""
#define PAGE(items, more)       "{\"Accounts\":[" items "]" more "}"
#define UNITS(items, more)      "{\"OrganizationalUnits\":[" items "]" more "}"
#define UNIT(id)                "{\"Id\":\"" id "\"}"
#define TOKEN(token)            ",\"NextToken\":\"" token "\""

static void test_id_valid(void **state)
{
    (void)state;
    assert_true(account_id_valid(VIEW_LITERAL("012345678901")));
    assert_false(account_id_valid(VIEW_LITERAL("01234567890")));
    assert_false(account_id_valid(VIEW_LITERAL("0123456789012")));
    assert_false(account_id_valid(VIEW_LITERAL("01234567890a")));
    assert_false(account_id_valid(VIEW_LITERAL("0123456789:1")));
    assert_false(account_id_valid(VIEW_LITERAL("0123456789/1")));
    assert_false(account_id_valid(VIEW_NONE));
}

/* ---- a list ---- */

static void test_listed(void **state)
{
    struct scene *s = *state;
    const struct view listed[] = {VIEW_LITERAL("333333333333"), VIEW_LITERAL("111111111111"),
                                  VIEW_LITERAL("333333333333"), VIEW_LITERAL("222222222222")};
    s->options.listed = listed;
    s->options.listed_count = 4;
    s->excluded[0] = VIEW_LITERAL("222222222222");
    s->excluded[1] = VIEW_LITERAL("999999999999");
    s->options.excluded_count = 2;
    find(s);
    assert_string_equal(found(s), "111111111111=- 333333333333=- ");
    assert_int_equal(s->w->count, 0); /* nobody is asked */
}

static void no_answer(struct wire *w, struct wire_request *r)
{
    (void)w, (void)r;
}

static void test_freed_before_it_is_told(void **state)
{
    struct scene *s = *state;
    const struct view listed[] = {VIEW_LITERAL("333333333333")};
    s->options.listed = listed;
    s->options.listed_count = 1;
    accounts_free(accounts_find(&s->options, on_found, s));
    s->options.listed = NULL;
    s->w->answer = no_answer;
    s->accounts = accounts_find(&s->options, on_found, s);
    wire_await(s->w, 1);
    accounts_free(s->accounts);
    s->accounts = NULL;
    wire_pass(s->w, 100);
    assert_int_equal(s->calls, 0);
    accounts_free(NULL);
}

/* ---- an organization ---- */

static void test_pages(void **state)
{
    struct scene *s = *state;
    ROWS(s,
         {"ListAccounts", "", "",
          PAGE(ACCOUNT("333333333333", "Shop", STATE("ACTIVE")), TOKEN("one"))},
         {"ListAccounts", "", "one", PAGE("", TOKEN("two"))},
         {"ListAccounts", "", "two", PAGE("", TOKEN("three"))},
         {"ListAccounts", "", "three",
          PAGE(ACCOUNT("111111111111", "Caf\xc3\xa9", STATE("ACTIVE")), ",\"NextToken\":null")});
    find(s);
    assert_string_equal(found(s), "111111111111=Caf\xc3\xa9 333333333333=Shop ");
    assert_int_equal(s->w->count, 4);
}

#define ARN(management) "\"Arn\":\"arn:aws:organizations::" management ":account/o-exampleorg/1\","
static const char placed[] = "{\"Accounts\":["
                             "{\"Id\":\"111111111111\",\"State\":\"ACTIVE\"," ARN("111111111111") //
    "\"Paths\":[\"o/r/1/\"]},"
    "{\"Id\":\"222222222222\",\"State\":\"ACTIVE\"," ARN("111111111111") //
    "\"Paths\":[\"o/r/u/2/\",\"other\"]},"
    "{\"Id\":\"333333333333\",\"State\":\"ACTIVE\"," ARN("11111111111x") //
    "\"Paths\":[]},"
    "{\"Id\":\"444444444444\",\"State\":\"ACTIVE\",\"Arn\":\"arn:aws\",\"Paths\":7},"
    "{\"Id\":\"555555555555\",\"State\":\"CLOSED\",\"Name\":\"e\",\"Paths\":[\"o/r/5/\"]}]}";

/* Path and membership of an account, if Organizations tells them in the form that is known. */
static void test_places(void **state)
{
    struct scene *s = *state;
    size_t count;
    ROWS(s, {"ListAccounts", "", "", placed});
    find(s);
    const struct census_account *list = accounts_list(s->accounts, &count);
    assert_int_equal(count, 4);
    assert_true(view_is(list[0].ou, "o/r/1/"));
    assert_int_equal(list[0].membership, MEMBERSHIP_MANAGEMENT);
    assert_true(view_is(list[0].state, "ACTIVE"));
    assert_true(view_is(list[1].ou, "o/r/u/2/"));
    assert_int_equal(list[1].membership, MEMBERSHIP_MEMBER);
    for (size_t i = 2; i < 4; i++) {
        assert_null(list[i].ou.ptr);
        assert_int_equal(list[i].membership, MEMBERSHIP_UNKNOWN);
    }
    const struct skipped_account *skipped_list = accounts_skipped(s->accounts, &count);
    assert_int_equal(count, 1);
    assert_true(view_is(skipped_list->ou, "o/r/5/"));
    assert_true(view_is(skipped_list->name, "e"));
    assert_int_equal(skipped_list->membership, MEMBERSHIP_UNKNOWN);
}

/* State decides; Status only if there is no State. */
static void test_active(void **state)
{
    struct scene *s = *state;
    ROWS(
        s, {"ListAccounts", "", "",
            PAGE(
                ACCOUNT("111111111111", "a", STATE("ACTIVE") "," STATUS("SUSPENDED")) "," ACCOUNT("222222222222", "b", STATE("SUSPENDED") "," STATUS("ACTIVE")) "," ACCOUNT(
                    "333333333333", "c",
                    STATUS(
                        "ACTIVE")) "," ACCOUNT("444444444444", "d",
                                               STATUS(
                                                   "SUSPENDED")) "," ACCOUNT("555555555555", "e",
                                                                             STATE(
                                                                                 "PENDING_"
                                                                                 "CLOSURE")) "," ACCOUNT("666666666666",
                                                                                                         "f",
                                                                                                         STATE(
                                                                                                             "CLOSED")) "," ACCOUNT("777777777777",
                                                                                                                                    "g",
                                                                                                                                    STATE(
                                                                                                                                        "PENDING_ACTIVATION")) "," ACCOUNT("888888888888",
                                                                                                                                                                           "h",
                                                                                                                                                                           STATE(
                                                                                                                                                                               "active")),
                "")});
    find(s);
    assert_string_equal(found(s), "111111111111=a 333333333333=c ");
    assert_string_equal(skipped(s), "222222222222=SUSPENDED 444444444444=SUSPENDED "
                                    "555555555555=PENDING_CLOSURE 666666666666=CLOSED "
                                    "777777777777=PENDING_ACTIVATION 888888888888=active ");
    /* One that is excluded is accounted for by that alone. */
    s->excluded[0] = VIEW_LITERAL("222222222222");
    s->excluded[1] = VIEW_LITERAL("888888888888");
    s->options.excluded_count = 2;
    find(s);
    assert_string_equal(skipped(s), "444444444444=SUSPENDED 555555555555=PENDING_CLOSURE "
                                    "666666666666=CLOSED 777777777777=PENDING_ACTIVATION ");
}

/* Listed twice while it changes: read if it was ACTIVE once, else left out once. */
static void test_changed_between_pages(void **state)
{
    struct scene *s = *state;
    ROWS(s,
         {"ListAccounts", "", "",
          PAGE(ACCOUNT("111111111111", "a", STATE("ACTIVE")) "," ACCOUNT("222222222222", "b",
                                                                         STATE("SUSPENDED")),
               TOKEN("one"))},
         {"ListAccounts", "", "one",
          PAGE(ACCOUNT("111111111111", "a", STATE("SUSPENDED")) "," ACCOUNT("222222222222", "b",
                                                                            STATE("CLOSED")),
               "")});
    find(s);
    assert_string_equal(found(s), "111111111111=a ");
    assert_int_equal(strncmp(skipped(s), "222222222222=", 13), 0);
    assert_null(strchr(strchr(skipped(s), ' ') + 1, '='));
}

static void test_excluded(void **state)
{
    struct scene *s = *state;
    ROWS(s, {"ListAccounts", "", "",
             PAGE(ACCOUNT("222222222222", "b", STATE("ACTIVE")) "," ACCOUNT("111111111111", "a",
                                                                            STATE("ACTIVE")),
                  "")});
    s->excluded[0] = VIEW_LITERAL("222222222222");
    s->options.excluded_count = 1;
    find(s);
    assert_string_equal(found(s), "111111111111=a ");
    s->excluded[1] = VIEW_LITERAL("111111111111");
    s->options.excluded_count = 2;
    find(s);
    assert_string_equal(found(s), "");
}

static void test_listed_twice(void **state)
{
    struct scene *s = *state;
    ROWS(s, {"ListAccounts", "", "",
             PAGE(ACCOUNT("111111111111", "a", STATE("ACTIVE")) "," ACCOUNT("111111111111", "again",
                                                                            STATE("ACTIVE")),
                  "")});
    find(s);
    /* One of the two that are called alike stays, whichever. */
    assert_int_equal(strncmp(found(s), "111111111111=a", 14), 0);
    assert_null(strchr(strchr(found(s), ' ') + 1, '='));
}

static void test_repeated_token(void **state)
{
    struct scene *s = *state;
    ROWS(s, {"ListAccounts", "", "", PAGE("", TOKEN("one"))},
         {"ListAccounts", "", "one", PAGE("", TOKEN("one"))});
    find(s);
    assert_failed(s, ERROR_LIMIT, "ListAccounts: its pages do not end");
    assert_int_equal(s->w->count, 2);
}

static void test_denied(void **state)
{
    struct scene *s = *state;
    s->rows = NULL;
    s->row_count = 0;
    find(s);
    assert_failed(s, ERROR_SERVICE, "?");
    assert_string_equal(s->error.code, "ParentNotFoundException");
}

static void test_malformed(void **state)
{
    struct scene *s = *state;
    static const struct {
        const char *body, *part;
    } bodies[] = {
        {"{}", "the answer has no 'Accounts'"},
        {"{\"Accounts\":null}", "the answer has no 'Accounts'"},
        {"{\"Accounts\":[{}]}", "an account without id or state"},
        {"{\"Accounts\":[7]}", "an account without id or state"},
        {"{\"Accounts\":[{\"Id\":7,\"State\":\"ACTIVE\"}]}", "'Id' is not a string"},
        {"{\"Accounts\":[{\"Id\":\"111111111111\",\"State\":7,\"Status\":\"ACTIVE\"}]}",
         "'State' is not a string"},
        {"{\"Accounts\":[{\"Id\":\"111111111111\",\"Status\":{}}]}", "'Status' is not a string"},
        {"{\"Accounts\":[{\"Id\":\"111111111111\",\"State\":\"ACTIVE\",\"Name\":[]}]}",
         "'Name' is not a string"},
        /* Half a list must not pass for a whole one. */
        {"{\"Accounts\":[],\"NextToken\":5}", "'NextToken' is not a string"},
        {"{\"Accounts\":[],\"NextToken\":{}}", "'NextToken' is not a string"},
        {"{\"Accounts\":[],\"NextToken\":[]}", "'NextToken' is not a string"},
        {"{\"Accounts\":[],\"NextToken\":true}", "'NextToken' is not a string"},
        {"{\"Accounts\":[{\"Id\":\"12\",\"State\":\"ACTIVE\"}]}", "not 12 digits: '12'"},
        {"{\"Accounts\":[{\"Id\":\"1111111111111111\",\"State\":\"ACTIVE\"}]}", "not 12 digits"},
        {"{\"Accounts\":[{\"Id\":\"11111111111a\",\"State\":\"SUSPENDED\"}]}", "not 12 digits"},
        {"{\"Accounts\":[{\"Id\":\"111111111111\"}]}", "an account without id or state"},
    };
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        const struct row row = {"ListAccounts", "", "", bodies[i].body};
        s->rows = &row;
        s->row_count = 1;
        find(s);
        assert_failed(s, ERROR_PROTOCOL, bodies[i].part);
    }
}

/* ---- units ---- */

#define ORGANIZATION                                                                               \
    {"ListAccountsForParent", "r-root", "",                                                        \
     PAGE(ACCOUNT("111111111111", "top", STATE("ACTIVE")), "")},                                   \
        {"ListOrganizationalUnitsForParent", "r-root", "", UNITS(UNIT("ou-a"), TOKEN("u2"))},      \
        {"ListOrganizationalUnitsForParent", "r-root", "u2", UNITS(UNIT("ou-b"), "")},             \
        {"ListAccountsForParent", "ou-a", "", PAGE("", TOKEN("p2"))},                              \
        {"ListAccountsForParent", "ou-a", "p2",                                                    \
         PAGE(ACCOUNT("222222222222", "a", STATE("ACTIVE")), "")},                                 \
        {"ListOrganizationalUnitsForParent", "ou-a", "", UNITS(UNIT("ou-a1"), "")},                \
        {"ListAccountsForParent", "ou-b", "",                                                      \
         PAGE(ACCOUNT("333333333333", "b", STATE("SUSPENDED")), "")},                              \
        {"ListOrganizationalUnitsForParent", "ou-b", "", UNITS("", "")},                           \
        {"ListAccountsForParent", "ou-a1", "",                                                     \
         PAGE(ACCOUNT("444444444444", "a1", STATE("ACTIVE")), "")},                                \
    {                                                                                              \
        "ListOrganizationalUnitsForParent", "ou-a1", "", UNITS("", "")                             \
    }

static void test_units_are_walked(void **state)
{
    struct scene *s = *state;
    ROWS(s, ORGANIZATION);
    s->options.units = s->units;
    s->options.unit_count = 1;
    s->units[0] = VIEW_LITERAL("r-root");
    find(s);
    assert_string_equal(found(s), "111111111111=top 222222222222=a 444444444444=a1 ");
    s->units[0] = VIEW_LITERAL("ou-a");
    find(s);
    assert_string_equal(found(s), "222222222222=a 444444444444=a1 ");
    s->units[0] = VIEW_LITERAL("ou-b");
    find(s);
    assert_string_equal(found(s), "");
    /* One inside the other, and twice: each account once, each unit asked for once. */
    s->units[0] = VIEW_LITERAL("ou-a1");
    s->units[1] = VIEW_LITERAL("ou-a");
    s->options.unit_count = 2;
    size_t before = s->w->count;
    find(s);
    assert_string_equal(found(s), "222222222222=a 444444444444=a1 ");
    assert_int_equal(s->w->count - before, 5);
}

/* A unit that can't be read must not be left out. */
static void test_malformed_units(void **state)
{
    static const struct {
        const char *body, *part;
    } bodies[] = {
        {"{}", "the answer has no 'OrganizationalUnits'"},
        {"{\"OrganizationalUnits\":[{}]}", "a unit without id"},
        {"{\"OrganizationalUnits\":[{\"Id\":null}]}", "a unit without id"},
        {"{\"OrganizationalUnits\":[{\"Id\":7}]}", "'Id' is not a string"},
        {"{\"OrganizationalUnits\":[{\"Id\":\"ou-a\"},7]}", "a unit without id"},
    };
    struct scene *s = *state;
    s->options.units = s->units;
    s->options.unit_count = 1;
    s->units[0] = VIEW_LITERAL("r-root");
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        const struct row rows[] = {
            {"ListAccountsForParent", "r-root", "", PAGE("", "")},
            {"ListOrganizationalUnitsForParent", "r-root", "", bodies[i].body},
        };
        s->rows = rows;
        s->row_count = 2;
        find(s);
        assert_failed(s, ERROR_PROTOCOL, bodies[i].part);
    }
}

static void test_units_and_lists(void **state)
{
    struct scene *s = *state;
    const struct view listed[] = {VIEW_LITERAL("444444444444"), VIEW_LITERAL("999999999999"),
                                  VIEW_LITERAL("222222222222")};
    ROWS(s, ORGANIZATION);
    s->options.units = s->units;
    s->options.unit_count = 1;
    s->units[0] = VIEW_LITERAL("ou-a");
    s->options.listed = listed;
    s->options.listed_count = 3;
    s->excluded[0] = VIEW_LITERAL("444444444444");
    s->options.excluded_count = 1;
    find(s);
    /* In both, and not left out; with the name that Organizations has. */
    assert_string_equal(found(s), "222222222222=a ");
    assert_string_equal(skipped(s), "");
    s->units[0] = VIEW_LITERAL("ou-b");
    const struct view suspended[] = {VIEW_LITERAL("222222222222"), VIEW_LITERAL("333333333333")};
    s->options.listed = suspended;
    s->options.listed_count = 2;
    find(s);
    assert_string_equal(found(s), "");
    assert_string_equal(skipped(s), "333333333333=SUSPENDED ");
    s->options.listed_count = 1; /* what nobody listed is not missed either */
    find(s);
    assert_string_equal(skipped(s), "");
}

/* Units that hold each other (which AWS has not) come to an end. */
static void test_units_in_a_ring(void **state)
{
    struct scene *s = *state;
    ROWS(s, {"ListAccountsForParent", "ou-a", "", PAGE("", "")},
         {"ListOrganizationalUnitsForParent", "ou-a", "", UNITS(UNIT("ou-b") "," UNIT("ou-a"), "")},
         {"ListAccountsForParent", "ou-b", "",
          PAGE(ACCOUNT("111111111111", "b", STATE("ACTIVE")), "")},
         {"ListOrganizationalUnitsForParent", "ou-b", "", UNITS(UNIT("ou-a"), "")});
    s->options.units = s->units;
    s->options.unit_count = 1;
    s->units[0] = VIEW_LITERAL("ou-a");
    find(s);
    assert_string_equal(found(s), "111111111111=b ");
    assert_int_equal(s->w->count, 4);
}

/* One unit that can't be listed is an error of the whole: no account is silently missing. */
static void test_unit_that_fails(void **state)
{
    struct scene *s = *state;
    ROWS(s,
         {"ListAccountsForParent", "ou-a", "",
          PAGE(ACCOUNT("111111111111", "a", STATE("ACTIVE")), "")},
         {"ListOrganizationalUnitsForParent", "ou-a", "", UNITS(UNIT("ou-gone"), "")});
    s->options.units = s->units;
    s->options.unit_count = 1;
    s->units[0] = VIEW_LITERAL("ou-a");
    find(s);
    assert_int_equal(s->error.kind, ERROR_SERVICE);
    assert_string_equal(s->error.code, "ParentNotFoundException");
    s->units[0] = VIEW_LITERAL("ou-absent");
    find(s);
    assert_string_equal(s->error.code, "ParentNotFoundException");
}

static void test_freed_while_walking(void **state)
{
    struct scene *s = *state;
    ROWS(s, ORGANIZATION);
    s->options.units = s->units;
    s->options.unit_count = 1;
    s->units[0] = VIEW_LITERAL("r-root");
    for (size_t stop = 0; stop < 8; stop++) {
        size_t before = s->w->count;
        s->accounts = accounts_find(&s->options, on_found, s);
        while (s->w->count < before + stop)
            wire_pass(s->w, 4);
        accounts_free(s->accounts);
        s->accounts = NULL;
    }
    wire_pass(s->w, 100);
    assert_int_equal(s->calls, 0);
    assert_int_equal(aws_client_room(s->w->client), 4);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_begin, scene_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_id_valid),
        TEST(test_listed),
        TEST(test_freed_before_it_is_told),
        TEST(test_pages),
        TEST(test_active),
        TEST(test_places),
        TEST(test_excluded),
        TEST(test_changed_between_pages),
        TEST(test_listed_twice),
        TEST(test_repeated_token),
        TEST(test_denied),
        TEST(test_malformed),
        TEST(test_units_are_walked),
        TEST(test_malformed_units),
        TEST(test_units_and_lists),
        TEST(test_units_in_a_ring),
        TEST(test_unit_that_fails),
        TEST(test_freed_while_walking),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
