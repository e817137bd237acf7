/* SPDX-License-Identifier: MIT */
#include "app/document.h"

#include "base/json_writer.h"
#include "base/timestamp.h"

#include <jansson.h>

/*
 * Writing.
 */

static void write_id(struct json_writer *w, const struct account_outcome *o)
{
    json_key(w, "account_id");
    json_text(w, view_of(o->id));
}

static void write_successful(struct json_writer *w, const struct account_outcome *o,
                             enum document_detail detail UNUSED)
{
    json_text(w, view_of(o->id));
}

static void write_call(struct json_writer *w, const struct failed_call *call)
{
    json_object_begin(w);
    json_key(w, "operation");
    json_text(w, call->operation);
    json_key(w, "code");
    json_text(w, call->code);
    json_key(w, "message");
    json_text(w, call->message);
    json_key(w, "count");
    json_int(w, call->count);
    json_object_end(w);
}

static void write_partial(struct json_writer *w, const struct account_outcome *o,
                          enum document_detail detail)
{
    const struct failed_call *call;
    json_object_begin(w);
    write_id(w, o);
    if (detail == DOCUMENT_FULL) {
        json_key(w, "unknown");
        json_array_begin(w);
        for (size_t i = 0; i < o->unknown_count; i++)
            json_text(w, o->unknown[i]);
        json_array_end(w);
        json_key(w, "errors");
        json_array_begin(w);
        STAILQ_FOREACH (call, &o->calls, next)
            write_call(w, call);
        json_array_end(w);
    }
    json_object_end(w);
}

static void write_failed(struct json_writer *w, const struct account_outcome *o,
                         enum document_detail detail)
{
    json_object_begin(w);
    write_id(w, o);
    if (detail == DOCUMENT_FULL) {
        json_key(w, "stage");
        json_text(w, o->stage);
        json_key(w, "code");
        json_text(w, o->code);
        json_key(w, "message");
        json_text(w, o->message);
    }
    json_object_end(w);
}

static void write_skipped(struct json_writer *w, const struct account_outcome *o,
                          enum document_detail detail UNUSED)
{
    json_object_begin(w);
    write_id(w, o);
    json_key(w, "state");
    json_text(w, o->state);
    json_object_end(w);
}

static void write_list(struct json_writer *w, const struct account_outcomes *outcomes,
                       enum document_detail detail,
                       void (*write)(struct json_writer *w, const struct account_outcome *o,
                                     enum document_detail detail))
{
    const struct account_outcome *o;
    json_array_begin(w);
    STAILQ_FOREACH (o, &outcomes->list, next)
        write(w, o, detail);
    json_array_end(w);
}

/* Writes the members whose size does not depend on the accounts into an open object. */
static void write_counts(struct json_writer *w, const struct result *r)
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
    for (size_t i = 0; i < r->further_count; i++) {
        json_key(w, r->further[i].member);
        json_text(w, r->further[i].name);
    }
    json_key(w, "rows");
    json_int(w, (int64_t)r->rows);
    json_key(w, "users_with_second_active_key");
    json_int(w, (int64_t)r->second_keys);
    buffer_release(&message);
}

static void write_effort(struct json_writer *w, const struct result *r)
{
    json_key(w, "api_calls");
    json_int(w, (int64_t)r->counters.requests);
    json_key(w, "retries");
    json_int(w, (int64_t)r->counters.retries);
    json_key(w, "throttled");
    json_int(w, (int64_t)r->counters.throttled);
}

/* Only if findings were asked for. */
static void write_findings(struct json_writer *w, const struct result *r)
{
    if (!r->findings.judged)
        return;
    json_key(w, "findings");
    findings_tally_write(&r->findings, w);
}

void document_write(const struct result *r, enum document_detail detail, struct buffer *out)
{
    struct json_writer w;
    json_writer_init(&w, out);
    json_object_begin(&w);
    write_counts(&w, r);
    json_key(&w, "successful_accounts");
    write_list(&w, &r->successful, detail, write_successful);
    json_key(&w, "partial_accounts");
    write_list(&w, &r->partial, detail, write_partial);
    json_key(&w, "failed_accounts");
    write_list(&w, &r->failed, detail, write_failed);
    write_effort(&w, r);
    json_key(&w, "oldest_report_at");
    json_time(&w, r->oldest_report_s);
    json_key(&w, "skipped_accounts");
    write_list(&w, &r->skipped, detail, write_skipped);
    json_key(&w, "users_gone");
    json_int(&w, (int64_t)r->users_gone);
    json_key(&w, "users_with_password_age_from_creation");
    json_int(&w, (int64_t)r->ages_from_creation);
    write_findings(&w, r);
    json_object_end(&w);
}

bool document_write_within(const struct result *r, size_t max_bytes, struct buffer *out)
{
    static const enum document_detail details[] = {DOCUMENT_FULL, DOCUMENT_BRIEF};
    for (size_t i = 0; i < sizeof(details) / sizeof(details[0]); i++) {
        buffer_clear(out);
        document_write(r, details[i], out);
        if (buffer_complete(out) && out->len <= max_bytes)
            return true;
    }
    return false;
}

void document_write_counts(const struct result *r, const struct buffer *document_key,
                           struct buffer *out)
{
    struct json_writer w;
    buffer_clear(out);
    json_writer_init(&w, out);
    json_object_begin(&w);
    write_counts(&w, r);
    write_findings(&w, r);
    json_key(&w, "result_key");
    json_buffer(&w, document_key);
    json_object_end(&w);
}

void document_write_skipped(const struct result *r, struct buffer *out)
{
    struct json_writer w;
    json_writer_init(&w, out);
    write_list(&w, &r->skipped, DOCUMENT_FULL, write_skipped);
}

/*
 * Reading.
 */

/* A copy of a string in the document; VIEW_NONE if it is missing. */
static struct view text_of(struct result *r, const json_t *object, const char *key)
{
    return arena_copy(&r->arena, view_of(json_string_value(json_object_get(object, key))));
}

static uint64_t number_of(const json_t *object, const char *key)
{
    return (uint64_t)json_integer_value(json_object_get(object, key));
}

static void read_partial(struct result *r, const json_t *item, struct account_outcome *o)
{
    const json_t *unknown = json_object_get(item, "unknown");
    const json_t *errors = json_object_get(item, "errors");
    o->unknown_count = json_array_size(unknown);
    o->unknown = arena_alloc(&r->arena, (o->unknown_count + 1) * sizeof(*o->unknown));
    for (size_t i = 0; i < o->unknown_count; i++)
        o->unknown[i] =
            arena_copy(&r->arena, view_of(json_string_value(json_array_get(unknown, i))));
    for (size_t i = 0; i < json_array_size(errors); i++) {
        const json_t *error = json_array_get(errors, i);
        struct failed_call *call = arena_alloc(&r->arena, sizeof(*call));
        call->operation = text_of(r, error, "operation");
        call->code = text_of(r, error, "code");
        call->message = text_of(r, error, "message");
        call->count = json_integer_value(json_object_get(error, "count"));
        STAILQ_INSERT_TAIL(&o->calls, call, next);
    }
}

static void read_failed(struct result *r, const json_t *item, struct account_outcome *o)
{
    o->stage = text_of(r, item, "stage");
    o->code = text_of(r, item, "code");
    o->message = text_of(r, item, "message");
    result_add_reason(r, o, o->message);
}

static void read_skipped(struct result *r, const json_t *item, struct account_outcome *o)
{
    o->state = text_of(r, item, "state");
}

/* An item is an account's id, or an object with its id and what 'read' takes from it. */
static int read_list(struct result *r, struct account_outcomes *list, const json_t *items,
                     void (*read)(struct result *r, const json_t *item, struct account_outcome *o))
{
    if (!json_is_array(items))
        return -1;
    for (size_t i = 0; i < json_array_size(items); i++) {
        const json_t *item = json_array_get(items, i);
        const json_t *id = read ? json_object_get(item, "account_id") : item;
        if (!json_is_string(id))
            return -1;
        struct account_outcome *o = result_append(r, list, view_of(json_string_value(id)));
        if (read)
            read(r, item, o);
    }
    return 0;
}

static void read_figures(struct result *r, const json_t *root)
{
    const char *oldest = json_string_value(json_object_get(root, "oldest_report_at"));
    int64_t oldest_s;
    if (oldest && timestamp_parse(view_of(oldest), &oldest_s) == 0)
        result_add_report(r, oldest_s);
    r->merged_rows += number_of(root, "rows");
    r->second_keys += number_of(root, "users_with_second_active_key");
    r->users_gone += number_of(root, "users_gone");
    r->ages_from_creation += number_of(root, "users_with_password_age_from_creation");
    r->counters.requests += number_of(root, "api_calls");
    r->counters.retries += number_of(root, "retries");
    r->counters.throttled += number_of(root, "throttled");
    findings_tally_merge(&r->findings, json_object_get(root, "findings"), &r->arena);
}

int document_merge(struct result *r, struct view document, struct error *e)
{
    json_t *root = json_loadb(document.ptr, document.len, 0, NULL);
    const json_t *successful = json_object_get(root, "successful_accounts");
    const json_t *partial = json_object_get(root, "partial_accounts");
    const json_t *failed = json_object_get(root, "failed_accounts");
    bool valid = read_list(r, &r->successful, successful, NULL) == 0 &&
                 read_list(r, &r->partial, partial, read_partial) == 0 &&
                 read_list(r, &r->failed, failed, read_failed) == 0;
    if (valid)
        read_figures(r, root);
    json_decref(root);
    return valid ? 0 : error_set(e, ERROR_PROTOCOL, "a batch's result can't be read");
}

int document_merge_skipped(struct result *r, struct view document, struct error *e)
{
    json_t *items = json_loadb(document.ptr, document.len, 0, NULL);
    int result = read_list(r, &r->skipped, items, read_skipped);
    json_decref(items);
    if (result != 0)
        return error_set(e, ERROR_PROTOCOL, "the plan's list of skipped accounts can't be read");
    return 0;
}
