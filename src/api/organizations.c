/* SPDX-License-Identifier: MIT */
#include "api/organizations.h"

#include "aws/json_rpc.h"
#include "base/alloc.h"

#include <stdio.h>
#include <stdlib.h>

#define TARGET_PREFIX "AWSOrganizationsV20161128"

/*
 * How one operation differs from another: which member holds its items, and what to do with each.
 */
struct shape {
    const char *operation;
    const char *list; /* the answer's member that holds the items */
    int (*item)(struct organizations_call *call, const json_t *item, struct error *e);
};

struct organizations_call {
    const struct shape *shape;
    struct aws_target target;
    struct organizations_handler handler;
    void *arg;
    json_t *input;
    struct json_rpc *rpc;
    unsigned pages;
};

static void call_free(struct organizations_call *call)
{
    json_decref(call->input);
    free(call);
}

void organizations_cancel(struct organizations_call *call)
{
    if (!call)
        return;
    json_rpc_cancel(call->rpc);
    call_free(call);
}

static void call_finish(struct organizations_call *call, const struct error *e)
{
    struct organizations_handler handler = call->handler;
    void *arg = call->arg;
    struct error named;
    if (e) {
        named = *e;
        snprintf(named.operation, sizeof(named.operation), "%s", call->shape->operation);
    }
    call_free(call);
    handler.done(arg, e ? &named : NULL);
}

static const char *text_of(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

/*
 * The member's text, NULL if it is absent or null. -1 with 'e' if it is anything but a string: a
 * member that can't be read must not count as absent.
 */
static int read_text(const json_t *object, const char *key, const char **text, struct error *e)
{
    const json_t *member = json_object_get(object, key);
    *text = json_string_value(member);
    if (member && !json_is_null(member) && !*text)
        return error_set(e, ERROR_PROTOCOL, "the answer's '%s' is not a string", key);
    return 0;
}

static bool is_all_of(struct view text, const char *characters)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] == '\0' || !strchr(characters, text.ptr[i]))
            return false;
    return true;
}

bool organizations_id_valid(struct view id)
{
    if (!view_starts_with(id, "o-") || id.len < 2 + 10 || id.len > 2 + 32)
        return false;
    return is_all_of((struct view){id.ptr + 2, id.len - 2}, "abcdefghijklmnopqrstuvwxyz0123456789");
}

static bool is_account_id(struct view id)
{
    return id.len == 12 && is_all_of(id, "0123456789");
}

/*
 * The management account's id in the ARN of an account,
 * "arn:aws:organizations::MANAGEMENT:account/ORGANIZATION/ID" (Service Authorization Reference,
 * "Resource types defined by AWS Organizations"). VIEW_NONE if the ARN is absent or of another
 * form.
 */
static struct view management_of(const char *arn)
{
    const char *field = arn;
    for (int colons = 0; field && colons < 4; colons++)
        field = strchr(field, ':') ? strchr(field, ':') + 1 : NULL;
    const char *end = field ? strchr(field, ':') : NULL;
    if (!end || strncmp(arn, "arn:", 4) != 0 || strncmp(end, ":account/", 9) != 0)
        return VIEW_NONE;
    struct view id = {field, (size_t)(end - field)};
    return is_account_id(id) ? id : VIEW_NONE;
}

static int account_item(struct organizations_call *call, const json_t *item, struct error *e)
{
    const char *id, *state, *name;
    if (read_text(item, "Id", &id, e) != 0 || read_text(item, "State", &state, e) != 0 ||
        (!state && read_text(item, "Status", &state, e) != 0) ||
        read_text(item, "Name", &name, e) != 0)
        return -1;
    if (!id || !state)
        return error_set(e, ERROR_PROTOCOL, "the answer holds an account without id or state");
    if (!is_account_id(view_of(id)))
        return error_set(e, ERROR_PROTOCOL,
                         "the answer holds an account whose id is not 12 digits: '%.40s'", id);
    /* The census goes on without path and ARN: what depends on them is then unknown. */
    const char *path = json_string_value(json_array_get(json_object_get(item, "Paths"), 0));
    const struct organizations_account account = {.id = view_of(id),
                                                  .name = view_of(name),
                                                  .state = view_of(state),
                                                  .path = view_of(path),
                                                  .management =
                                                      management_of(text_of(item, "Arn"))};
    call->handler.account(call->arg, &account);
    return 0;
}

static int unit_item(struct organizations_call *call, const json_t *item, struct error *e)
{
    const char *id;
    if (read_text(item, "Id", &id, e) != 0)
        return -1;
    if (!id)
        return error_set(e, ERROR_PROTOCOL, "the answer holds a unit without id");
    call->handler.id(call->arg, view_of(id));
    return 0;
}

static int organization_item(struct organizations_call *call, const json_t *item, struct error *e)
{
    const char *id;
    if (read_text(item, "Id", &id, e) != 0)
        return -1;
    if (!organizations_id_valid(view_of(id)))
        return error_set(e, ERROR_PROTOCOL, "the answer's id is not an organization id: '%.40s'",
                         id ? id : "");
    call->handler.id(call->arg, view_of(id));
    return 0;
}

static int read_items(struct organizations_call *call, const json_t *answer, struct error *e)
{
    const json_t *list = json_object_get(answer, call->shape->list);
    size_t i;
    json_t *item;
    if (json_is_object(list))
        return call->shape->item(call, list, e);
    if (!json_is_array(list))
        return error_set(e, ERROR_PROTOCOL, "the answer has no '%s'", call->shape->list);
    json_array_foreach (list, i, item)
        if (call->shape->item(call, item, e) != 0)
            return -1;
    return 0;
}

static void send_page(struct organizations_call *call);

static void organizations_on_call_done(void *arg, const json_t *answer, const struct error *e)
{
    struct organizations_call *call = arg;
    struct error mine;
    const char *token;
    call->rpc = NULL;
    if (e) {
        call_finish(call, e);
        return;
    }
    if (read_items(call, answer, &mine) != 0 ||
        read_text(answer, "NextToken", &token, &mine) != 0) {
        call_finish(call, &mine);
        return;
    }
    const char *before = text_of(call->input, "NextToken");
    if (!token) {
        call_finish(call, NULL);
    } else if ((before && strcmp(before, token) == 0) || ++call->pages == ORGANIZATIONS_PAGES_MAX) {
        error_set(&mine, ERROR_LIMIT, "%s: its pages do not end", call->shape->operation);
        call_finish(call, &mine);
    } else {
        json_object_set_new(call->input, "NextToken", json_string(token));
        send_page(call);
    }
}

static void send_page(struct organizations_call *call)
{
    call->rpc =
        json_rpc_start(&call->target, SERVICE_ORGANIZATIONS, TARGET_PREFIX, call->shape->operation,
                       call->input, organizations_on_call_done, call);
}

static struct organizations_call *organizations_start(const struct aws_target *target,
                                                      const struct shape *shape, json_t *input,
                                                      const struct organizations_handler *handler,
                                                      void *arg)
{
    struct organizations_call *call = xcalloc(1, sizeof(*call));
    if (!input)
        out_of_memory();
    call->shape = shape;
    call->target = *target;
    call->handler = *handler;
    call->arg = arg;
    call->input = input;
    send_page(call);
    return call;
}

struct organizations_call *organizations_describe(const struct aws_target *target,
                                                  const struct organizations_handler *handler,
                                                  void *arg)
{
    static const struct shape shape = {"DescribeOrganization", "Organization", organization_item};
    return organizations_start(target, &shape, json_object(), handler, arg);
}

struct organizations_call *organizations_list_accounts(const struct aws_target *target,
                                                       const struct organizations_handler *handler,
                                                       void *arg)
{
    static const struct shape shape = {"ListAccounts", "Accounts", account_item};
    return organizations_start(target, &shape, json_object(), handler, arg);
}

struct organizations_call *
organizations_list_accounts_for_parent(const struct aws_target *target, struct view parent,
                                       const struct organizations_handler *handler, void *arg)
{
    static const struct shape shape = {"ListAccountsForParent", "Accounts", account_item};
    return organizations_start(
        target, &shape, json_pack("{s:s%}", "ParentId", parent.ptr, parent.len), handler, arg);
}

struct organizations_call *
organizations_list_units_for_parent(const struct aws_target *target, struct view parent,
                                    const struct organizations_handler *handler, void *arg)
{
    static const struct shape shape = {"ListOrganizationalUnitsForParent", "OrganizationalUnits",
                                       unit_item};
    return organizations_start(
        target, &shape, json_pack("{s:s%}", "ParentId", parent.ptr, parent.len), handler, arg);
}
