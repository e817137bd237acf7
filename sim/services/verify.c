/* SPDX-License-Identifier: MIT */
#include "services/verify.h"

#include "services/failure.h"
#include "services/sim.h"
#include "wire/digest.h"

#include <string.h>

/* Without a signature no scope names the service, so the form of the request decides. */
static enum service guess_service(const struct request *request)
{
    if (request_header(request, "X-Amz-Target"))
        return SERVICE_ORGANIZATIONS;
    if (strcmp(request->path, "/") != 0 || strcmp(request->method, "POST") != 0)
        return SERVICE_S3;
    return SERVICE_IAM;
}

static void refuse_signature(struct call *call, enum sigv4_result result, const char *message)
{
    static const enum failure failures[] = {
        [SIGV4_INCOMPLETE] = FAILURE_INCOMPLETE_SIGNATURE,
        [SIGV4_MISMATCH] = FAILURE_SIGNATURE,
        [SIGV4_UNKNOWN_KEY] = FAILURE_UNKNOWN_KEY,
        [SIGV4_INVALID_TOKEN] = FAILURE_INVALID_TOKEN,
        [SIGV4_EXPIRED_TOKEN] = FAILURE_EXPIRED_TOKEN,
        [SIGV4_SKEWED] = FAILURE_SKEWED,
        [SIGV4_NOT_SIGNED] = FAILURE_NOT_SIGNED,
        [SIGV4_NO_CONTENT_HASH] = FAILURE_VALIDATION,
        [SIGV4_NO_DATE] = FAILURE_ACCESS_DENIED,
    };
    if (result == SIGV4_MISMATCH)
        call->sim->counters.bad_signatures++;
    if (result == SIGV4_NO_CONTENT_HASH)
        failure_custom(call, 400, "InvalidRequest",
                       "Missing required header for this request: x-amz-content-sha256");
    else if (result == SIGV4_NO_DATE)
        failure_answer(call, FAILURE_ACCESS_DENIED,
                       "AWS authentication requires a valid Date or x-amz-date header");
    else if (*message && !(call->service == SERVICE_S3 &&
                           (result == SIGV4_SKEWED || result == SIGV4_NOT_SIGNED)))
        failure_answer(call, failures[result], "%s", message);
    else
        failure_answer(call, failures[result], NULL);
}

void verify_signature(struct call *call, const char *payload_hash)
{
    char message[SIGV4_MESSAGE_SIZE];
    const struct identity *identity = NULL;
    struct sigv4_check check = {.request = &call->http.request,
                                .scope = &call->scope,
                                .service = call->service,
                                .seed = call->sim->seed,
                                .now = sim_now(&call->sim->clock),
                                .payload_hash = payload_hash};
    enum sigv4_result result = sigv4_verify(&check, &identity, message);
    if (result != SIGV4_VALID) {
        refuse_signature(call, result, message);
        return;
    }
    call->identity = *identity;
    size_t index = identity->is_role ? identity->account : call->sim->world.management;
    if (index >= call->sim->world.account_count) {
        failure_answer(call, FAILURE_INVALID_TOKEN, NULL);
        return;
    }
    world_account(&call->sim->world, index, &call->http.arena, &call->account);
    call->charged_account = index;
}

/* S3's messages are shorter than those of other services and do not repeat what was sent. */
static void refuse_authorization(struct call *call, enum authorization_result result,
                                 const char *message)
{
    static const enum failure failures[] = {
        [AUTHORIZATION_MISSING] = FAILURE_MISSING_TOKEN,
        [AUTHORIZATION_INCOMPLETE] = FAILURE_INCOMPLETE_SIGNATURE,
        [AUTHORIZATION_CREDENTIAL] = FAILURE_INCOMPLETE_SIGNATURE,
        [AUTHORIZATION_TERMINATOR] = FAILURE_SIGNATURE,
    };
    static const char components[] = "The authorization header is malformed; the authorization "
                                     "header requires three components: Credential, "
                                     "SignedHeaders, and Signature.";
    static const char credential[] =
        "The authorization header is malformed; the Credential is mal-formed; expecting "
        "\"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".";
    if (result == AUTHORIZATION_MISSING)
        failure_answer(call, failures[result], NULL);
    else if (call->service == SERVICE_S3)
        failure_answer(call, FAILURE_INCOMPLETE_SIGNATURE, "%s",
                       result == AUTHORIZATION_INCOMPLETE ? components : credential);
    else
        failure_answer(call, failures[result], "%s", message);
}

void verify_authorization(struct call *call)
{
    struct buffer message = {.max = TEXT_MAX};
    enum authorization_result result =
        authorization_read(&call->http.request, &call->scope, &message);
    call->service = guess_service(&call->http.request);
    if (result != AUTHORIZATION_READ)
        refuse_authorization(call, result, buffer_text(&message));
    buffer_release(&message);
    if (call_failed(call))
        return;
    int service = 0;
    while (service < SERVICE_COUNT &&
           strcmp(service_name((enum service)service), call->scope.service) != 0)
        service++;
    if (service < SERVICE_COUNT)
        call->service = (enum service)service;
    else
        failure_answer(call, FAILURE_SIGNATURE,
                       "Credential should be scoped to correct service: '%s'. ",
                       service_name(call->service));
}

/*
 * In each partition, calls to IAM and Organizations are signed for one region. That is checked only
 * with --strict-regions, because clients with custom endpoints may sign for any.
 */
static void check_region(struct call *call)
{
    static const char *const regions[] = {"us-east-1",      "us-gov-west-1",   "cn-northwest-1",
                                          "cn-north-1",     "us-iso-east-1",   "us-isob-east-1",
                                          "eu-isoe-west-1", "us-isof-south-1", "eusc-de-east-1"};
    if (!call->sim->strict_regions ||
        (call->service != SERVICE_IAM && call->service != SERVICE_ORGANIZATIONS))
        return;
    for (size_t i = 0; i < sizeof(regions) / sizeof(*regions); i++)
        if (strcmp(regions[i], call->scope.region) == 0)
            return;
    failure_answer(call, FAILURE_SIGNATURE, "Credential should be scoped to a valid region. ");
}

/*
 * STS, IAM and Organizations can be verified only when the body is complete, because it is signed
 * too.
 */
void verify_body(struct call *call)
{
    unsigned char digest[SHA256_SIZE];
    char hex[SHA256_HEX_SIZE];
    const struct buffer *body = &call->http.request.body;
    sha256(buffer_text(body), body->len, digest);
    hex_write(digest, sizeof(digest), hex);
    verify_signature(call, hex);
    if (!call_failed(call))
        check_region(call);
}
