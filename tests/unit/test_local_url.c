/* SPDX-License-Identifier: MIT */
/* From where credentials may be fetched in clear, and the files that they are read from. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "auth/file.h"
#include "auth/local_url.h"
#include "base/view.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LEN(array) (sizeof(array) / sizeof((array)[0]))

static const struct local_hosts services = {{"169.254.170.2", "fd00:ec2::23"}};
static const struct local_hosts full = {{"10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"}};

static void test_allowed(void **state)
{
    static const char *const urls[] = {
        "https://anywhere.example/x",   "http://localhost/x",
        "http://127.0.0.1:8080/x",      "http://[::1]/x",
        "http://169.254.170.2/v2/?a=b", "http://[fd00:ec2::23]/x",
        "http://[fd00:0ec2:0::0:23]/x",
    };
    (void)state;
    for (size_t i = 0; i < LEN(urls); i++)
        if (!local_url_allowed(urls[i], &services))
            fail_msg("%s is refused", urls[i]);
    assert_true(local_url_allowed("http://10.0.0.4/", &full));
}

static void test_refused(void **state)
{
    static const char *const urls[] = {
        "",
        "ftp://localhost/",
        "http://example.com/x",
        "http://169.254.170.3/x",
        "http://169.254.170.2@example.com/x",
        "http://169.254.170.2/x#y",
        "http://[fd00:ec2::24]/x",
        "http://[fd00:ec2::23/x",
        "http://fd00/x",
        "http://[x]/",
        "http://a]/",
        "http://ab/",
        "http://[aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa]/",
    };
    (void)state;
    for (size_t i = 0; i < LEN(urls); i++)
        if (local_url_allowed(urls[i], &services))
            fail_msg("%s is allowed", urls[i]);
    assert_false(local_url_allowed("http://10.0.0.5/", &full));
}

/* ---- files ---- */

static char folder[] = "/tmp/iam-census-file-XXXXXX";

static const char *in_folder(const char *name)
{
    static char path[256];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    return path;
}

static void put(const char *name, const char *text)
{
    FILE *f = fopen(in_folder(name), "w");
    assert_non_null(f);
    fputs(text, f);
    assert_int_equal(fclose(f), 0);
}

static int begin(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    put("token", "0123456789");
    return mkdir(in_folder("sub"), 0700) | mkfifo(in_folder("pipe"), 0600);
}

static int end(void **state)
{
    (void)state;
    return unlink(in_folder("token")) | unlink(in_folder("pipe")) | rmdir(in_folder("sub")) |
           rmdir(folder);
}

static void test_read(void **state)
{
    struct secret text = {0};
    struct error e;
    (void)state;
    assert_int_equal(file_read(in_folder("token"), 10, &text, &e), 0);
    assert_true(view_is(secret_reveal(&text), "0123456789"));
    /* What was read before is gone if the next one can't be read. */
    assert_int_equal(file_read(in_folder("token"), 9, &text, &e), -1);
    assert_int_equal(e.kind, ERROR_LIMIT);
    assert_non_null(strstr(e.text, "longer than 9 bytes"));
    assert_int_equal(secret_reveal(&text).len, 0);
    assert_int_equal(file_read("/dev/null", 9, &text, &e), 0);
    assert_int_equal(secret_reveal(&text).len, 0);
    secret_clear(&text);
}

static void test_absent(void **state)
{
    struct secret text = {0};
    struct error e;
    (void)state;
    assert_int_equal(file_read(in_folder("none"), 10, &text, &e), -1);
    assert_int_equal(e.kind, ERROR_ABSENT);
    assert_int_equal(file_read(in_folder("token/below"), 10, &text, &e), -1);
    assert_int_equal(e.kind, ERROR_ABSENT);
    assert_int_equal(file_read(in_folder("none"), 10, &text, NULL), -1);
}

/* Neither waits for the other end of a pipe nor takes a folder for a file. */
static void test_what_is_no_file(void **state)
{
    static const char *const names[] = {"sub", "pipe"};
    struct secret text = {0};
    struct error e;
    char loop[300];
    (void)state;
    for (size_t i = 0; i < LEN(names); i++) {
        assert_int_equal(file_read(in_folder(names[i]), 10, &text, &e), -1);
        assert_int_equal(e.kind, ERROR_SYSTEM);
        assert_non_null(strstr(e.text, "is not a regular file"));
    }
    /* It is there, and can't be opened: that is an error, not an absence. */
    snprintf(loop, sizeof(loop), "%s/loop", folder);
    assert_int_equal(symlink("loop", loop), 0);
    assert_int_equal(file_read(loop, 10, &text, &e), -1);
    assert_int_equal(e.kind, ERROR_SYSTEM);
    assert_non_null(strstr(e.text, "can't open"));
    assert_int_equal(unlink(loop), 0);
}

/* A file that opens, and whose content can't be read: the kernel's own, with a wrong offset. */
static void test_unreadable(void **state)
{
    struct secret text = {0};
    struct error e;
    (void)state;
    assert_int_equal(file_read("/proc/self/mem", 10, &text, &e), -1);
    assert_int_equal(e.kind, ERROR_SYSTEM);
    assert_non_null(strstr(e.text, "can't read '/proc/self/mem'"));
    assert_null(secret_reveal(&text).ptr);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_allowed),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_read),
        cmocka_unit_test(test_absent),
        cmocka_unit_test(test_what_is_no_file),
        cmocka_unit_test(test_unreadable),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
