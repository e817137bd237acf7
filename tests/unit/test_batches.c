/* SPDX-License-Identifier: MIT */
/* How a plan cuts the accounts into batches, and what later steps read of that. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "app/fanout/batches.h"
#include "app/fanout/removal.h"
#include "base/alloc.h"
#include "output/formats.h"

#include <stdio.h>
#include <stdlib.h>

#define LAYOUT(batch_size)                                                                         \
    {                                                                                              \
        .folder = VIEW_LITERAL("iam/work/r1/"), .extension = ".csv", .size = (batch_size)          \
    }

static struct census_account *make_accounts(size_t count)
{
    struct census_account *accounts = xcalloc(count, sizeof(*accounts));
    for (size_t i = 0; i < count; i++)
        snprintf(accounts[i].id, sizeof(accounts[i].id), "%012zu", i + 1);
    return accounts;
}

static void test_text(void **state)
{
    const struct batches_layout layout = LAYOUT(2);
    const struct census_account accounts[] = {{.id = "111111111111",
                                               .name = VIEW_LITERAL("pay \"roll\""),
                                               .ou = VIEW_LITERAL("ou"),
                                               .membership = MEMBERSHIP_MEMBER},
                                              {.id = "222222222222", .name = VIEW_NONE},
                                              {.id = "333333333333", .name = VIEW_LITERAL("")}};
    struct buffer out;
    (void)state;
    buffer_init(&out, 65536);
    assert_int_equal(batches_write(&layout, accounts, 3, &out), 2);
    assert_string_equal(
        buffer_text(&out),
        "[{\"batch\":0,\"accounts\":[{\"id\":\"111111111111\",\"name\":\"pay \\\"roll\\\"\"},"
        "{\"id\":\"222222222222\",\"name\":null}],\"part_key\":\"iam/work/r1/part-000000.csv\","
        "\"result_key\":\"iam/work/r1/result-000000.json\"},"
        "{\"batch\":1,\"accounts\":[{\"id\":\"333333333333\",\"name\":\"\"}],"
        "\"part_key\":\"iam/work/r1/part-000001.csv\","
        "\"result_key\":\"iam/work/r1/result-000001.json\"}]");
    buffer_release(&out);
}

/* The place of an account is carried if it is wanted, and nothing is made of what is not known. */
static void test_places(void **state)
{
    struct batches_layout layout = LAYOUT(3);
    const struct census_account accounts[] = {{.id = "111111111111",
                                               .ou = VIEW_LITERAL("o/r/"),
                                               .state = VIEW_LITERAL("ACTIVE"),
                                               .membership = MEMBERSHIP_MANAGEMENT},
                                              {.id = "222222222222",
                                               .ou = VIEW_LITERAL("o/r/u/"),
                                               .state = VIEW_LITERAL("ACTIVE"),
                                               .membership = MEMBERSHIP_MEMBER},
                                              {.id = "333333333333"}};
    struct census_account *found;
    struct buffer out;
    struct error e;
    size_t count;
    (void)state;
    layout.placed = true;
    buffer_init(&out, 65536);
    assert_int_equal(batches_write(&layout, accounts, 3, &out), 1);
    json_t *batches = batches_read(buffer_view(&out), &e);
    assert_int_equal(batches_read_accounts(json_array_get(batches, 0), &found, &count, &e), 0);
    assert_int_equal(count, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(found[i].membership, accounts[i].membership);
        assert_true(view_equal(found[i].ou, accounts[i].ou));
        assert_int_equal(found[i].ou.ptr == NULL, i == 2);
        assert_true(view_equal(found[i].state, accounts[i].state));
    }
    free(found);
    json_decref(batches);
    buffer_release(&out);
}

/* Every account is in one batch, in the order of all, whatever the numbers. */
static void test_every_account_once(void **state)
{
    static const size_t counts[] = {1, 49, 50, 51, 100, 101, 999};
    (void)state;
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        const struct batches_layout layout = LAYOUT(50);
        struct census_account *accounts = make_accounts(counts[i]);
        struct buffer out;
        struct error e;
        size_t next = 0;
        buffer_init(&out, (size_t)1024 * 1024);
        size_t count = batches_write(&layout, accounts, counts[i], &out);
        assert_int_equal(count, (counts[i] + 49) / 50);
        json_t *batches = batches_read(buffer_view(&out), &e);
        assert_int_equal(json_array_size(batches), count);
        for (size_t b = 0; b < count; b++)
            for (size_t a = 0;
                 a < json_array_size(json_object_get(batches_item(batches, b), "accounts"));
                 a++, next++)
                assert_string_equal(
                    json_string_value(json_object_get(
                        json_array_get(json_object_get(batches_item(batches, b), "accounts"), a),
                        "id")),
                    accounts[next].id);
        assert_int_equal(next, counts[i]);
        json_decref(batches);
        buffer_release(&out);
        free(accounts);
    }
}

/* A key that is too long must not be cut: two batches might share it. */
static void test_long_folder(void **state)
{
    struct batches_layout layout = LAYOUT(50);
    struct census_account account = {.id = "111111111111"};
    char folder[1100];
    struct buffer out;
    (void)state;
    memset(folder, 'x', sizeof(folder));
    layout.folder = (struct view){folder, sizeof(folder)};
    buffer_init(&out, 65536);
    batches_write(&layout, &account, 1, &out);
    assert_false(buffer_complete(&out));
    buffer_release(&out);
}

static void test_not_a_list(void **state)
{
    static const char *const texts[] = {
        "",
        "[",
        "{}",
        "[]",
        "[1]",
        "[{\"accounts\":[],\"part_key\":\"p\"}]",
        "[{\"accounts\":[],\"part_key\":\"p\",\"result_key\":\"r\"},{}]"};
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct error e;
        assert_null(batches_read(view_of(texts[i]), &e));
        assert_int_equal(e.kind, ERROR_PROTOCOL);
    }
}

static int read_accounts(const char *text, struct census_account **accounts, size_t *count,
                         struct error *e)
{
    json_t *batch = json_loads(text, 0, NULL);
    int result = batches_read_accounts(batch, accounts, count, e);
    json_decref(batch);
    return result;
}

static void test_accounts_of_a_batch(void **state)
{
    struct census_account *accounts;
    struct error e;
    size_t count;
    (void)state;
    assert_int_equal(read_accounts("{\"accounts\":[{\"id\":\"222222222222\"},"
                                   "{\"id\":\"111111111111\"},{\"id\":\"222222222222\"}]}",
                                   &accounts, &count, &e),
                     0);
    assert_int_equal(count, 2);
    assert_string_equal(accounts[0].id, "111111111111");
    free(accounts);
    assert_int_equal(read_accounts("{\"accounts\":[{\"id\":\"1111\"}]}", &accounts, &count, &e),
                     -1);
    assert_non_null(strstr(e.text, "batch.accounts"));
    free(accounts);
    assert_int_equal(read_accounts("{\"accounts\":[]}", &accounts, &count, &e), -1);
    assert_string_equal(e.text, "the event's 'batch' has no accounts");
    free(accounts);
}

/* Each account that is left out is in one batch: the one whose accounts are around it. */
static void test_skipped(void **state)
{
    static const char *const wanted[] = {"[\"000000000000\",\"150000000000\"]", "[]",
                                         "[\"450000000000\",\"900000000000\"]"};
    const struct skipped_account skipped[] = {
        {.id = "000000000000", .state = VIEW_LITERAL("SUSPENDED"), .name = VIEW_LITERAL("old")},
        {.id = "150000000000"},
        {.id = "450000000000", .membership = MEMBERSHIP_MEMBER},
        {.id = "900000000000"}};
    const struct census_account accounts[] = {{.id = "100000000000"},
                                              {.id = "200000000000"},
                                              {.id = "300000000000"},
                                              {.id = "400000000000"},
                                              {.id = "500000000000"}};
    struct batches_layout layout = LAYOUT(2);
    struct buffer out;
    struct error e;
    (void)state;
    layout.skipped = skipped;
    layout.skipped_count = 4;
    buffer_init(&out, 65536);
    assert_int_equal(batches_write(&layout, accounts, 5, &out), 3);
    json_t *batches = batches_read(buffer_view(&out), &e);
    for (size_t b = 0; b < 3; b++) {
        struct skipped_account *found;
        size_t count;
        char ids[128] = "[";
        assert_int_equal(batches_read_skipped(batches_item(batches, b), &found, &count, &e), 0);
        for (size_t i = 0; i < count; i++)
            snprintf(ids + strlen(ids), sizeof(ids) - strlen(ids), "%s\"%s\"", i > 0 ? "," : "",
                     found[i].id);
        assert_string_equal(strcat(ids, "]"), wanted[b]);
        if (b == 0)
            assert_true(view_is(found[0].state, "SUSPENDED") && view_is(found[0].name, "old"));
        if (b == 2)
            assert_int_equal(found[0].membership, MEMBERSHIP_MEMBER);
        free(found);
    }
    json_decref(batches);
    buffer_release(&out);
}

/* Rows and result of each batch, then the plan: its list of batches is the very last. */
static void test_order_of_removal(void **state)
{
    static const char *const order[] = {"iam/work/r1/part-000000.accounts.csv",
                                        "iam/work/r1/part-000000.csv",
                                        "iam/work/r1/result-000000.json",
                                        "iam/work/r1/part-000001.accounts.csv",
                                        "iam/work/r1/part-000001.csv",
                                        "iam/work/r1/result-000001.json",
                                        "iam/work/r1/skipped.json",
                                        "iam/work/r1/batches.json"};
    const struct batches_layout layout = LAYOUT(1);
    const struct config config = {.destination.prefix = "iam/",
                                  .destination.accounts_file.wanted = true,
                                  .format = writer_formats[0]};
    struct step step = {.config = &config, .plan = {.run_id = "r1"}};
    struct census_account *accounts = make_accounts(2);
    struct buffer out, key;
    struct error e;
    (void)state;
    buffer_init(&out, 65536);
    buffer_init(&key, 1024);
    batches_write(&layout, accounts, 2, &out);
    json_t *batches = batches_read(buffer_view(&out), &e);
    const struct removal r = {.step = &step, .batches = batches};
    for (size_t i = 0; i < 8; i++) {
        buffer_clear(&key);
        assert_true(removal_key(&r, i, &key));
        assert_string_equal(buffer_text(&key), order[i]);
    }
    assert_false(removal_key(&r, 8, &key));
    json_decref(batches);
    buffer_release(&key);
    buffer_release(&out);
    free(accounts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_every_account_once),
        cmocka_unit_test(test_long_folder),
        cmocka_unit_test(test_not_a_list),
        cmocka_unit_test(test_accounts_of_a_batch),
        cmocka_unit_test(test_skipped),
        cmocka_unit_test(test_order_of_removal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
