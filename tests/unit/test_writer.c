/* The formats: each column known, none and unknown; quoting; golden files. */
#include "output/columns.h"
#include "output/writer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* Where tests/vectors is, for a test that is not run from the root of the project. */
#ifndef VECTORS_DIR
#define VECTORS_DIR "tests/vectors"
#endif

#define OUTPUT_MAX   ((size_t)64 * 1024)
#define COLUMN_COUNT 33
#define ALL_FACTS    ((1u << FACT_COUNT) - 1)

struct scene {
    struct writer_options options;
    struct account account;
    struct user user;
    struct buffer out;
};

static int64_t at(const char *text)
{
    int64_t seconds;
    assert_int_equal(timestamp_parse(view_of(text), &seconds), 0);
    return seconds;
}

static void clear_user(struct user *u, const char *name, const char *arn, const char *id)
{
    *u = (struct user){.name = view_of(name),
                       .path = VIEW_LITERAL("/"),
                       .arn = view_of(arn),
                       .id = view_of(id),
                       .created_s = at("2024-06-01T12:00:00Z"),
                       .password_set_s = TIMESTAMP_NONE,
                       .password_changed_s = TIMESTAMP_NONE,
                       .password_used_s = TIMESTAMP_NONE,
                       .data_as_of_s = TIMESTAMP_NONE};
}

/* A user of whom everything is known, and who has nothing. */
static void scene_begin(struct scene *s)
{
    *s = (struct scene){.options = {.started_s = at("2024-06-01T12:00:00Z"), .extended = true},
                        .account = {.id = "111111111111",
                                    .name = VIEW_LITERAL("Core \"A\""),
                                    .alias = VIEW_LITERAL("core,team")}};
    arena_init(&s->account.arena);
    buffer_init(&s->out, OUTPUT_MAX);
    clear_user(&s->user, "=bob", "arn:aws:iam::111111111111:user/=bob", "AIDABOB");
}

static void scene_end(struct scene *s)
{
    arena_release(&s->account.arena);
    buffer_release(&s->out);
}

static void add_tag(struct scene *s, const char *key, const char *value)
{
    struct tag *t = arena_alloc(&s->account.arena, sizeof(*t));
    t->key = view_of(key);
    t->value = view_of(value);
    tags_insert(&s->user.tags, t);
}

static void add_name(struct scene *s, struct name **list, const char *text)
{
    struct name *n = arena_alloc(&s->account.arena, sizeof(*n));
    n->text = view_of(text);
    names_insert(list, n);
}

static struct access_key *add_key(struct scene *s, const char *id, bool active, const char *created)
{
    struct access_key *k = arena_alloc(&s->account.arena, sizeof(*k));
    *k = (struct access_key){.id = view_of(id),
                             .active = active,
                             .created_s = at(created),
                             .last_used_s = TIMESTAMP_NONE};
    access_keys_insert(&s->user.keys, k);
    return k;
}

static void use_key(struct access_key *k, const char *used, const char *service, const char *region)
{
    k->last_used_s = at(used);
    k->last_used_service = view_of(service);
    k->last_used_region = view_of(region);
}

static void add_certificate(struct scene *s, const char *id, const char *status,
                            const char *uploaded)
{
    struct certificate *c = arena_alloc(&s->account.arena, sizeof(*c));
    *c = (struct certificate){
        .id = view_of(id), .status = view_of(status), .uploaded_s = at(uploaded)};
    certificates_insert(&s->user.certificates, c);
}

static void set_password(struct scene *s, const char *set)
{
    s->user.has_password = true;
    s->user.password_set_s = at(set);
    s->user.password_changed_s = at(set);
}

/* The user of the golden files who has everything. */
static void fill_user(struct scene *s)
{
    struct user *u = &s->user;
    clear_user(u, "alice", "arn:aws:iam::111111111111:user/division/alice", "AIDAALICE");
    u->path = VIEW_LITERAL("/division/");
    u->created_s = at("2024-01-31T09:30:00Z");
    add_tag(s, "note", "say \"hi\", \xc3\xbc\xe2\x98\x83\n\r\t\b\f\\\x01");
    add_tag(s, "empty", "");
    add_tag(s, "AKIA1", "deploys");
    add_name(s, &u->groups, "devs");
    add_name(s, &u->groups, "admins");
    add_name(s, &u->mfa_devices, "GAHT12345678");
    add_name(s, &u->mfa_devices, "arn:aws:iam::111111111111:mfa/alice");
    add_name(s, &u->policies, "arn:aws:iam::aws:policy/B");
    add_name(s, &u->policies, "arn:aws:iam::aws:policy/A");
    u->boundary = VIEW_LITERAL("arn:aws:iam::111111111111:policy/boundary");
    u->has_mfa = true;
    set_password(s, "2024-05-02T11:59:59Z");
    u->password_used_s = at("2024-05-20T08:00:00Z");
    u->data_as_of_s = at("2024-06-01T10:00:00Z");
    struct access_key *never = add_key(s, "AKIA2", true, "2024-03-02T00:00:00Z");
    never->last_used_service = never->last_used_region = VIEW_LITERAL("N/A");
    use_key(add_key(s, "AKIA1", true, "2024-03-02T00:00:00Z"), "2024-05-30T00:00:00Z", "s3",
            "eu-central-1");
    use_key(add_key(s, "AKIA0", false, "2024-02-01T00:00:00Z"), "2024-05-31T23:59:59Z", "iam",
            "us-east-1");
    add_certificate(s, "CERT2", "Inactive", "2021-03-01T00:00:00Z");
    add_certificate(s, "CERT1", "Active", "2020-02-29T00:00:00Z");
}

static const struct writer_format *format(const char *name)
{
    const struct writer_format *f = writer_format_find(view_of(name));
    assert_non_null(f);
    return f;
}

static void write_user(struct scene *s, const char *format_name)
{
    format(format_name)->user(&s->options, &s->account, &s->user, &s->out);
}

/* The header and the row of the user, from scratch. */
static void write_csv(struct scene *s)
{
    buffer_clear(&s->out);
    format("csv")->begin(&s->options, &s->out);
    write_user(s, "csv");
    assert_false(s->out.overflowed);
}

/* The end of the raw cell (with its quotes) that begins at 'from'. */
static const char *cell_end(const char *from)
{
    bool quoted = false;
    for (; *from; from++) {
        if (*from == '"')
            quoted = !quoted;
        else if (!quoted && (*from == ',' || *from == '\r'))
            break;
    }
    return from;
}

/* The raw cells of line 'line' of what was written; their number. */
static size_t split_line(const struct scene *s, unsigned line, struct view cells[COLUMN_COUNT])
{
    const char *from = buffer_text(&s->out);
    for (;;) {
        for (size_t count = 0;;) {
            const char *end = cell_end(from);
            assert_true(count < COLUMN_COUNT);
            cells[count++] = (struct view){from, (size_t)(end - from)};
            from = end + 1;
            if (*end == ',')
                continue;
            assert_memory_equal(end, "\r\n", 2);
            from = end + 2;
            if (line-- == 0)
                return count;
            break;
        }
    }
}

static void assert_view(struct view found, const char *expected)
{
    char *copy = strndup(found.ptr, found.len);
    assert_string_equal(copy, expected);
    free(copy);
}

/* Writes the user and compares the raw cell of one column. */
static void expect_cell(struct scene *s, const char *column, const char *expected)
{
    struct view names[COLUMN_COUNT], cells[COLUMN_COUNT];
    write_csv(s);
    size_t count = split_line(s, 0, names);
    assert_int_equal(split_line(s, 1, cells), count);
    for (size_t i = 0; i < count; i++) {
        if (!view_is(names[i], column))
            continue;
        assert_view(cells[i], expected);
        return;
    }
    fail_msg("no column %s", column);
}

static void expect_lines(struct scene *s, const char *expected)
{
    assert_string_equal(buffer_text(&s->out), expected);
}

/* Writes the object of the user and looks for a part of it. */
static void expect_json(struct scene *s, const char *part)
{
    buffer_clear(&s->out);
    write_user(s, "jsonl");
    if (!strstr(buffer_text(&s->out), part))
        fail_msg("no %s in %s", part, buffer_text(&s->out));
}

static void test_formats(void **state)
{
    (void)state;
    assert_string_equal(format("csv")->extension, ".csv");
    assert_string_equal(format("jsonl")->extension, ".jsonl");
    assert_non_null(format("csv")->begin);
    assert_null(format("jsonl")->begin);
    assert_null(writer_format_find(VIEW_LITERAL("CSV")));
    assert_null(writer_format_find(VIEW_LITERAL("")));
}

static void test_header(void **state)
{
    (void)state;
    struct scene s;
    scene_begin(&s);
    s.options.extended = false;
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
    s.options.extended = false;
    s.account.alias = VIEW_NONE;
    write_user(&s, "csv");
    expect_lines(&s, "111111111111,,'=bob,[],2024-06-01T12:00:00Z,0,/,[],false,,,,,,,"
                     "arn:aws:iam::111111111111:user/=bob,false,[]\r\n");
    scene_end(&s);
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
    {FACT_BIT(FACT_PASSWORD), "PasswordAge ConsoleAccess"},
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

/* The row has 'unknown' in the columns named, and nowhere else, and lists them. */
static void expect_lost(struct scene *s, const char *columns)
{
    struct view names[COLUMN_COUNT], cells[COLUMN_COUNT];
    struct buffer found, list;
    buffer_init(&found, OUTPUT_MAX);
    buffer_init(&list, OUTPUT_MAX);
    write_csv(s);
    assert_int_equal(split_line(s, 0, names), COLUMN_COUNT);
    assert_int_equal(split_line(s, 1, cells), COLUMN_COUNT);
    for (size_t i = 0; i < COLUMN_COUNT - 1; i++) {
        if (!view_is(cells[i], "unknown"))
            continue;
        buffer_addf(&found, "%s%.*s", found.len ? " " : "", VIEW_ARG(names[i]));
        buffer_addf(&list, "%s\"\"%.*s\"\"", list.len ? "," : "", VIEW_ARG(names[i]));
    }
    assert_string_equal(buffer_text(&found), columns);
    assert_true(view_is(names[COLUMN_COUNT - 1], "Unknown"));
    buffer_clear(&found);
    if (list.len > 0)
        buffer_addf(&found, "\"[%s]\"", buffer_text(&list));
    else
        buffer_add_text(&found, "[]");
    assert_view(cells[COLUMN_COUNT - 1], buffer_text(&found));
    buffer_release(&found);
    buffer_release(&list);
}

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

static void test_keys(void **state)
{
    (void)state;
    struct scene s;
    scene_begin(&s);
    use_key(add_key(&s, "AKIA9", true, "2024-05-01T00:00:00Z"), "2024-05-05T00:00:00Z", "N/A",
            "N/A");
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
    older->active = false;
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
    s.user.has_password = false;
    s.user.unknown = FACT_BIT(FACT_PASSWORD);
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

static void test_numbers(void **state)
{
    (void)state;
    struct buffer out;
    buffer_init(&out, 100);
    static const int64_t numbers[] = {0, 9, 10, -1, INT64_MAX, INT64_MIN};
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        cell_add_number(&out, numbers[i]);
        buffer_add_char(&out, ' ');
    }
    assert_string_equal(buffer_text(&out), "0 9 10 -1 9223372036854775807 -9223372036854775808 ");
    buffer_release(&out);
}

static void test_data_as_of(void **state)
{
    (void)state;
    struct scene s;
    scene_begin(&s);
    expect_cell(&s, "DataAsOf", "2024-06-01T12:00:00Z");
    s.user.data_as_of_s = at("2024-06-01T08:00:01Z");
    expect_cell(&s, "DataAsOf", "2024-06-01T08:00:01Z");
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
                    "\"access_keys.last_used_service\",\"access_keys.last_used_region\","
                    "\"access_keys.description\"]}\n");
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
    snprintf(path, sizeof(path), "%s/%s", VECTORS_DIR, name);
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
static void expect_vector(const char *format_name, bool extended, const char *name)
{
    struct scene s;
    size_t len;
    char *expected = read_vector(name, &len);
    scene_begin(&s);
    s.options.extended = extended;
    const struct writer_format *f = format(format_name);
    struct user nothing = s.user;
    fill_user(&s);
    if (f->begin)
        f->begin(&s.options, &s.out);
    f->user(&s.options, &s.account, &s.user, &s.out);
    f->user(&s.options, &s.account, &nothing, &s.out);
    struct account other = {.id = "222222222222",
                            .unknown = FACT_BIT(FACT_ALIAS) | FACT_BIT(FACT_ACCOUNT_NAME)};
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
    expect_vector("csv", false, "output_standard.csv");
    expect_vector("csv", true, "output_extended.csv");
    expect_vector("jsonl", false, "output.jsonl");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_formats),
        cmocka_unit_test(test_header),
        cmocka_unit_test(test_row_of_nothing),
        cmocka_unit_test(test_facts_and_their_columns),
        cmocka_unit_test(test_unknown_use_of_keys),
        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_keys_of_one_second),
        cmocka_unit_test(test_key_description),
        cmocka_unit_test(test_password),
        cmocka_unit_test(test_ages),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_data_as_of),
        cmocka_unit_test(test_quoting),
        cmocka_unit_test(test_json_in_cells),
        cmocka_unit_test(test_formula_guard),
        cmocka_unit_test(test_rows_are_appended),
        cmocka_unit_test(test_no_room),
        cmocka_unit_test(test_json_lines_unknown),
        cmocka_unit_test(test_json_lines_none),
        cmocka_unit_test(test_vectors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
