#include "output/columns.h"

void row_init(struct row *row, const struct writer_options *options, const struct account *account,
              const struct user *user)
{
    *row = (struct row){.options = options,
                        .account = account,
                        .user = user,
                        .unknown = user->unknown | account->unknown,
                        .first = user_active_key(user, 0),
                        .second = user_active_key(user, 1)};
}

static bool is_unknown(const struct row *row, enum fact fact)
{
    return (row->unknown & FACT_BIT(fact)) != 0;
}

struct cell row_cell(struct row *row, const struct column *columns, size_t index)
{
    const struct column *column = &columns[index];
    struct cell cell = {.kind = CELL_WRITTEN};
    if (row->unknown & column->facts)
        cell.kind = CELL_UNKNOWN;
    else if (column->read)
        cell = column->read(row);
    if (cell.kind == CELL_UNKNOWN)
        row->lost |= UINT64_C(1) << index;
    return cell;
}

void row_lost_names(const struct row *row, const struct column *columns, size_t count,
                    struct buffer *out)
{
    struct json_writer names;
    json_writer_init(&names, out);
    json_array_begin(&names);
    for (size_t i = 0; i < count; i++) {
        if (row->lost & (UINT64_C(1) << i))
            json_text(&names, view_of(columns[i].name));
        else if (columns[i].lost_parts)
            columns[i].lost_parts(row, &names);
    }
    json_array_end(&names);
}

void cell_add_time(struct buffer *out, int64_t seconds)
{
    char text[TIMESTAMP_TEXT_SIZE];
    timestamp_format(seconds, text);
    buffer_add_text(out, text);
}

static struct cell none(void)
{
    return (struct cell){.kind = CELL_NONE};
}

static struct cell unknown(void)
{
    return (struct cell){.kind = CELL_UNKNOWN};
}

static struct cell text_or_none(struct view text)
{
    return text.ptr ? (struct cell){.kind = CELL_TEXT, .text = text} : none();
}

static struct cell time_or_none(int64_t seconds)
{
    return seconds == TIMESTAMP_NONE ? none() : (struct cell){.kind = CELL_TIME, .number = seconds};
}

static struct cell time_or_unknown(int64_t seconds)
{
    return seconds == TIMESTAMP_NONE ? unknown() : time_or_none(seconds);
}

static struct cell age_or_unknown(const struct row *row, int64_t then_s)
{
    if (then_s == TIMESTAMP_NONE)
        return unknown();
    return (struct cell){.kind = CELL_NUMBER,
                         .number = timestamp_age_days(then_s, row->options->started_s)};
}

static struct cell truth(bool is_true)
{
    return (struct cell){.kind = CELL_TRUTH, .number = is_true};
}

struct cell read_account_id(const struct row *row)
{
    return text_or_none(view_of(row->account->id));
}

struct cell read_account_alias(const struct row *row)
{
    return text_or_none(row->account->alias);
}

struct cell read_account_name(const struct row *row)
{
    return text_or_none(row->account->name);
}

struct cell read_user_name(const struct row *row)
{
    return text_or_none(row->user->name);
}

struct cell read_user_id(const struct row *row)
{
    return text_or_none(row->user->id);
}

struct cell read_path(const struct row *row)
{
    return text_or_none(row->user->path);
}

struct cell read_arn(const struct row *row)
{
    return text_or_none(row->user->arn);
}

struct cell read_created(const struct row *row)
{
    return time_or_unknown(row->user->created_s);
}

struct cell read_created_age(const struct row *row)
{
    return age_or_unknown(row, row->user->created_s);
}

struct cell read_mfa(const struct row *row)
{
    return truth(row->user->has_mfa);
}

struct cell read_last_activity(const struct row *row)
{
    if (user_key_use_unknown(row->user))
        return unknown();
    return time_or_none(user_last_activity_s(row->user));
}

struct cell read_console_access(const struct row *row)
{
    return truth(row->user->has_password);
}

struct cell read_password_age(const struct row *row)
{
    return row->user->has_password ? age_or_unknown(row, row->user->password_set_s) : none();
}

struct cell read_password_changed(const struct row *row)
{
    if (!row->user->has_password && !is_unknown(row, FACT_PASSWORD))
        return none();
    if (is_unknown(row, FACT_PASSWORD_CHANGED))
        return unknown();
    return time_or_unknown(row->user->password_changed_s);
}

struct cell read_console_sign_in(const struct row *row)
{
    return time_or_none(row->user->password_used_s);
}

static struct cell key_id(const struct access_key *key)
{
    return key ? text_or_none(key->id) : none();
}

static struct cell key_age(const struct row *row, const struct access_key *key)
{
    return key ? age_or_unknown(row, key->created_s) : none();
}

static struct cell key_used(const struct access_key *key)
{
    if (!key)
        return none();
    return key->use_unknown ? unknown() : time_or_none(key->last_used_s);
}

struct cell read_key_id(const struct row *row)
{
    return key_id(row->first);
}

struct cell read_key_age(const struct row *row)
{
    return key_age(row, row->first);
}

struct cell read_key_used(const struct row *row)
{
    return key_used(row->first);
}

struct cell read_key2_id(const struct row *row)
{
    return key_id(row->second);
}

struct cell read_key2_age(const struct row *row)
{
    return key_age(row, row->second);
}

struct cell read_key2_used(const struct row *row)
{
    return key_used(row->second);
}

struct view key_place(struct view place)
{
    return view_is(place, "N/A") ? VIEW_NONE : place;
}

static struct cell place_or_unknown(const struct access_key *key, struct view place)
{
    return key->use_place_unknown ? unknown() : text_or_none(key_place(place));
}

struct cell read_key_service(const struct row *row)
{
    return row->first ? place_or_unknown(row->first, row->first->last_used_service) : none();
}

struct cell read_key_region(const struct row *row)
{
    return row->first ? place_or_unknown(row->first, row->first->last_used_region) : none();
}

struct cell read_key_description(const struct row *row)
{
    if (!row->first)
        return none();
    if (is_unknown(row, FACT_TAGS))
        return unknown();
    return text_or_none(user_tag(row->user, row->first->id));
}

struct cell read_boundary(const struct row *row)
{
    return text_or_none(row->user->boundary);
}

struct cell read_data_as_of(const struct row *row)
{
    return time_or_none(row->user->data_as_of_s);
}

static void write_names(const struct name *names, struct buffer *out)
{
    struct json_writer w;
    json_writer_init(&w, out);
    json_array_begin(&w);
    for (; names; names = names->next)
        json_text(&w, item_text(names->text));
    json_array_end(&w);
}

void write_groups(const struct row *row, struct buffer *out)
{
    write_names(row->user->groups, out);
}

void write_mfa_devices(const struct row *row, struct buffer *out)
{
    write_names(row->user->mfa_devices, out);
}

void write_policies(const struct row *row, struct buffer *out)
{
    write_names(row->user->policies, out);
}

void columns_write_tags(const struct row *row, const char *key, const char *value,
                        struct buffer *out)
{
    struct json_writer w;
    json_writer_init(&w, out);
    json_array_begin(&w);
    for (const struct tag *t = row->user->tags; t; t = t->next) {
        json_object_begin(&w);
        json_key(&w, key);
        json_text(&w, item_text(t->key));
        json_key(&w, value);
        json_text(&w, item_text(t->value));
        json_object_end(&w);
    }
    json_array_end(&w);
}

void columns_write_certificates(const struct row *row, const struct certificate_names *names,
                                struct buffer *out)
{
    struct json_writer w;
    json_writer_init(&w, out);
    json_array_begin(&w);
    for (const struct certificate *c = row->user->certificates; c; c = c->next) {
        json_object_begin(&w);
        json_key(&w, names->id);
        json_text(&w, item_text(c->id));
        json_key(&w, names->status);
        json_text(&w, item_text(c->status));
        json_key(&w, names->uploaded);
        if (c->uploaded_s == TIMESTAMP_NONE)
            json_text(&w, names->no_date);
        else
            json_time(&w, c->uploaded_s);
        json_object_end(&w);
    }
    json_array_end(&w);
}
