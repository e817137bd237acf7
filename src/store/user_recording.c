/* SPDX-License-Identifier: MIT */
#include "store/user_recording.h"

#include "base/log.h"
#include "census/kind.h"
#include "output/jsonl.h"

#define LIST_MAX_BYTES ((size_t)16 * 1024 * 1024)

/* The tables, and how many columns each has. */
static const struct {
    const char *name;
    int columns;
} tables[USER_TABLE_COUNT] = {
    [TABLE_USER] = {"user", 25},
    [TABLE_ACCESS_KEY] = {"access_key", 12},
    [TABLE_TAG] = {"tag", 5},
    [TABLE_GROUP_MEMBERSHIP] = {"group_membership", 4},
    [TABLE_SIGNING_CERTIFICATE] = {"signing_certificate", 6},
    [TABLE_SSH_PUBLIC_KEY] = {"ssh_public_key", 6},
    [TABLE_MFA_DEVICE] = {"mfa_device", 5},
    [TABLE_SERVICE_CREDENTIAL] = {"service_credential", 8},
    [TABLE_POLICY] = {"policy", 8},
};

int user_recording_init(struct user_recording *u, struct database *d, struct view run_id,
                        int64_t started_s, struct error *e)
{
    *u = (struct user_recording){.d = d, .run_id = run_id, .options = {.started_s = started_s}};
    buffer_init(&u->list, LIST_MAX_BYTES);
    for (size_t i = 0; i < USER_TABLE_COUNT; i++)
        if (statement_prepare_insert(&u->tables[i], d, tables[i].name, tables[i].columns, e) != 0)
            return -1;
    return 0;
}

void user_recording_release(struct user_recording *u)
{
    for (size_t i = 0; i < USER_TABLE_COUNT; i++)
        statement_release(&u->tables[i]);
    buffer_release(&u->list);
}

/* Begins a row of one of the user's tables with its first three columns. */
static struct statement *begin(struct user_recording *u, enum user_table table,
                               const struct row *row)
{
    struct statement *s = &u->tables[table];
    statement_text(s, u->run_id);
    statement_text(s, view_of(row->account->id));
    statement_text(s, item_text(row->user->id));
    return s;
}

/* Begins a JSON list in u->list. */
static struct json_writer begin_list(struct user_recording *u)
{
    struct json_writer w;
    buffer_clear(&u->list);
    json_writer_init(&w, &u->list);
    json_array_begin(&w);
    return w;
}

/* Ends the list, and makes it the statement's next value. */
static int end_list(struct user_recording *u, struct json_writer *w, struct statement *s,
                    struct error *e)
{
    json_array_end(w);
    if (buffer_check(&u->list, "a list", e) != 0)
        return -1;
    statement_copy(s, buffer_view(&u->list));
    return 0;
}

/* The columns of 'user' that are fields, in their order. */
static const enum field_id user_columns[] = {
    FIELD_USER_NAME,
    FIELD_ARN,
    FIELD_PATH,
    FIELD_CREATED,
    FIELD_CREATED_AGE,
    FIELD_KIND,
    FIELD_MFA,
    FIELD_CONSOLE_ACCESS,
    FIELD_PASSWORD_AGE,
    FIELD_PASSWORD_CHANGED,
    FIELD_PASSWORD_ROTATION,
    FIELD_CONSOLE_SIGN_IN,
    FIELD_LAST_ACTIVITY,
    FIELD_LAST_USED,
    FIELD_LAST_USED_BY,
    FIELD_BOUNDARY,
    FIELD_IS_ADMIN,
    FIELD_DATA_AS_OF,
};

/* The name can't be NULL: without one it is empty. */
static void add_fields(struct statement *s, struct row *row)
{
    for (size_t i = 0; i < sizeof(user_columns) / sizeof(user_columns[0]); i++) {
        struct value value = row_value(row, user_columns[i]);
        if (user_columns[i] == FIELD_USER_NAME)
            statement_text(s, item_text(row->user->name));
        else
            statement_value(s, value);
    }
}

static int add_admin_via(struct user_recording *u, struct row *row, struct statement *s,
                         struct error *e)
{
    if (row_lacks(row, FACT_ADMIN)) {
        statement_null(s);
        return 0;
    }
    struct json_writer w = begin_list(u);
    names_write(row->user->admin_via, &w);
    return end_list(u, &w, s, e);
}

static int add_unknown(struct user_recording *u, struct row *row, struct statement *s,
                       struct error *e)
{
    struct json_writer w = begin_list(u);
    jsonl_write_unknown(row, &w);
    return end_list(u, &w, s, e);
}

static int record_user(struct user_recording *u, struct row *row, struct error *e)
{
    const struct user *user = row->user;
    struct statement *s = begin(u, TABLE_USER, row);
    add_fields(s, row);
    if (add_admin_via(u, row, s, e) != 0)
        return -1;
    statement_time(s, row_lacks(row, FACT_PASSWORD_AGE) ? TIMESTAMP_NONE : user->password_set_s);
    statement_int(s, user->password_age_from_creation);
    return add_unknown(u, row, s, e) != 0 ? -1 : statement_run(s, e);
}

/*
 * The columns of a key that are unknown. Its description comes from the tags, and is in the user's
 * list with them.
 */
static int add_unknown_of_key(struct user_recording *u, const struct access_key *k,
                              struct statement *s, struct error *e)
{
    const struct {
        const char *name;
        bool lost;
    } parts[] = {
        {"created_at", k->created_s == TIMESTAMP_NONE},
        {"age_days", k->created_s == TIMESTAMP_NONE},
        {"last_used_at", k->use_unknown},
        {"last_used_service", k->use_place_unknown},
        {"last_used_region", k->use_place_unknown},
    };
    struct json_writer w = begin_list(u);
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        if (parts[i].lost)
            json_text(&w, view_of(parts[i].name));
    return end_list(u, &w, s, e);
}

static int record_key(struct user_recording *u, const struct row *row, const struct access_key *k,
                      struct error *e)
{
    struct statement *s = begin(u, TABLE_ACCESS_KEY, row);
    statement_text(s, item_text(k->id));
    statement_text(s, k->status);
    statement_time(s, k->created_s);
    if (k->created_s == TIMESTAMP_NONE)
        statement_null(s);
    else
        statement_int(s, timestamp_age_days(k->created_s, row->options->started_s));
    statement_time(s, k->use_unknown ? TIMESTAMP_NONE : k->last_used_s);
    statement_text(s, k->use_place_unknown ? VIEW_NONE : k->last_used_service);
    statement_text(s, k->use_place_unknown ? VIEW_NONE : k->last_used_region);
    statement_text(s, row_lacks(row, FACT_TAGS) ? VIEW_NONE : user_tag(row->user, k->id));
    return add_unknown_of_key(u, k, s, e) != 0 ? -1 : statement_run(s, e);
}

static int record_keys(struct user_recording *u, const struct row *row, struct error *e)
{
    for (const struct access_key *k = row->user->keys; k; k = k->next)
        if (record_key(u, row, k, e) != 0)
            return -1;
    return 0;
}

static int record_tags(struct user_recording *u, const struct row *row, struct error *e)
{
    for (const struct tag *t = row->user->tags; t; t = t->next) {
        struct statement *s = begin(u, TABLE_TAG, row);
        statement_text(s, item_text(t->key));
        statement_text(s, item_text(t->value));
        if (statement_run(s, e) != 0)
            return -1;
    }
    return 0;
}

static int record_groups(struct user_recording *u, const struct row *row, struct error *e)
{
    for (const struct name *g = row->user->groups; g; g = g->next) {
        struct statement *s = begin(u, TABLE_GROUP_MEMBERSHIP, row);
        statement_text(s, item_text(g->text));
        if (statement_run(s, e) != 0)
            return -1;
    }
    return 0;
}

static int record_devices(struct user_recording *u, const struct row *row, struct error *e)
{
    for (const struct name *d = row->user->mfa_devices; d; d = d->next) {
        struct statement *s = begin(u, TABLE_MFA_DEVICE, row);
        statement_text(s, item_text(d->text));
        statement_text(s, view_of(mfa_device_kind(item_text(d->text))));
        if (statement_run(s, e) != 0)
            return -1;
    }
    return 0;
}

static int record_all_certificates(struct user_recording *u, const struct row *row,
                                   enum user_table table, const struct certificate *first,
                                   struct error *e)
{
    for (const struct certificate *c = first; c; c = c->next) {
        struct statement *s = begin(u, table, row);
        statement_text(s, item_text(c->id));
        statement_text(s, c->status);
        statement_time(s, c->uploaded_s);
        if (statement_run(s, e) != 0)
            return -1;
    }
    return 0;
}

static int record_certificates(struct user_recording *u, const struct row *row, struct error *e)
{
    return record_all_certificates(u, row, TABLE_SIGNING_CERTIFICATE, row->user->certificates, e);
}

static int record_ssh_keys(struct user_recording *u, const struct row *row, struct error *e)
{
    return record_all_certificates(u, row, TABLE_SSH_PUBLIC_KEY, row->user->ssh_keys, e);
}

static int record_service_credentials(struct user_recording *u, const struct row *row,
                                      struct error *e)
{
    for (const struct service_credential *c = row->user->service_credentials; c; c = c->next) {
        struct statement *s = begin(u, TABLE_SERVICE_CREDENTIAL, row);
        statement_text(s, item_text(c->id));
        statement_text(s, c->service);
        statement_text(s, c->status);
        statement_time(s, c->created_s);
        statement_time(s, c->expires_s);
        if (statement_run(s, e) != 0)
            return -1;
    }
    return 0;
}

/* "AdministratorAccess" of "arn:aws:iam::aws:policy/job-function/AdministratorAccess". */
static struct view name_in_arn(struct view arn)
{
    const char *slash = arn.len > 0 ? memrchr(arn.ptr, '/', arn.len) : NULL;
    size_t start = slash ? (size_t)(slash + 1 - arn.ptr) : 0;
    return (struct view){arn.ptr + start, arn.len - start};
}

/* 'policy' is the name of an inline policy, or else the ARN of a managed one. */
static int record_policy(struct user_recording *u, const struct row *row, const char *kind,
                         struct view policy, bool is_inline, struct view via, struct error *e)
{
    struct statement *s = begin(u, TABLE_POLICY, row);
    statement_int(s, u->position++);
    statement_text(s, view_of(kind));
    statement_text(s, is_inline ? policy : name_in_arn(policy));
    statement_text(s, is_inline ? VIEW_NONE : policy);
    statement_text(s, via);
    return statement_run(s, e);
}

static int record_policies(struct user_recording *u, const struct row *row, struct error *e)
{
    for (const struct name *p = row->user->policies; p; p = p->next)
        if (record_policy(u, row, "attached", item_text(p->text), false, VIEW_NONE, e) != 0)
            return -1;
    return 0;
}

static int record_inline_policies(struct user_recording *u, const struct row *row, struct error *e)
{
    for (const struct name *p = row->user->inline_policies; p; p = p->next)
        if (record_policy(u, row, "inline", item_text(p->text), true, VIEW_NONE, e) != 0)
            return -1;
    return 0;
}

static int record_group_policies(struct user_recording *u, const struct row *row, struct error *e)
{
    for (const struct group_policy *p = row->user->group_policies; p; p = p->next)
        if (record_policy(u, row, "group", item_text(p->policy), p->is_inline, item_text(p->group),
                          e) != 0)
            return -1;
    return 0;
}

/* The lists that a user has. One that is unknown has no rows. */
static const struct {
    enum fact fact;
    int (*record)(struct user_recording *u, const struct row *row, struct error *e);
} lists[] = {
    {FACT_KEYS, record_keys},
    {FACT_TAGS, record_tags},
    {FACT_GROUPS, record_groups},
    {FACT_MFA_DEVICES, record_devices},
    {FACT_CERTIFICATES, record_certificates},
    {FACT_SSH_KEYS, record_ssh_keys},
    {FACT_SERVICE_CREDENTIALS, record_service_credentials},
    {FACT_POLICIES, record_policies},
    {FACT_INLINE_POLICIES, record_inline_policies},
    {FACT_GROUP_POLICIES, record_group_policies},
};

int user_recording_add(struct user_recording *u, const struct account *account,
                       const struct user *user, struct error *e)
{
    struct row row;
    row_init(&row, &u->options, account, user);
    u->position = 0;
    if (record_user(u, &row, e) != 0)
        return -1;
    if (sqlite3_changes(u->d->handle) == 0) {
        log_event(LOG_WARN, "two users have the same id: only the first is in the database",
                  FIELD("account_id", account->id), FIELD_VIEW("user_id", user->id));
        return 0;
    }
    u->count++;
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
        if (!row_lacks(&row, lists[i].fact) && lists[i].record(u, &row, e) != 0)
            return -1;
    return 0;
}
