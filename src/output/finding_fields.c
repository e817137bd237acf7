/* SPDX-License-Identifier: MIT */
#include "output/finding_fields.h"

#include "census/kind.h"

static struct value text(const char *text)
{
    return value_text_or_none(view_of(text));
}

static struct value finding_id(struct finding_row *row)
{
    return text(row->finding->id);
}

static struct value rule(struct finding_row *row)
{
    return text(row->finding->rule->id);
}

static struct value status(struct finding_row *row)
{
    return text(finding_status_name(row->finding->status));
}

static struct value severity(struct finding_row *row)
{
    return text(severity_name(row->finding->rule->severity));
}

static struct value account_id(struct finding_row *row)
{
    return text(row->finding->account->id);
}

static struct value account_name(struct finding_row *row)
{
    return value_text_or_none(row->finding->account->name);
}

static struct value account_ou(struct finding_row *row)
{
    return value_text_or_none(row->finding->account->ou);
}

static struct value user_name(struct finding_row *row)
{
    return row->finding->user ? value_text_or_none(row->finding->user->name) : value_none();
}

static struct value user_arn(struct finding_row *row)
{
    return row->finding->user ? value_text_or_none(row->finding->user->arn) : value_none();
}

static struct value kind(struct finding_row *row)
{
    const struct finding *f = row->finding;
    if (!f->user)
        return value_none();
    return text(user_kind_name(user_kind(f->user, f->user->unknown | f->account->unknown)));
}

static struct value resource_type(struct finding_row *row)
{
    return text(resource_type_name(row->finding->resource_type));
}

static struct value resource_id(struct finding_row *row)
{
    return value_text_or_none(row->finding->resource_id);
}

static struct value reason(struct finding_row *row)
{
    return value_text_or_none(row->finding->reason);
}

static struct value limit(struct finding_row *row)
{
    const struct finding *f = row->finding;
    return f->has_limit ? value_number(f->limit) : value_text_or_none(f->limit_text);
}

static struct value value(struct finding_row *row)
{
    return row->finding->has_value ? value_number(row->finding->value) : value_none();
}

static struct value since(struct finding_row *row)
{
    char whole[TIMESTAMP_TEXT_SIZE];
    if (row->finding->since_s == TIMESTAMP_NONE)
        return value_none();
    timestamp_format(row->finding->since_s, whole);
    memcpy(row->since, whole, DAY_SIZE - 1);
    row->since[DAY_SIZE - 1] = '\0';
    return text(row->since);
}

static void because(const struct finding_row *row, struct json_writer *w)
{
    json_array_begin(w);
    for (enum column c = 0; c < COLUMN_COUNT; c++)
        if (row->finding->because & COLUMN_BIT(c))
            json_text(w, view_of(column_name(c)));
    json_array_end(w);
}

static void suppression(const struct finding_row *row, struct json_writer *w)
{
    const struct suppression *s = row->finding->suppression;
    if (!s) {
        json_none(w);
        return;
    }
    json_object_begin(w);
    json_key(w, "reason");
    json_text(w, s->reason);
    json_key(w, "expires");
    json_text(w, s->expires);
    json_key(w, "ticket");
    json_text(w, s->ticket);
    json_object_end(w);
}

static void frameworks(const struct finding_row *row, struct json_writer *w)
{
    const struct finding *f = row->finding;
    json_object_begin(w);
    for (enum framework i = 0; i < FRAMEWORK_COUNT; i++) {
        const char *number = rule_control(f->rule, i, f->limit);
        if (!number)
            continue;
        json_key(w, framework_name(i));
        json_text(w, view_of(number));
    }
    json_object_end(w);
}

static struct value data_as_of(struct finding_row *row)
{
    return value_time_or_none(row->finding->data_as_of_s);
}

static struct value run_id(struct finding_row *row)
{
    return text(row->run->run_id);
}

/* clang-format off */
const struct finding_field finding_fields[] = {
    {"finding_id",    .value = finding_id},
    {"rule",          .value = rule},
    {"status",        .value = status},
    {"severity",      .value = severity},
    {"account_id",    .value = account_id},
    {"account_name",  .value = account_name, .guarded = true},
    {"account_ou",    .value = account_ou},
    {"user_name",     .value = user_name, .guarded = true},
    {"user_arn",      .value = user_arn},
    {"kind",          .value = kind},
    {"resource_type", .value = resource_type},
    {"resource_id",   .value = resource_id},
    {"reason",        .value = reason},
    {"limit",         .value = limit, .guarded = true},
    {"value",         .value = value},
    {"since",         .value = since},
    {"because",       .write = because},
    {"suppression",   .write = suppression},
    {"frameworks",    .write = frameworks},
    {"data_as_of",    .value = data_as_of},
    {"run_id",        .value = run_id},
};
/* clang-format on */
const size_t finding_fields_count = sizeof(finding_fields) / sizeof(finding_fields[0]);
