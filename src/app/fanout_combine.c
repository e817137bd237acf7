#include "app/fanout_state.h"

#include "base/alloc.h"
#include "base/json_writer.h"
#include "base/log.h"
#include "output/sink_s3.h"

#include <stdio.h>
#include <stdlib.h>

#define RANGE_BYTES      ((size_t)4 * 1024 * 1024)
#define ANSWER_MAX_BYTES ((size_t)200 * 1024) /* in JSON in JSON it grows by its quotes */

static void next_batch(struct fanout *f);
static void next_range(void *arg);
static void delete_next(struct fanout *f);

static const json_t *batch_at(const struct fanout *f, size_t number)
{
    return json_array_get(f->batches, number);
}

static void get(struct fanout *f, const char *key, uint64_t start, size_t len,
                void (*done)(void *arg, const struct s3_answer *answer, const struct error *e))
{
    buffer_clear(&f->object);
    f->call =
        s3_get_object(f->bucket, view_of(key), start, len, &f->object, (struct s3_done){done, f});
}

static void get_work(struct fanout *f, const char *name,
                     void (*done)(void *arg, const struct s3_answer *answer, const struct error *e))
{
    struct buffer key;
    buffer_init(&key, S3_KEY_MAX_BYTES);
    fanout_key(f, f->of.run_id, name, &key);
    if (fanout_complete(f, &key, "a key of the fan-out"))
        get(f, buffer_text(&key), 0, OBJECT_MAX_BYTES, done);
    buffer_release(&key);
}

static void on_deleted(void *arg, const struct s3_answer *answer UNUSED, const struct error *e)
{
    struct fanout *f = arg;
    f->call = NULL;
    if (e)
        log_event(LOG_WARN, "a part of the census could not be removed", FIELD("reason", e->text));
    delete_next(f);
}

/* Parts and results of all batches, and the plan last: while it is there, the rest can be found. */
static void delete_next(struct fanout *f)
{
    static const char *const of_plan[] = {"skipped.json", "batches.json"};
    const size_t plan_count = sizeof(of_plan) / sizeof(of_plan[0]);
    size_t count = json_array_size(f->batches);
    const struct s3_done done = {on_deleted, f};
    size_t number = f->delete_next++;
    if (number >= 2 * count + plan_count) {
        fanout_finish(f);
    } else if (number >= 2 * count) {
        struct buffer key;
        buffer_init(&key, S3_KEY_MAX_BYTES);
        fanout_key(f, f->of.run_id, of_plan[number - 2 * count], &key);
        if (fanout_complete(f, &key, "the key of the plan"))
            f->call = s3_delete_object(f->bucket, buffer_view(&key), done);
        buffer_release(&key);
    } else {
        const char *name = number % 2 == 0 ? "part_key" : "result_key";
        f->call = s3_delete_object(
            f->bucket, view_of(json_string_value(json_object_get(batch_at(f, number / 2), name))),
            done);
    }
}

static bool answer_fits(const struct fanout *f)
{
    return buffer_complete(&f->answer) && f->answer.len <= ANSWER_MAX_BYTES;
}

/*
 * Step Functions takes an answer of 256 KiB. A longer document loses its details, then the accounts
 * that went well; all of it lies beside the output.
 */
static void write_answer(struct fanout *f, const struct buffer *document_key)
{
    struct json_writer w;
    buffer_clear(&f->answer);
    result_write(&f->result, false, &f->answer);
    if (!answer_fits(f)) {
        buffer_clear(&f->answer);
        result_write(&f->result, true, &f->answer);
    }
    if (answer_fits(f))
        return;
    buffer_clear(&f->answer);
    json_writer_init(&w, &f->answer);
    json_object_begin(&w);
    result_write_counts(&f->result, &w);
    json_key(&w, "result_key");
    json_buffer(&w, document_key);
    json_object_end(&w);
}

static void on_result_kept(void *arg, const struct s3_answer *answer UNUSED, const struct error *e)
{
    struct fanout *f = arg;
    f->call = NULL;
    if (e)
        fanout_fail(f, e);
    else
        delete_next(f);
}

static void on_document_put(void *arg, const struct s3_answer *answer UNUSED, const struct error *e)
{
    struct fanout *f = arg;
    struct buffer key;
    f->call = NULL;
    if (e) {
        fanout_fail(f, e);
        return;
    }
    buffer_init(&key, S3_KEY_MAX_BYTES);
    fanout_key(f, f->of.run_id, "result.json", &key);
    if (fanout_complete(f, &key, "the key of the answer") &&
        fanout_complete(f, &f->answer, "the answer"))
        f->call = s3_put_object(f->bucket, buffer_view(&key), "application/json",
                                buffer_view(&f->answer), (struct s3_done){on_result_kept, f});
    buffer_release(&key);
}

/*
 * The whole document goes beside the output, the answer to where a step that comes again looks for
 * it: both before anything is removed.
 */
static void on_written(void *arg, const struct error *e)
{
    struct fanout *f = arg;
    struct buffer key;
    if (e) {
        fanout_fail(f, e);
        return;
    }
    f->result.duration_ms = clock_wall_ms(clock_system()) +
                            aws_client_ahead_s(f->services.client) * 1000 -
                            f->result.started_s * 1000;
    f->result.rows = f->result.merged_rows;
    f->combined = true;
    log_event(LOG_INFO, "output written", FIELD("output", f->result.output),
              FIELD_NUMBER("rows", (int64_t)f->result.rows));
    result_log_report_age(&f->result);
    buffer_init(&key, (size_t)2 * S3_KEY_MAX_BYTES);
    buffer_addf(&key, "%s.result.json", f->of.output_key);
    write_answer(f, &key);
    buffer_clear(&f->object);
    result_write(&f->result, false, &f->object);
    if (fanout_complete(f, &key, "the key of the result") &&
        fanout_complete(f, &f->object, "the result"))
        f->call = s3_put_object(f->bucket, buffer_view(&key), "application/json",
                                buffer_view(&f->object), (struct s3_done){on_document_put, f});
    buffer_release(&key);
}

static void on_given_up(void *arg, const struct error *e UNUSED)
{
    struct fanout *f = arg;
    struct error mine;
    error_set(&mine, ERROR_SERVICE, "no account could be read; the first that failed is %s",
              f->result.first_failure);
    fanout_fail(f, &mine);
}

/* The sink has logged what it had to leave behind. */
static void on_abandoned(void *arg, const struct error *e UNUSED)
{
    struct fanout *f = arg;
    struct error mine = f->error;
    fanout_fail(f, &mine);
}

/* The output first: a multipart upload that nobody ends stays for ever, and costs. */
static void fail_merging(struct fanout *f, const struct error *e)
{
    f->error = *e;
    output_abort(&f->output, on_abandoned, f);
}

static void finish_output(struct fanout *f)
{
    if (f->result.successful_count + f->result.partial_count > 0)
        output_finish(&f->output, on_written, f);
    else
        output_abort(&f->output, on_given_up, f);
}

static void on_range(void *arg, const struct s3_answer *answer UNUSED, const struct error *e)
{
    struct fanout *f = arg;
    f->call = NULL;
    if (e) {
        fail_merging(f, e);
        return;
    }
    output_rows(&f->output, buffer_view(&f->object));
    f->part_at += f->object.len;
    if (f->object.len == RANGE_BYTES) {
        next_range(f);
    } else {
        f->batch++;
        next_batch(f);
    }
}

/* Waits for the sink to have room again; it calls here where it has. */
static void next_range(void *arg)
{
    struct fanout *f = arg;
    const struct error *failed = output_failed(&f->output);
    if (failed) {
        fail_merging(f, failed);
    } else if (!f->call && !sink_busy(f->output.sink)) {
        get(f, json_string_value(json_object_get(batch_at(f, f->batch), "part_key")), f->part_at,
            RANGE_BYTES, on_range);
    }
}

static void lose_batch(struct fanout *f)
{
    size_t i;
    json_t *item;
    json_array_foreach(json_object_get(batch_at(f, f->batch), "accounts"), i, item)
    {
        struct account account = {.outcome = OUTCOME_FAILED, .failed_stage = "Interrupted"};
        snprintf(account.id, sizeof(account.id), "%s",
                 json_string_value(json_object_get(item, "id")));
        error_set(&account.failed, ERROR_CANCELLED,
                  "batch %zu, which holds this account, left no result", f->batch);
        snprintf(account.failed.code, sizeof(account.failed.code), "BatchFailed");
        result_add(&f->result, &account);
    }
    log_event(LOG_ERROR, "batch left no result", FIELD_NUMBER("batch", (int64_t)f->batch));
    f->batch++;
    next_batch(f);
}

static void on_result(void *arg, const struct s3_answer *answer UNUSED, const struct error *e)
{
    struct fanout *f = arg;
    struct error mine;
    f->call = NULL;
    if (e && error_is_code(e, "NoSuchKey")) {
        lose_batch(f);
        return;
    }
    if (e) {
        fail_merging(f, e);
        return;
    }
    if (result_merge(&f->result, buffer_view(&f->object), &mine) != 0) {
        fail_merging(f, &mine);
        return;
    }
    f->part_at = 0;
    next_range(f);
}

static void next_batch(struct fanout *f)
{
    if (f->batch == json_array_size(f->batches)) {
        finish_output(f);
        return;
    }
    get(f, json_string_value(json_object_get(batch_at(f, f->batch), "result_key")), 0,
        OBJECT_MAX_BYTES, on_result);
}

static void open_output(struct fanout *f)
{
    const struct writer_options options = {
        .started_s = f->of.started_s, .extended = f->config->extended, .raw = f->config->csv_raw};
    struct sink *sink = sink_s3_new(f->platform->loop, f->bucket, view_of(f->of.output_key),
                                    f->config->format->content_type);
    output_init(&f->output, f->config->format, &options, sink);
    sink_set_ready(sink, next_range, f);
    f->output_open = true;
    if (asprintf(&f->result.output, "s3://%s/%s", f->config->bucket, f->of.output_key) < 0)
        out_of_memory();
}

/* A plan that left nobody out wrote no such list. */
static void on_skipped(void *arg, const struct s3_answer *answer UNUSED, const struct error *e)
{
    struct fanout *f = arg;
    struct error mine;
    f->call = NULL;
    if (e && !error_is_code(e, "NoSuchKey")) {
        fanout_fail(f, e);
        return;
    }
    if (!e && result_merge_skipped(&f->result, buffer_view(&f->object), &mine) != 0) {
        fanout_fail(f, &mine);
        return;
    }
    open_output(f);
    next_batch(f);
}

static int check_batches(const json_t *batches, struct error *e)
{
    size_t i;
    json_t *batch;
    json_array_foreach(batches, i,
                       batch) if (!json_is_array(json_object_get(batch, "accounts")) ||
                                  !json_is_string(json_object_get(batch, "part_key")) ||
                                  !json_is_string(json_object_get(batch, "result_key"))) break;
    if (i == 0 || i < json_array_size(batches))
        return error_set(e, ERROR_PROTOCOL, "the plan's batches can't be read");
    return 0;
}

static void on_batches(void *arg, const struct s3_answer *answer UNUSED, const struct error *e)
{
    struct fanout *f = arg;
    struct error mine;
    f->call = NULL;
    if (e) {
        fanout_fail(f, e);
        return;
    }
    f->batches = json_loadb(buffer_text(&f->object), f->object.len, 0, NULL);
    if (check_batches(f->batches, &mine) != 0) {
        fanout_fail(f, &mine);
        return;
    }
    get_work(f, "skipped.json", on_skipped);
}

/* Where the step that wrote the result was ended before it had removed the rest. */
static void on_leftover_batches(void *arg, const struct s3_answer *answer UNUSED,
                                const struct error *e)
{
    struct fanout *f = arg;
    struct error mine;
    f->call = NULL;
    if (!e)
        f->batches = json_loadb(buffer_text(&f->object), f->object.len, 0, NULL);
    if (f->batches && check_batches(f->batches, &mine) == 0)
        delete_next(f);
    else
        fanout_finish(f);
}

/* A step that comes again after the first one has written the output finds how that went. */
static void on_kept_result(void *arg, const struct s3_answer *answer UNUSED, const struct error *e)
{
    struct fanout *f = arg;
    f->call = NULL;
    if (!e) {
        buffer_add_view(&f->answer, buffer_view(&f->object));
        get_work(f, "batches.json", on_leftover_batches);
    } else if (error_is_code(e, "NoSuchKey")) {
        get_work(f, "batches.json", on_batches);
    } else {
        fanout_fail(f, e);
    }
}

void fanout_combine(struct fanout *f)
{
    struct error e;
    if (fanout_read_run(f, &e) != 0) {
        fanout_fail(f, &e);
        return;
    }
    result_init(&f->result, f->of.started_s, f->of.run_id);
    get_work(f, "result.json", on_kept_result);
}
