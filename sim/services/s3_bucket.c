/* SPDX-License-Identifier: MIT */
/* S3's buckets: whether one may be used, and in which region it is. */
#include "services/call.h"
#include "services/failure.h"
#include "services/s3.h"
#include "services/services.h"
#include "services/sim.h"
#include "wire/xml.h"

#include <string.h>

#define BUCKET_MAX 63
#define KEY_MAX    1024

/* The domain of a region's partition; the row without a prefix is for all other regions. */
static const char *region_domain(const char *region)
{
    static const struct {
        const char *prefix;
        const char *domain;
    } rows[] = {{"cn-", "amazonaws.com.cn"},    {"us-iso-", "c2s.ic.gov"},
                {"us-isob-", "sc2s.sgov.gov"},  {"eu-isoe-", "cloud.adc-e.uk"},
                {"us-isof-", "csp.hci.ic.gov"}, {"eusc-", "amazonaws.eu"},
                {"", "amazonaws.com"}};
    size_t i = 0;
    while (strncmp(region, rows[i].prefix, strlen(rows[i].prefix)) != 0)
        i++;
    return rows[i].domain;
}

static const char *bucket_host(struct call *call, const struct bucket_rule *rule)
{
    if (rule->no_hint)
        return text_format(&call->http.arena, "%s.s3.%s", call->bucket,
                           region_domain(rule->region));
    return text_format(&call->http.arena, "%s.s3.%s.%s", call->bucket, rule->region,
                       region_domain(rule->region));
}

/*
 * The headers and bodies are those of https://github.com/cperciva/bsdec2-image-upload/issues/11
 * (307), https://github.com/getmoto/moto/issues/821 (301) and
 * https://github.com/minio/minio-go/issues/677 (400).
 */
static void redirect(struct call *call, const struct bucket_rule *rule)
{
    bool for_ever = rule->wrong_region != WRONG_REGION_TEMPORARY;
    const char *host = bucket_host(call, rule);
    s3_detail(call, "Endpoint", host);
    s3_detail(call, "Bucket", call->bucket);
    if (for_ever) {
        failure_custom(call, 301, "PermanentRedirect",
                       "The bucket you are attempting to access must be addressed using the "
                       "specified endpoint. Please send all future requests to this endpoint.");
        return;
    }
    call_header(call, "Location",
                text_format(&call->http.arena, "https://%s/%s", host, call->object));
    failure_custom(call, 307, "TemporaryRedirect",
                   "Please re-send this request to the specified temporary endpoint. Continue to "
                   "use the original request endpoint for future requests.");
}

static void answer_wrong_region(struct call *call, const struct bucket_rule *rule)
{
    bool first = strcmp(rule->region, "us-east-1") == 0;
    switch (rule->wrong_region) {
    case WRONG_REGION_MALFORMED:
        if (rule->no_hint) {
            failure_custom(call, 400, "AuthorizationHeaderMalformed",
                           "The authorization header is malformed; the region '%s' is wrong",
                           call->scope.region);
            break;
        }
        s3_detail(call, "Region", rule->region);
        failure_custom(call, 400, "AuthorizationHeaderMalformed",
                       "The authorization header is malformed; the region '%s' is wrong; expecting "
                       "'%s'",
                       call->scope.region, rule->region);
        break;
    case WRONG_REGION_ILLEGAL:
        /* For regions that must be enabled first: https://github.com/aws/aws-cli/issues/4445. */
        failure_custom(call, 400, "IllegalLocationConstraintException",
                       "The %s location constraint is incompatible for the region specific "
                       "endpoint this request was sent to.",
                       first || rule->no_hint ? "unspecified" : rule->region);
        break;
    default:
        redirect(call, rule);
        break;
    }
}

/*
 * HeadBucket always returns the bucket's region. With 'hint', so do lists, and other operations if
 * the request was for the wrong region.
 */
static void tell_region(struct call *call, const char *region, bool wrong, bool hint)
{
    bool asks = call->action == ACTION_HEAD_BUCKET;
    bool lists = call->action == ACTION_LIST_OBJECTS_V2;
    if (asks || (hint && (wrong || lists)))
        call_header(call, "x-amz-bucket-region", region);
}

static bool is_in_region(struct call *call, const struct bucket_rule *rule)
{
    const char *region = rule && rule->region ? rule->region : call->scope.region;
    bool wrong = strcmp(region, call->scope.region) != 0;
    tell_region(call, region, wrong, !rule || !rule->no_hint);
    if (wrong)
        answer_wrong_region(call, rule);
    return !wrong;
}

static bool has_valid_names(struct call *call)
{
    if (strlen(call->bucket) < 3 || strlen(call->bucket) > BUCKET_MAX)
        failure_custom(call, 400, "InvalidBucketName", "The specified bucket is not valid.");
    else if (strlen(call->object) > KEY_MAX)
        failure_custom(call, 400, "KeyTooLongError", "Your key is too long");
    return !call_failed(call);
}

bool s3_bucket_usable(struct call *call)
{
    const struct bucket_rule *rule = scenario_bucket(&call->sim->faults.scenario, call->bucket);
    const char *expected = request_header(&call->http.request, "x-amz-expected-bucket-owner");
    struct account owner;
    if (call->action == ACTION_UNKNOWN || !has_valid_names(call))
        return false;
    if (rule && rule->missing) {
        s3_detail(call, "BucketName", call->bucket);
        failure_answer(call, FAILURE_NO_SUCH_BUCKET, NULL);
        return false;
    }
    if (!is_in_region(call, rule))
        return false;
    world_account(&call->sim->world, call->sim->world.management, &call->http.arena, &owner);
    if ((rule && rule->denied) ||
        (expected && strcmp(expected, rule && rule->owner ? rule->owner : owner.id) != 0)) {
        failure_answer(call, FAILURE_ACCESS_DENIED, NULL);
        return false;
    }
    return true;
}

void s3_head_bucket(struct call *call)
{
    call->http.reply.content_type = "application/xml";
}

void s3_get_bucket_location(struct call *call)
{
    s3_begin(call, "LocationConstraint");
    if (strcmp(call->scope.region, "us-east-1") != 0)
        xml_text(&call->http.reply.body, call->scope.region);
    xml_close(&call->http.reply.body, "LocationConstraint");
}
