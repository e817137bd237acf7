/* SPDX-License-Identifier: MIT */
#include "app/services.h"

#include "auth/provider_chain.h"
#include "base/buffer.h"

#include <stdio.h>

/*
 * Instances get new credentials at least five minutes before the old ones expire (EC2 User Guide).
 * Other providers are called equally early, so that there is time to try again if they fail.
 */
#define CALLER_MARGIN_S 300
/* AWS allows an account 600 STS calls a second in a region (STS quotas), shared with others. */
#define STS_PACE_LEAST 50

void services_init(struct services *s, struct platform *platform, size_t max_connections)
{
    struct random random;
    random_init_system(&random);
    max_connections = platform_connections(platform, max_connections);
    const struct aws_client_options options = {.max_in_flight = max_connections,
                                               .seed = random_next(&random)};
    *s = (struct services){.platform = platform};
    s->client = aws_client_new(platform->http, &options);
    rate_init(&s->sts_rate, platform->loop);
    rate_set_least(&s->sts_rate, STS_PACE_LEAST);
    rate_init(&s->organizations_rate, platform->loop);
    s->sts = (struct sts){s->client, &s->sts_endpoint, &s->sts_rate};
    s->auth = (struct auth_context){.loop = platform->loop,
                                    .http = platform->http,
                                    .sts = &s->sts,
                                    .env = platform->env,
                                    .profile = platform->profile};
    credentials_cache_init(&s->credentials, platform->loop, provider_chain_new(&s->auth));
    s->credentials.margin_s = CALLER_MARGIN_S;
}

int services_resolve(struct services *s, struct error *e)
{
    if (platform_endpoint(s->platform, SERVICE_IAM, &s->iam, e) != 0 ||
        platform_endpoint(s->platform, SERVICE_STS, &s->sts_endpoint, e) != 0 ||
        platform_endpoint(s->platform, SERVICE_ORGANIZATIONS, &s->organizations, e) != 0)
        return -1;
    s->credentials.skew_s = aws_client_skew_s(s->client, &s->sts_endpoint);
    return 0;
}

/*
 * Writes why the caller's credentials are refused, to follow "are refused: ". '*e' is the error of
 * the service; for the first credentials it also names the profile and the role that led to them.
 */
static void write_reason(const struct services *s, enum retry_class class, const struct error *e,
                         struct buffer *out)
{
    const char *assumed = " (no region is set, and us-east-1 was assumed: for keys of AWS GovCloud "
                          "(US), China or another partition set --region or AWS_REGION)";
    if (class == RETRY_EXPIRED && s->credentials.generation > 0)
        buffer_add_text(out, "expired: log in again, or renew them");
    else if (class == RETRY_NEW_KEY)
        buffer_addf(out, "AWS does not know this access key%s: %s",
                    s->platform->region_assumed ? assumed : "", e->text);
    else
        buffer_add_text(out, e->text);
}

bool services_explain_refusal(const struct services *s, struct error *e)
{
    struct buffer reason;
    bool first = s->credentials.generation == 0;
    enum retry_class class =
        strcmp(e->code, CREDENTIALS_EXPIRED) == 0 ? RETRY_EXPIRED : retry_classify(e);
    if (e->kind == ERROR_CREDENTIALS && class != RETRY_EXPIRED && !first) {
        error_prefix(e, "the caller's credentials can't be renewed");
        return true;
    }
    if (class != RETRY_EXPIRED && class != RETRY_NEW_KEY && class != RETRY_REFUSED)
        return false;
    buffer_init(&reason, sizeof(e->text));
    write_reason(s, class, e, &reason);
    snprintf(e->text, sizeof(e->text), "%s", buffer_text_cut(&reason));
    if (first)
        error_prefix(e, "the caller's credentials are refused");
    else
        error_prefix(e, "the caller's credentials (from: %s) are refused",
                     provider_source(s->credentials.provider));
    buffer_release(&reason);
    return true;
}

void services_release(struct services *s)
{
    if (!s->client)
        return;
    credentials_cache_release(&s->credentials);
    rate_release(&s->sts_rate);
    rate_release(&s->organizations_rate);
    aws_client_free(s->client);
    *s = (struct services){0};
}

struct aws_target services_organizations(struct services *s)
{
    return (struct aws_target){.client = s->client,
                               .endpoint = &s->organizations,
                               .credentials = &s->credentials,
                               .rate = &s->organizations_rate,
                               .urgent = true};
}

struct s3_bucket *services_bucket(struct services *s, const struct config *config, struct error *e)
{
    const struct s3_bucket_options options = {
        .name = view_of(config->destination.bucket),
        .endpoint = platform_endpoint_query(s->platform, SERVICE_S3),
        .expected_owner = view_of(config->destination.expected_bucket_owner),
        .sse = view_of(config->destination.sse),
        .sse_kms_key_id = view_of(config->destination.sse_kms_key_id),
        .no_checksums = s->platform->no_checksums,
    };
    return s3_bucket_new(s->client, &s->credentials, &options, e);
}
