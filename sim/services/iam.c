/* SPDX-License-Identifier: MIT */
#include "services/iam.h"

#include "services/call.h"
#include "services/constraint.h"
#include "services/failure.h"
#include "services/sim.h"
#include "wire/xml.h"
#include "world/random.h"

#include <string.h>

#define IAM_NAMESPACE   "https://iam.amazonaws.com/doc/2010-05-08/"
#define NAME_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+=,.@-"

void iam_begin(struct call *call)
{
    const char *name = action_row(call->action)->name;
    buffer_addf(&call->http.reply.body, "<%sResponse xmlns=\"" IAM_NAMESPACE "\"><%sResult>", name,
                name);
    call->http.reply.content_type = "text/xml";
}

void iam_end(struct call *call)
{
    const char *name = action_row(call->action)->name;
    buffer_addf(&call->http.reply.body,
                "</%sResult><ResponseMetadata><RequestId>%s</RequestId></ResponseMetadata>"
                "</%sResponse>",
                name, call->request_id, name);
}

bool iam_user_hidden(const struct call *call, const struct user *user)
{
    const struct faults *faults = &call->sim->faults;
    return change_hides_user(&faults->scenario.changes, faults->world, call->account.index,
                             user->name);
}

bool iam_key_hidden(const struct call *call, const struct user *user, const struct access_key *key)
{
    const struct faults *faults = &call->sim->faults;
    return key->deleted_after_report || iam_user_hidden(call, user) ||
           change_hides_key(&faults->scenario.changes, faults->world, call->account.index,
                            user->name, key->id);
}

/*
 * Gives the user a new list with only the keys that exist now; the world's own list is not changed.
 */
static void leave_out_hidden_keys(struct call *call, struct user *user)
{
    struct access_key *keys =
        arena_alloc(&call->http.arena, user->key_count * sizeof(*user->keys) + 1);
    size_t count = 0;
    for (size_t i = 0; i < user->key_count; i++)
        if (!iam_key_hidden(call, user, &user->keys[i]))
            keys[count++] = user->keys[i];
    user->keys = keys;
    user->key_count = count;
}

static const struct constraint user_name_rule = {
    .parameter = "UserName", .member = "userName", .least = 1, .most = 128};

int iam_find_user(struct call *call, struct user *user)
{
    const char *name = call->user_name;
    if (!name)
        failure_answer(call, FAILURE_VALIDATION,
                       "Must specify userName when calling with non-User credentials");
    else if (constraint_check(call, &user_name_rule, 1) != 0)
        return -1;
    else if (strspn(name, NAME_CHARACTERS) != strlen(name))
        failure_answer(call, FAILURE_VALIDATION,
                       "The specified value for userName is invalid. It must contain only "
                       "alphanumeric characters and/or the following: +=,.@_-");
    else if (!world_user_find(&call->sim->world, &call->account, name, &call->http.arena, user) ||
             iam_user_hidden(call, user))
        failure_answer(call, FAILURE_NO_SUCH_ENTITY, "The user with name %s cannot be found.",
                       name);
    if (call->http.reply.status != 200)
        return -1;
    leave_out_hidden_keys(call, user);
    return 0;
}

const char *iam_user_arn(struct call *call, const struct user *user)
{
    return text_format(&call->http.arena, "arn:%s:iam::%s:user%s%s",
                       call->sim->world.shape.partition, call->account.id, user->path, user->name);
}

void iam_write_user(struct call *call, const struct user *user)
{
    struct buffer *body = &call->http.reply.body;
    xml_string(body, "Path", user->path);
    xml_string(body, "UserName", user->name);
    xml_string(body, "UserId", user->id);
    xml_string(body, "Arn", iam_user_arn(call, user));
    xml_moment(body, "CreateDate", user->created);
}

/* A group without an id has one that follows from its name. */
static const char *group_id(struct call *call, const struct group *group)
{
    char id[17];
    uint64_t number = random_of_bytes(call->account.index, group->name, strlen(group->name));
    if (group->id)
        return group->id;
    random_base32(number >> 24, random_mix(number, 1) >> 24, id);
    return text_format(&call->http.arena, "AGPAQ%s", id);
}

void iam_write_group(struct call *call, const struct group *group)
{
    struct buffer *body = &call->http.reply.body;
    xml_string(body, "Path", group->path);
    xml_string(body, "GroupName", group->name);
    xml_string(body, "GroupId", group_id(call, group));
    xml_string(body, "Arn",
               text_format(&call->http.arena, "arn:%s:iam::%s:group%s%s",
                           call->sim->world.shape.partition, call->account.id, group->path,
                           group->name));
    xml_moment(body, "CreateDate", group->created);
}

void iam_write_tags(struct call *call, const struct user *user, size_t first, size_t last)
{
    struct buffer *body = &call->http.reply.body;
    xml_open(body, "Tags");
    for (size_t i = first; i < last; i++) {
        xml_open(body, "member");
        xml_string(body, "Key", user->tags[i].key);
        xml_string(body, "Value", user->tags[i].value);
        xml_close(body, "member");
    }
    xml_close(body, "Tags");
}
