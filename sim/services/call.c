/* SPDX-License-Identifier: MIT */
#include "services/call.h"

#include "services/sim.h"
#include "world/random.h"

#include <stdio.h>
#include <string.h>

void call_open(struct call *call, struct sim *sim)
{
    uint64_t number = random_mix(sim->seed, sim->request_count++);
    uint64_t more = random_mix(number, 1);
    call->http.request.body.max = TEXT_MAX;
    call->http.reply.body.max = TEXT_MAX;
    call->sim = sim;
    call->action = ACTION_UNKNOWN;
    call->service = SERVICE_IAM;
    snprintf(call->request_id, sizeof(call->request_id), "%08x-%04x-4%03x-a%03x-%08x%04x",
             (unsigned)(number >> 32), (unsigned)(number >> 16 & 0xFFFF),
             (unsigned)(number & 0xFFF), (unsigned)(more >> 52), (unsigned)(more & 0xFFFFFFFF),
             (unsigned)(more >> 32 & 0xFFFF));
}

void call_close(struct call *call)
{
    struct arena arena = call->http.arena;
    s3_store_upload_free(call->upload);
    json_decref(call->json);
    reply_release(&call->http.reply);
    request_release(&call->http.request);
    arena_clear(&arena);
    *call = (struct call){.http.arena = arena};
}

void call_header(struct call *call, const char *name, const char *value)
{
    reply_header(&call->http.reply, name, value);
}

bool call_failed(const struct call *call)
{
    return call->http.reply.status != 0;
}

const char *call_parameter(const struct call *call, const char *name)
{
    return form_get(&call->form, name);
}

const char *call_principal(struct call *call)
{
    const char *partition = call->sim->world.shape.partition;
    const struct identity *identity = &call->identity;
    if (!identity->is_role)
        return text_format(&call->http.arena, "arn:%s:iam::%s:user/%s", partition, call->account.id,
                           CALLER_USER_NAME);
    const char *slash = strrchr(identity->role, '/');
    return text_format(&call->http.arena, "arn:%s:sts::%s:assumed-role/%s/%s", partition,
                       call->account.id, slash ? slash + 1 : identity->role, identity->session);
}

struct subject call_subject(const struct call *call)
{
    return (struct subject){.action = call->action,
                            .caller = call->account.index,
                            .account = call->charged_account,
                            .user = call->user_name,
                            .key = call->key};
}
