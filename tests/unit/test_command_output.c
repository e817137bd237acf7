/* SPDX-License-Identifier: MIT */
/* A command that a signal ends while it writes a file: nothing of the file is left. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "app/command_output.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[32], path[64];

static int make_folder(void **state)
{
    (void)state;
    snprintf(folder, sizeof(folder), "/tmp/command_output.XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/out", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(folder);
}

static size_t count_files(void)
{
    DIR *d = opendir(folder);
    size_t count = 0;
    assert_non_null(d);
    for (const struct dirent *entry; (entry = readdir(d));)
        count += entry->d_name[0] != '.' || entry->d_name[1] == 'o';
    closedir(d);
    return count;
}

/* In a child: begins an output, and gets a signal. Exit status 1 if it lives on. */
static int end_by(int number, void (*before)(int))
{
    int status;
    pid_t child = fork();
    if (child == 0) {
        struct command_output o;
        struct error e;
        signal(number, before);
        if (command_output_open(&o, path, &e) != 0)
            _exit(2);
        buffer_add_text(&o.rows, "a row\n");
        if (command_output_flush(&o, &e) != 0 || count_files() != 1)
            _exit(3);
        raise(number);
        if (command_output_finish(&o, &e) != 0)
            _exit(4);
        command_output_release(&o);
        raise(number);
        _exit(1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

static void test_nothing_is_left(void **state)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGXCPU};
    (void)state;
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        int status = end_by(numbers[i], SIG_DFL);
        assert_true(WIFSIGNALED(status));
        assert_int_equal(WTERMSIG(status), numbers[i]);
        assert_int_equal(count_files(), 0);
    }
}

/* As with nohup: the output is written to its end. */
static void test_ignored_before(void **state)
{
    (void)state;
    int status = end_by(SIGHUP, SIG_IGN);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 1);
    assert_int_equal(count_files(), 1);
    assert_int_equal(access(path, F_OK), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_nothing_is_left, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_ignored_before, make_folder, remove_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
