#include "app/session.h"

#include "auth/chain.h"

/* AWS allows an account 600 calls of STS a second in a region (STS quotas): others share them. */
#define STS_PACE_LEAST 50

void session_init(struct session *s, struct platform *platform, size_t max_connections)
{
    struct random random;
    random_init_system(&random);
    const struct aws_client_options options = {.max_in_flight = max_connections,
                                               .seed = random_next(&random)};
    *s = (struct session){.platform = platform};
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
    credentials_cache_init(&s->credentials, platform->loop, auth_chain_new(&s->auth));
}

int session_resolve(struct session *s, struct error *e)
{
    if (platform_endpoint(s->platform, SERVICE_IAM, &s->iam, e) != 0 ||
        platform_endpoint(s->platform, SERVICE_STS, &s->sts_endpoint, e) != 0 ||
        platform_endpoint(s->platform, SERVICE_ORGANIZATIONS, &s->organizations, e) != 0)
        return -1;
    s->credentials.skew_s = aws_client_skew_s(s->client, &s->sts_endpoint);
    return 0;
}

void session_release(struct session *s)
{
    if (!s->client)
        return;
    credentials_cache_release(&s->credentials);
    rate_release(&s->sts_rate);
    rate_release(&s->organizations_rate);
    aws_client_free(s->client);
    *s = (struct session){0};
}

struct aws_target session_organizations(struct session *s)
{
    return (struct aws_target){.client = s->client,
                               .endpoint = &s->organizations,
                               .credentials = &s->credentials,
                               .rate = &s->organizations_rate};
}

struct s3_bucket *session_bucket(struct session *s, const struct config *config, struct error *e)
{
    const struct s3_bucket_options options = {
        .name = view_of(config->bucket),
        .endpoint = platform_endpoint_query(s->platform, SERVICE_S3),
        .expected_owner = view_of(config->expected_bucket_owner),
        .sse_kms_key_id = view_of(config->sse_kms_key_id),
        .no_checksums = s->platform->no_checksums,
    };
    return s3_bucket_new(s->client, &s->credentials, &options, e);
}
