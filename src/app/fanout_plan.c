#include "app/fanout_state.h"

#include "base/json_writer.h"
#include "base/log.h"

#define BATCH_SIZE_USUAL 50
#define BATCH_SIZE_MOST  500 /* Step Functions hands on at most 256 KiB with an item */

static void write_batch(const struct fanout *f, struct json_writer *w, const char *run_id,
                        size_t number, const struct census_account *accounts, size_t count)
{
    char name[64];
    struct buffer key;
    buffer_init(&key, S3_KEY_MAX_BYTES);
    json_object_begin(w);
    json_key(w, "batch");
    json_int(w, (int64_t)number);
    json_key(w, "accounts");
    json_array_begin(w);
    for (size_t i = 0; i < count; i++) {
        json_object_begin(w);
        json_key(w, "id");
        json_text(w, view_of(accounts[i].id));
        json_key(w, "name");
        json_text(w, accounts[i].name);
        json_object_end(w);
    }
    json_array_end(w);
    snprintf(name, sizeof(name), "part-%06zu%s", number, f->config->format->extension);
    fanout_key(f, run_id, name, &key);
    json_key(w, "part_key");
    json_buffer(w, &key);
    snprintf(name, sizeof(name), "result-%06zu.json", number);
    fanout_key(f, run_id, name, &key);
    json_key(w, "result_key");
    json_buffer(w, &key);
    json_object_end(w);
    buffer_release(&key);
}

static size_t write_batches(const struct fanout *f, const char *run_id, size_t batch_size,
                            struct buffer *out)
{
    size_t count, number = 0;
    struct json_writer w;
    const struct census_account *accounts = run_accounts(f->run, &count);
    json_writer_init(&w, out);
    json_array_begin(&w);
    for (size_t i = 0; i < count; i += batch_size, number++)
        write_batch(f, &w, run_id, number, accounts + i,
                    count - i < batch_size ? count - i : batch_size);
    json_array_end(&w);
    return number;
}

static void write_answer(struct fanout *f, size_t batch_count, const struct buffer *batches_key)
{
    size_t account_count;
    struct json_writer w;
    char name[OUTPUT_NAME_SIZE];
    struct buffer key;
    const struct result *result = run_result(f->run);
    run_accounts(f->run, &account_count);
    run_output_name(run_organization_id(f->run), result->started_s, f->config->format->extension,
                    name);
    buffer_init(&key, (size_t)2 * S3_KEY_MAX_BYTES);
    buffer_addf(&key, "%s%s", f->config->prefix, name);
    json_writer_init(&w, &f->answer);
    json_object_begin(&w);
    json_key(&w, "run_id");
    json_text(&w, view_of(result->run_id));
    json_key(&w, "started_at");
    json_time(&w, result->started_s);
    json_key(&w, "organization_id");
    json_text(&w, view_of(run_organization_id(f->run)));
    json_key(&w, "output_key");
    json_buffer(&w, &key);
    json_key(&w, "batches_bucket");
    json_text(&w, view_of(f->config->bucket));
    json_key(&w, "batches_key");
    json_buffer(&w, batches_key);
    json_key(&w, "batch_count");
    json_int(&w, (int64_t)batch_count);
    json_key(&w, "account_count");
    json_int(&w, (int64_t)account_count);
    json_object_end(&w);
    buffer_release(&key);
}

static void on_put(void *arg, const struct s3_answer *answer UNUSED, const struct error *e)
{
    struct fanout *f = arg;
    f->call = NULL;
    if (e)
        fanout_fail(f, e);
    else
        fanout_finish(f);
}

static size_t batch_size_of(const struct fanout *f)
{
    const json_t *value = json_object_get(f->event, "batch_size");
    return json_is_integer(value) ? (size_t)json_integer_value(value) : BATCH_SIZE_USUAL;
}

static void put_batches(struct fanout *f)
{
    struct buffer key;
    const char *run_id = run_result(f->run)->run_id;
    buffer_clear(&f->object);
    size_t batches = write_batches(f, run_id, batch_size_of(f), &f->object);
    buffer_init(&key, S3_KEY_MAX_BYTES);
    fanout_key(f, run_id, "batches.json", &key);
    write_answer(f, batches, &key);
    if (fanout_complete(f, &key, "the key of the plan") &&
        fanout_complete(f, &f->object, "the plan")) {
        log_event(LOG_INFO, "census planned", FIELD("run_id", run_id),
                  FIELD_NUMBER("batches", (int64_t)batches));
        f->call = s3_put_object(f->bucket, buffer_view(&key), "application/json",
                                buffer_view(&f->object), (struct s3_done){on_put, f});
    }
    buffer_release(&key);
}

static void on_skipped_put(void *arg, const struct s3_answer *answer UNUSED, const struct error *e)
{
    struct fanout *f = arg;
    f->call = NULL;
    if (e)
        fanout_fail(f, e);
    else
        put_batches(f);
}

/* 'combine' accounts for every account, so it has to learn which ones no batch holds. */
static void put_skipped(struct fanout *f)
{
    const struct result *result = run_result(f->run);
    struct buffer key;
    buffer_init(&key, S3_KEY_MAX_BYTES);
    fanout_key(f, result->run_id, "skipped.json", &key);
    buffer_add_char(&f->object, '[');
    buffer_add_buffer(&f->object, &result->skipped);
    buffer_add_char(&f->object, ']');
    if (fanout_complete(f, &key, "the key of the skipped accounts") &&
        fanout_complete(f, &f->object, "the list of skipped accounts"))
        f->call = s3_put_object(f->bucket, buffer_view(&key), "application/json",
                                buffer_view(&f->object), (struct s3_done){on_skipped_put, f});
    buffer_release(&key);
}

static void on_planned(void *arg)
{
    struct fanout *f = arg;
    const struct error *e;
    if (run_status(f->run, &e) != RUN_OK)
        fanout_fail(f, e);
    else if (run_result(f->run)->skipped_count > 0)
        put_skipped(f);
    else
        put_batches(f);
}

static bool run_id_valid(const char *id)
{
    size_t len = strlen(id);
    return len > 0 && len < RUN_ID_SIZE &&
           strspn(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") == len;
}

/* Given by the caller, run id and start make a plan that is made again the same plan. */
static int read_options(const struct fanout *f, struct run_options *options, struct error *e)
{
    const json_t *size = json_object_get(f->event, "batch_size");
    const char *run_id = json_string_value(json_object_get(f->event, "run_id"));
    const char *started = json_string_value(json_object_get(f->event, "started_at"));
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
        return error_set(e, ERROR_CONFIG, "the event's 'started_at' is no time: '%.40s'", started);
    options->run_id = run_id;
    return 0;
}

void fanout_plan(struct fanout *f)
{
    struct run_options options = {.plan_only = true};
    struct error e;
    if (read_options(f, &options, &e) != 0) {
        fanout_fail(f, &e);
        return;
    }
    f->run = run_start(f->platform, f->config, &options, on_planned, f);
    if (f->delay_ms > 0)
        run_set_deadline(f->run, f->delay_ms);
}
