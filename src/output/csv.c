/* SPDX-License-Identifier: MIT */
/* The CSV of RFC 4180: cells are quoted only if necessary, lines end in CR LF. */
#include "output/csv.h"

#include "base/json_writer.h"
#include "output/fields.h"

/* The last extended column: lists the columns that are unknown in the row. */
static const char unknown_column[] = "Unknown";

/*
 * True if a spreadsheet would run the text as a formula, perhaps after skipping a tab or line end.
 */
static bool begins_formula(struct view text)
{
    return text.len > 0 && text.ptr[0] != '\0' && strchr("=+-@\t\r", text.ptr[0]);
}

static void write_tags(const struct tag *tags, struct json_writer *w)
{
    for (const struct tag *t = tags; t; t = t->next) {
        json_object_begin(w);
        json_key(w, "Key");
        json_text(w, item_text(t->key));
        json_key(w, "Value");
        json_text(w, item_text(t->value));
        json_object_end(w);
    }
}

static void write_certificates(const struct certificate *certificates, struct json_writer *w)
{
    for (const struct certificate *c = certificates; c; c = c->next) {
        json_object_begin(w);
        json_key(w, "CertificateId");
        json_text(w, item_text(c->id));
        json_key(w, "Status");
        json_text(w, item_text(c->status));
        json_key(w, "UploadDate");
        if (c->uploaded_s == TIMESTAMP_NONE)
            json_text(w, VIEW_LITERAL(""));
        else
            json_time(w, c->uploaded_s);
        json_object_end(w);
    }
}

/*
 * Active keys have columns of their own. If one key's last use is unknown, "unknown" stands for
 * that value only, so that the keys still show.
 */
static void write_inactive_keys(const struct access_key *keys, struct json_writer *w)
{
    for (const struct access_key *k = keys; k; k = k->next) {
        if (access_key_is_active(k))
            continue;
        json_object_begin(w);
        json_key(w, "AccessKeyId");
        json_text(w, item_text(k->id));
        json_key(w, "CreateDate");
        json_time(w, k->created_s);
        json_key(w, "LastUsed");
        if (k->use_unknown)
            json_text(w, VIEW_LITERAL("unknown"));
        else
            json_time(w, k->last_used_s);
        json_object_end(w);
    }
}

/* Writes a list as JSON. */
static void write_list(struct value value, struct buffer *out)
{
    struct json_writer w;
    json_writer_init(&w, out);
    json_array_begin(&w);
    if (value.kind == VALUE_NAMES)
        names_write(value.names, &w);
    else if (value.kind == VALUE_TAGS)
        write_tags(value.tags, &w);
    else if (value.kind == VALUE_CERTIFICATES)
        write_certificates(value.certificates, &w);
    else
        write_inactive_keys(value.keys, &w);
    json_array_end(&w);
}

/*
 * Quotes the last cell of 'out', which begins at 'start', if necessary. It is rewritten in place,
 * from its end: JSON cells are long, and most cells need no quotes.
 */
static void quote_cell(struct buffer *out, size_t start)
{
    size_t end = out->len, quotes = 0;
    bool needed = false;
    for (size_t i = start; i < end; i++) {
        char c = out->data[i];
        if (c == '"')
            quotes++;
        needed |= c == '"' || c == ',' || c == '\r' || c == '\n';
    }
    if (!needed)
        return;
    for (size_t i = 0; i < quotes + 2; i++)
        buffer_add_char(out, '"');
    if (!buffer_complete(out))
        return;
    char *to = out->data + out->len - 1; /* the closing quote is there already */
    for (size_t i = end; i > start; i--) {
        char c = out->data[i - 1];
        *--to = c;
        if (c == '"')
            *--to = c;
    }
    out->data[start] = '"';
}

static void write_text(struct view text, bool guarded, struct buffer *out)
{
    size_t start = out->len;
    if (guarded && begins_formula(text))
        buffer_add_char(out, '\'');
    buffer_add_view(out, text);
    quote_cell(out, start);
}

static void write_time(int64_t seconds, struct buffer *out)
{
    char text[TIMESTAMP_TEXT_SIZE];
    timestamp_format(seconds, text);
    buffer_add_text(out, text);
}

static void write_cell(struct row *row, enum field_id field, struct buffer *out)
{
    const struct value value = row_value(row, field);
    size_t start = out->len;
    switch (value.kind) {
    case VALUE_NONE:
        break;
    case VALUE_UNKNOWN:
        buffer_add_text(out, "unknown");
        break;
    case VALUE_TEXT:
        write_text(value.text, output_fields[field].guarded && !row->options->raw, out);
        break;
    case VALUE_TIME:
        write_time(value.number, out);
        break;
    case VALUE_NUMBER:
        buffer_add_int(out, value.number);
        break;
    case VALUE_TRUTH:
        buffer_add_text(out, value.number ? "true" : "false");
        break;
    case VALUE_NAMES:
    case VALUE_TAGS:
    case VALUE_CERTIFICATES:
    case VALUE_KEYS:
        write_list(value, out);
        quote_cell(out, start);
        break;
    }
}

static void write_unknown(const struct row *row, struct buffer *out)
{
    size_t start = out->len;
    struct json_writer w;
    json_writer_init(&w, out);
    json_array_begin(&w);
    for (enum field_id id = 0; id < FIELD_COUNT; id++)
        if (row->lost & FIELD_BIT(id))
            json_text(&w, view_of(output_fields[id].column));
    json_array_end(&w);
    quote_cell(out, start);
}

static fact_set csv_wanted(const struct writer_options *options)
{
    fact_set facts = 0;
    for (enum field_id id = 0; id < fields_in_csv(options->extended); id++)
        facts |= field_wants(id);
    return facts;
}

static bool csv_hides_keys(const struct writer_options *options)
{
    return fields_in_csv(options->extended) <= FIELD_KEY2_ID;
}

static void csv_begin(const struct writer_options *options, struct buffer *out)
{
    for (enum field_id id = 0; id < fields_in_csv(options->extended); id++) {
        if (id > 0)
            buffer_add_char(out, ',');
        buffer_add_text(out, output_fields[id].column);
    }
    if (options->extended)
        buffer_addf(out, ",%s", unknown_column);
    buffer_add_text(out, "\r\n");
}

static void csv_user(const struct writer_options *options, const struct account *account,
                     const struct user *user, struct buffer *out)
{
    struct row row;
    size_t count = fields_in_csv(options->extended);
    row_init(&row, options, account, user);
    for (enum field_id id = 0; id < count; id++) {
        if (id > 0)
            buffer_add_char(out, ',');
        write_cell(&row, id, out);
    }
    if (options->extended) {
        buffer_add_char(out, ',');
        write_unknown(&row, out);
    }
    buffer_add_text(out, "\r\n");
}

const struct writer_format csv_format = {
    .name = "csv",
    .extension = ".csv",
    .content_type = "text/csv; charset=utf-8",
    .wanted = csv_wanted,
    .hides_keys = csv_hides_keys,
    .begin = csv_begin,
    .user = csv_user,
};
