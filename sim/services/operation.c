/* SPDX-License-Identifier: MIT */
#include "services/operation.h"

#include "services/failure.h"
#include "services/sim.h"
#include "world/random.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define STS_VERSION "2011-06-15"
#define IAM_VERSION "2010-05-08"
#define TARGET_HEAD "AWSOrganizationsV20161128."

/* A call about an access key is about the key's user. */
static void find_key_user(struct call *call)
{
    const char *id = call_parameter(call, "AccessKeyId");
    struct user user;
    size_t slot;
    if (id &&
        world_key_find(&call->sim->world, &call->account, id, &call->http.arena, &user, &slot))
        call->user_name = user.name;
}

/*
 * The action is read before the signature is verified, so that refused calls are counted under
 * their action too. The query protocol's parameters may be in the URL or in the body.
 */
void operation_read(struct call *call)
{
    const struct request *request = &call->http.request;
    const char *target = request_header(request, "X-Amz-Target");
    if (call->service == SERVICE_ORGANIZATIONS) {
        if (target && strncmp(target, TARGET_HEAD, strlen(TARGET_HEAD)) == 0)
            call->action = action_find(SERVICE_ORGANIZATIONS, target + strlen(TARGET_HEAD));
        return;
    }
    if (form_parse(&call->form, &call->http.arena, request->query, strlen(request->query), 1) !=
            0 ||
        form_parse(&call->form, &call->http.arena, request->body.data, request->body.len, 1) != 0) {
        failure_answer(call, FAILURE_VALIDATION, "Too many parameters.");
        return;
    }
    const char *name = call_parameter(call, "Action");
    if (name)
        call->action = action_find(call->service, name);
}

static void check_query(struct call *call)
{
    const char *version = call->service == SERVICE_STS ? STS_VERSION : IAM_VERSION;
    const char *name = call_parameter(call, "Action");
    const char *given = call_parameter(call, "Version");
    if (!name) {
        failure_custom(call, 400, "MissingAction",
                       "The request is missing an action or a required parameter.");
        return;
    }
    enum service other = call->service == SERVICE_STS ? SERVICE_IAM : SERVICE_STS;
    if (call->action == ACTION_UNKNOWN && action_find(other, name) != ACTION_UNKNOWN)
        failure_answer(call, FAILURE_SIGNATURE,
                       "Credential should be scoped to correct service: '%s'. ",
                       service_name(other));
    else if (call->action == ACTION_UNKNOWN || !given || strcmp(given, version) != 0)
        failure_answer(call, FAILURE_INVALID_ACTION,
                       "Could not find operation %.100s for version %.40s", name,
                       given ? given : "NO_VERSION_SPECIFIED");
    call->user_name = call_parameter(call, "UserName");
    if (call->action == ACTION_GET_ACCESS_KEY_LAST_USED)
        find_key_user(call);
}

static void check_json(struct call *call)
{
    json_error_t error;
    if (call->action == ACTION_UNKNOWN) {
        failure_answer(call, FAILURE_INVALID_ACTION, NULL);
        return;
    }
    call->json =
        json_loadb(buffer_text(&call->http.request.body), call->http.request.body.len, 0, &error);
    if (!json_is_object(call->json))
        failure_custom(call, 400, "SerializationException", "The body is not a JSON object.");
}

void operation_check(struct call *call)
{
    if (call->service == SERVICE_ORGANIZATIONS)
        check_json(call);
    else
        check_query(call);
}

/*
 * A retried call has the same key, even if the order of its parameters or the name of the session
 * differs.
 */
static uint64_t operation_key(const struct call *call)
{
    uint64_t key = 0;
    for (size_t i = 0; i < call->form.count; i++) {
        const struct form_pair *pair = &call->form.pairs[i];
        if (call->action == ACTION_ASSUME_ROLE && strcmp(pair->name, "RoleArn") != 0)
            continue;
        if (strcasecmp(pair->name, "uploadId") == 0)
            continue;
        key += random_mix(random_of_bytes(1, pair->name, strlen(pair->name)),
                          random_of_bytes(2, pair->value, strlen(pair->value)));
    }
    if (call->service == SERVICE_ORGANIZATIONS)
        key = random_of_bytes(3, call->http.request.body.data, call->http.request.body.len);
    if (call->service == SERVICE_S3)
        key += random_of_bytes(4, call->http.request.path, strlen(call->http.request.path));
    return random_mix(random_mix(key, call->charged_account), call->action);
}

/* AssumeRole is about the role's account, whose faults apply to the call. */
static void find_charged_account(struct call *call)
{
    const char *arn = call_parameter(call, "RoleArn");
    char id[ACCOUNT_ID_SIZE];
    if (call->action != ACTION_ASSUME_ROLE || !arn ||
        sscanf(arn, "arn:%*[^:]:iam::%12[0-9]:", id) != 1)
        return;
    size_t index = world_account_find(&call->sim->world, id);
    if (index != WORLD_NOT_FOUND)
        call->charged_account = index;
}

void operation_identify(struct call *call)
{
    find_charged_account(call);
    call->key = operation_key(call);
}
