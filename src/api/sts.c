#include "api/sts.h"

#include "aws/query.h"
#include "base/alloc.h"

#include <stdio.h>
#include <stdlib.h>

struct sts_call {
    struct query *query;
    struct credentials credentials; /* what the answer held */
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

#define ROLE_RULE(name, kind, field)                                                               \
    {                                                                                              \
        "Credentials/" name, kind, offsetof(struct role_answer, field), 0, NULL                    \
    }

static const struct xml_rule role_rules[] = {
    ROLE_RULE("AccessKeyId", XML_TEXT, access_key_id),
    ROLE_RULE("SecretAccessKey", XML_TEXT, secret_access_key),
    ROLE_RULE("SessionToken", XML_TEXT, session_token),
    ROLE_RULE("Expiration", XML_TIME, expires_at_s),
};

struct identity_answer {
    struct query_page page;
    struct sts_identity identity;
};

static const struct xml_rule identity_rules[] = {
    {"Account", XML_TEXT, offsetof(struct identity_answer, identity.account), 0, NULL},
    {"Arn", XML_TEXT, offsetof(struct identity_answer, identity.arn), 0, NULL},
    {"UserId", XML_TEXT, offsetof(struct identity_answer, identity.user_id), 0, NULL},
};

#define RULES(rules) (rules), sizeof(rules) / sizeof((rules)[0])

static const struct query_operation assume_role = {
    SERVICE_STS, "AssumeRole", "2011-06-15", RULES(role_rules), sizeof(struct role_answer), NULL};
static const struct query_operation assume_role_with_web_identity = {
    SERVICE_STS,       "AssumeRoleWithWebIdentity", "2011-06-15",
    RULES(role_rules), sizeof(struct role_answer),  NULL};
static const struct query_operation get_caller_identity = {SERVICE_STS,
                                                           "GetCallerIdentity",
                                                           "2011-06-15",
                                                           RULES(identity_rules),
                                                           sizeof(struct identity_answer),
                                                           NULL};

bool sts_external_id_valid(struct view id)
{
    static const char also[] = {'_', '+', '=', ',', '.', '@', ':', '/', '-'};
    for (size_t i = 0; i < id.len; i++) {
        char c = id.ptr[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!letter && !memchr(also, c, sizeof(also)))
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

static int on_role_page(void *arg, const void *answer, struct error *e)
{
    struct sts_call *call = arg;
    const struct role_answer *role = answer;
    struct credentials *c = &call->credentials;
    if (role->access_key_id.len == 0 || role->access_key_id.len >= sizeof(c->access_key_id) ||
        role->secret_access_key.len == 0 || role->session_token.len == 0 || role->expires_at_s == 0)
        return error_set(e, ERROR_PROTOCOL, "the answer holds no whole credentials");
    memcpy(c->access_key_id, role->access_key_id.ptr, role->access_key_id.len);
    secret_set(&c->secret_access_key, role->secret_access_key);
    secret_set(&c->session_token, role->session_token);
    c->expires_at_s = role->expires_at_s;
    c->new_session = true;
    return 0;
}

static void on_role_done(void *arg, const struct error *e)
{
    struct sts_call *call = arg;
    call->done_credentials(call->arg, e ? NULL : &call->credentials, e);
    call_free(call);
}

static int on_identity_page(void *arg, const void *answer, struct error *e)
{
    struct sts_call *call = arg;
    const struct identity_answer *identity = answer;
    if (identity->identity.account.len == 0)
        return error_set(e, ERROR_PROTOCOL, "the answer holds no account");
    call->identity.account = arena_copy(&call->arena, identity->identity.account);
    call->identity.arn = arena_copy(&call->arena, identity->identity.arn);
    call->identity.user_id = arena_copy(&call->arena, identity->identity.user_id);
    return 0;
}

static void on_identity_done(void *arg, const struct error *e)
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

static const struct query_handler role_handler = {on_role_page, on_role_done};

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
    static const struct query_handler handler = {on_identity_page, on_identity_done};
    struct sts_call *call = xcalloc(1, sizeof(*call));
    const struct aws_target target = target_of(sts, caller);
    arena_init(&call->arena);
    call->done_identity = done;
    call->arg = arg;
    call->query = query_start(&target, &get_caller_identity, NULL, 0, &handler, call);
    return call;
}
