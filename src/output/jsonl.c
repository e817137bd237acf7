/* JSON Lines: one object a user, each on a line that ends in LF. */
#include "output/jsonl.h"

#include "output/columns.h"

static void write_tags(const struct row *row, struct buffer *out)
{
    columns_write_tags(row, "key", "value", out);
}

static void write_certificates(const struct row *row, struct buffer *out)
{
    const struct certificate_names names = {"id", "status", "uploaded_at", VIEW_NONE};
    columns_write_certificates(row, &names, out);
}

static bool tags_unknown(const struct row *row)
{
    return (row->unknown & FACT_BIT(FACT_TAGS)) != 0;
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
    json_text(w, k->use_place_unknown ? VIEW_NONE : key_place(k->last_used_service));
    json_key(w, "last_used_region");
    json_text(w, k->use_place_unknown ? VIEW_NONE : key_place(k->last_used_region));
    json_key(w, "description");
    json_text(w, tags_unknown(row) ? VIEW_NONE : user_tag(row->user, k->id));
    json_object_end(w);
}

static void write_keys(const struct row *row, struct buffer *out)
{
    struct json_writer w;
    json_writer_init(&w, out);
    json_array_begin(&w);
    for (const struct access_key *k = row->user->keys; k; k = k->next)
        write_key(row, k, &w);
    json_array_end(&w);
}

/* Not the description: it is a tag, and "tags" is listed where those are unknown. */
static void lost_parts_of_keys(const struct row *row, struct json_writer *names)
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

#define NO_FACTS 0

static const struct column fields[] = {
    {"account_id", NO_FACTS, .read = read_account_id},
    {"account_alias", FACT_BIT(FACT_ALIAS), .read = read_account_alias},
    {"account_name", FACT_BIT(FACT_ACCOUNT_NAME), .read = read_account_name},
    {"user_name", NO_FACTS, .read = read_user_name},
    {"user_id", NO_FACTS, .read = read_user_id},
    {"arn", NO_FACTS, .read = read_arn},
    {"path", NO_FACTS, .read = read_path},
    {"created_at", NO_FACTS, .read = read_created},
    {"age_days", NO_FACTS, .read = read_created_age},
    {"tags", FACT_BIT(FACT_TAGS), .write = write_tags},
    {"groups", FACT_BIT(FACT_GROUPS), .write = write_groups},
    {"mfa_enabled", FACT_BIT(FACT_MFA), .read = read_mfa},
    {"mfa_devices", FACT_BIT(FACT_MFA_DEVICES), .write = write_mfa_devices},
    {"console_access", FACT_BIT(FACT_PASSWORD), .read = read_console_access},
    {"password_age_days", FACT_BIT(FACT_PASSWORD_AGE), .read = read_password_age},
    {"password_last_changed_at", NO_FACTS, .read = read_password_changed},
    {"console_last_sign_in_at", FACT_BIT(FACT_PASSWORD_USED), .read = read_console_sign_in},
    {"last_activity_at", FACT_BIT(FACT_KEYS), .read = read_last_activity},
    {"access_keys", FACT_BIT(FACT_KEYS), .write = write_keys, .lost_parts = lost_parts_of_keys},
    {"signing_certificates", FACT_BIT(FACT_CERTIFICATES), .write = write_certificates},
    {"permissions_boundary", FACT_BIT(FACT_BOUNDARY), .read = read_boundary},
    {"attached_policies", FACT_BIT(FACT_POLICIES), .write = write_policies},
    {"data_as_of", NO_FACTS, .read = read_data_as_of},
};

#define FIELD_COUNT (sizeof(fields) / sizeof(fields[0]))
_Static_assert(FIELD_COUNT <= COLUMNS_MAX, "a row has no bit for every field");

static void write_value(const struct row *row, const struct column *field, struct cell cell,
                        struct buffer *out)
{
    switch (cell.kind) {
    case CELL_NONE:
    case CELL_UNKNOWN:
        buffer_add_text(out, "null");
        break;
    case CELL_TEXT:
        json_quote(out, cell.text);
        break;
    case CELL_TIME:
        buffer_add_char(out, '"');
        cell_add_time(out, cell.number);
        buffer_add_char(out, '"');
        break;
    case CELL_NUMBER:
        buffer_add_int(out, cell.number);
        break;
    case CELL_TRUTH:
        buffer_add_text(out, cell.number ? "true" : "false");
        break;
    case CELL_WRITTEN:
        field->write(row, out);
        break;
    }
}

static void jsonl_user(const struct writer_options *options, const struct account *account,
                       const struct user *user, struct buffer *out)
{
    struct row row;
    row_init(&row, options, account, user);
    for (size_t i = 0; i < FIELD_COUNT; i++) {
        buffer_add_char(out, i == 0 ? '{' : ',');
        json_quote(out, view_of(fields[i].name));
        buffer_add_char(out, ':');
        write_value(&row, &fields[i], row_cell(&row, fields, i), out);
    }
    buffer_add_text(out, ",\"unknown\":");
    row_lost_names(&row, fields, FIELD_COUNT, out);
    buffer_add_text(out, "}\n");
}

const struct writer_format jsonl_format = {
    .name = "jsonl",
    .extension = ".jsonl",
    .content_type = "application/x-ndjson",
    .begin = NULL,
    .user = jsonl_user,
};
