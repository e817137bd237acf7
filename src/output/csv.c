/* SPDX-License-Identifier: MIT */
/* The CSV of RFC 4180: cells are quoted only if necessary, lines end in CR LF. */
#include "output/csv.h"

#include "base/json_writer.h"
#include "output/cell.h"
#include "output/fields.h"

/* The last column, beyond the standard ones: lists the columns that are unknown in the row. */
static const char unknown_column[] = "Unknown";

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

/* A date that AWS did not give is empty. */
static void write_date(int64_t seconds, struct json_writer *w)
{
    if (seconds == TIMESTAMP_NONE)
        json_text(w, VIEW_LITERAL(""));
    else
        json_time(w, seconds);
}

static void write_certificates(const struct certificate *certificates, const char *id_key,
                               struct json_writer *w)
{
    for (const struct certificate *c = certificates; c; c = c->next) {
        json_object_begin(w);
        json_key(w, id_key);
        json_text(w, item_text(c->id));
        json_key(w, "Status");
        json_text(w, item_text(c->status));
        json_key(w, "UploadDate");
        write_date(c->uploaded_s, w);
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

static void write_group_policies(const struct group_policy *policies, struct json_writer *w)
{
    for (const struct group_policy *p = policies; p; p = p->next) {
        json_object_begin(w);
        json_key(w, "Group");
        json_text(w, item_text(p->group));
        json_key(w, "Policy");
        json_text(w, item_text(p->policy));
        json_object_end(w);
    }
}

/* A credential without an end has the ExpirationDate null, and one without a date an empty one. */
static void write_service_credentials(const struct service_credential *credentials,
                                      struct json_writer *w)
{
    for (const struct service_credential *c = credentials; c; c = c->next) {
        json_object_begin(w);
        json_key(w, "Id");
        json_text(w, item_text(c->id));
        json_key(w, "Service");
        json_text(w, item_text(c->service));
        json_key(w, "Status");
        json_text(w, item_text(c->status));
        json_key(w, "CreateDate");
        write_date(c->created_s, w);
        json_key(w, "ExpirationDate");
        json_time(w, c->expires_s);
        json_object_end(w);
    }
}

/* Writes a list as JSON. */
static void write_list(struct value value, struct buffer *out)
{
    struct json_writer w;
    json_writer_init(&w, out);
    json_array_begin(&w);
    switch (value.kind) {
    case VALUE_NAMES:
        names_write(value.names, &w);
        break;
    case VALUE_DEVICE_KINDS:
        device_kinds_write(value.names, &w);
        break;
    case VALUE_TAGS:
        write_tags(value.tags, &w);
        break;
    case VALUE_CERTIFICATES:
        write_certificates(value.certificates, "CertificateId", &w);
        break;
    case VALUE_SSH_KEYS:
        write_certificates(value.certificates, "SSHPublicKeyId", &w);
        break;
    case VALUE_GROUP_POLICIES:
        write_group_policies(value.group_policies, &w);
        break;
    case VALUE_SERVICE_CREDENTIALS:
        write_service_credentials(value.service_credentials, &w);
        break;
    default:
        write_inactive_keys(value.keys, &w);
        break;
    }
    json_array_end(&w);
}

static void write_cell(struct row *row, enum field_id field, struct buffer *out)
{
    const struct value value = row_value(row, field);
    size_t start = out->len;
    if (value_is_list(value)) {
        write_list(value, out);
        cell_quote(out, start);
    } else {
        cell_write(value, output_fields[field].guarded && !row->options->raw, out);
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
    cell_quote(out, start);
}

static fact_set csv_wanted(const struct writer_options *options)
{
    fact_set facts = 0;
    for (enum field_id id = 0; id < fields_in_csv(options->columns); id++)
        facts |= field_wants(id);
    return facts;
}

static bool csv_hides_keys(const struct writer_options *options)
{
    return fields_in_csv(options->columns) <= FIELD_KEY2_ID;
}

static void csv_begin(const struct writer_options *options, struct buffer *out)
{
    for (enum field_id id = 0; id < fields_in_csv(options->columns); id++) {
        if (id > 0)
            buffer_add_char(out, ',');
        buffer_add_text(out, output_fields[id].column);
    }
    if (options->columns != COLUMNS_STANDARD)
        buffer_addf(out, ",%s", unknown_column);
    buffer_add_text(out, "\r\n");
}

static void csv_user(const struct writer_options *options, const struct account *account,
                     const struct user *user, struct buffer *out)
{
    struct row row;
    size_t count = fields_in_csv(options->columns);
    row_init(&row, options, account, user);
    for (enum field_id id = 0; id < count; id++) {
        if (id > 0)
            buffer_add_char(out, ',');
        write_cell(&row, id, out);
    }
    if (options->columns != COLUMNS_STANDARD) {
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
