/* SPDX-License-Identifier: MIT */
/* AWS Organizations: JSON 1.1, pages of 20, some of them empty. */
#include "services/call.h"
#include "services/failure.h"
#include "services/services.h"
#include "services/sim.h"
#include "wire/json_text.h"
#include "world/random.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define RESULTS_MAX     20
#define TOKEN_MAX       200
#define SALT_EMPTY_PAGE 801
#define CALLER_EMAIL    "aws+0@simulated.example"

/* Where a list continues: the item, and whether an empty page came before it. */
struct list_place {
    size_t offset;
    size_t limit;
    bool after_empty;
};

static void organizations_begin(struct call *call, const char *list)
{
    call->http.reply.content_type = "application/x-amz-json-1.1";
    buffer_add_char(&call->http.reply.body, '{');
    json_put_name(&call->http.reply.body, list);
    buffer_add_char(&call->http.reply.body, '[');
}

static uint64_t token_check(const struct call *call, size_t offset, unsigned after_empty)
{
    return random_mix(random_mix(random_mix(call->sim->seed, call->action), offset), after_empty) &
           0xFFFFFFFF;
}

static void organizations_end(struct call *call, bool more, size_t next, unsigned after_empty)
{
    struct buffer *body = &call->http.reply.body;
    buffer_add_char(body, ']');
    if (more)
        json_put_string(body, "NextToken",
                        text_format(&call->http.arena, "H4sIAAAAsimulated.%zu.%u.%08" PRIx64, next,
                                    after_empty, token_check(call, next, after_empty)));
    buffer_add_char(body, '}');
}

/* Reads MaxResults and NextToken. Returns 0, or -1 after making the call's reply. */
static int organizations_place(struct call *call, struct list_place *place)
{
    const json_t *results = json_object_get(call->json, "MaxResults");
    const char *token = json_string_value(json_object_get(call->json, "NextToken"));
    unsigned after_empty = 0;
    uint64_t check = 0;
    *place = (struct list_place){.limit = RESULTS_MAX};
    if (results) {
        json_int_t value = json_integer_value(results);
        if (value < 1 || value > RESULTS_MAX) {
            failure_answer(call, FAILURE_VALIDATION, NULL);
            return -1;
        }
        place->limit = (size_t)value;
    }
    if (!token)
        return 0;
    if (strlen(token) > TOKEN_MAX ||
        sscanf(token, "H4sIAAAAsimulated.%zu.%u.%" SCNx64, &place->offset, &after_empty, &check) !=
            3 ||
        check != token_check(call, place->offset, after_empty)) {
        failure_answer(call, FAILURE_VALIDATION,
                       "You specified an invalid value for the NextToken parameter.");
        return -1;
    }
    place->after_empty = after_empty != 0;
    return 0;
}

/* Makes some pages empty although the list continues, as AWS does; always the same ones. */
static bool organizations_empty_page(struct call *call, const struct list_place *place)
{
    uint64_t number = random_mix(random_mix(call->sim->seed, SALT_EMPTY_PAGE),
                                 place->offset + (uint64_t)call->action);
    if (!call->sim->faults.scenario.empty_pages || place->after_empty || number % 4 != 0)
        return false;
    organizations_end(call, true, place->offset, 1);
    return true;
}

static bool organizations_endless(const struct call *call)
{
    return call->plan.kind == FAULT_ENDLESS_PAGING;
}

/* Writes o-.../r-.../ou-.../111111111111/, from the root down to the account. */
static void write_paths(struct call *call, const struct account *account)
{
    const struct world *world = &call->sim->world;
    const char *path = text_format(&call->http.arena, "%s/", account->id);
    for (size_t unit = account->unit; unit != WORLD_ROOT;) {
        struct unit above;
        world_unit(world, unit, &call->http.arena, &above);
        path = text_format(&call->http.arena, "%s/%s", above.id, path);
        unit = above.parent;
    }
    json_put_name(&call->http.reply.body, "Paths");
    buffer_add_char(&call->http.reply.body, '[');
    json_put_quoted(
        &call->http.reply.body,
        text_format(&call->http.arena, "%s/%s/%s", world->organization_id, world->root_id, path));
    buffer_add_char(&call->http.reply.body, ']');
}

static void write_account(struct call *call, const struct account *account)
{
    struct buffer *body = &call->http.reply.body;
    const struct world *world = &call->sim->world;
    struct account management;
    bool suspended =
        strcmp(account->state, "SUSPENDED") == 0 || strcmp(account->state, "CLOSED") == 0;
    world_account(world, world->management, &call->http.arena, &management);
    json_put_comma(body);
    buffer_add_char(body, '{');
    json_put_string(body, "Id", account->id);
    json_put_string(body, "Arn",
                    text_format(&call->http.arena, "arn:%s:organizations::%s:account/%s/%s",
                                world->shape.partition, management.id, world->organization_id,
                                account->id));
    json_put_string(body, "Email", account->email);
    json_put_string(body, "Name", account->name);
    /* Status has fewer values than State. */
    if (call->sim->faults.scenario.tells_status)
        json_put_string(body, "Status",
                        suspended                                        ? "SUSPENDED"
                        : strcmp(account->state, "PENDING_CLOSURE") == 0 ? "PENDING_CLOSURE"
                                                                         : "ACTIVE");
    if (call->sim->faults.scenario.tells_state)
        json_put_string(body, "State", account->state);
    write_paths(call, account);
    json_put_string(body, "JoinedMethod",
                    account->index == world->management ? "INVITED" : "CREATED");
    json_put_name(body, "JoinedTimestamp");
    buffer_addf(body, "%" PRId64 ".%03u", account->joined, (unsigned)(account->index % 1000));
    buffer_add_char(body, '}');
}

void organizations_describe_account(struct call *call)
{
    const char *id = json_string_value(json_object_get(call->json, "AccountId"));
    struct account account;
    if (!id || strlen(id) != ACCOUNT_ID_SIZE - 1 ||
        strspn(id, "0123456789") != ACCOUNT_ID_SIZE - 1) {
        failure_answer(call, FAILURE_VALIDATION, NULL);
        return;
    }
    size_t index = world_account_find(&call->sim->world, id);
    if (index == WORLD_NOT_FOUND) {
        failure_answer(call, FAILURE_NO_SUCH_ENTITY,
                       "You specified an account that doesn't exist.");
        return;
    }
    world_account(&call->sim->world, index, &call->http.arena, &account);
    call->http.reply.content_type = "application/x-amz-json-1.1";
    buffer_add_text(&call->http.reply.body, "{\"Account\":");
    write_account(call, &account);
    buffer_add_char(&call->http.reply.body, '}');
}

/* Lists the accounts of one parent, or all of them. */
static void list_accounts(struct call *call, bool of_parent, size_t parent)
{
    const struct world *world = &call->sim->world;
    struct list_place place;
    struct arena arena = {0};
    size_t taken = 0;
    if (organizations_place(call, &place) != 0)
        return;
    organizations_begin(call, "Accounts");
    if (organizations_empty_page(call, &place))
        return;
    size_t index = place.offset;
    bool more = false;
    for (; index < world->account_count; index++) {
        struct account account;
        arena_clear(&arena);
        world_account(world, index, &arena, &account);
        if (of_parent && account.unit != parent)
            continue;
        more = taken == place.limit;
        if (more)
            break;
        write_account(call, &account);
        taken++;
    }
    if (organizations_endless(call))
        organizations_end(call, true, place.offset, place.after_empty);
    else
        organizations_end(call, more, index, 0);
    arena_release(&arena);
}

/* Reads ParentId. Returns 0, or -1 after making the call's reply. */
static int organizations_parent(struct call *call, size_t *parent)
{
    const char *id = json_string_value(json_object_get(call->json, "ParentId"));
    *parent = WORLD_ROOT;
    if (!id) {
        failure_answer(call, FAILURE_VALIDATION, NULL);
        return -1;
    }
    if (strcmp(id, call->sim->world.root_id) == 0)
        return 0;
    *parent = world_unit_find(&call->sim->world, id);
    if (*parent != WORLD_NOT_FOUND)
        return 0;
    failure_answer(call, FAILURE_PARENT_NOT_FOUND, NULL);
    return -1;
}

void organizations_list_accounts(struct call *call)
{
    list_accounts(call, false, WORLD_ROOT);
}

void organizations_list_accounts_for_parent(struct call *call)
{
    size_t parent;
    if (organizations_parent(call, &parent) == 0)
        list_accounts(call, true, parent);
}

void organizations_list_organizational_units_for_parent(struct call *call)
{
    const struct world *world = &call->sim->world;
    struct buffer *body = &call->http.reply.body;
    struct list_place place;
    struct account management;
    size_t parent;
    size_t taken = 0;
    bool more = false;
    if (organizations_parent(call, &parent) != 0 || organizations_place(call, &place) != 0)
        return;
    organizations_begin(call, "OrganizationalUnits");
    if (organizations_empty_page(call, &place))
        return;
    world_account(world, world->management, &call->http.arena, &management);
    size_t index = place.offset;
    for (; index < world->unit_count; index++) {
        struct unit unit;
        world_unit(world, index, &call->http.arena, &unit);
        if (unit.parent != parent)
            continue;
        more = taken == place.limit;
        if (more)
            break;
        json_put_comma(body);
        buffer_add_char(body, '{');
        json_put_string(body, "Id", unit.id);
        json_put_string(body, "Arn",
                        text_format(&call->http.arena, "arn:%s:organizations::%s:ou/%s/%s",
                                    world->shape.partition, management.id, world->organization_id,
                                    unit.id));
        json_put_string(body, "Name", unit.name);
        buffer_add_char(body, '}');
        taken++;
    }
    if (organizations_endless(call))
        organizations_end(call, true, place.offset, place.after_empty);
    else
        organizations_end(call, more, index, 0);
}

void organizations_list_roots(struct call *call)
{
    const struct world *world = &call->sim->world;
    struct buffer *body = &call->http.reply.body;
    struct list_place place;
    struct account management;
    if (organizations_place(call, &place) != 0)
        return;
    world_account(world, world->management, &call->http.arena, &management);
    organizations_begin(call, "Roots");
    buffer_add_char(body, '{');
    json_put_string(body, "Id", world->root_id);
    json_put_string(body, "Arn",
                    text_format(&call->http.arena, "arn:%s:organizations::%s:root/%s/%s",
                                world->shape.partition, management.id, world->organization_id,
                                world->root_id));
    json_put_string(body, "Name", "Root");
    json_put_name(body, "PolicyTypes");
    buffer_add_text(body, "[]}");
    organizations_end(call, organizations_endless(call), place.offset, 1);
}

void organizations_describe_organization(struct call *call)
{
    const struct world *world = &call->sim->world;
    struct buffer *body = &call->http.reply.body;
    struct account management;
    const char *partition = world->shape.partition;
    world_account(world, world->management, &call->http.arena, &management);
    call->http.reply.content_type = "application/x-amz-json-1.1";
    buffer_add_text(body, "{\"Organization\":{");
    json_put_string(body, "Id", world->organization_id);
    json_put_string(body, "Arn",
                    text_format(&call->http.arena, "arn:%s:organizations::%s:organization/%s",
                                partition, management.id, world->organization_id));
    json_put_string(body, "FeatureSet", "ALL");
    json_put_string(body, "MasterAccountArn",
                    text_format(&call->http.arena, "arn:%s:organizations::%s:account/%s/%s",
                                partition, management.id, world->organization_id, management.id));
    json_put_string(body, "MasterAccountId", management.id);
    json_put_string(body, "MasterAccountEmail", management.email ? management.email : CALLER_EMAIL);
    buffer_add_text(body, ",\"AvailablePolicyTypes\":[]}}");
}
