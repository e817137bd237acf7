/* SPDX-License-Identifier: MIT */
/*
 * combine.c: a chain of calls to S3, one at a time, that leaves one output and no work objects.
 *
 *     get result.json -- found: that is the answer, get batches.json ---------------+
 *        | NoSuchKey                                                                |
 *     get batches.json -> get skipped.json (may be missing) -> open the output      |
 *        |                                                                          |
 *     for each batch N:                                                             |
 *        get result-N.json -- NoSuchKey: the batch is lost, its accounts failed     |
 *        for each volume of the output (app/volume.h):                              |
 *           get its part-N, range by range, until one is not full: these are rows   |
 *        |                                                                          |
 *     finish the output -- or abandon it, if no account could be read: the step fails
 *        |                                                                          |
 *     put NAME.result.json (the whole document) -> put result.json (the answer)     |
 *        |                                                                          |
 *     delete part-N, result-N of all batches, skipped.json, batches.json  <---------+
 *        |
 *     the answer
 *
 * If anything fails before the output is complete, the output is abandoned, and the step can be run
 * again; after that, running it again finds result.json or writes the same output once more.
 */
#include "app/fanout/combine.h"

#include "app/document.h"
#include "app/fanout/batches.h"
#include "app/fanout/removal.h"
#include "app/publication.h"
#include "base/log.h"
#include "census/census_account.h"

#include <stdio.h>
#include <stdlib.h>

#define RANGE_BYTES      ((size_t)4 * 1024 * 1024)
#define ANSWER_MAX_BYTES ((size_t)200 * 1024) /* it grows when quoted in JSON */

/* A batch that left no result, while its accounts are added to the output. All zero: none. */
struct lost_batch {
    struct census_account *accounts;
    size_t account_count, at;
    struct skipped_account *skipped;
    size_t skipped_count;
};

struct combine {
    struct step step;
    json_t *batches;  /* as batches_read returned it */
    size_t batch;     /* the number of the batch that is being merged */
    size_t volume;    /* of the output, to which its rows are being added */
    uint64_t part_at; /* bytes of its part that have been added */
    struct lost_batch lost;
    struct removal removal;
    struct publication output;
    struct result result;
    bool is_written;
};

typedef void got(void *arg, const struct s3_answer *answer, const struct error *e);

static void next_batch(struct combine *c);

static void combine_get_object(struct combine *c, const char *key, uint64_t start, size_t len,
                               got *done)
{
    struct step *step = &c->step;
    buffer_clear(&step->object);
    step->call = s3_get_object(step->bucket, view_of(key), start, len, &step->object,
                               (struct s3_done){done, c});
}

static void get_work(struct combine *c, const char *name, got *done)
{
    struct buffer key;
    buffer_init(&key, S3_KEY_MAX_BYTES);
    step_key(&c->step, c->step.plan.run_id, name, &key);
    if (step_complete(&c->step, &key, "a key of the fan-out"))
        combine_get_object(c, buffer_text(&key), 0, OBJECT_MAX_BYTES, done);
    buffer_release(&key);
}

/*
 * After the output: the result document, and the answer.
 */

/*
 * Step Functions accepts 256 KiB. A longer document is returned without its details or, if still
 * too long, without its accounts; the full one is stored next to the output.
 */
static void write_answer(struct combine *c, const struct buffer *document_key)
{
    if (!document_write_within(&c->result, ANSWER_MAX_BYTES, &c->step.answer))
        document_write_counts(&c->result, document_key, &c->step.answer);
}

static void combine_on_answer_put(void *arg, const struct s3_answer *answer UNUSED,
                                  const struct error *e)
{
    struct combine *c = arg;
    c->step.call = NULL;
    if (e)
        step_fail(&c->step, e);
    else
        removal_start(&c->removal, &c->step, c->batches);
}

static void combine_on_document_put(void *arg, const struct s3_answer *answer UNUSED,
                                    const struct error *e)
{
    struct combine *c = arg;
    struct step *step = &c->step;
    struct buffer key;
    step->call = NULL;
    if (e) {
        step_fail(step, e);
        return;
    }
    buffer_init(&key, S3_KEY_MAX_BYTES);
    step_key(step, step->plan.run_id, "result.json", &key);
    step_put(step, &key, &step->answer, combine_on_answer_put);
    buffer_release(&key);
}

/* Stores the document and the answer before anything is removed: see the top of this file. */
static void put_document(struct combine *c)
{
    struct step *step = &c->step;
    struct buffer key;
    buffer_init(&key, (size_t)2 * S3_KEY_MAX_BYTES);
    run_path_beside(step->plan.output_key, ".result.json", &key);
    write_answer(c, &key);
    buffer_clear(&step->object);
    document_write(&c->result, DOCUMENT_FULL, &step->object);
    step_put(step, &key, &step->object, combine_on_document_put);
    buffer_release(&key);
}

static int64_t now_ms(const struct step *step)
{
    return clock_wall_ms(loop_clock(step->platform->loop)) +
           aws_client_ahead_s(step->services.client) * 1000;
}

static void combine_on_written(void *arg, const struct error *e)
{
    struct combine *c = arg;
    struct error mine;
    if (e) {
        mine = *e;
        error_prefix(&mine, "the output could not be written");
        step_fail(&c->step, &mine);
        return;
    }
    c->is_written = true;
    c->result.duration_ms = now_ms(&c->step) - c->result.started_s * 1000;
    result_log(&c->result);
    put_document(c);
}

/* Reports why no account could be read, not what abandoning the output came to. */
static void combine_on_nothing_read(void *arg, const struct error *e UNUSED)
{
    struct combine *c = arg;
    struct error mine;
    result_explain_nothing(&c->result, &mine);
    step_fail(&c->step, &mine);
}

static void finish_output(struct combine *c)
{
    if (result_has_read(&c->result))
        publication_finish(&c->output, &c->result, combine_on_written, c);
    else
        publication_abandon(&c->output, combine_on_nothing_read, c);
}

/*
 * Merging the batches.
 */

/* Reports why the merging failed, not what abandoning the output came to. */
static void combine_on_merging_failed(void *arg, const struct error *e UNUSED)
{
    struct combine *c = arg;
    struct error why = c->step.error;
    step_fail(&c->step, &why);
}

/*
 * Abandons the output before the step fails: a multipart upload that is never aborted stays in the
 * bucket and costs money.
 */
static void fail_merging(struct combine *c, const struct error *e)
{
    c->step.error = *e;
    publication_abandon(&c->output, combine_on_merging_failed, c);
}

static void combine_on_range(void *arg, const struct s3_answer *answer, const struct error *e);

static void get_range(struct combine *c)
{
    struct buffer key;
    buffer_init(&key, S3_KEY_MAX_BYTES);
    publication_part_key(c->step.config, c->volume, batches_part_key(c->batches, c->batch), &key);
    if (step_complete(&c->step, &key, "a key of the fan-out"))
        combine_get_object(c, buffer_text(&key), c->part_at, RANGE_BYTES, combine_on_range);
    buffer_release(&key);
}

static void lose_next(struct combine *c);

/*
 * Goes on, if no call is under way and the output has room: with the next range, or with the next
 * account of a batch that is lost. Also the output's 'ready'.
 */
static void combine_go_on(void *arg)
{
    struct combine *c = arg;
    const struct error *failed = publication_failed(&c->output);
    if (failed)
        fail_merging(c, failed);
    else if (c->lost.accounts)
        lose_next(c);
    else if (!c->step.call && !publication_busy(&c->output, c->volume))
        get_range(c);
}

/* The part of one volume has been added: the next volume's, or the next batch. */
static void next_part(struct combine *c)
{
    c->part_at = 0;
    if (++c->volume < publication_volumes(&c->output)) {
        combine_go_on(c);
        return;
    }
    c->batch++;
    next_batch(c);
}

static void combine_on_range(void *arg, const struct s3_answer *answer UNUSED,
                             const struct error *e)
{
    struct combine *c = arg;
    const struct buffer *range = &c->step.object;
    c->step.call = NULL;
    if (e) {
        fail_merging(c, e);
        return;
    }
    publication_add_rows(&c->output, c->volume, buffer_view(range));
    c->part_at += range->len;
    if (range->len == RANGE_BYTES)
        combine_go_on(c);
    else
        next_part(c);
}

/* False if the output has no room for the account now. */
static bool lose_account(struct combine *c, const struct census_account *from)
{
    struct account account = {.outcome = OUTCOME_FAILED, .failed_stage = "Interrupted"};
    census_account_begin(&account, from);
    error_set(&account.failed, ERROR_CANCELLED,
              "batch %zu, which holds this account, left no result", c->batch);
    snprintf(account.failed.code, sizeof(account.failed.code), "BatchFailed");
    bool added = publication_add_account(&c->output, &account);
    if (added)
        result_add(&c->result, &account);
    arena_release(&account.arena);
    return added;
}

static void release_lost(struct lost_batch *lost)
{
    free(lost->accounts);
    free(lost->skipped);
    *lost = (struct lost_batch){0};
}

/* Adds the accounts of the lost batch while there is room; then goes on to the next batch. */
static void lose_next(struct combine *c)
{
    struct lost_batch *lost = &c->lost;
    while (lost->at < lost->account_count) {
        if (!lose_account(c, &lost->accounts[lost->at]))
            return;
        lost->at++;
    }
    publication_add_skipped(&c->output);
    release_lost(lost);
    c->batch++;
    next_batch(c);
}

static void lose_batch(struct combine *c)
{
    const json_t *item = batches_item(c->batches, c->batch);
    struct lost_batch *lost = &c->lost;
    struct error e;
    log_event(LOG_ERROR, "batch left no result", FIELD_NUMBER("batch", (int64_t)c->batch));
    if (batches_read_accounts(item, &lost->accounts, &lost->account_count, &e) != 0 ||
        batches_read_skipped(item, &lost->skipped, &lost->skipped_count, &e) != 0) {
        fail_merging(c, &e);
        return;
    }
    publication_set_skipped(&c->output, lost->skipped, lost->skipped_count);
    lose_next(c);
}

static void combine_on_batch_result(void *arg, const struct s3_answer *answer UNUSED,
                                    const struct error *e)
{
    struct combine *c = arg;
    struct error mine;
    c->step.call = NULL;
    if (e && error_is_code(e, "NoSuchKey")) {
        lose_batch(c);
        return;
    }
    if (e) {
        fail_merging(c, e);
        return;
    }
    if (document_merge(&c->result, buffer_view(&c->step.object), &mine) != 0) {
        fail_merging(c, &mine);
        return;
    }
    c->part_at = 0;
    c->volume = 0;
    combine_go_on(c);
}

static void next_batch(struct combine *c)
{
    if (c->batch == json_array_size(c->batches))
        finish_output(c);
    else
        combine_get_object(c, batches_result_key(c->batches, c->batch), 0, OBJECT_MAX_BYTES,
                           combine_on_batch_result);
}

/*
 * Before the first batch.
 */

static int open_output(struct combine *c, struct error *e)
{
    const struct publication_options options = {.config = c->step.config,
                                                .bucket = c->step.bucket,
                                                .path = c->step.plan.output_key,
                                                .started_s = c->step.plan.started_s,
                                                .run_id = c->step.plan.run_id,
                                                .organization_id = c->step.plan.organization_id,
                                                .ready = combine_go_on,
                                                .arg = c};
    return publication_open(&c->output, &options, e);
}

/* The list does not exist if the plan skipped no account. */
static void combine_on_skipped(void *arg, const struct s3_answer *answer UNUSED,
                               const struct error *e)
{
    struct combine *c = arg;
    struct error mine;
    c->step.call = NULL;
    if (e && !error_is_code(e, "NoSuchKey"))
        step_fail(&c->step, e);
    else if ((!e && document_merge_skipped(&c->result, buffer_view(&c->step.object), &mine) != 0) ||
             open_output(c, &mine) != 0)
        step_fail(&c->step, &mine);
    else
        next_batch(c);
}

static void combine_on_batches(void *arg, const struct s3_answer *answer UNUSED,
                               const struct error *e)
{
    struct combine *c = arg;
    struct error mine;
    c->step.call = NULL;
    if (e)
        step_fail(&c->step, e);
    else if (!(c->batches = batches_read(buffer_view(&c->step.object), &mine)))
        step_fail(&c->step, &mine);
    else
        get_work(c, "skipped.json", combine_on_skipped);
}

/* An earlier run of the step stored the answer but was stopped before it had removed the rest. */
static void combine_on_leftover_batches(void *arg, const struct s3_answer *answer UNUSED,
                                        const struct error *e)
{
    struct combine *c = arg;
    struct error ignored;
    c->step.call = NULL;
    if (!e)
        c->batches = batches_read(buffer_view(&c->step.object), &ignored);
    if (c->batches)
        removal_start(&c->removal, &c->step, c->batches);
    else
        step_finish(&c->step);
}

static void combine_on_earlier_answer(void *arg, const struct s3_answer *answer UNUSED,
                                      const struct error *e)
{
    struct combine *c = arg;
    c->step.call = NULL;
    if (!e) {
        buffer_add_view(&c->step.answer, buffer_view(&c->step.object));
        get_work(c, "batches.json", combine_on_leftover_batches);
    } else if (error_is_code(e, "NoSuchKey")) {
        get_work(c, "batches.json", combine_on_batches);
    } else {
        step_fail(&c->step, e);
    }
}

static void combine_start(struct step *step)
{
    struct combine *c = (struct combine *)step;
    struct error e;
    publication_init(&c->output, step->platform->loop);
    if (step_read_plan(step, &e) != 0) {
        step_fail(step, &e);
        return;
    }
    result_init(&c->result, step->plan.started_s, step->plan.run_id);
    get_work(c, "result.json", combine_on_earlier_answer);
}

/*
 * The kind of step.
 */

static void combine_abandon(struct step *step)
{
    struct combine *c = (struct combine *)step;
    publication_abandon(&c->output, step_on_given_up, step);
}

static bool combine_unsettled(const struct step *step, struct error *e)
{
    const struct combine *c = (const struct combine *)step;
    return publication_unsettled(&c->output, e);
}

static const struct result *combine_result(const struct step *step)
{
    const struct combine *c = (const struct combine *)step;
    return c->is_written ? &c->result : NULL;
}

static void combine_release(struct step *step)
{
    struct combine *c = (struct combine *)step;
    publication_release(&c->output);
    release_lost(&c->lost);
    result_release(&c->result);
    json_decref(c->batches);
}

const struct step_kind combine_step = {
    .action = "combine",
    .size = sizeof(struct combine),
    .start = combine_start,
    .abandon = combine_abandon,
    .unsettled = combine_unsettled,
    .result = combine_result,
    .release = combine_release,
};
