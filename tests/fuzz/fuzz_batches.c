/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as an object of a census in several invocations: the list of batches, a result
 * document, and the list of accounts that are left out.
 */
#include "app/document.h"
#include "app/fanout/batches.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void read_batches(struct view text)
{
    struct error e = {0};
    json_t *batches = batches_read(text, &e);
    if (!batches) {
        if (e.kind != ERROR_PROTOCOL)
            abort();
        return;
    }
    for (size_t i = 0; i < json_array_size(batches); i++) {
        struct census_account *accounts = NULL;
        struct skipped_account *skipped = NULL;
        size_t count;
        if (!batches_part_key(batches, i) || !batches_result_key(batches, i))
            abort();
        if (batches_read_accounts(batches_item(batches, i), &accounts, &count, &e) == 0)
            for (size_t k = 1; k < count; k++)
                if (strcmp(accounts[k - 1].id, accounts[k].id) >= 0)
                    abort(); /* an account twice, or out of order */
        free(accounts);
        if (batches_read_skipped(batches_item(batches, i), &skipped, &count, &e) != 0 &&
            e.kind != ERROR_CONFIG)
            abort();
        free(skipped);
    }
    json_decref(batches);
}

static void read_document(struct view text, bool skipped)
{
    struct error e = {0};
    struct result result;
    result_init(&result, 1700000000, "run");
    int done =
        skipped ? document_merge_skipped(&result, text, &e) : document_merge(&result, text, &e);
    if (done != 0 && e.kind != ERROR_PROTOCOL)
        abort();
    result_release(&result);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct view text = {(const char *)bytes, len};
    read_batches(text);
    read_document(text, false);
    read_document(text, true);
    return 0;
}
