/* SPDX-License-Identifier: MIT */
/* Findings beside an output: accounts are judged when they are added, as far as there is room. */
#include "publication_scene.h"

#include <fcntl.h>
#include <sys/stat.h>

#define FINDINGS_KEY "iam/out.findings.jsonl"
#define MANY         2000

static void want_findings(struct app_scene *s, const char *format)
{
    app_set(s, SETTING_FINDINGS, "true");
    app_set(s, SETTING_FINDINGS_FORMAT, format);
    app_set(s, SETTING_RULES, "user-two-active-keys,user-boundary,root-access-key");
}

/* The findings are put before the output, and the result counts them. */
static void test_object(void **state)
{
    struct paper p;
    want_findings(*state, "jsonl");
    paper_begin(&p, *state);
    paper_open(&p, NULL, false);
    paper_add_user(&p);
    paper_add_user(&p);
    paper_add_failed(&p, "222222222222");
    wire_pass(p.scene->w, 100);
    assert_int_equal(p.scene->w->count, 0);
    paper_finish(&p);
    app_run(p.scene);
    assert_int_equal(p.error.kind, ERROR_NONE);
    assert_string_equal(buffer_text(&p.scene->log), "PUT " FINDINGS_KEY "\nPUT " KEY "\n");
    assert_view(p.result.further[0].name, "s3://bucket/" FINDINGS_KEY);
    const char *text = app_object(p.scene, FINDINGS_KEY);
    assert_non_null(strstr(text, "\"rule\":\"user-two-active-keys\",\"status\":\"fail\""));
    assert_non_null(strstr(text, "\"run_id\":\"r1\"}\n"));
    assert_true(p.result.findings.judged);
    assert_int_equal(p.result.findings.by[SEVERITY_LOW][STATUS_UNKNOWN], 2);
    assert_int_equal(p.result.findings.by[SEVERITY_CRITICAL][STATUS_UNKNOWN], 1);
    assert_int_equal(p.result.findings.by[SEVERITY_CRITICAL][STATUS_PASS], 2);
    assert_int_equal(p.result.findings.by[SEVERITY_LOW][STATUS_FAIL] +
                         p.result.findings.by[SEVERITY_LOW][STATUS_PASS],
                     4);
    paper_end(&p);
}

/* A part of a larger output has no header line; rows of parts go in as they are. */
static void test_part(void **state)
{
    for (int bare = 0; bare < 2; bare++) {
        struct paper p;
        want_findings(*state, "csv");
        paper_begin(&p, *state);
        paper_open(&p, NULL, bare);
        publication_add_rows(&p.publication, 1, VIEW_LITERAL("a\r\n"));
        publication_add_rows(&p.publication, 0, VIEW_LITERAL("b\r\n"));
        paper_finish(&p);
        app_run(p.scene);
        const char *text = app_object(p.scene, "iam/out.findings.csv");
        assert_non_null(text);
        assert_int_equal(strncmp(text, "finding_id,rule,", 16) == 0, !bare);
        assert_string_equal(text + strlen(text) - 3, "b\r\n");
        assert_int_equal(strlen(text) == 3, bare);
        paper_end(&p);
    }
}

/* Nothing is put if it is abandoned, or if the findings can't be put. */
static void test_abandoned_or_refused(void **state)
{
    struct paper p;
    want_findings(*state, "jsonl");
    paper_begin(&p, *state);
    paper_open(&p, NULL, false);
    paper_add_user(&p);
    paper_abandon(&p);
    app_run(p.scene);
    assert_int_equal(p.error.kind, ERROR_CANCELLED);
    assert_int_equal(p.scene->w->count, 0);
    paper_end(&p);
    paper_begin(&p, *state);
    p.refused = "findings.jsonl";
    paper_open(&p, NULL, false);
    paper_add_user(&p);
    paper_finish(&p);
    app_run(p.scene);
    assert_said(&p, "the findings file: PutObject of 's3://bucket/" FINDINGS_KEY "'");
    assert_null(app_object(p.scene, KEY));
    assert_null(p.result.output);
    paper_end(&p);
}

/* Reads what is in the pipe. */
static void drain(int pipe, struct buffer *seen)
{
    char bytes[65536];
    ssize_t count;
    while ((count = read(pipe, bytes, sizeof(bytes))) > 0)
        buffer_add(seen, bytes, (size_t)count);
}

/* Many users, of whom each breaks the rule user-boundary. */
static void add_many(struct paper *p, int pipe, struct buffer *seen, unsigned *waits)
{
    struct scene s;
    struct user **users;
    scene_begin(&s);
    users = arena_alloc(&s.account.arena, MANY * sizeof(struct user *));
    for (size_t i = 0; i < MANY; i++) {
        char *name = arena_alloc(&s.account.arena, 8);
        snprintf(name, 8, "u%05zu", i);
        users[i] = arena_alloc(&s.account.arena, sizeof(struct user));
        *users[i] = s.user;
        users[i]->name = view_of(name);
        users[i]->boundary = VIEW_NONE;
        users[i]->unknown = 0;
    }
    s.account.users = users;
    s.account.user_count = MANY;
    for (*waits = 0; !publication_add_account(&p->publication, &s.account); (*waits)++) {
        p->ready = false;
        for (int turns = 0; !p->ready && turns < 10000; turns++) {
            drain(pipe, seen);
            wire_pass(p->scene->w, 4); /* enough for the loop to look at its descriptors */
        }
        assert_true(p->ready);
    }
    scene_end(&s);
}

/* If the reader is slow, it goes on where it has stopped: no user is judged twice, or left out. */
static void test_resumes(void **state)
{
    char folder[] = "/tmp/test_findings.XXXXXX", path[64];
    struct paper p;
    struct buffer seen;
    unsigned waits;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/f", folder);
    assert_int_equal(mkfifo(path, 0600), 0);
    int pipe = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    assert_true(pipe >= 0);
    buffer_init(&seen, (size_t)16 * 1024 * 1024);
    want_findings(*state, "jsonl");
    paper_begin(&p, *state);
    p.scene->config.destination.findings.path = path;
    p.scene->config.destination.bucket = NULL;
    paper_open(&p, "/dev/null", false);
    add_many(&p, pipe, &seen, &waits);
    assert_true(waits > 3);
    paper_finish(&p);
    while (p.scene->calls == 0) {
        drain(pipe, &seen);
        wire_pass(p.scene->w, 4);
    }
    drain(pipe, &seen);
    assert_int_equal(p.error.kind, ERROR_NONE);
    const char *at = buffer_text(&seen);
    for (size_t i = 0; i < MANY; i++) {
        char name[32];
        snprintf(name, sizeof(name), "\"user_name\":\"u%05zu\"", i);
        at = strstr(at, "\"rule\":\"user-boundary\"");
        assert_non_null(at);
        at = strstr(at, "\"user_name\":");
        assert_memory_equal(at, name, strlen(name));
    }
    assert_null(strstr(at, "\"rule\":\"user-boundary\""));
    assert_int_equal(p.result.findings.by[SEVERITY_CRITICAL][STATUS_PASS], 1);
    buffer_release(&seen);
    paper_end(&p);
    close(pipe);
    unlink(path);
    assert_int_equal(rmdir(folder), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, app_begin, app_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_object),
        TEST(test_part),
        TEST(test_abandoned_or_refused),
        TEST(test_resumes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
