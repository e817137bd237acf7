/* SPDX-License-Identifier: MIT */
/*
 * plan.c: a run finds the accounts and ends once it knows them; then
 *
 *     run -> put skipped.json (only if an account was left out) -> put batches.json -> answer
 *
 * batches.json is put last: if it exists, the plan is complete.
 */
#include "app/fanout/plan.h"

#include "app/document.h"
#include "app/fanout/batches.h"
#include "base/json_writer.h"
#include "base/log.h"
#include "base/timestamp.h"

#define BATCH_SIZE_USUAL 50
#define BATCH_SIZE_MOST  500 /* Step Functions passes on at most 256 KiB with an item */

static void write_output_key(struct json_writer *w, const struct step *step)
{
    struct buffer key;
    buffer_init(&key, (size_t)2 * S3_KEY_MAX_BYTES);
    run_output_path(step->config, run_organization_id(step->run), run_result(step->run)->started_s,
                    &key);
    json_key(w, "output_key");
    json_buffer(w, &key);
    buffer_release(&key);
}

static void write_answer(struct step *step, size_t batch_count, const struct buffer *batches_key)
{
    size_t account_count;
    struct json_writer w;
    const struct result *result = run_result(step->run);
    run_accounts(step->run, &account_count);
    json_writer_init(&w, &step->answer);
    json_object_begin(&w);
    json_key(&w, "run_id");
    json_text(&w, view_of(result->run_id));
    json_key(&w, "started_at");
    json_time(&w, result->started_s);
    json_key(&w, "organization_id");
    json_text(&w, view_of(run_organization_id(step->run)));
    write_output_key(&w, step);
    json_key(&w, "batches_bucket");
    json_text(&w, view_of(step->config->destination.bucket));
    json_key(&w, "batches_key");
    json_buffer(&w, batches_key);
    json_key(&w, "batch_count");
    json_int(&w, (int64_t)batch_count);
    json_key(&w, "account_count");
    json_int(&w, (int64_t)account_count);
    json_object_end(&w);
}

static void plan_on_batches_put(void *arg, const struct s3_answer *answer UNUSED,
                                const struct error *e)
{
    struct step *step = arg;
    step->call = NULL;
    if (e)
        step_fail(step, e);
    else
        step_finish(step);
}

static size_t batch_size_of(const struct step *step)
{
    const json_t *value = json_object_get(step->event, "batch_size");
    return json_is_integer(value) ? (size_t)json_integer_value(value) : BATCH_SIZE_USUAL;
}

static bool wants_place(const struct config *config)
{
    return (config->wanted & (FACT_BIT(FACT_OU) | FACT_BIT(FACT_MANAGEMENT))) != 0;
}

/* Returns how many batches there are. */
static size_t write_batches(struct step *step, const char *run_id)
{
    size_t count, skipped_count, batch_count = 0;
    struct buffer folder;
    const struct census_account *accounts = run_accounts(step->run, &count);
    const struct skipped_account *skipped = run_skipped(step->run, &skipped_count);
    buffer_init(&folder, S3_KEY_MAX_BYTES);
    step_key(step, run_id, "", &folder);
    buffer_clear(&step->object);
    if (buffer_complete(&folder)) {
        struct batches_layout layout = {.folder = buffer_view(&folder),
                                        .extension = step->config->format->extension,
                                        .size = batch_size_of(step),
                                        .placed = wants_place(step->config)};
        if (step->config->destination.accounts_file.wanted) {
            layout.skipped = skipped;
            layout.skipped_count = skipped_count;
        }
        batch_count = batches_write(&layout, accounts, count, &step->object);
    } else {
        buffer_spoil(&step->object);
    }
    buffer_release(&folder);
    return batch_count;
}

static void put_batches(struct step *step)
{
    struct buffer key;
    const char *run_id = run_result(step->run)->run_id;
    size_t batch_count = write_batches(step, run_id);
    buffer_init(&key, S3_KEY_MAX_BYTES);
    step_key(step, run_id, "batches.json", &key);
    write_answer(step, batch_count, &key);
    log_event(LOG_INFO, "census planned", FIELD("run_id", run_id),
              FIELD_NUMBER("batches", (int64_t)batch_count));
    step_put(step, &key, &step->object, plan_on_batches_put);
    buffer_release(&key);
}

static void plan_on_skipped_put(void *arg, const struct s3_answer *answer UNUSED,
                                const struct error *e)
{
    struct step *step = arg;
    step->call = NULL;
    if (e)
        step_fail(step, e);
    else
        put_batches(step);
}

/* 'combine' reports every account, so it must know the ones that are in no batch. */
static void put_skipped(struct step *step)
{
    const struct result *result = run_result(step->run);
    struct buffer key;
    buffer_init(&key, S3_KEY_MAX_BYTES);
    step_key(step, result->run_id, "skipped.json", &key);
    document_write_skipped(result, &step->object);
    step_put(step, &key, &step->object, plan_on_skipped_put);
    buffer_release(&key);
}

static void plan_on_accounts_found(void *arg)
{
    struct step *step = arg;
    const struct error *e;
    if (run_status(step->run, &e) != RUN_OK)
        step_fail(step, e);
    else if (run_result(step->run)->skipped.count > 0)
        put_skipped(step);
    else
        put_batches(step);
}

static bool run_id_valid(const char *id)
{
    size_t len = strlen(id);
    return len > 0 && len < RUN_ID_SIZE &&
           strspn(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") == len;
}

/* Sets *text to a member of the event; NULL if it is absent or null. */
static int read_text(const json_t *event, const char *name, const char **text, struct error *e)
{
    const json_t *member = json_object_get(event, name);
    *text = json_string_value(member);
    if (member && !json_is_null(member) && !*text)
        return error_set(e, ERROR_CONFIG, "the event's '%s' is not a string", name);
    return 0;
}

/* If the caller supplies run_id and started_at, repeating 'plan' gives the same plan. */
static int read_options(const struct step *step, struct run_options *options, struct error *e)
{
    const json_t *size = json_object_get(step->event, "batch_size");
    const char *run_id, *started;
    if (read_text(step->event, "run_id", &run_id, e) != 0 ||
        read_text(step->event, "started_at", &started, e) != 0)
        return -1;
    if (size && (!json_is_integer(size) || json_integer_value(size) < 1 ||
                 json_integer_value(size) > BATCH_SIZE_MOST))
        return error_set(e, ERROR_CONFIG,
                         "the event's 'batch_size' must be a whole number from 1 to %d",
                         BATCH_SIZE_MOST);
    if (run_id && !run_id_valid(run_id))
        return error_set(e, ERROR_CONFIG,
                         "the event's 'run_id' must be 1 to %d letters, digits, '-' or '_'",
                         RUN_ID_SIZE - 1);
    if (started && timestamp_parse(view_of(started), &options->started_s) != 0)
        return error_set(e, ERROR_CONFIG, "the event's 'started_at' is not a valid time: '%.40s'",
                         started);
    options->run_id = run_id;
    return 0;
}

static void plan_start(struct step *step)
{
    struct run_options options = {.goal = RUN_PLAN};
    struct error e;
    if (read_options(step, &options, &e) != 0) {
        step_fail(step, &e);
        return;
    }
    step->run = run_start(step->platform, step->config, &options, plan_on_accounts_found, step);
    if (step->delay_ms > 0)
        run_set_deadline(step->run, step->delay_ms);
}

const struct step_kind plan_step = {
    .action = "plan",
    .size = sizeof(struct step),
    .start = plan_start,
};
