/* SPDX-License-Identifier: MIT */
/* Who is an administrator, and by what: groups and policies that come in any order, or not at all.
 */
#include "users_scene.h"

#include "api/iam.h"
#include "census/facts.h"
#include "census/gathered.h"
#include "census/sources.h"

#define ADMIN "{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"}}"
#define MAYBE "{\"Statement\":{\"Effect\":\"Allow\",\"NotAction\":\"iam:*\",\"Resource\":\"*\"}}"
#define LESS  "{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"*\"}}"
#define LOCAL "arn:aws:iam::111111111111:policy/"
#define AWS   "arn:aws:iam::aws:policy/"
#define ALL   (FACT_BIT(FACT_COUNT) - 1)
#define ITEMS 4

/* A policy: its name or ARN, and its document; an attached one has no document. */
struct policy {
    const char *name, *document;
};

/* What IAM knows of one user or group. */
struct owner {
    const char *name;
    struct policy policies[ITEMS];
    const char *groups[ITEMS];
};

struct scene {
    struct roster roster;
    struct gathered gathered;
    struct subject subject;
    struct iam_users page;
    struct arena arena; /* of the answer */
};

static void *put(struct scene *s, struct xml_list *list, size_t size)
{
    struct xml_record *record = arena_alloc(&s->arena, size);
    struct xml_record **last = list->last ? list->last : &list->first;
    *last = record;
    list->last = &record->next;
    list->count++;
    return record;
}

static void put_policies(struct scene *s, const struct owner *o, struct xml_list *attached,
                         struct xml_list *inlines)
{
    for (const struct policy *p = o->policies; p < o->policies + ITEMS && p->name; p++) {
        if (p->document) {
            struct iam_inline_policy *item = put(s, inlines, sizeof(*item));
            item->name = view_of(p->name);
            item->document = view_of(p->document);
        } else {
            ((struct xml_text *)put(s, attached, sizeof(struct xml_text)))->text = view_of(p->name);
        }
    }
}

static void add_owner(struct scene *s, const struct owner *o)
{
    struct iam_user *user = put(s, &s->page.users, sizeof(*user));
    user->name = view_of(o->name);
    user->arn = VIEW_LITERAL("arn");
    user->created_s = 5;
    put_policies(s, o, &user->policies, &user->inlines);
    for (size_t i = 0; i < ITEMS && o->groups[i]; i++)
        ((struct xml_text *)put(s, &user->groups, sizeof(struct xml_text)))->text =
            view_of(o->groups[i]);
}

static void add_group(struct scene *s, const struct owner *o)
{
    struct iam_group *group = put(s, &s->page.groups, sizeof(*group));
    group->name = view_of(o->name);
    put_policies(s, o, &group->policies, &group->inlines);
}

/* Version "v1" holds 'old', "v2", the default, 'document'. */
static void add_policy(struct scene *s, const char *arn, const char *old, const char *document)
{
    struct iam_policy *policy = put(s, &s->page.policies, sizeof(*policy));
    policy->arn = view_of(arn);
    policy->default_version = VIEW_LITERAL("v2");
    struct iam_policy_version *v1 = put(s, &policy->versions, sizeof(*v1));
    *v1 = (struct iam_policy_version){
        .link = v1->link, .id = VIEW_LITERAL("v1"), .document = view_of(old)};
    struct iam_policy_version *v2 = put(s, &policy->versions, sizeof(*v2));
    *v2 = (struct iam_policy_version){
        .link = v2->link, .id = VIEW_LITERAL("v2"), .document = view_of(document)};
}

static struct error e;

static void take_page(struct scene *s)
{
    const struct source *source = &census_sources[SOURCE_GET_ACCOUNT_AUTHORIZATION_DETAILS];
    if (source->page(&s->subject, &s->page, &e) != 0)
        fail_msg("%s", e.text);
    s->page = (struct iam_users){0};
}

static void apply(struct scene *s)
{
    census_sources[SOURCE_GET_ACCOUNT_AUTHORIZATION_DETAILS].whole(&s->subject);
    roster_close(&s->roster);
    gathered_apply(&s->gathered, &s->roster);
}

static struct scene *scene_of(void **state, fact_set wanted)
{
    static struct scene s;
    s = (struct scene){0};
    arena_init(&s.arena);
    roster_init(&s.roster, *state);
    gathered_init(&s.gathered, wanted);
    s.subject = (struct subject){.roster = &s.roster, .gathered = &s.gathered};
    return &s;
}

/* "yes a b", "no", "unknown maybe:c" */
static void expect_admin(struct scene *s, const char *name, const char *expected)
{
    const struct user *user = roster_find(&s->roster, view_of(name));
    char told[512];
    assert_non_null(user);
    snprintf(told, sizeof(told), "%s",
             user->unknown & FACT_BIT(FACT_ADMIN) ? "unknown"
             : user->is_admin                     ? "yes"
                                                  : "no");
    for (const struct name *way = user->admin_via; way; way = way->next)
        snprintf(told + strlen(told), sizeof(told) - strlen(told), " %.*s", VIEW_ARG(way->text));
    if (strcmp(told, expected) != 0)
        fail_msg("%s: '%s' instead of '%s'", name, told, expected);
}

static void test_own_policies(void **state)
{
    static const struct {
        struct owner owner;
        const char *expected;
    } rows[] = {
        {{"none", {{0}}, {0}}, "no"},
        {{"aws", {{AWS "AdministratorAccess", NULL}}, {0}}, "yes " AWS "AdministratorAccess"},
        {{"iam", {{AWS "IAMFullAccess", NULL}}, {0}}, "yes " AWS "IAMFullAccess"},
        {{"china", {{"arn:aws-cn:iam::aws:policy/IAMFullAccess", NULL}}, {0}},
         "yes arn:aws-cn:iam::aws:policy/IAMFullAccess"},
        {{"power", {{AWS "PowerUserAccess", NULL}}, {0}}, "no"},
        {{"path", {{AWS "job-function/AdministratorAccess", NULL}}, {0}}, "no"},
        {{"named", {{LOCAL "AdministratorAccess", NULL}}, {0}}, "no"},
        {{"local", {{LOCAL "all", NULL}}, {0}}, "yes " LOCAL "all"},
        {{"was", {{LOCAL "was", NULL}}, {0}}, "no"},
        {{"maybe", {{LOCAL "maybe", NULL}}, {0}}, "no maybe:" LOCAL "maybe"},
        {{"lost", {{LOCAL "lost", NULL}}, {0}}, "unknown"},
        {{"proven", {{LOCAL "lost", NULL}, {"own", ADMIN}}, {0}}, "yes own"},
        {{"inline", {{"own", ADMIN}, {"less", LESS}}, {0}}, "yes own"},
        {{"both", {{"own", ADMIN}, {"perhaps", MAYBE}}, {0}}, "yes maybe:perhaps own"},
        {{"broken", {{"own", "{"}}, {0}}, "unknown"},
        {{"unsure", {{"own", "{"}, {"perhaps", MAYBE}}, {0}}, "unknown maybe:perhaps"},
    };
    struct scene *s = scene_of(state, ALL);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        add_owner(s, &rows[i].owner);
    take_page(s);
    add_policy(s, LOCAL "all", LESS, ADMIN);
    add_policy(s, LOCAL "was", ADMIN, LESS);
    add_policy(s, LOCAL "maybe", LESS, MAYBE);
    add_policy(s, LOCAL "AdministratorAccess", LESS, LESS);
    take_page(s);
    apply(s);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        expect_admin(s, rows[i].owner.name, rows[i].expected);
    arena_release(&s->arena);
}

static void test_groups(void **state)
{
    static const struct owner groups[] = {
        {"admins", {{AWS "AdministratorAccess", NULL}}, {0}},
        {"local", {{LOCAL "all", NULL}, {"b", LESS}, {"a", LESS}}, {0}},
        {"inline", {{"own", ADMIN}, {"perhaps", MAYBE}}, {0}},
        {"perhaps", {{"own", MAYBE}}, {0}},
        {"few", {{AWS "ReadOnlyAccess", NULL}}, {0}},
        {"lost", {{LOCAL "lost", NULL}}, {0}},
    };
    static const struct {
        struct owner owner;
        const char *expected;
    } rows[] = {
        {{"a", {{0}}, {"admins", "few"}}, "yes group:admins"},
        {{"b", {{0}}, {"local", "inline"}}, "yes group:inline group:local"},
        {{"c", {{0}}, {"perhaps"}}, "no maybe:group:perhaps"},
        {{"d", {{0}}, {"few"}}, "no"},
        {{"e", {{0}}, {"lost"}}, "unknown"},
        {{"f", {{0}}, {"gone"}}, "unknown"},
        {{"g", {{0}}, {"gone", "admins"}}, "yes group:admins"},
    };
    struct scene *s = scene_of(state, ALL);
    /* Groups and policies may come before the users, and on several pages. */
    for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
        add_group(s, &groups[i]);
        take_page(s);
    }
    add_policy(s, LOCAL "all", LESS, ADMIN);
    take_page(s);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        add_owner(s, &rows[i].owner);
    take_page(s);
    apply(s);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        expect_admin(s, rows[i].owner.name, rows[i].expected);
    const struct user *b = roster_find(&s->roster, VIEW_LITERAL("b"));
    static const char *const expected[] = {"inline own", "inline perhaps", "local a",
                                           "local " LOCAL "all", "local b"};
    const struct group_policy *p = b->group_policies;
    for (size_t i = 0; i < 5; i++, p = p->next) {
        char text[128];
        snprintf(text, sizeof(text), "%.*s %.*s", VIEW_ARG(p->group), VIEW_ARG(p->policy));
        assert_string_equal(text, expected[i]);
        assert_int_equal(p->is_inline, !view_starts_with(p->policy, "arn:"));
    }
    assert_null(p);
    struct user *f = roster_find(&s->roster, VIEW_LITERAL("f"));
    const fact_set lost = FACT_BIT(FACT_ADMIN) | FACT_BIT(FACT_GROUP_POLICIES);
    assert_int_equal(f->unknown & lost, lost);
    /* IAM did not tell of it, but no call has failed. */
    assert_int_equal(listed_user_of(f)->sourceless & lost, lost);
    arena_release(&s->arena);
}

/* Nothing is kept that is not wanted, and nothing is made of half a list. */
static void test_not_wanted(void **state)
{
    static const struct owner ann = {"ann", {{"own", ADMIN}}, {"admins"}};
    static const struct owner admins = {"admins", {{AWS "AdministratorAccess", NULL}}, {0}};
    static const struct {
        fact_set wanted;
        bool whole;
    } rows[] = {{0, true}, {ALL, false}, {FACT_BIT(FACT_INLINE_POLICIES), true}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct scene *s = scene_of(state, rows[i].wanted);
        add_owner(s, &ann);
        add_group(s, &admins);
        take_page(s);
        if (!rows[i].whole)
            census_sources[SOURCE_GET_ACCOUNT_AUTHORIZATION_DETAILS].discard(&s->subject);
        roster_close(&s->roster);
        gathered_apply(&s->gathered, &s->roster);
        const struct user *user = s->roster.first;
        assert_null(user->group_policies);
        assert_int_equal(user->inline_policies != NULL, i > 0);
        arena_release(&s->arena);
    }
}

static void test_refused_pages(void **state)
{
    const struct source *source = &census_sources[SOURCE_GET_ACCOUNT_AUTHORIZATION_DETAILS];
    static const struct owner nameless = {"", {{0}}, {0}};
    struct scene *s = scene_of(state, ALL);
    add_group(s, &nameless);
    assert_int_equal(source->page(&s->subject, &s->page, &e), -1);
    s->page = (struct iam_users){0};
    add_policy(s, "", LESS, LESS);
    assert_int_equal(source->page(&s->subject, &s->page, &e), -1);
    assert_int_equal(e.kind, ERROR_PROTOCOL);
    arena_release(&s->arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_own_policies),
        TEST(test_groups),
        TEST(test_not_wanted),
        TEST(test_refused_pages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
