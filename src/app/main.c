#include "app/collect.h"
#include "app/lambda.h"
#include "app/libraries.h"
#include "app/policy.h"
#include "app/version.h"
#include "aws/query.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

static const char usage[] =
    "Usage: iam-census collect [OPTION...]\n"
    "       iam-census policy --for child|function [OPTION...]\n"
    "       iam-census --help | --version\n"
    "\n"
    "A census of the IAM users of many AWS accounts, in one CSV.\n"
    "\n"
    "  collect    read the accounts and write the CSV ('iam-census collect --help')\n"
    "  policy     print the IAM policy that the options need ('iam-census policy --help')\n"
    "\n"
    "As an AWS Lambda function (file name 'bootstrap', or AWS_LAMBDA_RUNTIME_API set) it serves\n"
    "invocations; its settings then come from the event and the environment.\n";

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

static int command(int argc, char **argv)
{
    if (argc < 2) {
        fputs(usage, stderr);
        return EXIT_USAGE;
    }
    if (strcmp(argv[1], "collect") == 0)
        return collect_main(argc - 1, argv + 1);
    if (strcmp(argv[1], "policy") == 0)
        return policy_main(argc - 1, argv + 1);
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
        strcmp(argv[1], "help") == 0)
        return fputs(usage, stdout) >= 0 ? EXIT_ALL_READ : EXIT_NOTHING;
    if (strcmp(argv[1], "--version") == 0)
        return puts("iam-census " IAM_CENSUS_VERSION) >= 0 ? EXIT_ALL_READ : EXIT_NOTHING;
    fprintf(stderr,
            "iam-census: unknown command '%.60s' (allowed: collect, policy, --help, --version)\n",
            argv[1]);
    return EXIT_USAGE;
}

int main(int argc, char **argv)
{
    const char *slash = argc > 0 ? strrchr(argv[0], '/') : NULL;
    const char *name = slash ? slash + 1 : argc > 0 ? argv[0] : "";
    const char *runtime_api = getenv("AWS_LAMBDA_RUNTIME_API");
    forbid_core_files();
    keep_heap_small();
    libraries_init();
    int status = (runtime_api && *runtime_api) || strcmp(name, "bootstrap") == 0
                     ? lambda_main()
                     : command(argc, argv);
    query_cleanup();
    libraries_cleanup();
    return status;
}
