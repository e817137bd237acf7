/* SPDX-License-Identifier: MIT */
/* JSON Lines: one object a user, each on a line that ends in LF. */
#include "output/jsonl.h"

#include "base/json_writer.h"
#include "output/fields.h"

static void write_tags(const struct tag *tags, struct json_writer *w)
{
    for (const struct tag *t = tags; t; t = t->next) {
        json_object_begin(w);
        json_key(w, "key");
        json_text(w, item_text(t->key));
        json_key(w, "value");
        json_text(w, item_text(t->value));
        json_object_end(w);
    }
}

static void write_certificates(const struct certificate *certificates, struct json_writer *w)
{
    for (const struct certificate *c = certificates; c; c = c->next) {
        json_object_begin(w);
        json_key(w, "id");
        json_text(w, item_text(c->id));
        json_key(w, "status");
        json_text(w, item_text(c->status));
        json_key(w, "uploaded_at");
        json_time(w, c->uploaded_s);
        json_object_end(w);
    }
}

static void write_key(const struct row *row, const struct access_key *k, struct json_writer *w)
{
    json_object_begin(w);
    json_key(w, "id");
    json_text(w, item_text(k->id));
    json_key(w, "status");
    json_text(w, k->status);
    json_key(w, "created_at");
    json_time(w, k->created_s);
    json_key(w, "age_days");
    if (k->created_s == TIMESTAMP_NONE)
        json_none(w);
    else
        json_int(w, timestamp_age_days(k->created_s, row->options->started_s));
    json_key(w, "last_used_at");
    json_time(w, k->use_unknown ? TIMESTAMP_NONE : k->last_used_s);
    json_key(w, "last_used_service");
    json_text(w, k->use_place_unknown ? VIEW_NONE : k->last_used_service);
    json_key(w, "last_used_region");
    json_text(w, k->use_place_unknown ? VIEW_NONE : k->last_used_region);
    json_key(w, "description");
    json_text(w, row_lacks(row, FACT_TAGS) ? VIEW_NONE : user_tag(row->user, k->id));
    json_object_end(w);
}

static void write_group_policies(const struct group_policy *policies, struct json_writer *w)
{
    for (const struct group_policy *p = policies; p; p = p->next) {
        json_object_begin(w);
        json_key(w, "group");
        json_text(w, item_text(p->group));
        json_key(w, "policy");
        json_text(w, item_text(p->policy));
        json_object_end(w);
    }
}

static void write_service_credentials(const struct service_credential *credentials,
                                      struct json_writer *w)
{
    for (const struct service_credential *c = credentials; c; c = c->next) {
        json_object_begin(w);
        json_key(w, "id");
        json_text(w, item_text(c->id));
        json_key(w, "service");
        json_text(w, item_text(c->service));
        json_key(w, "status");
        json_text(w, item_text(c->status));
        json_key(w, "created_at");
        json_time(w, c->created_s);
        json_key(w, "expires_at");
        json_time(w, c->expires_s);
        json_object_end(w);
    }
}

static void write_list(const struct row *row, struct value value, struct json_writer *w)
{
    json_array_begin(w);
    switch (value.kind) {
    case VALUE_NAMES:
        names_write(value.names, w);
        break;
    case VALUE_DEVICE_KINDS:
        device_kinds_write(value.names, w);
        break;
    case VALUE_TAGS:
        write_tags(value.tags, w);
        break;
    case VALUE_CERTIFICATES:
    case VALUE_SSH_KEYS:
        write_certificates(value.certificates, w);
        break;
    case VALUE_GROUP_POLICIES:
        write_group_policies(value.group_policies, w);
        break;
    case VALUE_SERVICE_CREDENTIALS:
        write_service_credentials(value.service_credentials, w);
        break;
    default:
        for (const struct access_key *k = value.keys; k; k = k->next)
            write_key(row, k, w);
        break;
    }
    json_array_end(w);
}

static void write_value(const struct row *row, struct value value, struct json_writer *w)
{
    switch (value.kind) {
    case VALUE_NONE:
    case VALUE_UNKNOWN:
        json_none(w);
        break;
    case VALUE_TEXT:
        json_text(w, value.text);
        break;
    case VALUE_TIME:
        json_time(w, value.number);
        break;
    case VALUE_NUMBER:
        json_int(w, value.number);
        break;
    case VALUE_TRUTH:
        json_bool(w, value.number != 0);
        break;
    default:
        write_list(row, value, w);
        break;
    }
}

/*
 * The parts of "access_keys" that are unknown although the keys are known. 'description' comes from
 * the tags; if they are unknown, the row lists "tags" already.
 */
static void write_lost_parts_of_keys(const struct row *row, struct json_writer *names)
{
    bool created = false, place = false;
    for (const struct access_key *k = row->user->keys; k; k = k->next) {
        created |= k->created_s == TIMESTAMP_NONE;
        place |= k->use_place_unknown;
    }
    const struct {
        const char *name;
        bool lost;
    } parts[] = {
        {"access_keys.created_at", created},
        {"access_keys.age_days", created},
        {"access_keys.last_used_at", user_key_use_unknown(row->user)},
        {"access_keys.last_used_service", place},
        {"access_keys.last_used_region", place},
    };
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        if (parts[i].lost)
            json_text(names, view_of(parts[i].name));
}

/* The names of the fields that are unknown, of those that row_value has been called for. */
static void write_lost(const struct row *row, struct json_writer *w)
{
    for (size_t i = 0; i < fields_in_json_count(COLUMNS_FULL); i++) {
        enum field_id id = fields_in_json[i];
        if (row->lost & FIELD_BIT(id))
            json_text(w, view_of(output_fields[id].json));
        else if (id == FIELD_ACCESS_KEYS)
            write_lost_parts_of_keys(row, w);
    }
}

void jsonl_write_unknown(struct row *row, struct json_writer *w)
{
    for (size_t i = 0; i < fields_in_json_count(COLUMNS_FULL); i++)
        row_value(row, fields_in_json[i]);
    write_lost(row, w);
}

static fact_set jsonl_wanted(const struct writer_options *options)
{
    fact_set facts = 0;
    for (size_t i = 0; i < fields_in_json_count(options->columns); i++)
        facts |= field_wants(fields_in_json[i]);
    return facts;
}

static void jsonl_user(const struct writer_options *options, const struct account *account,
                       const struct user *user, struct buffer *out)
{
    struct row row;
    struct json_writer w;
    row_init(&row, options, account, user);
    json_writer_init(&w, out);
    json_object_begin(&w);
    for (size_t i = 0; i < fields_in_json_count(options->columns); i++) {
        enum field_id id = fields_in_json[i];
        json_key(&w, output_fields[id].json);
        write_value(&row, row_value(&row, id), &w);
    }
    json_key(&w, "unknown");
    json_array_begin(&w);
    write_lost(&row, &w);
    json_array_end(&w);
    json_object_end(&w);
    buffer_add_char(out, '\n');
}

const struct writer_format jsonl_format = {
    .name = "jsonl",
    .extension = ".jsonl",
    .content_type = "application/x-ndjson",
    .wanted = jsonl_wanted,
    .begin = NULL,
    .user = jsonl_user,
};
