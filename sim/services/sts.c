/* SPDX-License-Identifier: MIT */
#include "services/call.h"
#include "services/constraint.h"
#include "services/failure.h"
#include "services/policy.h"
#include "services/services.h"
#include "services/sim.h"
#include "wire/moment.h"
#include "wire/xml.h"
#include "world/random.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STS_NAMESPACE     "https://sts.amazonaws.com/doc/2011-06-15/"
#define DURATION_MIN      900
#define DURATION_MAX      43200
#define DURATION_DEFAULT  3600
#define DURATION_CHAINED  3600
#define POLICY_LENGTH_MAX 2048
#define WORD_CHARACTERS   "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"

/*
 * The rules of the service model of STS (botocore/data/sts). AWS's messages can be seen in
 * https://github.com/nubisproject/nubis-ci/issues/54 and the STS tests of rusoto.
 */
static const struct constraint assume_role_rules[] = {
    {.parameter = "RoleArn",
     .member = "roleArn",
     .required = true,
     .least = 20,
     .most = 2048,
     .text_below = 0xF0, /* code points of the basic multilingual plane */
     .pattern = "[\\u0009\\u000A\\u000D\\u0020-\\u007E\\u0085\\u00A0-\\uD7FF\\uE000-\\uFFFD"
                "\\u10000-\\u10FFFF]+"},
    {.parameter = "RoleSessionName",
     .member = "roleSessionName",
     .required = true,
     .least = 2,
     .most = 64,
     .characters = WORD_CHARACTERS "+=,.@-",
     .pattern = "[\\w+=,.@-]*"},
    {.parameter = "Policy",
     .member = "policy",
     .least = 1,
     .text_below = 0xC4, /* Latin-1 */
     .pattern = "[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+"},
    {.parameter = "ExternalId",
     .member = "externalId",
     .least = 2,
     .most = 1224,
     .characters = WORD_CHARACTERS "+=,.@:/-",
     .pattern = "[\\w+=,.@:\\/-]*"},
};

static void sts_begin(struct call *call, const char *operation)
{
    buffer_addf(&call->http.reply.body, "<%sResponse xmlns=\"" STS_NAMESPACE "\"><%sResult>",
                operation, operation);
    call->http.reply.content_type = "text/xml";
}

static void sts_end(struct call *call, const char *operation)
{
    buffer_addf(&call->http.reply.body,
                "</%sResult><ResponseMetadata><RequestId>%s</RequestId></ResponseMetadata>"
                "</%sResponse>",
                operation, call->request_id, operation);
}

/* The unique id of a role or of the caller: AROA or AIDA and 17 characters. */
static const char *sts_unique_id(struct call *call, const struct account *account, const char *head,
                                 const char *of)
{
    char id[17];
    uint64_t number = random_of_bytes(random_mix(call->sim->seed, account->index), of, strlen(of));
    random_base32(number >> 24, random_mix(number, 1) >> 24, id);
    return text_format(&call->http.arena, "%sQ%s", head, id);
}

void sts_get_caller_identity(struct call *call)
{
    struct buffer *body = &call->http.reply.body;
    const struct identity *identity = &call->identity;
    sts_begin(call, "GetCallerIdentity");
    xml_string(body, "Arn", call_principal(call));
    if (identity->is_role)
        xml_string(body, "UserId",
                   text_format(&call->http.arena, "%s:%s",
                               sts_unique_id(call, &call->account, "AROA", identity->role),
                               identity->session));
    else
        xml_string(body, "UserId", sts_unique_id(call, &call->account, "AIDA", CALLER_USER_NAME));
    xml_string(body, "Account", call->account.id);
    sts_end(call, "GetCallerIdentity");
}

static void sts_role_denied(struct call *call, const char *arn)
{
    failure_answer(call, FAILURE_ACCESS_DENIED,
                   "User: %s is not authorized to perform: sts:AssumeRole on resource: %s",
                   call_principal(call), arn);
}

/* Splits arn:aws:iam::111122223333:role/path/name into its account and the role with its path. */
static int sts_read_role(struct call *call, const char *arn, struct account *target, char *role)
{
    char partition[16];
    char id[ACCOUNT_ID_SIZE];
    int used = 0;
    if (sscanf(arn, "arn:%15[^:]:iam::%12[0-9]:role/%n", partition, id, &used) != 2 || used == 0 ||
        strlen(id) != ACCOUNT_ID_SIZE - 1 || strlen(arn + used) >= ROLE_NAME_SIZE ||
        arn[used] == '\0' || strpbrk(arn + used, "|<>\"' ") != NULL) {
        failure_answer(call, FAILURE_VALIDATION, "%s is invalid", arn);
        return -1;
    }
    size_t index = world_account_find(&call->sim->world, id);
    if (index == WORLD_NOT_FOUND || strcmp(partition, call->sim->world.shape.partition) != 0) {
        sts_role_denied(call, arn);
        return -1;
    }
    world_account(&call->sim->world, index, &call->http.arena, target);
    const struct denial *denial =
        denial_find(target->denials, target->denial_count, action_bit(ACTION_ASSUME_ROLE));
    if (denial) {
        failure_denied_by(call, denial, arn);
        return -1;
    }
    snprintf(role, ROLE_NAME_SIZE, "%s", arn + used);
    if (strcmp(target->state, "ACTIVE") != 0 ||
        (target->role_name && strcmp(target->role_name, role) != 0)) {
        sts_role_denied(call, arn);
        return -1;
    }
    return 0;
}

static int sts_read_duration(struct call *call, int64_t *seconds)
{
    long given = DURATION_DEFAULT;
    if (constraint_number(call, "DurationSeconds", "durationSeconds", DURATION_MIN, DURATION_MAX,
                          &given) != 0)
        return -1;
    *seconds = given;
    if (call->identity.is_role && *seconds > DURATION_CHAINED) {
        failure_answer(call, FAILURE_VALIDATION,
                       "The requested DurationSeconds exceeds the 1 hour session limit for roles "
                       "assumed by role chaining");
        return -1;
    }
    return 0;
}

static int sts_read_policy(struct call *call, struct identity *identity)
{
    const char *policy = call_parameter(call, "Policy");
    identity->policy = UINT64_MAX;
    if (!policy)
        return 0;
    if (strlen(policy) > POLICY_LENGTH_MAX) {
        failure_answer(call, FAILURE_PACKED_POLICY,
                       "Packed policy consumes %zu%% of allotted space, please use smaller policy.",
                       100 * strlen(policy) / POLICY_LENGTH_MAX);
        return -1;
    }
    if (policy_read(policy, &identity->policy) != 0) {
        failure_answer(call, FAILURE_MALFORMED_POLICY, NULL);
        return -1;
    }
    return 0;
}

static void sts_write_credentials(struct call *call, const struct account *target,
                                  struct identity *identity)
{
    struct buffer *body = &call->http.reply.body;
    struct buffer token = {.max = TEXT_MAX};
    char expires[MOMENT_SIZE];
    const char *slash = strrchr(identity->role, '/');
    const char *name = slash ? slash + 1 : identity->role;
    session_issue(identity, call->sim->seed, &token);
    sts_begin(call, "AssumeRole");
    buffer_add_text(body, "<Credentials>");
    xml_string(body, "AccessKeyId", identity->access_key_id);
    xml_string(body, "SecretAccessKey", identity->secret_key);
    xml_string(body, "SessionToken", buffer_text(&token));
    xml_string(body, "Expiration", moment_iso(identity->expires, expires));
    buffer_add_text(body, "</Credentials><AssumedRoleUser>");
    xml_string(body, "AssumedRoleId",
               text_format(&call->http.arena, "%s:%s",
                           sts_unique_id(call, target, "AROA", identity->role), identity->session));
    xml_string(body, "Arn",
               text_format(&call->http.arena, "arn:%s:sts::%s:assumed-role/%s/%s",
                           call->sim->world.shape.partition, target->id, name, identity->session));
    buffer_add_text(body, "</AssumedRoleUser>");
    if (identity->policy != UINT64_MAX)
        xml_number(body, "PackedPolicySize", 24);
    sts_end(call, "AssumeRole");
    buffer_release(&token);
}

void sts_assume_role(struct call *call)
{
    const char *arn = call_parameter(call, "RoleArn");
    const char *external_id = call_parameter(call, "ExternalId");
    struct identity identity = {.is_role = true};
    struct account target;
    int64_t seconds;
    if (constraint_check(call, assume_role_rules,
                         sizeof(assume_role_rules) / sizeof(*assume_role_rules)) != 0 ||
        sts_read_duration(call, &seconds) != 0 || sts_read_policy(call, &identity) != 0 ||
        sts_read_role(call, arn, &target, identity.role) != 0)
        return;
    snprintf(identity.session, sizeof(identity.session), "%s",
             call_parameter(call, "RoleSessionName"));
    if (target.external_id && (!external_id || strcmp(external_id, target.external_id) != 0)) {
        sts_role_denied(call, arn);
        return;
    }
    if (call->sim->faults.scenario.session_seconds > 0)
        seconds = call->sim->faults.scenario.session_seconds;
    identity.account = (uint32_t)target.index;
    identity.expires = sim_now(&call->sim->clock) + seconds;
    sts_write_credentials(call, &target, &identity);
}
