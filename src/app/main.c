/* SPDX-License-Identifier: MIT */
#include "app/collect_command.h"
#include "app/commands.h"
#include "app/exit_status.h"
#include "app/lambda.h"
#include "app/libraries.h"
#include "app/manual.h"
#include "base/colour.h"
#include "base/environ.h"
#include "base/nearest.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#define USAGE_MAX_BYTES  4096
#define MANUAL_MAX_BYTES ((size_t)256 * 1024)

/*
 * If a standard descriptor is closed at the start, the next file or socket gets its number, and
 * output meant for stdout or stderr would go there. So /dev/null takes its place, opened in the
 * wrong mode, so that reading or writing still fails as it does on a closed descriptor.
 */
static int occupy_standard_descriptors(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF &&
            open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
            return -1;
    return 0;
}

/* A core file would hold keys and tokens. */
static void forbid_core_files(void)
{
    const struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    prctl(PR_SET_DUMPABLE, 0);
}

/*
 * Keeps large blocks (parts of an upload) out of the heap, so that they return to the system when
 * they are freed. By default glibc raises its threshold after the first one, and then the heap
 * never shrinks.
 */
static void keep_heap_small(void)
{
    mallopt(M_MMAP_THRESHOLD, 256 * 1024);
}

static void write_usage(struct buffer *out)
{
    for (const struct command *const *c = commands_table; *c; c++)
        buffer_addf(out, "%s iam-census %s %s\n", c == commands_table ? "Usage:" : "      ",
                    (*c)->name, (*c)->synopsis);
    buffer_add_text(out, "       iam-census help [COMMAND] | version\n"
                         "\n"
                         "A census of the IAM users of many AWS accounts, in one CSV.\n"
                         "\n");
    for (const struct command *const *c = commands_table; *c; c++)
        buffer_addf(out, "  %-10s  %s\n", (*c)->name, (*c)->summary);
    buffer_addf(out,
                "  %-10s  'iam-census help %s' shows its options and an example\n"
                "\n"
                "As an AWS Lambda function (file name 'bootstrap', or AWS_LAMBDA_RUNTIME_API set)\n"
                "it serves invocations, its settings from the event and the environment.\n",
                "help", collect_command.name);
}

/*
 * 'wrong': the usage is printed because the command line was wrong, not because it was requested.
 */
static int print_usage(bool wrong)
{
    struct buffer text;
    int status = EXIT_USAGE;
    buffer_init(&text, USAGE_MAX_BYTES);
    write_usage(&text);
    if (wrong)
        fputs(buffer_text_cut(&text), stderr);
    else
        status = command_print(&text, "the usage");
    buffer_release(&text);
    return status;
}

/* Explains an unknown command. If an option was given instead, 'collect' was probably meant. */
static void explain_unknown(const char *given, const char *allowed, struct error *e)
{
    const char *option = command_find_flag(&collect_command, given);
    struct nearest near = nearest_begin(given + strspn(given, "-"));
    for (const struct command *const *c = commands_table; *c; c++)
        nearest_try(&near, (*c)->name);
    nearest_try(&near, "help");
    nearest_try(&near, "version");
    if (option)
        error_set(e, ERROR_CONFIG,
                  "a command is missing before '%.60s': iam-census collect --%s ... (allowed: %s)",
                  given, option, allowed);
    else
        error_set(e, ERROR_CONFIG, "unknown command '%.60s'%s%s%s (allowed: %s)", given,
                  near.word ? ": did you mean '" : "", near.word ? near.word : "",
                  near.word ? "'?" : "", allowed);
}

static int unknown_command(const char *given)
{
    struct buffer allowed;
    struct error e;
    buffer_init(&allowed, USAGE_MAX_BYTES);
    for (const struct command *const *c = commands_table; *c; c++)
        buffer_addf(&allowed, "%s, ", (*c)->name);
    buffer_add_text(&allowed, "help, version");
    explain_unknown(given, buffer_text_cut(&allowed), &e);
    buffer_release(&allowed);
    return command_complain(&e, EXIT_USAGE);
}

static int print_manual(void)
{
    struct buffer text;
    buffer_init(&text, MANUAL_MAX_BYTES);
    manual_write(commands_table, &text);
    int status = command_print(&text, "the manual page");
    buffer_release(&text);
    return status;
}

static int help(int argc, char **argv)
{
    static char asked[] = "--help", all[] = COMMAND_ALL;
    int at = 2;
    if (argc == 3 && strcmp(argv[2], "--man") == 0)
        return print_manual();
    while (at < argc && strcmp(argv[at], COMMAND_ALL) == 0)
        at++;
    bool whole = at > 2 || (argc > 3 && strcmp(argv[3], COMMAND_ALL) == 0);
    if (at == argc || flags_is_help(argv[at]) || strcmp(argv[at], "help") == 0 ||
        strcmp(argv[at], "version") == 0)
        return print_usage(false);
    const struct command *command = commands_find(argv[at]);
    char *words[] = {argv[at], asked, all, NULL};
    return command ? command_main(command, whole ? 3 : 2, words) : unknown_command(argv[at]);
}

static int run_command(int argc, char **argv)
{
    if (argc < 2)
        return print_usage(true);
    const struct command *command = commands_find(argv[1]);
    if (command)
        return command_main(command, argc - 1, argv + 1);
    if (flags_is_help(argv[1]) || strcmp(argv[1], "help") == 0)
        return help(argc, argv);
    if (flags_is_version(argv[1]) || strcmp(argv[1], "version") == 0)
        return command_print_version();
    return unknown_command(argv[1]);
}

int main(int argc, char **argv)
{
    const char *slash = argc > 0 ? strrchr(argv[0], '/') : NULL;
    const char *name = slash ? slash + 1 : argc > 0 ? argv[0] : "";
    const char *runtime_api = environ_get(environ_system(), "AWS_LAMBDA_RUNTIME_API");
    if (occupy_standard_descriptors() != 0)
        return EXIT_NOTHING;
    forbid_core_files();
    keep_heap_small();
    libraries_init();
    bool is_function = runtime_api || strcmp(name, "bootstrap") == 0;
    if (is_function)
        colour_choose(COLOUR_NEVER);
    int status = is_function ? lambda_main() : run_command(argc, argv);
    libraries_cleanup();
    return status;
}
