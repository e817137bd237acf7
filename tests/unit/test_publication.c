/* SPDX-License-Identifier: MIT */
/* The output of a census: nothing shows under its name before the end, and it can be taken away. */
#include "publication_scene.h"

static void test_object(void **state)
{
    struct paper p;
    paper_begin(&p, *state);
    assert_null(publication_name(&p.publication));
    paper_open(&p, NULL, false);
    assert_string_equal(publication_name(&p.publication), NAME);
    paper_add_user(&p);
    publication_add_rows(&p.publication, 0, VIEW_LITERAL("merged\r\n"));
    p.result.merged_rows = 1;
    p.result.second_keys = 5;
    wire_pass(p.scene->w, 100);
    assert_int_equal(p.scene->w->count, 0);
    paper_finish(&p);
    app_run(p.scene);
    assert_int_equal(p.error.kind, ERROR_NONE);
    assert_string_equal(p.result.output, NAME);
    assert_int_equal(p.result.rows, 2);
    assert_int_equal(p.result.second_keys, 6);
    const char *text = app_object(p.scene, KEY);
    assert_memory_equal(text, "AccountID,", 10);
    assert_non_null(strstr(text, "\r\n111111111111,"));
    assert_non_null(strstr(text, ",AKIA1,"));
    assert_string_equal(text + strlen(text) - 10, "\r\nmerged\r\n");
    assert_string_equal(buffer_text(&p.scene->log), "PUT " KEY "\n");
    paper_end(&p);
}

/* A part of a larger output has no header line. */
static void test_part(void **state)
{
    struct paper p;
    paper_begin(&p, *state);
    paper_open(&p, NULL, true);
    publication_add_rows(&p.publication, 0, VIEW_LITERAL("a\r\n"));
    paper_finish(&p);
    app_run(p.scene);
    assert_string_equal(app_object(p.scene, KEY), "a\r\n");
    paper_end(&p);
}

/* The settings of the config are those of the rows: here ages in the extended columns. */
static void test_extended(void **state)
{
    struct paper p;
    app_set(*state, SETTING_COLUMNS, "extended");
    paper_begin(&p, *state);
    paper_open(&p, NULL, false);
    paper_add_user(&p);
    paper_finish(&p);
    app_run(p.scene);
    const char *text = app_object(p.scene, KEY);
    assert_non_null(strstr(text, ",AKIA2,1,"));
    paper_end(&p);
}

static void test_file(void **state)
{
    char folder[] = "/tmp/test_publication.XXXXXX", path[64];
    struct paper p;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/out.csv", folder);
    paper_begin(&p, *state);
    paper_open(&p, path, false);
    assert_string_equal(publication_name(&p.publication), path);
    paper_add_user(&p);
    assert_int_equal(access(path, F_OK), -1);
    paper_finish(&p);
    app_run(p.scene);
    assert_int_equal(p.error.kind, ERROR_NONE);
    assert_string_equal(p.result.output, path);
    assert_int_equal(unlink(path), 0);
    paper_end(&p);
    paper_begin(&p, *state);
    paper_open(&p, path, false);
    paper_end(&p); /* it leaves nothing behind, though nobody has abandoned it */
    assert_int_equal(rmdir(folder), 0);
}

static void test_name_that_can_not_be_used(void **state)
{
    char key[S3_KEY_MAX_BYTES + 2];
    struct paper p;
    struct error e;
    paper_begin(&p, *state);
    memset(key, 'k', sizeof(key));
    key[sizeof(key) - 1] = '\0';
    struct publication_options options = {
        .config = &p.scene->config, .bucket = p.bucket, .path = key};
    assert_int_equal(publication_open(&p.publication, &options, &e), -1);
    assert_int_equal(e.kind, ERROR_CONFIG);
    assert_string_equal(e.text, "the object's key is longer than 1024 bytes");
    options.bucket = NULL;
    options.path = "/dev/null/out.csv";
    assert_int_equal(publication_open(&p.publication, &options, &e), -1);
    assert_int_equal(e.kind, ERROR_SYSTEM);
    assert_null(publication_name(&p.publication));
    paper_end(&p);
}

/* The result does not name an output that is not there. */
static void test_refused(void **state)
{
    struct paper p;
    paper_begin(&p, *state);
    p.refuses_put = true;
    paper_open(&p, NULL, false);
    paper_add_user(&p);
    assert_null(publication_failed(&p.publication));
    paper_finish(&p);
    app_run(p.scene);
    assert_said(&p, "PutObject of '" NAME "'");
    assert_null(p.result.output);
    assert_int_equal(p.result.rows, 0);
    assert_int_equal(p.result.second_keys, 0);
    paper_end(&p);
}

/* It is busy while a part waits for its upload, which here can't be begun. */
static void test_busy(void **state)
{
    struct paper p;
    char *rows = xcalloc(1, S3_PART_MIN_BYTES);
    paper_begin(&p, *state);
    paper_open(&p, NULL, true);
    assert_false(publication_busy(&p.publication, 0));
    publication_add_rows(&p.publication, 0, (struct view){rows, S3_PART_MIN_BYTES});
    free(rows);
    assert_true(publication_busy(&p.publication, 0));
    assert_false(p.ready);
    wire_run(p.scene->w, &p.ready);
    assert_false(publication_busy(&p.publication, 0));
    assert_non_null(strstr(publication_failed(&p.publication)->text, "CreateMultipartUpload"));
    paper_end(&p);
}

/* Before it is open, and while rows are added. */
static void test_abandoned(void **state)
{
    for (int open = 0; open < 2; open++) {
        struct paper p;
        struct error e;
        paper_begin(&p, *state);
        if (open) {
            paper_open(&p, NULL, false);
            paper_add_user(&p);
        }
        assert_false(publication_unsettled(&p.publication, &e));
        paper_abandon(&p);
        app_run(p.scene);
        assert_int_equal(p.error.kind, ERROR_CANCELLED);
        assert_string_equal(p.error.text, "nothing was written");
        assert_int_equal(p.scene->w->count, 0);
        paper_end(&p);
    }
}

/* What can't be taken back any more is said. */
static void test_abandoned_too_late(void **state)
{
    struct paper p;
    struct error e;
    paper_begin(&p, *state);
    p.holds_put = true;
    paper_open(&p, NULL, false);
    paper_finish(&p);
    wire_await(p.scene->w, 1);
    paper_abandon(&p);
    assert_true(publication_unsettled(&p.publication, &e));
    assert_string_equal(e.text, "'" KEY "' was being completed and may be in the bucket");
    wire_reply(p.held->peer, 200, "ETag: \"e\"\r\n", "");
    app_run(p.scene);
    assert_said(&p, "was complete already and is kept");
    assert_null(p.result.output);
    paper_end(&p);
}

#define ACCOUNTS_KEY "iam/out.accounts.csv"
#define NOT_READ                                                                                   \
    "unknown,unknown,unknown,unknown,unknown,unknown,unknown,unknown,unknown,unknown,unknown,"     \
    "unknown,unknown,,"

/* Every account of the plan has a row, in order, whatever became of it; the output is put last. */
/* Both are named if both are under way: the findings and the rows. */
static void test_two_unfinished(void **state)
{
    struct paper p;
    struct error e;
    char *rows = xcalloc(1, S3_PART_MIN_BYTES);
    app_set(*state, SETTING_FINDINGS, "true");
    paper_begin(&p, *state);
    p.silent = true;
    paper_open(&p, NULL, true);
    for (size_t volume = 0; volume < 2; volume++)
        publication_add_rows(&p.publication, volume, (struct view){rows, S3_PART_MIN_BYTES});
    free(rows);
    wire_await(p.scene->w, 2);
    assert_true(publication_unsettled(&p.publication, &e));
    assert_non_null(strstr(e.text, "an unfinished upload of '" KEY "' may be left"));
    assert_non_null(strstr(e.text, "; an unfinished upload of '"));
    assert_non_null(strstr(e.text, "findings"));
    paper_end(&p);
}

static void test_accounts_file(void **state)
{
    struct paper p;
    app_set(*state, SETTING_ACCOUNTS_FILE, "true");
    paper_begin(&p, *state);
    paper_open(&p, NULL, false);
    paper_add_user(&p);
    paper_add_failed(&p, "222222222222");
    wire_pass(p.scene->w, 100);
    assert_int_equal(p.scene->w->count, 0);
    paper_finish(&p);
    app_run(p.scene);
    assert_int_equal(p.error.kind, ERROR_NONE);
    assert_string_equal(buffer_text(&p.scene->log), "PUT " ACCOUNTS_KEY "\nPUT " KEY "\n");
    assert_int_equal(p.result.rows, 1);
    assert_int_equal(p.result.further_count, 1);
    assert_view(p.result.further[0].name, "s3://bucket/" ACCOUNTS_KEY);
    const char *text = app_object(p.scene, ACCOUNTS_KEY);
    const char *rows[] = {"AccountID,AccountName,AccountAlias,AccountOU,State,Outcome,Stage,Code,",
                          "000000000000,'=old,unknown,o-1/r-1/ou-1,SUSPENDED,skipped,,," NOT_READ,
                          "111111111111,\"Core \"\"A\"\"\",\"core,team\",o-1/r-1/ou-1,unknown,"
                          "succeeded,,,1,0,0,2,0,false,false,none,false,false,",
                          "222222222222,unknown,unknown,unknown,unknown,failed,AssumeRole,"
                          "AccessDenied," NOT_READ,
                          "999999999999,unknown,unknown,unknown,PENDING_CLOSURE,skipped,,,"};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (strncmp(text, rows[i], strlen(rows[i])) != 0)
            fail_msg("'%s' is not at '%s'", rows[i], text);
        text = strchr(text, '\n') + 1;
    }
    assert_string_equal(text, "");
    paper_end(&p);
}

/* Beside a file, or where a path says. */
static void test_accounts_file_of_a_file(void **state)
{
    char folder[] = "/tmp/test_publication.XXXXXX", path[64], accounts[64];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/out.of.csv", folder);
    for (int own_path = 0; own_path < 2; own_path++) {
        struct paper p;
        snprintf(accounts, sizeof(accounts), "%s/%s", folder,
                 own_path ? "mine" : "out.of.accounts.csv");
        ((struct app_scene *)*state)->config.destination.bucket = NULL;
        app_set(*state, SETTING_ACCOUNTS_FILE, "true");
        paper_begin(&p, *state);
        p.scene->config.destination.accounts_file.path = own_path ? accounts : NULL;
        paper_open(&p, path, false);
        assert_string_equal(publication_name(&p.publication), path);
        paper_finish(&p);
        app_run(p.scene);
        assert_int_equal(p.error.kind, ERROR_NONE);
        assert_int_equal(unlink(path), 0);
        assert_int_equal(unlink(accounts), 0);
        paper_end(&p);
    }
    assert_int_equal(rmdir(folder), 0);
}

/* If the accounts file can't be written, the output is not there either, and the reverse. */
static void test_all_or_nothing(void **state)
{
    static const struct {
        const char *refused, *said, *kept;
    } cases[] = {
        {"accounts.csv", "the accounts file: PutObject of 's3://bucket/" ACCOUNTS_KEY "'", NULL},
        {"out.csv", "; s3://bucket/" ACCOUNTS_KEY " is written already", ACCOUNTS_KEY},
    };
    app_set(*state, SETTING_ACCOUNTS_FILE, "true");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct paper p;
        paper_begin(&p, *state);
        app_delete(p.scene, ACCOUNTS_KEY);
        p.refused = cases[i].refused;
        paper_open(&p, NULL, false);
        paper_add_user(&p);
        paper_finish(&p);
        app_run(p.scene);
        assert_said(&p, cases[i].said);
        assert_null(app_object(p.scene, KEY));
        assert_int_equal(app_object(p.scene, ACCOUNTS_KEY) != NULL, cases[i].kept != NULL);
        assert_null(p.result.output);
        paper_end(&p);
    }
}

/* One that fails while rows are added takes the others with it before anything is put. */
static void test_failed_before_the_end(void **state)
{
    struct paper p;
    app_set(*state, SETTING_ACCOUNTS_FILE, "true");
    paper_begin(&p, *state);
    p.scene->config.destination.accounts_file.path = "/dev/full";
    p.scene->config.destination.bucket = NULL;
    struct s3_bucket *bucket = p.bucket;
    p.bucket = NULL;
    paper_open(&p, "/dev/null", false);
    paper_add_user(&p);
    paper_finish(&p);
    app_run(p.scene);
    assert_said(&p, "the accounts file: ");
    assert_null(p.result.output);
    p.bucket = bucket;
    paper_end(&p);
}

/* Both are taken away, even while the first is being finished. */
static void test_both_abandoned(void **state)
{
    struct paper p;
    app_set(*state, SETTING_ACCOUNTS_FILE, "true");
    paper_begin(&p, *state);
    p.holds_put = true;
    paper_open(&p, NULL, false);
    paper_finish(&p);
    wire_await(p.scene->w, 1);
    paper_abandon(&p);
    wire_reply(p.held->peer, 200, "ETag: \"e\"\r\n", "");
    app_run(p.scene);
    assert_said(&p, "'" ACCOUNTS_KEY "' was complete already and is kept");
    assert_int_equal(p.scene->w->count, 1);
    paper_end(&p);
}

/* A part of a larger output has all its volumes beside it, without header lines. */
static void test_part_with_accounts(void **state)
{
    struct paper p;
    app_set(*state, SETTING_ACCOUNTS_FILE, "true");
    paper_begin(&p, *state);
    paper_open(&p, NULL, true);
    paper_finish(&p);
    app_run(p.scene);
    assert_string_equal(buffer_text(&p.scene->log), "PUT " ACCOUNTS_KEY "\nPUT " KEY "\n");
    assert_memory_equal(app_object(p.scene, ACCOUNTS_KEY), "000000000000,", 13);
    assert_string_equal(app_object(p.scene, KEY), "");
    paper_end(&p);
}

/* Whoever releases it is not called any more. */
static void test_released(void **state)
{
    struct paper p;
    struct app_scene *scene = *state;
    paper_begin(&p, scene);
    paper_abandon(&p);
    paper_end(&p);
    paper_begin(&p, scene);
    paper_open(&p, NULL, false);
    paper_finish(&p);
    paper_end(&p);
    wire_pass(scene->w, 1000);
    assert_int_equal(scene->calls, 0);
    publication_release(&(struct publication){.loop = NULL});
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, app_begin, app_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_object),
        TEST(test_part),
        TEST(test_extended),
        TEST(test_file),
        TEST(test_name_that_can_not_be_used),
        TEST(test_refused),
        TEST(test_busy),
        TEST(test_abandoned),
        TEST(test_abandoned_too_late),
        TEST(test_two_unfinished),
        TEST(test_accounts_file),
        TEST(test_accounts_file_of_a_file),
        TEST(test_all_or_nothing),
        TEST(test_failed_before_the_end),
        TEST(test_both_abandoned),
        TEST(test_part_with_accounts),
        TEST(test_released),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
