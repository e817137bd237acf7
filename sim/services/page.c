/* SPDX-License-Identifier: MIT */
#include "services/page.h"

#include "faults/scenario.h"
#include "services/call.h"
#include "services/constraint.h"
#include "services/failure.h"
#include "services/sim.h"
#include "wire/digest.h"
#include "wire/xml.h"
#include "world/random.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ITEMS_DEFAULT 100
#define ITEMS_MAX     1000
#define MARKER_MAX    320

/*
 * A marker is valid only for the list that returned it: the check number depends on action and
 * account.
 */
static unsigned page_check(const struct call *call, size_t offset, size_t turn)
{
    uint64_t of =
        random_mix(random_mix(call->sim->seed, call->account.index), (uint64_t)call->action);
    return (unsigned)random_mix(random_mix(of, offset), turn);
}

static int page_read_marker(struct call *call, const char *marker, struct page *page)
{
    struct buffer decoded = {.max = TEXT_MAX};
    unsigned check = 0;
    int fields = 0;
    if (strlen(marker) <= MARKER_MAX && base64_decode(&decoded, marker, strlen(marker)) == 0)
        fields =
            sscanf(buffer_text(&decoded), "page %zu %zu %x ", &page->offset, &page->turn, &check);
    buffer_release(&decoded);
    if (fields == 3 && check == page_check(call, page->offset, page->turn))
        return 0;
    failure_answer(call, FAILURE_VALIDATION, "Invalid Marker.");
    return -1;
}

int page_read(struct call *call, struct page *page)
{
    const char *marker = call_parameter(call, "Marker");
    long items = ITEMS_DEFAULT;
    if (constraint_number(call, "MaxItems", "maxItems", 1, ITEMS_MAX, &items) != 0)
        return -1;
    *page = (struct page){.limit = (size_t)items};
    return marker ? page_read_marker(call, marker, page) : 0;
}

void page_write(struct call *call, const struct page *page, bool more, size_t next)
{
    struct buffer *body = &call->http.reply.body;
    size_t turn = 0;
    if (call->plan.kind == FAULT_ENDLESS_PAGING) {
        bool same = call->plan.rule && call->plan.rule->same_marker;
        more = true;
        next = page->offset;
        turn = same ? 1 : page->turn + 1;
    }
    xml_bool(body, "IsTruncated", more);
    if (!more)
        return;
    struct buffer marker = {.max = TEXT_MAX};
    char plain[160];
    int len = snprintf(plain, sizeof(plain), "page %zu %zu %x of the simulated organization", next,
                       turn, page_check(call, next, turn));
    base64_append(&marker, plain, (size_t)len);
    xml_string(body, "Marker", buffer_text(&marker));
    buffer_release(&marker);
}
