#include "app/collect.h"
#include "app/exit_status.h"
#include "app/flags.h"
#include "app/lambda.h"
#include "app/libraries.h"
#include "app/nearest.h"
#include "app/options.h"
#include "app/policy.h"
#include "app/print.h"
#include "app/version.h"

#include <fcntl.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

static const char usage[] =
    "Usage: iam-census collect [OPTION...]\n"
    "       iam-census policy --for child|function [OPTION...]\n"
    "       iam-census help [COMMAND] | version\n"
    "\n"
    "A census of the IAM users of many AWS accounts, in one CSV.\n"
    "\n"
    "  collect    read the accounts and write the CSV\n"
    "  policy     print the IAM policy that the options of 'collect' need\n"
    "  help       'iam-census help collect' shows its options and an example\n"
    "\n"
    "As an AWS Lambda function (file name 'bootstrap', or AWS_LAMBDA_RUNTIME_API set)\n"
    "it serves invocations, its settings from the event and the environment.\n";

/*
 * A descriptor that was closed at the start would be given to the next file or socket, and what is
 * meant for standard output would then go there. /dev/null takes its place, opened the wrong way
 * round, so that reading or writing still fails as it does on a closed descriptor.
 */
static int occupy_standard_descriptors(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 &&
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
 * Large blocks (parts of an upload) stay out of the heap, and so go back to the system when they
 * are freed: by default glibc moves its bound up after the first one, and the heap then never
 * shrinks.
 */
static void keep_heap_small(void)
{
    mallopt(M_MMAP_THRESHOLD, 256 * 1024);
}

static int print(const char *text)
{
    struct error e;
    if (print_text(view_of(text), &e) == 0)
        return EXIT_ALL_READ;
    fprintf(stderr, "iam-census: %s\n", e.text);
    return EXIT_NOTHING;
}

static const struct command {
    const char *name;
    int (*main)(int argc, char **argv);
} commands[] = {{"collect", collect_main}, {"policy", policy_main}};
#define COMMAND_COUNT (sizeof(commands) / sizeof(commands[0]))

static const struct command *find_command(const char *name)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

static int unknown_command(const char *given)
{
    struct error e;
    const char *option = options_find(given);
    struct nearest near = nearest_begin(given + strspn(given, "-"));
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        nearest_try(&near, commands[i].name);
    nearest_try(&near, "help");
    nearest_try(&near, "version");
    if (option)
        error_set(&e, ERROR_CONFIG,
                  "a command is missing before '%.60s': iam-census collect --%s ... (allowed: "
                  "collect, policy, help, version)",
                  given, option);
    else
        error_set(&e, ERROR_CONFIG,
                  "unknown command '%.60s'%s%s%s (allowed: collect, policy, help, version)", given,
                  near.word ? ": did you mean '" : "", near.word ? near.word : "",
                  near.word ? "'?" : "");
    fprintf(stderr, "iam-census: %s\n", e.text);
    return EXIT_USAGE;
}

static int help(int argc, char **argv)
{
    static char asked[] = "--help";
    if (argc < 3 || flags_is_help(argv[2]) || strcmp(argv[2], "help") == 0 ||
        strcmp(argv[2], "version") == 0)
        return print(usage);
    const struct command *command = find_command(argv[2]);
    char *words[] = {argv[2], asked, NULL};
    return command ? command->main(2, words) : unknown_command(argv[2]);
}

static int run_command(int argc, char **argv)
{
    if (argc < 2) {
        fputs(usage, stderr);
        return EXIT_USAGE;
    }
    const struct command *command = find_command(argv[1]);
    if (command)
        return command->main(argc - 1, argv + 1);
    if (flags_is_help(argv[1]) || strcmp(argv[1], "help") == 0)
        return help(argc, argv);
    if (flags_is_version(argv[1]) || strcmp(argv[1], "version") == 0)
        return print(IAM_CENSUS_VERSION_LINE);
    return unknown_command(argv[1]);
}

int main(int argc, char **argv)
{
    const char *slash = argc > 0 ? strrchr(argv[0], '/') : NULL;
    const char *name = slash ? slash + 1 : argc > 0 ? argv[0] : "";
    const char *runtime_api = getenv("AWS_LAMBDA_RUNTIME_API");
    if (occupy_standard_descriptors() != 0)
        return EXIT_NOTHING;
    forbid_core_files();
    keep_heap_small();
    libraries_init();
    int status = (runtime_api && *runtime_api) || strcmp(name, "bootstrap") == 0
                     ? lambda_main()
                     : run_command(argc, argv);
    libraries_cleanup();
    return status;
}
