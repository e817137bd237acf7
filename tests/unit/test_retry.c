/* SPDX-License-Identifier: MIT */
/* Which failures are repeated, and after how long. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aws/retry.h"

#include <stdio.h>

#define DRAWS 4000

static struct error service(int http_status, const char *code, const char *text)
{
    struct error e;
    error_set(&e, ERROR_SERVICE, "%s", text);
    e.http_status = http_status;
    snprintf(e.code, sizeof(e.code), "%s", code);
    return e;
}

static void test_codes(void **state)
{
    /* The codes that the contract names, and those that the SDKs count as transient. */
    static const struct {
        const char *code;
        enum retry_class class;
    } rows[] = {
        {"Throttling", RETRY_THROTTLED},
        {"ThrottlingException", RETRY_THROTTLED},
        {"ThrottledException", RETRY_THROTTLED},
        {"RequestThrottled", RETRY_THROTTLED},
        {"RequestThrottledException", RETRY_THROTTLED},
        {"TooManyRequestsException", RETRY_THROTTLED},
        {"RequestLimitExceeded", RETRY_THROTTLED},
        {"BandwidthLimitExceeded", RETRY_THROTTLED},
        {"LimitExceededException", RETRY_THROTTLED},
        {"SlowDown", RETRY_THROTTLED},
        {"PriorRequestNotComplete", RETRY_THROTTLED},
        {"TransactionInProgressException", RETRY_THROTTLED},
        {"ProvisionedThroughputExceededException", RETRY_THROTTLED},
        {"EC2ThrottledException", RETRY_THROTTLED},
        {"RequestTimeout", RETRY_TRANSIENT},
        {"RequestTimeoutException", RETRY_TRANSIENT},
        {"InternalError", RETRY_TRANSIENT},
        {"ExpiredToken", RETRY_EXPIRED},
        {"ExpiredTokenException", RETRY_EXPIRED},
        {"RequestTimeTooSkewed", RETRY_SKEWED},
        {"RequestExpired", RETRY_SKEWED},
        {"RequestInTheFuture", RETRY_SKEWED},
        {"AccessDenied", RETRY_NEVER},
        {"NoSuchEntity", RETRY_NEVER},
        {"ValidationError", RETRY_NEVER},
        {"IDPCommunicationError", RETRY_TRANSIENT},
        {"InvalidIdentityToken", RETRY_TRANSIENT},
        {"InvalidClientTokenId", RETRY_NEW_KEY},
        {"UnrecognizedClientException", RETRY_NEW_KEY},
        {"InvalidAccessKeyId", RETRY_NEW_KEY},
        {"SignatureDoesNotMatch", RETRY_REFUSED},
        {"InvalidSignatureException", RETRY_REFUSED},
        {"IncompleteSignature", RETRY_REFUSED},
        {"MissingAuthenticationToken", RETRY_REFUSED},
        {"InvalidToken", RETRY_REFUSED},
        {"OptInRequired", RETRY_NEVER},
        {"ReportExpired", RETRY_NEVER},
        /* IAM's, 409: a quota, no rate (Organizations' LimitExceededException is another word). */
        {"LimitExceeded", RETRY_NEVER},
        {"throttling", RETRY_NEVER},
        {"ThrottlingX", RETRY_NEVER},
        {"", RETRY_NEVER},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct error e = service(400, rows[i].code, "text");
        if (retry_classify(&e) != rows[i].class)
            fail_msg("'%s' is of class %d", rows[i].code, (int)retry_classify(&e));
        /* A throttled answer is that whatever its status: S3's SlowDown comes with 503. */
        e.http_status = 503;
        enum retry_class expected = rows[i].class == RETRY_NEVER ? RETRY_TRANSIENT : rows[i].class;
        assert_int_equal(retry_classify(&e), expected);
    }
}

static void test_statuses(void **state)
{
    static const struct {
        int http_status;
        enum retry_class class;
    } rows[] = {
        {200, RETRY_NEVER},     {301, RETRY_NEVER},     {400, RETRY_NEVER},
        {403, RETRY_NEVER},     {404, RETRY_NEVER},     {408, RETRY_NEVER},
        {409, RETRY_NEVER},     {429, RETRY_THROTTLED}, {500, RETRY_TRANSIENT},
        {501, RETRY_NEVER},     {502, RETRY_TRANSIENT}, {503, RETRY_TRANSIENT},
        {504, RETRY_TRANSIENT}, {599, RETRY_TRANSIENT},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct error e = service(rows[i].http_status, "Unheard", "text");
        if (retry_classify(&e) != rows[i].class)
            fail_msg("%d is of class %d", rows[i].http_status, (int)retry_classify(&e));
    }
}

static void test_kinds(void **state)
{
    static const struct {
        enum error_kind kind;
        enum retry_class class;
    } rows[] = {
        {ERROR_CONFIG, RETRY_NEVER},       {ERROR_SYSTEM, RETRY_NEVER},
        {ERROR_NETWORK, RETRY_TRANSIENT},  {ERROR_TIMEOUT, RETRY_TRANSIENT},
        {ERROR_PROTOCOL, RETRY_TRANSIENT}, {ERROR_SERVICE, RETRY_NEVER},
        {ERROR_CREDENTIALS, RETRY_NEVER},  {ERROR_ABSENT, RETRY_NEVER},
        {ERROR_LIMIT, RETRY_NEVER},        {ERROR_TLS, RETRY_NEVER},
        {ERROR_CANCELLED, RETRY_NEVER},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct error e;
        error_set(&e, rows[i].kind, "text");
        assert_int_equal(retry_classify(&e), rows[i].class);
    }
}

/* IAM and STS say it in the text of a signature error only. */
static void test_skew_in_the_text(void **state)
{
    (void)state;
    static const char *const codes[] = {"SignatureDoesNotMatch", "InvalidSignatureException"};
    for (size_t i = 0; i < 2; i++) {
        struct error e = service(403, codes[i],
                                 "Signature expired: 20240131T110000Z is now earlier than "
                                 "20240131T114500Z (20240131T120000Z - 15 min.)");
        assert_int_equal(retry_classify(&e), RETRY_SKEWED);
        e = service(403, codes[i],
                    "Signature not yet current: 20240131T130000Z is still later than "
                    "20240131T121500Z (20240131T120000Z + 15 min.)");
        assert_int_equal(retry_classify(&e), RETRY_SKEWED);
        e = service(403, codes[i], "The request signature we calculated does not match");
        assert_int_equal(retry_classify(&e), RETRY_REFUSED);
    }
}

/* Even from 0 to the ceiling: nothing above it, and each tenth is met about as often. */
static void assert_jitter(enum retry_class class, unsigned attempt, int64_t ceiling_ms)
{
    struct random random;
    size_t tenths[10] = {0};
    random_init(&random, 1234 + attempt);
    for (int i = 0; i < DRAWS; i++) {
        int64_t delay_ms = retry_delay_ms(class, attempt, 0, &random);
        if (delay_ms < 0 || delay_ms > ceiling_ms)
            fail_msg("attempt %u: %lld ms, the ceiling is %lld", attempt, (long long)delay_ms,
                     (long long)ceiling_ms);
        tenths[delay_ms * 10 / (ceiling_ms + 1)]++;
    }
    for (size_t i = 0; i < 10; i++)
        assert_in_range(tenths[i], DRAWS / 10 * 3 / 4, DRAWS / 10 * 5 / 4);
}

static void test_full_jitter(void **state)
{
    static const int64_t transient_ms[] = {100, 200, 400, 800, 1600};
    static const int64_t throttled_ms[] = {500, 1000, 2000, 4000, 8000};
    (void)state;
    for (unsigned attempt = 1; attempt < RETRY_ATTEMPTS_MAX; attempt++) {
        assert_jitter(RETRY_TRANSIENT, attempt, transient_ms[attempt - 1]);
        assert_jitter(RETRY_THROTTLED, attempt, throttled_ms[attempt - 1]);
    }
    assert_jitter(RETRY_THROTTLED, 40, 20000);
    assert_jitter(RETRY_TRANSIENT, 4000000000u, 20000);
    assert_int_equal(RETRY_ATTEMPTS_MAX, 6);
}

static void test_seed_decides(void **state)
{
    struct random one, same, other;
    bool differs = false;
    (void)state;
    random_init(&one, 5);
    random_init(&same, 5);
    random_init(&other, 6);
    for (int i = 0; i < 100; i++) {
        int64_t delay_ms = retry_delay_ms(RETRY_THROTTLED, 5, 0, &one);
        assert_true(delay_ms == retry_delay_ms(RETRY_THROTTLED, 5, 0, &same));
        differs = differs || delay_ms != retry_delay_ms(RETRY_THROTTLED, 5, 0, &other);
    }
    assert_true(differs);
}

static void test_at_once(void **state)
{
    struct random random;
    (void)state;
    random_init(&random, 1);
    assert_true(retry_delay_ms(RETRY_EXPIRED, 5, 60000, &random) == 0);
    assert_true(retry_delay_ms(RETRY_SKEWED, 5, 60000, &random) == 0);
}

static void test_retry_after(void **state)
{
    struct random random;
    (void)state;
    random_init(&random, 1);
    for (int i = 0; i < 1000; i++) {
        /* Never sooner than asked; the back-off's own wait if that is longer. */
        assert_true(retry_delay_ms(RETRY_TRANSIENT, 1, 7000, &random) == 7000);
        assert_in_range(retry_delay_ms(RETRY_THROTTLED, 5, 3000, &random), 3000, 8000);
        /* No service makes us wait for longer than a minute. */
        assert_true(retry_delay_ms(RETRY_THROTTLED, 5, 86400000, &random) == 60000);
        assert_true(retry_delay_ms(RETRY_THROTTLED, 5, INT64_MAX, &random) == 60000);
        assert_in_range(retry_delay_ms(RETRY_TRANSIENT, 1, -5, &random), 0, 100);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_codes),       cmocka_unit_test(test_statuses),
        cmocka_unit_test(test_kinds),       cmocka_unit_test(test_skew_in_the_text),
        cmocka_unit_test(test_full_jitter), cmocka_unit_test(test_seed_decides),
        cmocka_unit_test(test_at_once),     cmocka_unit_test(test_retry_after),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
