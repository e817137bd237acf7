#include "app/result.h"

#include "base/alloc.h"
#include "base/json_writer.h"
#include "base/log.h"
#include "base/timestamp.h"
#include "output/fields.h"

#include <jansson.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define PART_MAX_BYTES ((size_t)256 * 1024 * 1024)

void result_init(struct result *r, int64_t started_s, const char *run_id)
{
    *r = (struct result){.started_s = started_s, .oldest_report_s = TIMESTAMP_NONE};
    snprintf(r->run_id, sizeof(r->run_id), "%s", run_id);
    buffer_init(&r->successful, PART_MAX_BYTES);
    buffer_init(&r->partial, PART_MAX_BYTES);
    buffer_init(&r->failed, PART_MAX_BYTES);
    buffer_init(&r->partial_brief, PART_MAX_BYTES);
    buffer_init(&r->failed_brief, PART_MAX_BYTES);
    buffer_init(&r->skipped, PART_MAX_BYTES);
}

void result_release(struct result *r)
{
    free(r->output);
    buffer_release(&r->successful);
    buffer_release(&r->partial);
    buffer_release(&r->failed);
    buffer_release(&r->partial_brief);
    buffer_release(&r->failed_brief);
    buffer_release(&r->skipped);
    *r = (struct result){0};
}

/* A writer that goes on in an array whose earlier items stand in 'out'. */
static struct json_writer continue_array(struct buffer *out)
{
    struct json_writer w;
    json_writer_init(&w, out);
    w.need_comma = out->len > 0;
    return w;
}

static void write_unknown(struct json_writer *w, fact_set facts)
{
    json_key(w, "unknown");
    json_array_begin(w);
    for (enum fact fact = 0; fact < FACT_COUNT; fact++)
        for (enum field_id id = 0; (facts & FACT_BIT(fact)) && id < FIELD_COUNT; id++)
            if (field_stands_for(id, fact))
                json_text(w, view_of(output_fields[id].column));
    json_array_end(w);
}

static void add_brief(struct buffer *items, const struct account *account)
{
    struct json_writer w = continue_array(items);
    json_object_begin(&w);
    json_key(&w, "account_id");
    json_text(&w, view_of(account->id));
    json_object_end(&w);
}

static void add_partial(struct result *r, const struct account *account)
{
    struct json_writer w = continue_array(&r->partial);
    json_object_begin(&w);
    json_key(&w, "account_id");
    json_text(&w, view_of(account->id));
    write_unknown(&w, account->partial);
    json_key(&w, "errors");
    json_array_begin(&w);
    for (const struct call_failure *f = account->failures; f; f = f->next) {
        json_object_begin(&w);
        json_key(&w, "operation");
        json_text(&w, view_of(f->operation));
        json_key(&w, "code");
        json_text(&w, f->code);
        json_key(&w, "message");
        json_text(&w, f->message);
        json_key(&w, "count");
        json_int(&w, f->count);
        json_object_end(&w);
    }
    json_array_end(&w);
    json_object_end(&w);
    add_brief(&r->partial_brief, account);
    r->partial_count++;
}

static void set_first_failure(struct result *r, const char *account_id, const char *stage,
                              const char *code, const char *message)
{
    bool refused = strcmp(stage, "AssumeRole") == 0 && strcmp(code, "AccessDenied") == 0;
    snprintf(r->first_failure, sizeof(r->first_failure), "account %s, %s: %.800s%s", account_id,
             stage, message, refused ? "; " RESULT_ROLE_ADVICE : "");
}

static void add_failed(struct result *r, const struct account *account)
{
    struct json_writer w = continue_array(&r->failed);
    json_object_begin(&w);
    json_key(&w, "account_id");
    json_text(&w, view_of(account->id));
    json_key(&w, "stage");
    json_text(&w, view_of(account->failed_stage));
    json_key(&w, "code");
    json_text(&w, view_of(error_code(&account->failed)));
    json_key(&w, "message");
    json_text(&w, view_of(account->failed.text));
    json_object_end(&w);
    add_brief(&r->failed_brief, account);
    if (r->failed_count++ == 0) {
        struct error first = account->failed;
        error_add_origin(&first);
        set_first_failure(r, account->id, account->failed_stage, error_code(&account->failed),
                          first.text);
    }
}

void result_add(struct result *r, const struct account *account)
{
    if (account->outcome == OUTCOME_FAILED) {
        add_failed(r, account);
        return;
    }
    r->users_gone += account->users_gone;
    for (size_t i = 0; i < account->user_count; i++)
        r->ages_from_creation += account->users[i]->password_age_from_creation;
    if (account->report_at_s != TIMESTAMP_NONE &&
        (r->oldest_report_s == TIMESTAMP_NONE || account->report_at_s < r->oldest_report_s))
        r->oldest_report_s = account->report_at_s;
    if (account->outcome == OUTCOME_PARTIAL) {
        add_partial(r, account);
        return;
    }
    struct json_writer w = continue_array(&r->successful);
    json_text(&w, view_of(account->id));
    r->successful_count++;
}

void result_add_skipped(struct result *r, const struct skipped_account *accounts, size_t count)
{
    struct json_writer w = continue_array(&r->skipped);
    for (size_t i = 0; i < count; i++) {
        json_object_begin(&w);
        json_key(&w, "account_id");
        json_text(&w, view_of(accounts[i].id));
        json_key(&w, "state");
        json_text(&w, accounts[i].state);
        json_object_end(&w);
    }
    r->skipped_count += count;
}

static size_t merge_items(const json_t *items, struct buffer *out, struct buffer *brief)
{
    size_t i;
    json_t *item;
    json_array_foreach((json_t *)(uintptr_t)items, i, item)
    {
        char *text = json_dumps(item, JSON_COMPACT | JSON_ENCODE_ANY);
        if (!text)
            out_of_memory();
        if (out->len > 0)
            buffer_add_char(out, ',');
        buffer_add_text(out, text);
        free(text);
        if (!brief)
            continue;
        if (brief->len > 0)
            buffer_add_char(brief, ',');
        buffer_addf(brief, "{\"account_id\":\"%s\"}",
                    json_string_value(json_object_get(item, "account_id")));
    }
    return i;
}

static void merge_oldest(struct result *r, const json_t *document)
{
    int64_t oldest_s;
    const char *text = json_string_value(json_object_get(document, "oldest_report_at"));
    if (text && timestamp_parse(view_of(text), &oldest_s) == 0 &&
        (r->oldest_report_s == TIMESTAMP_NONE || oldest_s < r->oldest_report_s))
        r->oldest_report_s = oldest_s;
}

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

static void merge_first_failure(struct result *r, const json_t *document)
{
    const json_t *first = json_array_get(json_object_get(document, "failed_accounts"), 0);
    if (first && r->failed_count == 0)
        set_first_failure(r, text_of(first, "account_id"), text_of(first, "stage"),
                          text_of(first, "code"), text_of(first, "message"));
}

static uint64_t number_of(const json_t *document, const char *key)
{
    return (uint64_t)json_integer_value(json_object_get(document, key));
}

int result_merge(struct result *r, struct view document, struct error *e)
{
    json_t *root = json_loadb(document.ptr, document.len, 0, NULL);
    const json_t *successful = json_object_get(root, "successful_accounts");
    const json_t *partial = json_object_get(root, "partial_accounts");
    const json_t *failed = json_object_get(root, "failed_accounts");
    if (!json_is_array(successful) || !json_is_array(partial) || !json_is_array(failed)) {
        json_decref(root);
        return error_set(e, ERROR_PROTOCOL, "a batch's result can't be read");
    }
    merge_first_failure(r, root);
    merge_oldest(r, root);
    r->successful_count += merge_items(successful, &r->successful, NULL);
    r->partial_count += merge_items(partial, &r->partial, &r->partial_brief);
    r->failed_count += merge_items(failed, &r->failed, &r->failed_brief);
    r->merged_rows += number_of(root, "rows");
    r->second_keys += number_of(root, "users_with_second_active_key");
    r->users_gone += number_of(root, "users_gone");
    r->ages_from_creation += number_of(root, "users_with_password_age_from_creation");
    r->counters.requests += number_of(root, "api_calls");
    r->counters.retries += number_of(root, "retries");
    r->counters.throttled += number_of(root, "throttled");
    json_decref(root);
    return 0;
}

int result_merge_skipped(struct result *r, struct view document, struct error *e)
{
    json_t *items = json_loadb(document.ptr, document.len, 0, NULL);
    if (!json_is_array(items)) {
        json_decref(items);
        return error_set(e, ERROR_PROTOCOL, "the plan's list of skipped accounts can't be read");
    }
    r->skipped_count += merge_items(items, &r->skipped, NULL);
    json_decref(items);
    return 0;
}

bool result_has_read(const struct result *r)
{
    return r->successful_count + r->partial_count > 0;
}

void result_explain_nothing(const struct result *r, struct error *e)
{
    error_set(e, ERROR_SERVICE, "no account could be read; the first that failed is %s",
              r->first_failure);
}

void result_log(const struct result *r)
{
    char at[TIMESTAMP_TEXT_SIZE];
    log_event(LOG_INFO, "output written", FIELD("output", r->output),
              FIELD_NUMBER("rows", (int64_t)r->rows));
    if (r->oldest_report_s == TIMESTAMP_NONE)
        return;
    timestamp_format(r->oldest_report_s, at);
    log_event(LOG_INFO, "oldest credential report used", FIELD("generated_at", at),
              FIELD_NUMBER("age_minutes", (r->started_s - r->oldest_report_s) / 60));
}

void result_message(const struct result *r, struct buffer *out)
{
    buffer_addf(out,
                "Processing completed successfully. Successfully processed accounts: %zu. "
                "Partially processed accounts: %zu. Failed to process accounts: %zu.",
                r->successful_count, r->partial_count, r->failed_count);
}

static void write_items(struct json_writer *w, const char *key, const struct buffer *items)
{
    json_key(w, key);
    json_array_begin(w);
    buffer_add_buffer(w->out, items);
    json_array_end(w);
}

void result_write_counts(const struct result *r, struct json_writer *w)
{
    struct buffer message;
    buffer_init(&message, 1024);
    result_message(r, &message);
    json_key(w, "message");
    json_buffer(w, &message);
    json_key(w, "run_id");
    json_text(w, view_of(r->run_id));
    json_key(w, "started_at");
    json_time(w, r->started_s);
    json_key(w, "duration_ms");
    json_int(w, r->duration_ms);
    json_key(w, "output");
    json_text(w, view_of(r->output));
    json_key(w, "rows");
    json_int(w, (int64_t)r->rows);
    json_key(w, "users_with_second_active_key");
    json_int(w, (int64_t)r->second_keys);
    buffer_release(&message);
}

void result_write(const struct result *r, bool brief, struct buffer *out)
{
    struct json_writer w;
    json_writer_init(&w, out);
    json_object_begin(&w);
    result_write_counts(r, &w);
    write_items(&w, "successful_accounts", &r->successful);
    write_items(&w, "partial_accounts", brief ? &r->partial_brief : &r->partial);
    write_items(&w, "failed_accounts", brief ? &r->failed_brief : &r->failed);
    json_key(&w, "api_calls");
    json_int(&w, (int64_t)r->counters.requests);
    json_key(&w, "retries");
    json_int(&w, (int64_t)r->counters.retries);
    json_key(&w, "throttled");
    json_int(&w, (int64_t)r->counters.throttled);
    json_key(&w, "oldest_report_at");
    json_time(&w, r->oldest_report_s);
    write_items(&w, "skipped_accounts", &r->skipped);
    json_key(&w, "users_gone");
    json_int(&w, (int64_t)r->users_gone);
    json_key(&w, "users_with_password_age_from_creation");
    json_int(&w, (int64_t)r->ages_from_creation);
    json_object_end(&w);
}
