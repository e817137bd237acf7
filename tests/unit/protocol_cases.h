/* SPDX-License-Identifier: MIT */
/*
 * The published cases of the query protocol's answers, which lie outside the repository: in
 * IAM_CENSUS_TESTDATA, or else beside it. Where they are missing, their tests say so and skip.
 */
#ifndef TESTS_PROTOCOL_CASES_H
#define TESTS_PROTOCOL_CASES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define PUBLISHED_CASES 38

/* The array of suites; NULL if it is missing. */
static inline json_t *protocol_cases_load(void)
{
    char path[1024];
    json_error_t where;
    const char *folder = getenv("IAM_CENSUS_TESTDATA");
    if (folder)
        snprintf(path, sizeof(path), "%s/protocols/query-output.json", folder);
    else
        snprintf(path, sizeof(path), "%s/../shared/testdata/protocols/query-output.json",
                 PROJECT_DIR);
    if (access(path, R_OK) != 0) {
        print_message("skipped: '%s' is not there (IAM_CENSUS_TESTDATA names its folder)\n", path);
        return NULL;
    }
    json_t *suites = json_load_file(path, 0, &where);
    if (!suites)
        fail_msg("'%s': %s", path, where.text);
    return suites;
}

static inline const char *json_text_of(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

#endif
