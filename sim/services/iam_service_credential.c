/* SPDX-License-Identifier: MIT */
/* ListServiceSpecificCredentials: of one user, or of all users of an account. */
#include "services/call.h"
#include "services/failure.h"
#include "services/iam.h"
#include "services/page.h"
#include "services/services.h"
#include "services/sim.h"
#include "wire/xml.h"

#include <string.h>
#include <strings.h>

/* Markers count places: so many for each user. */
#define PLACES_A_USER 1024

/* The list that is being written. */
struct listing {
    struct call *call;
    const char *service; /* only credentials of this one, or NULL */
    struct page page;
    size_t taken;
    size_t next; /* the place where the next page begins; 0: there is none */
};

static void write_credential(struct buffer *body, const struct user *user,
                             const struct service_credential *credential)
{
    xml_open(body, "member");
    xml_moment(body, "CreateDate", credential->created);
    xml_moment(body, "ExpirationDate", credential->expires);
    xml_string(body, "ServiceName", credential->service);
    xml_string(body, "ServiceUserName", credential->user_name);
    xml_string(body, "ServiceCredentialAlias", credential->alias);
    xml_string(body, "ServiceSpecificCredentialId", credential->id);
    xml_string(body, "UserName", user->name);
    xml_string(body, "Status", credential->status);
    xml_close(body, "member");
}

/* Writes the user's credentials from the page's first place on; the user's own begin at 'place'. */
static void write_user(struct listing *listing, const struct user *user, size_t place)
{
    for (size_t i = 0; i < user->service_credential_count && i < PLACES_A_USER; i++) {
        const struct service_credential *credential = &user->service_credentials[i];
        if (place + i < listing->page.offset ||
            (listing->service && strcmp(listing->service, credential->service) != 0))
            continue;
        if (listing->taken == listing->page.limit) {
            listing->next = place + i;
            return;
        }
        write_credential(&listing->call->http.reply.body, user, credential);
        listing->taken++;
    }
}

static void write_all_users(struct listing *listing)
{
    struct call *call = listing->call;
    struct arena arena = {0};
    size_t index = listing->page.offset / PLACES_A_USER;
    for (; index < call->account.user_count && listing->next == 0; index++) {
        struct user user;
        arena_clear(&arena);
        world_user(&call->sim->world, &call->account, index, &arena, &user);
        if (!iam_user_hidden(call, &user))
            write_user(listing, &user, index * PLACES_A_USER);
    }
    arena_release(&arena);
}

/*
 * AWS pages this list only if MaxItems is there ("If additional items exist beyond the maximum you
 * specify"); otherwise all of it comes at once.
 */
static int read_page(struct listing *listing)
{
    if (page_read(listing->call, &listing->page) != 0)
        return -1;
    if (!call_parameter(listing->call, "MaxItems"))
        listing->page.limit = SIZE_MAX;
    return 0;
}

/*
 * Reads AllUsers. An older IAM ignores it, as it ignores every parameter that it does not know:
 * then a role, which is not a user, must name one. Returns 0, or -1 after making the call's reply.
 */
static int read_all_users(struct call *call, bool *all_users)
{
    const char *given = call_parameter(call, "AllUsers");
    *all_users = false;
    if (!given || call->account.ignores_all_users || call->sim->faults.scenario.ignores_all_users)
        return 0;
    *all_users = strcasecmp(given, "true") == 0;
    if (!*all_users && strcasecmp(given, "false") != 0) {
        failure_custom(call, 400, "MalformedInput", "%s", "");
        return -1;
    }
    if (!*all_users || !call_parameter(call, "UserName"))
        return 0;
    failure_answer(call, FAILURE_VALIDATION,
                   "The parameter AllUsers cannot be specified together with UserName.");
    return -1;
}

void iam_list_service_specific_credentials(struct call *call)
{
    struct listing listing = {.call = call, .service = call_parameter(call, "ServiceName")};
    struct buffer *body = &call->http.reply.body;
    struct user user;
    bool all_users;
    if (read_all_users(call, &all_users) != 0 || (!all_users && iam_find_user(call, &user) != 0) ||
        read_page(&listing) != 0)
        return;
    iam_begin(call);
    xml_open(body, "ServiceSpecificCredentials");
    if (all_users)
        write_all_users(&listing);
    else
        write_user(&listing, &user, 0);
    xml_close(body, "ServiceSpecificCredentials");
    page_write(call, &listing.page, listing.next != 0, listing.next);
    iam_end(call);
}
