/* SPDX-License-Identifier: MIT */
/* 'collect' as far as it contacts nobody: its exit status, and what is printed where. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "app/collect_command.h"
#include "app/exit_status.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TEXT_SIZE  65536
#define WORDS_MOST 16

/* What a command has printed: descriptors 1 and 2. */
static char printed[3][TEXT_SIZE];

static int capture(int fd, int file)
{
    int kept = dup(fd);
    assert_int_equal(dup2(file, fd), fd);
    return kept;
}

static void restore(int fd, int kept, int file)
{
    dup2(kept, fd);
    close(kept);
    ssize_t len = pread(file, printed[fd], TEXT_SIZE - 1, 0);
    assert_true(len >= 0);
    printed[fd][len] = '\0';
    close(file);
}

/* The exit status of "collect" with these words, ended by NULL. */
static int collect(const char *const *words)
{
    char *argv[WORDS_MOST] = {(char[]){"collect"}};
    int argc = 1;
    for (; *words; words++)
        argv[argc++] = strdup(*words);
    int out = open("/tmp", O_TMPFILE | O_RDWR, 0600), err = open("/tmp", O_TMPFILE | O_RDWR, 0600);
    assert_true(out >= 0 && err >= 0);
    fflush(stdout);
    int kept_out = capture(STDOUT_FILENO, out), kept_err = capture(STDERR_FILENO, err);
    int status = command_main(&collect_command, argc, argv);
    fflush(stdout);
    restore(STDERR_FILENO, kept_err, err);
    restore(STDOUT_FILENO, kept_out, out);
    while (argc > 1)
        free(argv[--argc]);
    return status;
}

#define COLLECT(...) collect((const char *const[]){__VA_ARGS__, NULL})

static int begin(void **state)
{
    (void)state;
    clearenv();
    setenv("HOME", "/nonexistent", 1);
    setenv("AWS_EC2_METADATA_DISABLED", "true", 1);
    setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "hush", 1);
    return 0;
}

static void test_dry_run(void **state)
{
    (void)state;
    assert_int_equal(
        COLLECT("--role-name", "census", "--accounts", "111111111111,222222222222", "--dry-run"),
        EXIT_ALL_READ);
    assert_non_null(strstr(printed[1], "2 accounts"));
    assert_string_equal(printed[2], "");
    assert_int_equal(
        COLLECT("--role-name", "census", "--accounts", "111111111111", "--dry-run", "--json"),
        EXIT_ALL_READ);
    assert_int_equal(printed[1][0], '{');
}

/* Settings of the environment count, and a flag wins over them. */
static void test_environment(void **state)
{
    (void)state;
    setenv("ROLE_NAME", "census", 1);
    setenv("CHILD_ACCOUNT_IDS", "111111111111,222222222222", 1);
    assert_int_equal(COLLECT("--dry-run"), EXIT_ALL_READ);
    assert_non_null(strstr(printed[1], "2 accounts"));
    assert_int_equal(COLLECT("--dry-run", "--accounts", "111111111111"), EXIT_ALL_READ);
    assert_non_null(strstr(printed[1], "1 account"));
}

static void test_wrong_usage(void **state)
{
    (void)state;
    assert_int_equal(COLLECT("--dry-run"), EXIT_USAGE);
    assert_non_null(strstr(printed[2], "iam-census: "));
    assert_non_null(strstr(printed[2], "--role-name"));
    assert_int_equal(COLLECT("--no-such-option"), EXIT_USAGE);
    assert_int_equal(COLLECT("--role-name", "census", "--accounts", "111111111111", "--exclude",
                             "111111111111", "--dry-run"),
                     EXIT_USAGE);
    assert_non_null(strstr(printed[2], "there is no account to read"));
    assert_string_equal(printed[1], "");
}

static void test_no_credentials(void **state)
{
    (void)state;
    unsetenv("AWS_ACCESS_KEY_ID");
    unsetenv("AWS_SECRET_ACCESS_KEY");
    assert_int_equal(COLLECT("--role-name", "census", "--accounts", "111111111111", "--output",
                             "/nonexistent/census.csv"),
                     EXIT_USAGE);
    assert_non_null(strstr(printed[2], "credentials"));
    assert_string_equal(printed[1], "");
}

static void test_help_and_version(void **state)
{
    (void)state;
    assert_int_equal(COLLECT("--help"), EXIT_ALL_READ);
    assert_memory_equal(printed[1], "Usage: iam-census collect ", 26);
    assert_int_equal(COLLECT("--version"), EXIT_ALL_READ);
    assert_memory_equal(printed[1], "iam-census ", 11);
}

#define TEST(name) cmocka_unit_test_setup(name, begin)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_dry_run),        TEST(test_environment),      TEST(test_wrong_usage),
        TEST(test_no_credentials), TEST(test_help_and_version),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
