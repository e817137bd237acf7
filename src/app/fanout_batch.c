#include "app/account_id.h"
#include "app/fanout_state.h"

#include "base/alloc.h"
#include "base/json_writer.h"
#include "census/accounts.h"

static void write_answer(struct fanout *f)
{
    const struct result *result = run_result(f->run);
    struct json_writer w;
    json_writer_init(&w, &f->answer);
    json_object_begin(&w);
    json_key(&w, "batch");
    json_int(&w, json_integer_value(json_object_get(json_object_get(f->event, "batch"), "batch")));
    json_key(&w, "rows");
    json_int(&w, (int64_t)result->rows);
    json_key(&w, "successful");
    json_int(&w, (int64_t)result->successful_count);
    json_key(&w, "partial");
    json_int(&w, (int64_t)result->partial_count);
    json_key(&w, "failed");
    json_int(&w, (int64_t)result->failed_count);
    json_object_end(&w);
}

static void on_result_put(void *arg, const struct s3_answer *answer UNUSED, const struct error *e)
{
    struct fanout *f = arg;
    f->call = NULL;
    if (e) {
        fanout_fail(f, e);
        return;
    }
    write_answer(f);
    fanout_finish(f);
}

/* The result is written last: where it is, the rows are. */
static void on_collected(void *arg)
{
    struct fanout *f = arg;
    struct error mine;
    const struct error *e;
    if (run_status(f->run, &e) != RUN_OK) {
        fanout_fail(f, e);
        return;
    }
    const char *key = fanout_text(json_object_get(f->event, "batch"), "result_key", &mine);
    result_write(run_result(f->run), false, &f->object);
    if (!fanout_complete(f, &f->object, "the batch's result"))
        return;
    f->call = s3_put_object(f->bucket, view_of(key), "application/json", buffer_view(&f->object),
                            (struct s3_done){on_result_put, f});
}

static int read_accounts(struct fanout *f, const json_t *batch, struct error *e)
{
    const json_t *list = json_object_get(batch, "accounts");
    size_t i;
    json_t *item;
    f->accounts = xcalloc(json_array_size(list) + 1, sizeof(*f->accounts));
    json_array_foreach(list, i, item)
    {
        struct view id = view_of(json_string_value(json_object_get(item, "id")));
        if (account_id_check(id, "the event's 'batch.accounts'", e) != 0)
            return -1;
        memcpy(f->accounts[i].id, id.ptr, ACCOUNT_ID_LEN + 1);
        f->accounts[i].name = view_of(json_string_value(json_object_get(item, "name")));
    }
    f->account_count = accounts_sort(f->accounts, json_array_size(list));
    if (f->account_count == 0)
        return error_set(e, ERROR_CONFIG, "the event's 'batch' has no accounts");
    return 0;
}

void fanout_batch(struct fanout *f)
{
    const json_t *batch = json_object_get(f->event, "batch");
    struct error e;
    const char *key = NULL;
    if (fanout_read_run(f, &e) != 0 || !(key = fanout_text(batch, "part_key", &e)) ||
        !fanout_text(batch, "result_key", &e) || read_accounts(f, batch, &e) != 0) {
        fanout_fail(f, &e);
        return;
    }
    const struct run_options options = {
        .started_s = f->of.started_s,
        .run_id = f->of.run_id,
        .accounts = f->accounts,
        .account_count = f->account_count,
        .key = key,
        .part = true,
    };
    f->run = run_start(f->platform, f->config, &options, on_collected, f);
    if (f->delay_ms > 0)
        run_set_deadline(f->run, f->delay_ms);
}
