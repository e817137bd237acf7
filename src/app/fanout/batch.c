/* SPDX-License-Identifier: MIT */
/*
 * batch.c: a run with the accounts, start and run id of the event; then
 *
 *     run (puts part-N, one object a volume) -> put result-N -> answer
 *
 * The result is put last: if it exists, so do the rows.
 */
#include "app/fanout/batch.h"

#include "app/document.h"
#include "app/fanout/batches.h"
#include "base/json_writer.h"

#include <stdlib.h>

struct batch {
    struct step step;
    struct census_account *accounts;
    size_t account_count;
    struct skipped_account *skipped;
    size_t skipped_count;
    const char *result_key; /* borrowed from the event */
};

static void write_answer(struct step *step)
{
    const struct result *result = run_result(step->run);
    const json_t *batch = json_object_get(step->event, "batch");
    struct json_writer w;
    json_writer_init(&w, &step->answer);
    json_object_begin(&w);
    json_key(&w, "batch");
    json_int(&w, json_integer_value(json_object_get(batch, "batch")));
    json_key(&w, "rows");
    json_int(&w, (int64_t)result->rows);
    json_key(&w, "successful");
    json_int(&w, (int64_t)result->successful.count);
    json_key(&w, "partial");
    json_int(&w, (int64_t)result->partial.count);
    json_key(&w, "failed");
    json_int(&w, (int64_t)result->failed.count);
    json_object_end(&w);
}

static void batch_on_result_put(void *arg, const struct s3_answer *answer UNUSED,
                                const struct error *e)
{
    struct step *step = arg;
    step->call = NULL;
    if (e) {
        step_fail(step, e);
        return;
    }
    write_answer(step);
    step_finish(step);
}

static void batch_on_collected(void *arg)
{
    struct batch *b = arg;
    struct step *step = &b->step;
    struct buffer key;
    const struct error *e;
    if (run_status(step->run, &e) != RUN_OK) {
        step_fail(step, e);
        return;
    }
    buffer_init(&key, S3_KEY_MAX_BYTES);
    buffer_add_text(&key, b->result_key);
    document_write(run_result(step->run), DOCUMENT_FULL, &step->object);
    step_put(step, &key, &step->object, batch_on_result_put);
    buffer_release(&key);
}

static void batch_collect(struct batch *b, const char *part_key)
{
    struct step *step = &b->step;
    const struct run_options options = {
        .started_s = step->plan.started_s,
        .run_id = step->plan.run_id,
        .accounts = b->accounts,
        .account_count = b->account_count,
        .skipped = b->skipped,
        .skipped_count = b->skipped_count,
        .key = part_key,
        .part = true,
    };
    step->run = run_start(step->platform, step->config, &options, batch_on_collected, b);
    if (step->delay_ms > 0)
        run_set_deadline(step->run, step->delay_ms);
}

static void batch_start(struct step *step)
{
    struct batch *b = (struct batch *)step;
    const json_t *batch = json_object_get(step->event, "batch");
    const char *part_key = NULL;
    struct error e;
    if (step_read_plan(step, &e) != 0 || !(part_key = step_text(batch, "part_key", &e)) ||
        !(b->result_key = step_text(batch, "result_key", &e)) ||
        batches_read_accounts(batch, &b->accounts, &b->account_count, &e) != 0 ||
        batches_read_skipped(batch, &b->skipped, &b->skipped_count, &e) != 0)
        step_fail(step, &e);
    else
        batch_collect(b, part_key);
}

static void batch_release(struct step *step)
{
    struct batch *b = (struct batch *)step;
    free(b->accounts);
    free(b->skipped);
}

const struct step_kind batch_step = {
    .action = "collect_batch",
    .size = sizeof(struct batch),
    .start = batch_start,
    .release = batch_release,
};
