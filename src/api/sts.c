/* SPDX-License-Identifier: MIT */
#include "api/sts.h"

#include "aws/query.h"
#include "base/alloc.h"
#include "base/character.h"

#include <stdio.h>
#include <stdlib.h>

struct sts_call {
    struct query *query;
    struct credentials credentials; /* of the response */
    void (*done_credentials)(void *arg, const struct credentials *c, const struct error *e);
    void (*done_identity)(void *arg, const struct sts_identity *identity, const struct error *e);
    void *arg;
    struct arena arena;
    struct sts_identity identity;
};

struct role_answer {
    struct query_page page;
    struct view access_key_id, secret_access_key, session_token;
    int64_t expires_at_s;
};

static const struct xml_rule role_rules[] = {
    XML_FIELD("Credentials/AccessKeyId", XML_TEXT, role_answer, access_key_id),
    XML_FIELD("Credentials/SecretAccessKey", XML_TEXT, role_answer, secret_access_key),
    XML_FIELD("Credentials/SessionToken", XML_TEXT, role_answer, session_token),
    XML_FIELD("Credentials/Expiration", XML_TIME, role_answer, expires_at_s),
};

struct identity_answer {
    struct query_page page;
    struct sts_identity identity;
};

static const struct xml_rule identity_rules[] = {
    XML_FIELD("Account", XML_TEXT, identity_answer, identity.account),
    XML_FIELD("Arn", XML_TEXT, identity_answer, identity.arn),
    XML_FIELD("UserId", XML_TEXT, identity_answer, identity.user_id),
};

/* clang-format off */
static const struct query_operation assume_role =
    {SERVICE_STS, "AssumeRole", "2011-06-15", XML_RULES(role_rules), .answer_size = sizeof(struct role_answer)};
static const struct query_operation assume_role_with_web_identity =
    {SERVICE_STS, "AssumeRoleWithWebIdentity", "2011-06-15", XML_RULES(role_rules), .answer_size = sizeof(struct role_answer)};
static const struct query_operation get_caller_identity =
    {SERVICE_STS, "GetCallerIdentity", "2011-06-15", XML_RULES(identity_rules), .answer_size = sizeof(struct identity_answer)};
/* clang-format on */

bool sts_external_id_valid(struct view id)
{
    static const char also[] = {'_', '+', '=', ',', '.', '@', ':', '/', '-'};
    for (size_t i = 0; i < id.len; i++) {
        char c = id.ptr[i];
        if (!character_is_alnum(c) && !memchr(also, c, sizeof(also)))
            return false;
    }
    return id.len >= 2 && id.len <= 1224;
}

static void call_free(struct sts_call *call)
{
    credentials_clear(&call->credentials);
    arena_release(&call->arena);
    free(call);
}

void sts_cancel(struct sts_call *call)
{
    if (!call)
        return;
    query_cancel(call->query);
    call_free(call);
}

static int sts_on_role_page(void *arg, const void *answer, struct error *e)
{
    struct sts_call *call = arg;
    const struct role_answer *role = answer;
    struct credentials *c = &call->credentials;
    if (role->access_key_id.len == 0 || role->access_key_id.len >= sizeof(c->access_key_id) ||
        role->secret_access_key.len == 0 || role->session_token.len == 0 || role->expires_at_s == 0)
        return error_set(e, ERROR_PROTOCOL, "the answer's credentials are incomplete");
    memcpy(c->access_key_id, role->access_key_id.ptr, role->access_key_id.len);
    secret_set(&c->secret_access_key, role->secret_access_key);
    secret_set(&c->session_token, role->session_token);
    c->expires_at_s = role->expires_at_s;
    c->new_session = true;
    return 0;
}

static void sts_on_role_done(void *arg, const struct error *e)
{
    struct sts_call *call = arg;
    call->done_credentials(call->arg, e ? NULL : &call->credentials, e);
    call_free(call);
}

static int sts_on_identity_page(void *arg, const void *answer, struct error *e)
{
    struct sts_call *call = arg;
    const struct identity_answer *identity = answer;
    if (identity->identity.account.len == 0)
        return error_set(e, ERROR_PROTOCOL, "the answer does not name an account");
    call->identity.account = arena_copy(&call->arena, identity->identity.account);
    call->identity.arn = arena_copy(&call->arena, identity->identity.arn);
    call->identity.user_id = arena_copy(&call->arena, identity->identity.user_id);
    return 0;
}

static void sts_on_identity_done(void *arg, const struct error *e)
{
    struct sts_call *call = arg;
    call->done_identity(call->arg, e ? NULL : &call->identity, e);
    call_free(call);
}

static struct aws_target target_of(const struct sts *sts, struct credentials_cache *caller)
{
    return (struct aws_target){
        .client = sts->client, .endpoint = sts->endpoint, .credentials = caller, .rate = sts->rate};
}

static const struct query_handler role_handler = {sts_on_role_page, sts_on_role_done, NULL};

struct sts_call *sts_assume_role(const struct sts *sts, struct credentials_cache *caller,
                                 const struct sts_assume_role_input *input,
                                 void (*done)(void *arg, const struct credentials *c,
                                              const struct error *e),
                                 void *arg)
{
    char duration[16];
    struct sts_call *call = xcalloc(1, sizeof(*call));
    const struct aws_target target = target_of(sts, caller);
    snprintf(duration, sizeof(duration), "%d", input->duration_s);
    const struct query_param params[] = {
        {"RoleArn", input->role_arn},
        {"RoleSessionName", input->session_name},
        {"DurationSeconds", view_of(duration)},
        {"ExternalId", input->external_id ? secret_reveal(input->external_id) : VIEW_NONE},
        {"Policy", input->policy},
    };
    call->done_credentials = done;
    call->arg = arg;
    call->query = query_start(&target, &assume_role, params, sizeof(params) / sizeof(params[0]),
                              &role_handler, call);
    return call;
}

struct sts_call *sts_assume_role_with_web_identity(
    const struct sts *sts, struct view role_arn, struct view session_name,
    const struct secret *token,
    void (*done)(void *arg, const struct credentials *c, const struct error *e), void *arg)
{
    struct sts_call *call = xcalloc(1, sizeof(*call));
    const struct aws_target target = target_of(sts, NULL);
    const struct query_param params[] = {
        {"RoleArn", role_arn},
        {"RoleSessionName", session_name},
        {"WebIdentityToken", secret_reveal(token)},
    };
    call->done_credentials = done;
    call->arg = arg;
    call->query = query_start(&target, &assume_role_with_web_identity, params,
                              sizeof(params) / sizeof(params[0]), &role_handler, call);
    return call;
}

struct sts_call *sts_get_caller_identity(
    const struct sts *sts, struct credentials_cache *caller,
    void (*done)(void *arg, const struct sts_identity *identity, const struct error *e), void *arg)
{
    static const struct query_handler handler = {sts_on_identity_page, sts_on_identity_done, NULL};
    struct sts_call *call = xcalloc(1, sizeof(*call));
    const struct aws_target target = target_of(sts, caller);
    arena_init(&call->arena);
    call->done_identity = done;
    call->arg = arg;
    call->query = query_start(&target, &get_caller_identity, NULL, 0, &handler, call);
    return call;
}
