/* SPDX-License-Identifier: MIT */
/* The IAM operations about a whole account, except the bulk ones. */
#include "services/call.h"
#include "services/failure.h"
#include "services/iam.h"
#include "services/page.h"
#include "services/services.h"
#include "services/sim.h"
#include "wire/moment.h"
#include "wire/xml.h"

#include <string.h>

/* Virtual devices are numbered: sixteen places for the root user, then sixteen for each user. */
#define PLACES_A_USER 16

void iam_list_users(struct call *call)
{
    const char *prefix = call_parameter(call, "PathPrefix");
    struct page page;
    struct arena arena = {0};
    struct buffer *body = &call->http.reply.body;
    size_t taken = 0;
    if (page_read(call, &page) != 0)
        return;
    iam_begin(call);
    xml_open(body, "Users");
    size_t index = page.offset;
    for (; index < call->account.user_count && taken < page.limit; index++) {
        struct user user;
        arena_clear(&arena);
        world_user(&call->sim->world, &call->account, index, &arena, &user);
        if (iam_user_hidden(call, &user) ||
            (prefix && strncmp(user.path, prefix, strlen(prefix)) != 0))
            continue;
        xml_open(body, "member");
        iam_write_user(call, &user);
        xml_moment(body, "PasswordLastUsed", user.password_last_used);
        xml_close(body, "member");
        taken++;
    }
    xml_close(body, "Users");
    page_write(call, &page, index < call->account.user_count, index);
    iam_end(call);
    arena_release(&arena);
}

void iam_list_account_aliases(struct call *call)
{
    struct page page;
    struct buffer *body = &call->http.reply.body;
    if (page_read(call, &page) != 0)
        return;
    iam_begin(call);
    xml_open(body, "AccountAliases");
    if (page.offset == 0)
        xml_string(body, "member", call->account.alias);
    xml_close(body, "AccountAliases");
    page_write(call, &page, false, 1);
    iam_end(call);
}

/* 'user' is NULL for the root user, which has neither a name nor a path. */
static void write_virtual_device(struct call *call, const struct user *user,
                                 const struct mfa_device *device)
{
    struct buffer *body = &call->http.reply.body;
    xml_open(body, "member");
    xml_string(body, "SerialNumber", device->serial);
    xml_open(body, "User");
    if (user) {
        iam_write_user(call, user);
        xml_moment(body, "PasswordLastUsed", user->password_last_used);
    } else {
        xml_string(body, "UserId", call->account.id);
        xml_string(body, "Arn",
                   text_format(&call->http.arena, "arn:%s:iam::%s:root",
                               call->sim->world.shape.partition, call->account.id));
        xml_moment(body, "CreateDate", call->account.joined);
    }
    xml_close(body, "User");
    xml_moment(body, "EnableDate", device->enabled);
    xml_close(body, "member");
}

/* The places are those of the root user, of each user, and at last those that nobody has. */
struct devices {
    struct call *call;
    struct page page;
    size_t taken;
    size_t next; /* the place of the first device of the next page; 0: there is none */
};

/* Returns true if the device at this place is on the page. */
static bool devices_take(struct devices *devices, size_t place)
{
    if (place < devices->page.offset || devices->next != 0)
        return false;
    if (devices->taken == devices->page.limit) {
        devices->next = place;
        return false;
    }
    devices->taken++;
    return true;
}

static void write_devices_of(struct devices *devices, const struct user *owner, bool is_root,
                             size_t place)
{
    for (size_t i = 0; i < owner->mfa_count && i < PLACES_A_USER; i++)
        if (owner->mfa[i].is_virtual && devices_take(devices, place + i))
            write_virtual_device(devices->call, is_root ? NULL : owner, &owner->mfa[i]);
}

static void write_assigned_devices(struct devices *devices)
{
    struct call *call = devices->call;
    const struct world *world = &call->sim->world;
    struct arena arena = {0};
    struct user user;
    size_t first = devices->page.offset / PLACES_A_USER;
    if (first == 0) {
        world_root_user(world, &call->account, &arena, &user);
        write_devices_of(devices, &user, true, 0);
        first = 1;
    }
    for (size_t i = first - 1; i < call->account.user_count && devices->next == 0; i++) {
        arena_clear(&arena);
        world_user(world, &call->account, i, &arena, &user);
        if (!iam_user_hidden(call, &user))
            write_devices_of(devices, &user, false, (i + 1) * PLACES_A_USER);
    }
    arena_release(&arena);
}

static void write_spare_devices(struct devices *devices)
{
    struct call *call = devices->call;
    struct buffer *body = &call->http.reply.body;
    struct entities entities;
    size_t place = (call->account.user_count + 1) * PLACES_A_USER;
    world_entities(&call->sim->world, &call->account, &call->http.arena, &entities);
    for (size_t i = 0; i < entities.spare_device_count; i++) {
        if (!devices_take(devices, place + i))
            continue;
        xml_open(body, "member");
        xml_string(body, "SerialNumber", entities.spare_devices[i]);
        xml_close(body, "member");
    }
}

void iam_list_virtual_mfa_devices(struct call *call)
{
    const char *status = call_parameter(call, "AssignmentStatus");
    struct devices devices = {.call = call};
    struct buffer *body = &call->http.reply.body;
    if (page_read(call, &devices.page) != 0)
        return;
    if (status && strcmp(status, "Assigned") != 0 && strcmp(status, "Unassigned") != 0 &&
        strcmp(status, "Any") != 0) {
        failure_answer(call, FAILURE_VALIDATION,
                       "1 validation error detected: Value '%s' at 'assignmentStatus' failed "
                       "to satisfy constraint: Member must satisfy enum value set: [Any, "
                       "Unassigned, Assigned]",
                       status);
        return;
    }
    iam_begin(call);
    xml_open(body, "VirtualMFADevices");
    if (!status || strcmp(status, "Unassigned") != 0)
        write_assigned_devices(&devices);
    if (!status || strcmp(status, "Assigned") != 0)
        write_spare_devices(&devices);
    xml_close(body, "VirtualMFADevices");
    page_write(call, &devices.page, devices.next != 0, devices.next);
    iam_end(call);
}
