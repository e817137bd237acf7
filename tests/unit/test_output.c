/* SPDX-License-Identifier: MIT */
/* Rows and the output that they go to: a row that can't be made whole ends it. */
#include "base/alloc.h"
#include "output/csv.h"
#include "output/output.h"
#include "writer_scene.h"

/* A sink that keeps what it gets. */
struct kept {
    struct sink sink;
    struct buffer bytes;
    bool finished, aborted, freed;
    sink_done *done;
    void *done_arg;
};

static void kept_write(struct sink *sink, struct view bytes)
{
    buffer_add_view(&((struct kept *)(void *)sink)->bytes, bytes);
}

static bool kept_busy(const struct sink *sink)
{
    (void)sink;
    return false;
}

static const struct error *kept_failed(const struct sink *sink)
{
    (void)sink;
    return NULL;
}

static void kept_set_ready(struct sink *sink, void (*ready)(void *arg), void *arg)
{
    (void)sink, (void)ready, (void)arg;
}

static void kept_finish(struct sink *sink, sink_done *done, void *arg)
{
    struct kept *k = (struct kept *)(void *)sink;
    k->finished = true;
    k->done = done;
    k->done_arg = arg;
}

static void kept_abort(struct sink *sink, sink_done *done, void *arg)
{
    struct kept *k = (struct kept *)(void *)sink;
    k->aborted = true;
    k->done = done;
    k->done_arg = arg;
}

static bool kept_unsettled(const struct sink *sink, struct error *e)
{
    (void)sink, (void)e;
    return false;
}

static void kept_free(struct sink *sink)
{
    ((struct kept *)(void *)sink)->freed = true;
}

static struct kept *kept_new(void)
{
    static const struct sink_ops ops = {kept_write,  kept_busy,  kept_failed,    kept_set_ready,
                                        kept_finish, kept_abort, kept_unsettled, kept_free};
    struct kept *k = xcalloc(1, sizeof(*k));
    k->sink.ops = &ops;
    buffer_init(&k->bytes, (size_t)64 * 1024 * 1024);
    return k;
}

static void kept_release(struct kept *k)
{
    assert_true(k->freed);
    buffer_release(&k->bytes);
    free(k);
}

struct heard {
    int calls;
    struct error error; /* kind ERROR_NONE: it went well */
};

static void on_done(void *arg, const struct error *e)
{
    struct heard *h = arg;
    h->calls++;
    if (e)
        h->error = *e;
}

/* Three users, the second with a tag of 'len' bytes; how the output ended. */
static struct heard write_three(struct kept *k, struct output *o, size_t len)
{
    struct scene s;
    struct user users[3];
    struct user *list[3] = {&users[0], &users[1], &users[2]};
    struct heard heard = {0};
    char *text = xmalloc(len + 1);
    memset(text, 'x', len);
    text[len] = '\0';
    scene_begin(&s);
    for (int i = 0; i < 3; i++)
        clear_user(&users[i], (const char *[]){"ann", "bob", "eve"}[i], "arn", "id");
    add_tag(&s, "k", text);
    users[1].tags = s.user.tags;
    s.account.users = list;
    s.account.user_count = 3;
    s.options.columns = COLUMNS_STANDARD;
    output_init(o, &csv_format, &s.options, &k->sink);
    assert_true(output_account(o, &s.account));
    output_finish(o, on_done, &heard);
    assert_int_equal(heard.calls, 0);
    k->done(k->done_arg, NULL);
    assert_int_equal(heard.calls, 1);
    scene_end(&s);
    free(text);
    return heard;
}

static void test_rows(void **state)
{
    struct kept *k = kept_new();
    struct output o;
    (void)state;
    struct heard heard = write_three(k, &o, 15 * 1024 * 1024);
    assert_int_equal(heard.error.kind, ERROR_NONE);
    assert_true(k->finished);
    assert_int_equal(o.row_count, 3);
    assert_non_null(strstr(buffer_text(&k->bytes), "\r\n111111111111,\"core,team\",eve,"));
    output_release(&o);
    kept_release(k);
}

/* It is never cut and glued to the next one. */
static void test_row_too_long(void **state)
{
    struct kept *k = kept_new();
    struct output o;
    (void)state;
    struct heard heard = write_three(k, &o, 17 * 1024 * 1024);
    assert_int_equal(heard.error.kind, ERROR_LIMIT);
    assert_string_equal(
        heard.error.text,
        "user 'bob' of account 111111111111: the row is longer than 16777216 bytes");
    assert_ptr_equal(output_failed(&o), &o.error);
    assert_true(k->aborted && !k->finished);
    assert_null(strstr(buffer_text(&k->bytes), "eve"));
    /* What comes from elsewhere is not taken any more either. */
    size_t len = k->bytes.len;
    output_rows(&o, VIEW_LITERAL("more\r\n"));
    assert_int_equal(k->bytes.len, len);
    output_release(&o);
    kept_release(k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_row_too_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
