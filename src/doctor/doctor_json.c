/* SPDX-License-Identifier: MIT */
#include "doctor/doctor_json.h"

#include "base/json_writer.h"
#include "output/fact_columns.h"

static void write_member(struct json_writer *w, const char *key, const char *text)
{
    json_key(w, key);
    json_text(w, view_of(text));
}

/* A text that is "" if there is none. */
static void write_optional(struct json_writer *w, const char *key, const char *text)
{
    write_member(w, key, text[0] != '\0' ? text : NULL);
}

static void write_number(struct json_writer *w, const char *key, uint64_t number)
{
    json_key(w, key);
    json_int(w, (int64_t)number);
}

static void write_caller(struct json_writer *w, const struct diagnosis_caller *c)
{
    json_key(w, "caller");
    json_object_begin(w);
    write_member(w, "arn", c->arn);
    write_member(w, "account_id", c->account_id);
    json_key(w, "expires_at");
    json_time(w, c->expires_at_s);
    json_key(w, "clock_skew_s");
    json_int(w, c->clock_skew_s);
    write_member(w, "region", c->region);
    json_object_end(w);
}

static void write_scope(struct json_writer *w, const struct diagnosis *d)
{
    json_key(w, "organization");
    json_object_begin(w);
    write_member(w, "id", d->organization.id);
    write_number(w, "accounts", d->account_count);
    write_number(w, "skipped_accounts", d->organization.skipped);
    json_object_end(w);
    json_key(w, "output");
    json_object_begin(w);
    json_key(w, "ok");
    json_bool(w, d->output.ok);
    write_member(w, "target", d->output.target);
    write_member(w, "error", d->output.error);
    json_object_end(w);
}

static void write_action(struct json_writer *w, const char *action, const struct action_result *r)
{
    bool denied = r->result == PROBE_DENIED;
    json_object_begin(w);
    write_member(w, "action", action);
    write_member(w, "result", probe_result_names[r->result]);
    write_member(w, "code", r->code);
    json_key(w, "explicit");
    /* A message that is not understood does not say that the denial is implicit. */
    if (denied && (r->denial.is_explicit || r->denial.type != POLICY_UNKNOWN))
        json_bool(w, r->denial.is_explicit);
    else
        json_none(w);
    write_member(w, "policy_type", denied ? policy_type_names[r->denial.type] : NULL);
    write_optional(w, "policy_arn", denied ? r->denial.policy_arn : "");
    write_optional(w, "authorization_id", denied ? r->denial.authorization_id : "");
    json_object_end(w);
}

/* Two sources may need the same permission: the action is written once. */
static bool is_written_before(const struct diagnosis *d, enum source_id id)
{
    for (enum source_id i = SOURCE_NONE + 1; i < id; i++)
        if (source_needed(i, d->strategy, d->wanted) &&
            strcmp(census_sources[i].permission, census_sources[id].permission) == 0)
            return true;
    return false;
}

static void write_actions(struct json_writer *w, const struct diagnosis *d,
                          const struct account_diagnosis *a)
{
    json_key(w, "actions");
    json_array_begin(w);
    write_action(w, "sts:AssumeRole", &a->assume_role);
    for (enum source_id id = SOURCE_NONE + 1; id < SOURCE_COUNT; id++)
        if (source_needed(id, d->strategy, d->wanted) && !is_written_before(d, id))
            write_action(w, census_sources[id].permission, diagnosis_result(a, id));
    json_array_end(w);
}

/* The columns that would be unknown, by the names that the census' result uses. */
static void write_unknown(struct json_writer *w, fact_set unknown)
{
    struct view names[FACT_COLUMNS_MAX];
    json_key(w, "unknown");
    json_array_begin(w);
    for (enum fact fact = 0; fact < FACT_COUNT; fact++) {
        if (!(unknown & FACT_BIT(fact)))
            continue;
        size_t count = fact_columns(fact, names);
        for (size_t i = 0; i < count; i++)
            json_text(w, names[i]);
    }
    json_array_end(w);
}

static void write_account(struct json_writer *w, const struct diagnosis *d,
                          const struct account_diagnosis *a)
{
    json_object_begin(w);
    write_member(w, "account_id", a->account.id);
    json_key(w, "account_name");
    json_text(w, a->account.name);
    write_member(w, "verdict", verdict_names[a->verdict]);
    write_member(w, "stage", a->stage);
    write_member(w, "probe_user", a->probe_user);
    write_unknown(w, a->verdict == VERDICT_BLOCKED ? 0 : a->unknown);
    write_actions(w, d, a);
    json_object_end(w);
}

static void write_fix(struct json_writer *w, const struct fix *fix)
{
    json_object_begin(w);
    write_member(w, "kind", fix_kind_names[fix->kind]);
    json_key(w, "account_ids");
    json_array_begin(w);
    for (size_t i = 0; i < fix->account_count; i++)
        json_text(w, view_of(fix->account_ids[i]));
    json_array_end(w);
    write_member(w, "text", fix->text);
    json_object_end(w);
}

void doctor_json_write(const struct diagnosis *d, const struct fixes *fixes, struct buffer *out)
{
    struct json_writer w;
    json_writer_init(&w, out);
    json_object_begin(&w);
    write_caller(&w, &d->caller);
    write_scope(&w, d);
    json_key(&w, "accounts");
    json_array_begin(&w);
    for (size_t i = 0; i < d->account_count; i++)
        write_account(&w, d, &d->accounts[i]);
    json_array_end(&w);
    json_key(&w, "fixes");
    json_array_begin(&w);
    for (size_t i = 0; i < fixes->count; i++)
        write_fix(&w, &fixes->items[i]);
    json_array_end(&w);
    json_key(&w, "estimate");
    json_object_begin(&w);
    write_number(&w, "calls", d->estimate_calls);
    write_number(&w, "seconds", (d->estimate_ms + 999) / 1000);
    json_object_end(&w);
    write_number(&w, "calls", d->calls);
    json_object_end(&w);
    buffer_add_char(out, '\n');
}
