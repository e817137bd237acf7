/* SPDX-License-Identifier: MIT */
/*
 * XML answers by the rules of ListUsers: vectors of our own (tests/vectors/xml), bounds, and every
 * way of cutting an answer short. test_xml_cases.c has the published cases.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "api/iam.h"
#include "base/buffer.h"
#include "base/timestamp.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#define PREFIX   "ListUsersResponse/ListUsersResult"
#define FILE_MAX ((size_t)256 * 1024)
#define ANY_SIZE ((size_t)64 * 1024 * 1024)

/* What a reading came to: 0 and the answer as text, or the error. */
struct outcome {
    int result;
    struct error error;
    struct buffer text;
};

struct scene {
    struct xml_reader *reader;
    struct arena arena;
    struct buffer file;
    struct outcome whole, pieces;
};

static int scene_begin(void **state)
{
    static struct scene s;
    s.reader = xml_reader_new();
    arena_init(&s.arena);
    buffer_init(&s.file, ANY_SIZE);
    buffer_init(&s.whole.text, ANY_SIZE);
    buffer_init(&s.pieces.text, ANY_SIZE);
    *state = &s;
    return 0;
}

static int scene_end(void **state)
{
    struct scene *s = *state;
    xml_reader_free(s->reader);
    arena_release(&s->arena);
    buffer_release(&s->file);
    buffer_release(&s->whole.text);
    buffer_release(&s->pieces.text);
    return 0;
}

static void describe_time(struct buffer *out, int64_t seconds)
{
    char text[TIMESTAMP_TEXT_SIZE] = "none";
    if (seconds != TIMESTAMP_NONE)
        timestamp_format(seconds, text);
    buffer_add_text(out, text);
}

static void describe(struct buffer *out, const struct iam_users *answer)
{
    buffer_addf(out, "%s [%.*s] %zu\n", answer->page.truncated ? "truncated" : "whole",
                VIEW_ARG(answer->page.marker), answer->users.count);
    for (const struct xml_record *r = answer->users.first; r; r = r->next) {
        const struct iam_user *user = (const struct iam_user *)(const void *)r;
        buffer_addf(out, "%.*s ", VIEW_ARG(user->name));
        describe_time(out, user->created_s);
        buffer_add_char(out, ' ');
        describe_time(out, user->password_last_used_s);
        buffer_add_char(out, '\n');
    }
}

static void read_pieces(struct scene *s, struct view text, size_t piece_bytes, struct outcome *o)
{
    struct iam_users answer = {0};
    arena_clear(&s->arena);
    buffer_clear(&o->text);
    error_clear(&o->error);
    xml_reader_begin(s->reader, PREFIX, iam_list_users.rules, iam_list_users.rule_count, &answer,
                     &s->arena);
    o->result = 0;
    for (size_t at = 0; at < text.len && o->result == 0; at += piece_bytes) {
        size_t len = text.len - at < piece_bytes ? text.len - at : piece_bytes;
        /* A copy of its own, so that reading past its end shows. */
        char *piece = malloc(len);
        assert_non_null(piece);
        memcpy(piece, text.ptr + at, len);
        o->result = xml_reader_feed(s->reader, (struct view){piece, len}, &o->error);
        free(piece);
    }
    if (o->result == 0)
        o->result = xml_reader_end(s->reader, &o->error);
    if (o->result == 0)
        describe(&o->text, &answer);
    else
        assert_true(o->error.kind == ERROR_PROTOCOL || o->error.kind == ERROR_LIMIT);
}

/* Whole, and byte by byte: the same must come of it. */
static const struct outcome *read_both(struct scene *s, struct view text, const char *what)
{
    read_pieces(s, text, text.len > 0 ? text.len : 1, &s->whole);
    read_pieces(s, text, 1, &s->pieces);
    if (s->whole.result != s->pieces.result || s->whole.error.kind != s->pieces.error.kind)
        fail_msg("%s: whole '%s', in pieces '%s'", what, s->whole.error.text, s->pieces.error.text);
    assert_string_equal(buffer_text(&s->whole.text), buffer_text(&s->pieces.text));
    return &s->whole;
}

static struct view load(struct scene *s, const char *name)
{
    char path[512];
    char piece[4096];
    size_t got;
    snprintf(path, sizeof(path), "%s/tests/vectors/xml/%s", PROJECT_DIR, name);
    FILE *file = fopen(path, "rb");
    if (!file)
        fail_msg("can't open '%s'", path);
    buffer_clear(&s->file);
    while ((got = fread(piece, 1, sizeof(piece), file)) > 0)
        buffer_add(&s->file, piece, got);
    fclose(file);
    return buffer_view(&s->file);
}

/* ---- vectors ---- */

#define ALICE "alice 2024-01-31T09:30:00Z none\n"
#define ONE   "whole [] 1\n"

static const struct {
    const char *file;
    const char *text;
} good[] = {
    {"good.xml", "truncated [next&page=] 2\nalice 2024-01-31T09:30:00Z 2024-01-31T09:30:00Z\n"
                 "bob 2024-01-31T09:30:00Z none\n"},
    {"good_empty.xml", "whole [] 0\n"},
    {"good_unknown_elements.xml", ONE ALICE},
    {"good_white_space.xml", ONE ALICE},
    {"good_cdata.xml", ONE "a&b<c> 2024-01-31T09:30:00Z none\n"},
    {"good_comments.xml", ONE ALICE},
    {"good_entities.xml", ONE "a&b<c>d\"e'fAB\xc3\xa9 2024-01-31T09:30:00Z none\n"},
    {"good_utf8.xml", ONE "Zo\xc3\xab\xe4\xb8\xad\xf0\x9f\x98\x80 2024-01-31T09:30:00Z none\n"},
    {"good_bom.xml", ONE ALICE},
    {"good_utf16le.xml", ONE "Zo\xc3\xab 2024-01-31T09:30:00Z none\n"},
    {"good_utf16be.xml", ONE "Zo\xc3\xab 2024-01-31T09:30:00Z none\n"},
    {"good_latin1.xml", ONE "Zo\xc3\xab 2024-01-31T09:30:00Z none\n"},
    {"good_qualified_root.xml", ONE ALICE}, /* SDKs don't look at the prefix either */
    {"good_empty_name.xml", ONE " 2024-01-31T09:30:00Z none\n"},
};

static const struct {
    const char *file;
    const char *part; /* of the error's text */
} bad[] = {
    {"bad_billion_laughs.xml", "DOCTYPE, which is refused: 'lolz'"},
    {"bad_doctype.xml", "DOCTYPE"},
    {"bad_external_entity.xml", "DOCTYPE"},
    {"bad_external_subset.xml", "DOCTYPE"},
    {"bad_unknown_entity.xml", "undefined entity"},
    {"bad_foreign_root.xml", "unexpected root element: 'html'"},
    {"bad_other_operation.xml", "unexpected root element: 'ListGroupsResponse'"},
    {"bad_prefix_of_root.xml", "unexpected root element: 'ListUsers'"},
    {"bad_root_and_more.xml", "unexpected root element: 'ListUsersResponses'"},
    {"bad_no_result.xml", "has no '" PREFIX "'"},
    {"bad_result_too_deep.xml", "has no '" PREFIX "'"},
    {"bad_boolean_word.xml", "malformed value in 'IsTruncated'"},
    {"bad_boolean_case.xml", "malformed value in 'IsTruncated'"},
    {"bad_boolean_digit.xml", "malformed value in 'IsTruncated'"},
    {"bad_boolean_empty.xml", "malformed value in 'IsTruncated'"},
    {"bad_date_word.xml", "malformed value in 'Users/member/CreateDate'"},
    {"bad_date_empty.xml", "malformed value in 'Users/member/CreateDate'"},
    {"bad_date_day.xml", "malformed value in 'Users/member/CreateDate'"},
    {"bad_date_no_zone.xml", "malformed value in 'Users/member/CreateDate'"},
    {"bad_date_epoch.xml", "malformed value in 'Users/member/CreateDate'"},
    {"bad_date_long.xml", "malformed value in 'Users/member/CreateDate'"},
    {"bad_date_hour.xml", "malformed value in 'Users/member/CreateDate'"},
    {"bad_mismatched_tags.xml", "mismatched tag at line 11"},
    {"bad_two_roots.xml", "junk after document element"},
    {"bad_trailing_text.xml", "junk after document element"},
    {"bad_leading_text.xml", "syntax error"},
    {"bad_no_xml.xml", "not well-formed"},
    {"bad_only_space.xml", "no element found"},
    {"bad_attribute_twice.xml", "duplicate attribute"},
    {"bad_utf8_cut.xml", "not well-formed"},
    {"bad_utf8_overlong.xml", "not well-formed"},
    {"bad_utf8_surrogate.xml", "not well-formed"},
    {"bad_nul.xml", "not well-formed"},
    {"bad_control.xml", "not well-formed"},
    {"bad_character_reference.xml", "reference to invalid character number"},
    {"bad_encoding_name.xml", "unknown encoding"},
    {"bad_utf16_odd.xml", "unclosed token"},
};

static void test_good_vectors(void **state)
{
    struct scene *s = *state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        const struct outcome *o = read_both(s, load(s, good[i].file), good[i].file);
        if (o->result != 0)
            fail_msg("%s: %s", good[i].file, o->error.text);
        assert_string_equal(buffer_text(&o->text), good[i].text);
    }
}

static void test_bad_vectors(void **state)
{
    struct scene *s = *state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        const struct outcome *o = read_both(s, load(s, bad[i].file), bad[i].file);
        if (o->result == 0)
            fail_msg("%s was accepted", bad[i].file);
        assert_int_equal(o->error.kind, ERROR_PROTOCOL);
        if (!strstr(o->error.text, bad[i].part))
            fail_msg("%s: '%s' is not in '%s'", bad[i].file, bad[i].part, o->error.text);
    }
}

/* Every file of the folder stands in one of the tables. */
static void test_no_vector_is_forgotten(void **state)
{
    struct scene *s = *state;
    size_t count = 0;
    DIR *folder = opendir(PROJECT_DIR "/tests/vectors/xml");
    assert_non_null(folder);
    for (const struct dirent *entry; (entry = readdir(folder));)
        count += strstr(entry->d_name, ".xml") != NULL;
    closedir(folder);
    assert_int_equal(count, sizeof(good) / sizeof(good[0]) + sizeof(bad) / sizeof(bad[0]));
    (void)s;
}

/* Cut at any byte an answer is an error: never half a list. */
static void test_truncated_anywhere(void **state)
{
    struct scene *s = *state;
    static const char *const files[] = {"good.xml", "good_cdata.xml", "good_entities.xml",
                                        "good_utf16le.xml", "good_comments.xml"};
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        struct view text = load(s, files[i]);
        bool utf16 = strstr(files[i], "utf16") != NULL;
        /* The last byte that matters is the root's '>'. */
        size_t end = text.len - (utf16 ? 2 : 1);
        assert_true(end > 500);
        for (size_t len = 0; len < end; len++) {
            read_pieces(s, (struct view){text.ptr, len}, len > 0 ? len : 1, &s->whole);
            if (s->whole.result == 0)
                fail_msg("%s cut to %zu bytes was accepted", files[i], len);
            assert_int_equal(s->whole.error.kind, ERROR_PROTOCOL);
        }
        read_pieces(s, (struct view){text.ptr, end}, 7, &s->whole);
        assert_int_equal(s->whole.result, 0);
    }
}

/* The same reader reads well after any failure. */
static void test_reader_recovers(void **state)
{
    struct scene *s = *state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        read_pieces(s, load(s, bad[i].file), 64, &s->whole);
        assert_int_equal(s->whole.result, -1);
        read_pieces(s, load(s, "good.xml"), 64, &s->whole);
        assert_int_equal(s->whole.result, 0);
        assert_string_equal(buffer_text(&s->whole.text), good[0].text);
    }
}

/* A failed reader stays failed, with its first error. */
static void test_first_error_stays(void **state)
{
    struct scene *s = *state;
    struct iam_users answer = {0};
    struct error e;
    xml_reader_begin(s->reader, PREFIX, iam_list_users.rules, iam_list_users.rule_count, &answer,
                     &s->arena);
    assert_int_equal(xml_reader_feed(s->reader, VIEW_LITERAL("<html>"), &e), -1);
    assert_int_equal(xml_reader_feed(s->reader, VIEW_LITERAL("<!DOCTYPE x>"), &e), -1);
    assert_non_null(strstr(e.text, "unexpected root element"));
    assert_int_equal(xml_reader_end(s->reader, &e), -1);
    assert_non_null(strstr(e.text, "unexpected root element"));
    xml_reader_free(NULL);
}

/* ---- bounds ---- */

#define HEAD "<ListUsersResponse><ListUsersResult>"
#define TAIL "</ListUsersResult></ListUsersResponse>"

static const struct outcome *read_built(struct scene *s)
{
    assert_false(s->file.overflowed);
    read_pieces(s, buffer_view(&s->file), 16384, &s->whole);
    return &s->whole;
}

static void repeat(struct buffer *out, const char *text, size_t count)
{
    for (size_t i = 0; i < count; i++)
        buffer_add_text(out, text);
}

static void build_nested(struct scene *s, size_t depth)
{
    buffer_clear(&s->file);
    buffer_add_text(&s->file, HEAD);
    repeat(&s->file, "<d>", depth);
    repeat(&s->file, "</d>", depth);
    buffer_add_text(&s->file, TAIL);
}

static void test_nesting(void **state)
{
    struct scene *s = *state;
    build_nested(s, XML_DEPTH_MAX - 2);
    assert_int_equal(read_built(s)->result, 0);
    build_nested(s, XML_DEPTH_MAX - 1);
    assert_int_equal(read_built(s)->result, -1);
    assert_int_equal(s->whole.error.kind, ERROR_LIMIT);
    assert_non_null(strstr(s->whole.error.text, "nests too deeply"));
    build_nested(s, 500000);
    assert_int_equal(read_built(s)->result, -1);
    assert_int_equal(s->whole.error.kind, ERROR_LIMIT);
}

/* As the innermost element: Expat reports its end although its start was refused. */
static void test_nesting_empty_element(void **state)
{
    struct scene *s = *state;
    buffer_clear(&s->file);
    buffer_add_text(&s->file, HEAD);
    repeat(&s->file, "<d>", XML_DEPTH_MAX - 2);
    buffer_add_text(&s->file, "<d/>");
    assert_int_equal(read_both(s, buffer_view(&s->file), "empty element")->result, -1);
    assert_int_equal(s->whole.error.kind, ERROR_LIMIT);
}

static void build_named(struct scene *s, size_t name_bytes, const char *end)
{
    buffer_clear(&s->file);
    buffer_add_char(&s->file, '<');
    repeat(&s->file, "n", name_bytes);
    buffer_add_text(&s->file, end);
}

static void test_long_root(void **state)
{
    struct scene *s = *state;
    static const char *const ends[] = {">", "/>", " a='b'/>", "></x>"};
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        build_named(s, XML_PATH_MAX_BYTES - 3, ends[i]);
        assert_int_equal(read_both(s, buffer_view(&s->file), "long root")->result, -1);
        assert_int_equal(s->whole.error.kind, ERROR_PROTOCOL);
        build_named(s, XML_PATH_MAX_BYTES, ends[i]);
        assert_int_equal(read_both(s, buffer_view(&s->file), "longer root")->result, -1);
        assert_int_equal(s->whole.error.kind, ERROR_LIMIT);
        build_named(s, 100000, ends[i]);
        assert_int_equal(read_built(s)->result, -1);
        assert_int_equal(s->whole.error.kind, ERROR_LIMIT);
    }
}

static void build_user_name(struct scene *s, size_t name_bytes)
{
    buffer_clear(&s->file);
    buffer_add_text(&s->file, HEAD "<Users><member><UserName>");
    repeat(&s->file, "u", name_bytes);
    buffer_add_text(&s->file, "</UserName></member></Users>" TAIL);
}

static void test_text(void **state)
{
    struct scene *s = *state;
    build_user_name(s, XML_TEXT_MAX_BYTES);
    assert_int_equal(read_built(s)->result, 0);
    assert_true(s->whole.text.len > XML_TEXT_MAX_BYTES);
    build_user_name(s, XML_TEXT_MAX_BYTES + 1);
    assert_int_equal(read_built(s)->result, -1);
    assert_int_equal(s->whole.error.kind, ERROR_LIMIT);
    assert_non_null(strstr(s->whole.error.text, "too long a text in 'Users/member/UserName'"));
    build_user_name(s, 20 * XML_TEXT_MAX_BYTES);
    assert_int_equal(read_built(s)->result, -1);
    assert_int_equal(s->whole.error.kind, ERROR_LIMIT);
}

/* Text that no rule names is passed over, however long it is. */
static void test_text_that_nobody_wants(void **state)
{
    struct scene *s = *state;
    buffer_clear(&s->file);
    buffer_add_text(&s->file, HEAD "<Users><member><Novel>");
    repeat(&s->file, "0123456789abcdef", 100000);
    buffer_add_text(&s->file, "</Novel><UserName>alice</UserName></member></Users>" TAIL);
    assert_int_equal(read_built(s)->result, 0);
    assert_string_equal(buffer_text(&s->whole.text), ONE "alice none none\n");
    assert_true(arena_size(&s->arena) < 256 * 1024);
}

static void test_records(void **state)
{
    struct scene *s = *state;
    buffer_clear(&s->file);
    buffer_add_text(&s->file, HEAD "<Users>");
    repeat(&s->file, "<member/>", XML_RECORDS_MAX);
    size_t full = s->file.len;
    buffer_add_text(&s->file, "</Users>" TAIL);
    assert_int_equal(read_built(s)->result, 0);
    s->file.len = full;
    buffer_add_text(&s->file, "<member/></Users>" TAIL);
    assert_int_equal(read_built(s)->result, -1);
    assert_int_equal(s->whole.error.kind, ERROR_LIMIT);
    assert_non_null(strstr(s->whole.error.text, "too many of 'Users/member'"));
}

/* ---- kinds ---- */

struct kinds {
    struct xml_list texts;
    struct view text;
};

static const struct xml_rule kind_rules[] = {
    {"L/i", XML_TEXTS, offsetof(struct kinds, texts), 0, NULL},
    {"T", XML_TEXT, offsetof(struct kinds, text), 0, NULL},
};

static int read_kinds(struct scene *s, const char *text, struct kinds *k)
{
    struct error e;
    *k = (struct kinds){0};
    xml_reader_begin(s->reader, "R", kind_rules, 2, k, &s->arena);
    if (xml_reader_feed(s->reader, view_of(text), &e) != 0 || xml_reader_end(s->reader, &e) != 0) {
        assert_int_equal(e.kind, ERROR_PROTOCOL);
        return -1;
    }
    return 0;
}

static void test_texts(void **state)
{
    struct scene *s = *state;
    struct kinds k;
    assert_int_equal(read_kinds(s, "<R><L><i>a</i><x>no</x><i/><i> c </i></L><T/></R>", &k), 0);
    assert_int_equal(k.texts.count, 3);
    const struct xml_text *item = (const struct xml_text *)(const void *)k.texts.first;
    assert_true(view_is(item->text, "a"));
    item = (const struct xml_text *)(const void *)item->link.next;
    assert_true(item->text.ptr && item->text.len == 0);
    item = (const struct xml_text *)(const void *)item->link.next;
    assert_true(view_is(item->text, " c "));
    assert_null(item->link.next);
    /* Empty is not absent. */
    assert_true(k.text.ptr && k.text.len == 0);
    assert_int_equal(read_kinds(s, "<R/>", &k), 0);
    assert_null(k.text.ptr);
    assert_null(k.texts.first);
    /* The last of two counts; what stands deeper inside is no part of it. */
    assert_int_equal(read_kinds(s, "<R><T>a</T><T>b<x>no</x>c</T></R>", &k), 0);
    assert_true(view_is(k.text, "bc"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_begin, scene_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_good_vectors),
        TEST(test_bad_vectors),
        TEST(test_no_vector_is_forgotten),
        TEST(test_truncated_anywhere),
        TEST(test_reader_recovers),
        TEST(test_first_error_stays),
        TEST(test_nesting),
        TEST(test_nesting_empty_element),
        TEST(test_long_root),
        TEST(test_text),
        TEST(test_text_that_nobody_wants),
        TEST(test_records),
        TEST(test_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
