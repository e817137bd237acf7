/* SPDX-License-Identifier: MIT */
/* The formats: which facts take which columns with them; JSON Lines; golden files. */
#include "writer_scene.h"

#define ALL_FACTS ((1u << FACT_COUNT) - 1)

static void test_formats(void **state)
{
    (void)state;
    assert_string_equal(format("csv")->extension, ".csv");
    assert_string_equal(format("jsonl")->extension, ".jsonl");
    assert_non_null(format("csv")->begin);
    assert_null(format("jsonl")->begin);
    size_t count = 0;
    while (writer_formats[count]) {
        assert_string_equal(writer_format_names[count], writer_formats[count]->name);
        assert_non_null(writer_formats[count++]->wanted);
    }
    assert_null(writer_format_names[count]);
    assert_null(writer_format_find(VIEW_LITERAL("CSV")));
    assert_null(writer_format_find(VIEW_LITERAL("")));
}

/* Which columns each fact takes with it, in column order; the user has everything. */
static const struct {
    fact_set facts;
    const char *columns;
} lost_columns[] = {
    {0, ""},
    {FACT_BIT(FACT_ALIAS), "AccountAlias"},
    {FACT_BIT(FACT_TAGS), "Tags AccessKeyDescription"},
    {FACT_BIT(FACT_GROUPS), "Groups"},
    {FACT_BIT(FACT_PASSWORD_AGE), "PasswordAge"},
    {FACT_BIT(FACT_PASSWORD), "ConsoleAccess"},
    {FACT_BIT(FACT_PASSWORD_USED), "ConsoleLastSignIn"},
    {FACT_BIT(FACT_PASSWORD_CHANGED), "PasswordLastChanged"},
    {FACT_BIT(FACT_MFA), "MFAEnabled"},
    {FACT_BIT(FACT_MFA_DEVICES), "MFADevices"},
    {FACT_BIT(FACT_KEYS), "LastActivity AccessKeyID ActiveKeyAge AccessKeyLastUsed AccessKey2ID "
                          "AccessKey2Age AccessKey2LastUsed InactiveKeys AccessKeyLastUsedService "
                          "AccessKeyLastUsedRegion AccessKeyDescription"},
    {FACT_BIT(FACT_KEYS_USED), ""}, /* the keys themselves say whose use is unknown */
    {FACT_BIT(FACT_CERTIFICATES), "SigningCerts"},
    {FACT_BIT(FACT_BOUNDARY), "PermissionsBoundary"},
    {FACT_BIT(FACT_POLICIES), "AttachedPolicies"},
    {FACT_BIT(FACT_ACCOUNT_NAME), "AccountName"},
    {FACT_BIT(FACT_GROUPS) | FACT_BIT(FACT_MFA) | FACT_BIT(FACT_ALIAS),
     "AccountAlias Groups MFAEnabled"},
};

static void test_facts_and_their_columns(void **state)
{
    (void)state;
    struct scene s;
    scene_begin(&s);
    fill_user(&s);
    for (size_t i = 0; i < sizeof(lost_columns) / sizeof(lost_columns[0]); i++) {
        s.user.unknown = lost_columns[i].facts;
        s.account.unknown = 0;
        expect_lost(&s, lost_columns[i].columns);
        s.user.unknown = 0;
        s.account.unknown = lost_columns[i].facts;
        expect_lost(&s, lost_columns[i].columns);
    }
    scene_end(&s);
}

static void test_unknown_use_of_keys(void **state)
{
    (void)state;
    struct scene s;
    scene_begin(&s);
    fill_user(&s);
    struct access_key *inactive = s.user.keys, *first = inactive->next, *second = first->next;
    s.user.unknown = FACT_BIT(FACT_KEYS_USED);
    first->use_unknown = true;
    expect_lost(&s, "LastActivity AccessKeyLastUsed");
    first->use_unknown = false;
    second->use_unknown = true;
    expect_lost(&s, "LastActivity AccessKey2LastUsed");
    second->use_unknown = false;
    inactive->use_unknown = true;
    expect_lost(&s, "LastActivity");
    expect_cell(&s, "InactiveKeys",
                "\"[{\"\"AccessKeyId\"\":\"\"AKIA0\"\",\"\"CreateDate\"\":\"\"2024-02-01T00:00:00Z"
                "\"\",\"\"LastUsed\"\":\"\"unknown\"\"}]\"");
    inactive->use_unknown = false;
    first->use_place_unknown = true;
    expect_lost(&s, "AccessKeyLastUsedService AccessKeyLastUsedRegion");
    expect_cell(&s, "AccessKeyLastUsed", "2024-05-30T00:00:00Z");
    first->use_place_unknown = false;
    second->use_place_unknown = inactive->use_place_unknown = true;
    expect_lost(&s, "");
    scene_end(&s);
}

/* However little room there is, the buffer says so and holds no more than it may. */
static void test_no_room(void **state)
{
    (void)state;
    static const char *const names[] = {"csv", "jsonl"};
    struct scene s;
    scene_begin(&s);
    fill_user(&s);
    for (size_t i = 0; i < 2; i++) {
        buffer_clear(&s.out);
        write_user(&s, names[i]);
        for (size_t max = 0; max <= s.out.len; max++) {
            struct buffer small;
            buffer_init(&small, max);
            format(names[i])->user(&s.options, &s.account, &s.user, &small);
            assert_int_equal(small.overflowed, max < s.out.len);
            assert_true(small.len <= max);
            buffer_release(&small);
        }
    }
    scene_end(&s);
}

static void test_json_lines_unknown(void **state)
{
    (void)state;
    struct scene s;
    scene_begin(&s);
    fill_user(&s);
    struct access_key *first = s.user.keys->next, *second = first->next;
    first->use_unknown = second->use_unknown = second->use_place_unknown = true;
    expect_json(&s, "\"unknown\":[\"last_activity_at\",\"access_keys.last_used_at\","
                    "\"access_keys.last_used_service\",\"access_keys.last_used_region\"]}\n");
    expect_json(&s, "\"last_used_at\":null,\"last_used_service\":\"s3\"");
    expect_json(&s, "\"last_used_at\":\"2024-05-31T23:59:59Z\"");
    s.user.unknown = FACT_BIT(FACT_TAGS);
    expect_json(&s, "\"unknown\":[\"tags\",\"last_activity_at\",\"access_keys.last_used_at\","
                    "\"access_keys.last_used_service\",\"access_keys.last_used_region\"]}\n");
    expect_json(&s, "\"last_used_region\":\"eu-central-1\",\"description\":null");
    s.user.unknown = FACT_BIT(FACT_KEYS);
    expect_json(&s, "\"access_keys\":null,");
    expect_json(&s, "\"unknown\":[\"last_activity_at\",\"access_keys\"]}\n");
    scene_end(&s);
}

static void test_json_lines_none(void **state)
{
    (void)state;
    struct scene s;
    scene_begin(&s);
    s.account.alias = VIEW_NONE;
    s.account.name = VIEW_NONE;
    s.user.unknown = FACT_BIT(FACT_TAGS) | FACT_BIT(FACT_KEYS_USED);
    expect_json(&s, "\"account_alias\":null,\"account_name\":null,");
    expect_json(&s, "\"access_keys\":[],");
    expect_json(&s, "\"unknown\":[\"tags\"]}\n"); /* no key whose parts could be unknown */
    add_key(&s, "AKIAA", true, "2024-05-01T00:00:00Z")->created_s = TIMESTAMP_NONE;
    s.user.unknown = 0;
    expect_json(&s, "\"created_at\":null,\"age_days\":null,\"last_used_at\":null");
    expect_json(&s, "\"unknown\":[\"access_keys.created_at\",\"access_keys.age_days\"]}\n");
    scene_end(&s);
}

static char *read_vector(const char *name, size_t *len)
{
    char path[512];
    snprintf(path, sizeof(path), PROJECT_DIR "/tests/vectors/%s", name);
    FILE *in = fopen(path, "rb");
    if (!in)
        fail_msg("can't open %s", path);
    char *content = malloc(OUTPUT_MAX);
    *len = fread(content, 1, OUTPUT_MAX, in);
    fclose(in);
    assert_true(*len > 0 && *len < OUTPUT_MAX);
    return content;
}

/* Three users: one with everything, one with nothing, one of whom nothing could be read. */
static void expect_vector(const char *format_name, enum column_set columns, const char *name)
{
    struct scene s;
    size_t len;
    char *expected = read_vector(name, &len);
    scene_begin(&s);
    s.options.columns = columns;
    const struct writer_format *f = format(format_name);
    struct user nothing = s.user;
    fill_user(&s);
    if (f->begin)
        f->begin(&s.options, &s.out);
    f->user(&s.options, &s.account, &s.user, &s.out);
    f->user(&s.options, &s.account, &nothing, &s.out);
    struct account other = {.id = "222222222222",
                            .unknown = FACT_BIT(FACT_ALIAS) | FACT_BIT(FACT_ACCOUNT_NAME) |
                                       FACT_BIT(FACT_OU)};
    struct user lost;
    clear_user(&lost, "carol", "arn:aws:iam::222222222222:user/carol", "AIDACAROL");
    lost.created_s = at("2024-06-01T11:59:59Z");
    lost.unknown = ALL_FACTS & ~FACT_BIT(FACT_USERS) & ~other.unknown;
    f->user(&s.options, &other, &lost, &s.out);
    assert_int_equal(s.out.len, len);
    assert_memory_equal(s.out.data, expected, len);
    free(expected);
    scene_end(&s);
}

static void test_vectors(void **state)
{
    (void)state;
    expect_vector("csv", COLUMNS_STANDARD, "output_standard.csv");
    expect_vector("csv", COLUMNS_EXTENDED, "output_extended.csv");
    expect_vector("csv", COLUMNS_FULL, "output_full.csv");
    expect_vector("jsonl", COLUMNS_STANDARD, "output.jsonl");
    expect_vector("jsonl", COLUMNS_EXTENDED, "output.jsonl");
    expect_vector("jsonl", COLUMNS_FULL, "output_full.jsonl");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_formats),
        cmocka_unit_test(test_facts_and_their_columns),
        cmocka_unit_test(test_unknown_use_of_keys),
        cmocka_unit_test(test_no_room),
        cmocka_unit_test(test_json_lines_unknown),
        cmocka_unit_test(test_json_lines_none),
        cmocka_unit_test(test_vectors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
