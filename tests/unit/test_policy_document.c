/* SPDX-License-Identifier: MIT */
/* Which policies make an administrator, which may, and which do not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "api/iam.h"
#include "api/policy_document.h"
#include "base/alloc.h"
#include "base/percent.h"

#include <stdio.h>
#include <stdlib.h>

#define LESS  POLICY_GRANTS_LESS
#define MAYBE POLICY_MAY_GRANT_ALL
#define ALL   POLICY_GRANTS_ALL
#define BAD   POLICY_CANNOT_BE_READ

#define ALLOW     "\"Effect\":\"Allow\","
#define DENY      "\"Effect\":\"Deny\","
#define ANY       "\"Resource\":\"*\""
#define ADMIN     "{" ALLOW "\"Action\":\"*\"," ANY "}"
#define READER    "{" ALLOW "\"Action\":\"s3:Get*\"," ANY "}"
#define CONDITION ",\"Condition\":{\"Bool\":{\"aws:MultiFactorAuthPresent\":\"true\"}}"

static const struct row {
    enum policy_grant grant;
    const char *statements; /* the value of Statement */
} rows[] = {
    /* Everything. */
    {ALL, ADMIN},
    {ALL, "[" ADMIN "]"},
    {ALL, "[" READER "," ADMIN "]"},
    {ALL, "{" ALLOW "\"Action\":[\"s3:*\",\"*\"],\"Resource\":[\"arn:aws:s3:::a\",\"*\"]}"},
    {ALL, "{" ALLOW "\"Action\":\"*:*\"," ANY "}"},
    {ALL, "{" ALLOW "\"Action\":[\"*:*\"]," ANY "}"},
    {ALL, "{\"Sid\":\"a\"," ANY ",\"Action\":\"*\",\"Effect\":\"Allow\"}"},
    /* A statement that can't be read, or may grant, takes nothing away. */
    {ALL, "[7," ADMIN "]"},
    {ALL, "[{" ALLOW "\"NotAction\":\"iam:*\"," ANY "}," ADMIN "]"},
    /* Perhaps everything. */
    {MAYBE, "{" ALLOW "\"NotAction\":\"iam:*\"," ANY "}"},
    {MAYBE, "{" ALLOW "\"NotAction\":[\"iam:*\"]," ANY CONDITION "}"},
    {MAYBE, "{" ALLOW "\"Action\":\"*\"," ANY CONDITION "}"},
    {MAYBE, "[" READER ",{" ALLOW "\"Action\":\"*\"," ANY CONDITION "}]"},
    /* Less. */
    {LESS, "[]"},
    {LESS, READER},
    {LESS, "{" DENY "\"Action\":\"*\"," ANY "}"},
    {LESS, "{" DENY "\"NotAction\":\"*\"," ANY CONDITION "}"},
    {LESS, "{\"Action\":\"*\"," ANY "}"},
    {LESS, "{" ALLOW ANY "}"},
    {LESS, "{" ALLOW "\"Action\":\"*\"}"},
    {LESS, "{" ALLOW "\"Action\":\"*\",\"Resource\":\"arn:aws:s3:::*\"}"},
    {LESS, "{" ALLOW "\"Action\":\"*\",\"NotResource\":\"*\"}"},
    {LESS, "{" ALLOW "\"NotAction\":\"iam:*\",\"Resource\":\"arn:aws:s3:::*\"}"},
    {LESS, "{" ALLOW "\"Action\":[\"iam:*\",\"s3:*\"]," ANY "}"},
    {LESS, "{" ALLOW "\"Action\":\"iam:*\"," ANY CONDITION "}"},
    {LESS, "{" ALLOW "\"Action\":[[\"*\"],7,null]," ANY "}"},
    {LESS, "{" ALLOW "\"Action\":{\"*\":\"*\"}," ANY "}"},
    /* Not a policy. */
    {BAD, "7"},
    {BAD, "\"*\""},
    {BAD, "null"},
    {BAD, "[" READER ",7]"},
    {BAD, "[[" ADMIN "]]"},
};

static enum policy_grant grant_of(const char *document)
{
    struct buffer encoded;
    buffer_init(&encoded, (size_t)1024 * 1024);
    percent_encode(&encoded, view_of(document), 0);
    enum policy_grant grant = policy_document_grant(buffer_view(&encoded));
    buffer_release(&encoded);
    return grant;
}

static void test_statements(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char document[1024];
        snprintf(document, sizeof(document), "{\"Version\":\"2012-10-17\",\"Statement\":%s}",
                 rows[i].statements);
        enum policy_grant grant = grant_of(document);
        if (grant != rows[i].grant)
            fail_msg("%d instead of %d: %s", (int)grant, (int)rows[i].grant, document);
    }
}

static void test_not_documents(void **state)
{
    static const char *const texts[] = {"",
                                        "{",
                                        "{}",
                                        "[]",
                                        "[" ADMIN "]",
                                        "*",
                                        "{\"Statement\"",
                                        "{\"statement\":" ADMIN "}",
                                        "{\"Statement\":" ADMIN "} 7"};
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        if (grant_of(texts[i]) != POLICY_CANNOT_BE_READ)
            fail_msg("it was read: %s", texts[i]);
    assert_int_equal(policy_document_grant(VIEW_NONE), POLICY_CANNOT_BE_READ);
}

/* Blanks do not count against IAM's quotas: a document may be long, but not endless. */
static void test_length(void **state)
{
    const char end[] = "{\"Statement\":" ADMIN "}";
    (void)state;
    for (size_t len = IAM_DOCUMENT_MAX_BYTES - 1; len <= IAM_DOCUMENT_MAX_BYTES + 1; len++) {
        char *text = xmalloc(len + 1);
        memset(text, ' ', len);
        memcpy(text + len - strlen(end), end, sizeof(end));
        enum policy_grant grant = policy_document_grant((struct view){text, len});
        free(text);
        assert_int_equal(grant,
                         len <= IAM_DOCUMENT_MAX_BYTES ? POLICY_GRANTS_ALL : POLICY_CANNOT_BE_READ);
    }
}

/* As botocore sees AWS encode it; a '+' stands for itself. */
static void test_encoding(void **state)
{
    (void)state;
    assert_int_equal(policy_document_grant(
                         VIEW_LITERAL("%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A"
                                      "%5B%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22%2A"
                                      "%22%2C%22Resource%22%3A%22%2a%22%7D%5D%7D")),
                     POLICY_GRANTS_ALL);
    assert_int_equal(policy_document_grant(VIEW_LITERAL("{\"Statement\":+" ADMIN "}")),
                     POLICY_CANNOT_BE_READ);
    assert_int_equal(policy_document_grant(VIEW_LITERAL("{\"Statement\":" ADMIN "}")),
                     POLICY_GRANTS_ALL);
    assert_int_equal(policy_document_grant(VIEW_LITERAL("%7B%22Statement%22%3")),
                     POLICY_CANNOT_BE_READ);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_statements),
        cmocka_unit_test(test_not_documents),
        cmocka_unit_test(test_length),
        cmocka_unit_test(test_encoding),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
