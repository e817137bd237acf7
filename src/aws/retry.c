/* SPDX-License-Identifier: MIT */
#include "aws/retry.h"

#include <stddef.h>
#include <string.h>

#define TRANSIENT_BASE_MS  100
#define THROTTLED_BASE_MS  500
#define DELAY_CAP_MS       20000
#define RETRY_AFTER_CAP_MS 60000

struct code_class {
    const char *code;
    enum retry_class class;
};

static const struct code_class codes[] = {
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
    {"InternalFailure", RETRY_TRANSIENT},
    {"ServiceFailure", RETRY_TRANSIENT},
    {"ServiceUnavailable", RETRY_TRANSIENT},
    {"IDPCommunicationError", RETRY_TRANSIENT},
    {"InvalidIdentityToken", RETRY_TRANSIENT}, /* of a token that STS does not know yet, say */
    {"ExpiredToken", RETRY_EXPIRED},
    {"ExpiredTokenException", RETRY_EXPIRED},
    {"RequestTimeTooSkewed", RETRY_SKEWED},
    {"RequestExpired", RETRY_SKEWED},
    {"RequestInTheFuture", RETRY_SKEWED},
    {"InvalidClientTokenId", RETRY_NEW_KEY},
    {"UnrecognizedClientException", RETRY_NEW_KEY}, /* of services that speak JSON */
    {"InvalidAccessKeyId", RETRY_NEW_KEY},          /* of S3 */
    {"SignatureDoesNotMatch", RETRY_REFUSED},
    {"InvalidSignatureException", RETRY_REFUSED},
    {"IncompleteSignature", RETRY_REFUSED},
    {"IncompleteSignatureException", RETRY_REFUSED},
    {"InvalidToken", RETRY_REFUSED},
    {"MissingAuthenticationToken", RETRY_REFUSED},
    {"MissingAuthenticationTokenException", RETRY_REFUSED},
};

static enum retry_class classify_service(const struct error *e)
{
    /* IAM and STS name a wrong clock only in the text of a signature error. */
    if ((strcmp(e->code, "SignatureDoesNotMatch") == 0 ||
         strcmp(e->code, "InvalidSignatureException") == 0) &&
        (strstr(e->text, "Signature expired") || strstr(e->text, "Signature not yet current")))
        return RETRY_SKEWED;
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
        if (strcmp(e->code, codes[i].code) == 0)
            return codes[i].class;
    if (e->http_status == 429)
        return RETRY_THROTTLED;
    return e->http_status >= 500 && e->http_status != 501 ? RETRY_TRANSIENT : RETRY_NEVER;
}

enum retry_class retry_classify(const struct error *e)
{
    switch (e->kind) {
    case ERROR_NETWORK:
    case ERROR_TIMEOUT:
    case ERROR_PROTOCOL: /* any call may be repeated; a cut answer may be whole then */
        return RETRY_TRANSIENT;
    case ERROR_SERVICE:
        return classify_service(e);
    default:
        return RETRY_NEVER;
    }
}

int64_t retry_delay_ms(enum retry_class class, unsigned attempt, int64_t retry_after_ms,
                       struct random *random)
{
    if (class == RETRY_EXPIRED || class == RETRY_SKEWED)
        return 0;
    /* A service that is busy, or does not know a new key yet, needs seconds, not milliseconds. */
    bool slow = class == RETRY_THROTTLED || class == RETRY_NEW_KEY;
    int64_t ceiling_ms = slow ? THROTTLED_BASE_MS : TRANSIENT_BASE_MS;
    for (unsigned i = 1; i < attempt && ceiling_ms < DELAY_CAP_MS; i++)
        ceiling_ms *= 2;
    if (ceiling_ms > DELAY_CAP_MS)
        ceiling_ms = DELAY_CAP_MS;
    int64_t delay_ms = random_up_to(random, ceiling_ms);
    if (retry_after_ms > RETRY_AFTER_CAP_MS)
        retry_after_ms = RETRY_AFTER_CAP_MS;
    return delay_ms < retry_after_ms ? retry_after_ms : delay_ms;
}
