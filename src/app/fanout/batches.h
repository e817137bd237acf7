/* SPDX-License-Identifier: MIT */
/*
 * batches.h: the batches of a plan: the accounts of each, and the keys of its rows and its result.
 *
 *     [{"batch": 0, "accounts": [{"id": "111111111111", "name": "payroll"}, ...],
 *       "part_key": "iam/work/RUN/part-000000.csv",
 *       "result_key": "iam/work/RUN/result-000000.json"},
 *      ...]
 *
 * If places are wanted, an account also has "ou", "state" and "management" (true, false or null).
 * If there are accounts that are left out but have rows, a batch also has a list of them,
 * "skipped".
 *
 * 'plan' writes this list, Step Functions gives each item to a 'collect_batch', and 'combine' reads
 * the list again. No service is contacted here.
 */
#ifndef APP_FANOUT_BATCHES_H
#define APP_FANOUT_BATCHES_H

#include "base/buffer.h"
#include "base/error.h"
#include "census/accounts.h"
#include "census/census.h"

#include <jansson.h>

struct batches_layout {
    struct view folder;    /* the beginning of the objects' keys: "iam/work/RUN/" */
    const char *extension; /* of a part: ".csv" */
    size_t size;           /* the most accounts a batch holds; not 0 */
    bool placed;           /* with each account's place in the organization */
    /*
     * Accounts that are left out, in ascending order: each batch lists those that come before its
     * last account, the last batch all others, so that each is in the one batch that writes about
     * it.
     */
    const struct skipped_account *skipped;
    size_t skipped_count;
};

/* Appends the list for 'accounts', split in the order given. Returns the number of batches. */
size_t batches_write(const struct batches_layout *layout, const struct census_account *accounts,
                     size_t count, struct buffer *out);
/* Reads a list; the caller owns the reference. NULL with ERROR_PROTOCOL if it is not a valid one.
 */
json_t *batches_read(struct view text, struct error *e);
/* Parts of a list that batches_read returned, borrowed from it; 'number' counts from 0. */
const char *batches_part_key(const json_t *batches, size_t number);
const char *batches_result_key(const json_t *batches, size_t number);
/*
 * Reads the accounts of one item into '*accounts' (freed by the caller, even after an error),
 * sorted by id, each once, their texts borrowed from 'batch'. -1 with ERROR_CONFIG if there are
 * none, or one is not valid.
 */
int batches_read_accounts(const json_t *batch, struct census_account **accounts, size_t *count,
                          struct error *e) MUST_CHECK;

/*
 * The same for the accounts that are left out, in the item's order; there may be none.
 */
int batches_read_skipped(const json_t *batch, struct skipped_account **skipped, size_t *count,
                         struct error *e) MUST_CHECK;
/* The item with this number, borrowed from what batches_read returned. */
const json_t *batches_item(const json_t *batches, size_t number);

#endif
