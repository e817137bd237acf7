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

static void write_virtual_device(struct call *call, const struct user *user, size_t device)
{
    struct buffer *body = &call->http.reply.body;
    const char *partition = call->sim->world.shape.partition;
    xml_open(body, "member");
    if (user) {
        xml_string(body, "SerialNumber", user->mfa[device].serial);
        xml_open(body, "User");
        iam_write_user(call, user);
        xml_moment(body, "PasswordLastUsed", user->password_last_used);
        xml_close(body, "User");
        xml_moment(body, "EnableDate", user->mfa[device].enabled);
    } else {
        xml_string(body, "SerialNumber",
                   text_format(&call->http.arena, "arn:%s:iam::%s:mfa/root-account-mfa-device",
                               partition, call->account.id));
        xml_open(body, "User");
        xml_string(body, "UserId", call->account.id);
        xml_string(
            body, "Arn",
            text_format(&call->http.arena, "arn:%s:iam::%s:root", partition, call->account.id));
        xml_moment(body, "CreateDate", call->account.joined);
        xml_close(body, "User");
        xml_moment(body, "EnableDate", call->account.joined);
    }
    xml_close(body, "member");
}

/* Writes assigned devices from page->offset on; returns the place after them, or 0 at the end. */
static size_t write_assigned_devices(struct call *call, const struct page *page)
{
    struct arena arena = {0};
    size_t taken = 0;
    size_t next = 0;
    size_t place = page->offset;
    if (place == 0 && call->account.root_has_mfa) {
        write_virtual_device(call, NULL, 0);
        taken++;
    }
    if (place < PLACES_A_USER)
        place = PLACES_A_USER;
    for (; place < PLACES_A_USER * (call->account.user_count + 1) && next == 0;
         place = place - place % PLACES_A_USER + PLACES_A_USER) {
        struct user user;
        size_t first = place % PLACES_A_USER;
        arena_clear(&arena);
        world_user(&call->sim->world, &call->account, place / PLACES_A_USER - 1, &arena, &user);
        for (size_t i = first; i < user.mfa_count && i < PLACES_A_USER && next == 0; i++) {
            if (!user.mfa[i].is_virtual || iam_user_hidden(call, &user))
                continue;
            if (taken == page->limit) {
                next = place - first + i;
                break;
            }
            write_virtual_device(call, &user, i);
            taken++;
        }
    }
    arena_release(&arena);
    return next;
}

void iam_list_virtual_mfa_devices(struct call *call)
{
    const char *status = call_parameter(call, "AssignmentStatus");
    struct page page;
    struct buffer *body = &call->http.reply.body;
    size_t next = 0;
    if (page_read(call, &page) != 0)
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
        next = write_assigned_devices(call, &page);
    bool spare = !call->sim->world.file && call->account.root_has_mfa;
    if (spare && next == 0 && (!status || strcmp(status, "Assigned") != 0)) {
        xml_open(body, "member");
        xml_string(body, "SerialNumber",
                   text_format(&call->http.arena, "arn:%s:iam::%s:mfa/never-assigned",
                               call->sim->world.shape.partition, call->account.id));
        xml_close(body, "member");
    }
    xml_close(body, "VirtualMFADevices");
    page_write(call, &page, next != 0, next);
    iam_end(call);
}
