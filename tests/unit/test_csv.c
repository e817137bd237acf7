/* SPDX-License-Identifier: MIT */
/* The CSV: each column with something and with nothing in it, quoting, and the formula guard. */
#include "writer_scene.h"

static void test_header(void **state)
{
    (void)state;
    struct scene s;
    scene_begin(&s);
    s.options.columns = COLUMNS_STANDARD;
    format("csv")->begin(&s.options, &s.out);
    expect_lines(&s, "AccountID,AccountAlias,UserName,Tags,CreationDateTime,CreationAgeInDays,Path,"
                     "Groups,MFAEnabled,LastActivity,PasswordAge,ConsoleLastSignIn,AccessKeyID,"
                     "ActiveKeyAge,AccessKeyLastUsed,ARN,ConsoleAccess,SigningCerts\r\n");
    scene_end(&s);
}

static void test_row_of_nothing(void **state)
{
    (void)state;
    struct scene s;
    scene_begin(&s);
    s.options.columns = COLUMNS_STANDARD;
    s.account.alias = VIEW_NONE;
    write_user(&s, "csv");
    expect_lines(&s, "111111111111,,'=bob,[],2024-06-01T12:00:00Z,0,/,[],false,,,,,,,"
                     "arn:aws:iam::111111111111:user/=bob,false,[]\r\n");
    scene_end(&s);
}

static void test_keys(void **state)
{
    (void)state;
    struct scene s;
    scene_begin(&s);
    add_key(&s, "AKIA9", true, "2024-05-01T00:00:00Z")->last_used_s = at("2024-05-05T00:00:00Z");
    struct access_key *older = add_key(&s, "AKIA7", true, "2024-04-30T23:59:59Z");
    add_key(&s, "AKIA0", false, "2020-01-01T00:00:00Z");
    expect_cell(&s, "AccessKeyID", "AKIA7");
    expect_cell(&s, "ActiveKeyAge", "31");
    expect_cell(&s, "AccessKeyLastUsed", "");
    expect_cell(&s, "AccessKeyLastUsedService", "");
    expect_cell(&s, "AccessKey2ID", "AKIA9");
    expect_cell(&s, "AccessKey2Age", "31");
    expect_cell(&s, "AccessKey2LastUsed", "2024-05-05T00:00:00Z");
    expect_cell(&s, "LastActivity", "2024-05-05T00:00:00Z");
    expect_cell(&s, "InactiveKeys",
                "\"[{\"\"AccessKeyId\"\":\"\"AKIA0\"\",\"\"CreateDate\"\":\"\"2020-01-01T00:00:00Z"
                "\"\",\"\"LastUsed\"\":null}]\"");
    older->status = VIEW_LITERAL("Inactive");
    expect_cell(&s, "AccessKeyID", "AKIA9");
    expect_cell(&s, "AccessKeyLastUsedService", "");
    expect_cell(&s, "AccessKeyLastUsedRegion", "");
    expect_cell(&s, "AccessKey2ID", "");
    expect_lost(&s, "");
    scene_end(&s);
}

static void test_keys_of_one_second(void **state)
{
    (void)state;
    struct scene s;
    scene_begin(&s);
    add_key(&s, "AKIAB", true, "2024-05-01T00:00:00Z");
    add_key(&s, "AKIAA", true, "2024-05-01T00:00:00Z");
    expect_cell(&s, "AccessKeyID", "AKIAA");
    expect_cell(&s, "AccessKey2ID", "AKIAB");
    scene_end(&s);
}

static void test_key_description(void **state)
{
    (void)state;
    struct scene s;
    scene_begin(&s);
    s.user.unknown = FACT_BIT(FACT_TAGS);
    expect_cell(&s, "AccessKeyDescription", ""); /* no key: none, whatever the tags are */
    add_key(&s, "AKIAA", true, "2024-05-01T00:00:00Z");
    expect_cell(&s, "AccessKeyDescription", "unknown");
    s.user.unknown = 0;
    expect_cell(&s, "AccessKeyDescription", "");
    add_tag(&s, "AKIAA", "for, deploys");
    expect_cell(&s, "AccessKeyDescription", "\"for, deploys\"");
    s.user.unknown = FACT_BIT(FACT_KEYS);
    expect_cell(&s, "AccessKeyDescription", "unknown");
    scene_end(&s);
}

static void test_password(void **state)
{
    (void)state;
    struct scene s;
    scene_begin(&s);
    s.user.unknown = FACT_BIT(FACT_PASSWORD_CHANGED);
    expect_lost(&s, ""); /* no password: there is nothing that could have changed */
    set_password(&s, "2024-05-31T12:00:01Z");
    expect_lost(&s, "PasswordLastChanged");
    expect_cell(&s, "PasswordAge", "0");
    s.user.unknown = 0;
    expect_cell(&s, "PasswordLastChanged", "2024-05-31T12:00:01Z");
    expect_cell(&s, "ConsoleAccess", "true");
    s.user.password_set_s = s.user.password_changed_s = TIMESTAMP_NONE;
    expect_lost(&s, "PasswordAge PasswordLastChanged"); /* there is one, of unknown date */
    expect_cell(&s, "ConsoleAccess", "true");
    s.user.unknown = FACT_BIT(FACT_PASSWORD_AGE);
    expect_lost(&s, "PasswordAge PasswordLastChanged");
    expect_cell(&s, "ConsoleAccess", "true");
    s.user.has_password = false;
    s.user.unknown = FACT_BIT(FACT_PASSWORD) | FACT_BIT(FACT_PASSWORD_AGE);
    expect_lost(&s, "PasswordAge ConsoleAccess PasswordLastChanged");
    s.user.password_used_s = at("2024-05-20T08:00:00Z");
    expect_cell(&s, "ConsoleLastSignIn", "2024-05-20T08:00:00Z"); /* it outlives the password */
    scene_end(&s);
}

static void test_ages(void **state)
{
    (void)state;
    static const struct {
        const char *created, *age;
    } cases[] = {
        {"2024-05-31T12:00:01Z", "0"},    {"2024-05-31T12:00:00Z", "1"},
        {"2024-05-30T12:00:01Z", "1"},    {"2024-06-01T12:00:00Z", "0"},
        {"2024-06-02T12:00:00Z", "0"}, /* a clock that is ahead of ours */
        {"2006-01-01T00:00:00Z", "6726"},
    };
    struct scene s;
    scene_begin(&s);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        s.user.created_s = at(cases[i].created);
        expect_cell(&s, "CreationDateTime", cases[i].created);
        expect_cell(&s, "CreationAgeInDays", cases[i].age);
    }
    s.user.created_s = TIMESTAMP_NONE;
    expect_lost(&s, "CreationDateTime CreationAgeInDays");
    scene_end(&s);
}

static void test_data_as_of(void **state)
{
    (void)state;
    struct scene s;
    scene_begin(&s);
    expect_cell(&s, "DataAsOf", "2024-06-01T12:00:00Z");
    s.user.data_as_of_s = at("2024-06-01T08:00:01Z");
    expect_cell(&s, "DataAsOf", "2024-06-01T08:00:01Z");
    expect_json(&s, "\"data_as_of\":\"2024-06-01T08:00:01Z\"");
    scene_end(&s);
}

static void test_quoting(void **state)
{
    (void)state;
    static const struct {
        const char *text, *cell;
    } cases[] = {
        {"plain", "plain"},
        {"", ""},
        {"a,b", "\"a,b\""},
        {"\"", "\"\"\"\""},
        {"say \"hi\"", "\"say \"\"hi\"\"\""},
        {"a\nb", "\"a\nb\""},
        {"a\rb", "\"a\rb\""},
        {",", "\",\""},
        {" led and trailed ", " led and trailed "},
        {"tab\tand ;", "tab\tand ;"},
        {"Z\xc3\xbcrich \xe2\x98\x83 \xf0\x9f\x94\x91",
         "Z\xc3\xbcrich \xe2\x98\x83 \xf0\x9f\x94\x91"},
        {"it's 'so'", "it's 'so'"},
        {"-not a user name", "-not a user name"},
    };
    struct scene s;
    scene_begin(&s);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        s.account.alias = view_of(cases[i].text);
        s.user.boundary = view_of(cases[i].text);
        expect_cell(&s, "AccountAlias", cases[i].cell);
        expect_cell(&s, "PermissionsBoundary", cases[i].cell);
    }
    scene_end(&s);
}

static void test_json_in_cells(void **state)
{
    (void)state;
    struct scene s;
    scene_begin(&s);
    add_name(&s, &s.user.groups, "one");
    expect_cell(&s, "Groups", "\"[\"\"one\"\"]\"");
    add_name(&s, &s.user.groups, "Zwei");
    expect_cell(&s, "Groups", "\"[\"\"Zwei\"\",\"\"one\"\"]\"");
    add_tag(&s, "k", "\x01\x1f\x7f\"\\\n\r\t\b\f/\xc3\xa9");
    expect_cell(&s, "Tags",
                "\"[{\"\"Key\"\":\"\"k\"\",\"\"Value\"\":\"\"\\u0001\\u001f\x7f\\\"\"\\\\\\n\\r\\t"
                "\\b\\f/\xc3\xa9\"\"}]\"");
    s.user.tags->value = VIEW_NONE; /* an empty element of an answer */
    expect_cell(&s, "Tags", "\"[{\"\"Key\"\":\"\"k\"\",\"\"Value\"\":\"\"\"\"}]\"");
    scene_end(&s);
}

static void test_formula_guard(void **state)
{
    (void)state;
    static const struct {
        const char *name, *guarded, *raw;
    } cases[] = {
        {"=1+1", "'=1+1", "=1+1"}, {"+1", "'+1", "+1"},
        {"-1", "'-1", "-1"},       {"@a", "'@a", "@a"},
        {"a=b", "a=b", "a=b"},     {"'a", "'a", "'a"},
        {"_a@b", "_a@b", "_a@b"},  {"=a,b", "\"'=a,b\"", "\"=a,b\""},
    };
    struct scene s;
    scene_begin(&s);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        s.user.name = view_of(cases[i].name);
        s.options.raw = false;
        expect_cell(&s, "UserName", cases[i].guarded);
        expect_cell(&s, "ARN", "arn:aws:iam::111111111111:user/=bob");
        s.options.raw = true;
        expect_cell(&s, "UserName", cases[i].raw);
    }
    s.user.name = VIEW_LITERAL("=1+1");
    s.options.raw = false;
    expect_json(&s, "\"user_name\":\"=1+1\"");
    scene_end(&s);
}

/* Whoever names an account or describes a key could put a formula there just as well. */
static void test_formula_guard_of_other_free_text(void **state)
{
    (void)state;
    static const struct {
        const char *text, *guarded, *raw;
    } cases[] = {
        {"=1+1", "'=1+1", "=1+1"},
        {"+1", "'+1", "+1"},
        {"-1", "'-1", "-1"},
        {"@a", "'@a", "@a"},
        {"\t=1", "'\t=1", "\t=1"},
        {"\r=1", "\"'\r=1\"", "\"\r=1\""},
        {"=a,\"b", "\"'=a,\"\"b\"", "\"=a,\"\"b\""},
        {"plain =1", "plain =1", "plain =1"},
        {"", "", ""},
    };
    struct scene s;
    scene_begin(&s);
    add_key(&s, "AKIAA", true, "2024-05-01T00:00:00Z");
    add_tag(&s, "AKIAA", "");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        s.account.name = s.user.tags->value = view_of(cases[i].text);
        s.options.raw = false;
        expect_cell(&s, "AccountName", cases[i].guarded);
        expect_cell(&s, "AccessKeyDescription", cases[i].guarded);
        s.options.raw = true;
        expect_cell(&s, "AccountName", cases[i].raw);
        expect_cell(&s, "AccessKeyDescription", cases[i].raw);
    }
    s.account.name = s.user.tags->value = VIEW_LITERAL("=1+1");
    s.options.raw = false;
    expect_json(&s, "\"account_name\":\"=1+1\"");
    expect_json(&s, "\"description\":\"=1+1\"");
    scene_end(&s);
}

/* Only "Active" is active, whatever words AWS adds; JSON Lines shows the word. */
static void test_key_statuses(void **state)
{
    (void)state;
    struct scene s;
    scene_begin(&s);
    add_key(&s, "AKIAA", true, "2020-01-01T00:00:00Z")->status = VIEW_LITERAL("Expired");
    add_key(&s, "AKIAB", true, "2021-01-01T00:00:00Z")->status = VIEW_LITERAL("active");
    add_key(&s, "AKIAC", true, "2022-01-01T00:00:00Z");
    expect_cell(&s, "AccessKeyID", "AKIAC");
    expect_cell(&s, "AccessKey2ID", "");
    expect_cell(
        &s, "InactiveKeys",
        "\"[{\"\"AccessKeyId\"\":\"\"AKIAA\"\",\"\"CreateDate\"\":\"\"2020-01-01T00:00:00Z"
        "\"\",\"\"LastUsed\"\":null},{\"\"AccessKeyId\"\":\"\"AKIAB\"\",\"\"CreateDate\"\":\"\""
        "2021-01-01T00:00:00Z\"\",\"\"LastUsed\"\":null}]\"");
    expect_json(&s, "\"id\":\"AKIAA\",\"status\":\"Expired\"");
    expect_json(&s, "\"id\":\"AKIAB\",\"status\":\"active\"");
    expect_json(&s, "\"id\":\"AKIAC\",\"status\":\"Active\"");
    scene_end(&s);
}

static void test_certificate_without_a_date(void **state)
{
    (void)state;
    struct scene s;
    scene_begin(&s);
    add_certificate(&s, "CERT1", "Expired", "2020-02-29T00:00:00Z");
    s.user.certificates->uploaded_s = TIMESTAMP_NONE;
    expect_cell(
        &s, "SigningCerts",
        "\"[{\"\"CertificateId\"\":\"\"CERT1\"\",\"\"Status\"\":\"\"Expired\"\",\"\"UploadDate"
        "\"\":\"\"\"\"}]\"");
    expect_json(&s, "[{\"id\":\"CERT1\",\"status\":\"Expired\",\"uploaded_at\":null}]");
    expect_lost(&s, "");
    scene_end(&s);
}

/* What stands in the buffer already is never touched, however the new cells are quoted. */
static void test_rows_are_appended(void **state)
{
    (void)state;
    struct scene s;
    scene_begin(&s);
    fill_user(&s);
    write_user(&s, "csv");
    size_t len = s.out.len;
    char *once = strndup(s.out.data, len);
    write_user(&s, "csv");
    assert_int_equal(s.out.len, 2 * len);
    assert_memory_equal(s.out.data, once, len);
    assert_memory_equal(s.out.data + len, once, len);
    free(once);
    scene_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_header),
        cmocka_unit_test(test_row_of_nothing),
        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_keys_of_one_second),
        cmocka_unit_test(test_key_description),
        cmocka_unit_test(test_password),
        cmocka_unit_test(test_ages),
        cmocka_unit_test(test_data_as_of),
        cmocka_unit_test(test_quoting),
        cmocka_unit_test(test_json_in_cells),
        cmocka_unit_test(test_formula_guard),
        cmocka_unit_test(test_formula_guard_of_other_free_text),
        cmocka_unit_test(test_key_statuses),
        cmocka_unit_test(test_certificate_without_a_date),
        cmocka_unit_test(test_rows_are_appended),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
