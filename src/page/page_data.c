/* SPDX-License-Identifier: MIT */
#include "page/page_data.h"

#include "base/alloc.h"
#include "base/json_writer.h"
#include "page/tally.h"

#include <stdlib.h>

#define ACCOUNT_MAX_BYTES ((size_t)256 * 1024 * 1024)
#define PACKED_MAX_BYTES  ((size_t)256 * 1024 * 1024)
#define DAY_S             86400
#define NEVER             (-1)

struct noted { /* a finding, until its account is written */
    const struct user *user;
    size_t rule;
    enum finding_status status;
    struct view resource; /* in the arena */
    bool has_value;
    int64_t value;
};

struct shown { /* a user of the account who is taken, and the place of the findings */
    const struct user *user;
    size_t first, count;
};

struct page_data {
    const struct check_options *options;
    uint64_t room, left_out; /* users that may still come; those that were left out */
    bool only_with_findings;
    const struct account *account;
    struct arena arena; /* of the account */
    struct noted *findings;
    size_t finding_count, finding_room;
    struct shown *shown;
    size_t shown_count, shown_room;
    struct buffer text;
    struct packing *packing;
    bool has_accounts;
};

static void pack(struct page_data *d)
{
    packing_add(d->packing, buffer_view(&d->text));
    buffer_clear(&d->text);
}

static void write_rules(struct page_data *d)
{
    struct json_writer w;
    buffer_add_text(&d->text, "{\"format\":1,\"rules\":");
    json_writer_init(&w, &d->text);
    json_array_begin(&w);
    for (size_t i = 0; i < rules_count; i++) {
        json_object_begin(&w);
        json_key(&w, "id");
        json_text(&w, view_of(rules_table[i].id));
        json_key(&w, "severity");
        json_int(&w, (int64_t)rules_table[i].severity);
        json_key(&w, "title");
        json_text(&w, view_of(rules_table[i].title));
        json_key(&w, "mend");
        json_text(&w, view_of(rules_table[i].mend));
        json_key(&w, "limit");
        if (rules_table[i].limit_kind == LIMIT_NUMBER)
            json_int(&w, d->options->limits[i]);
        else
            json_none(&w);
        json_object_end(&w);
    }
    json_array_end(&w);
    buffer_add_text(&d->text, ",\"accounts\":[");
}

struct page_data *page_data_new(const struct check_options *options, uint64_t users_most,
                                bool only_with_findings)
{
    struct page_data *d = xcalloc(1, sizeof(*d));
    d->options = options;
    d->room = users_most;
    d->only_with_findings = only_with_findings;
    arena_init(&d->arena);
    buffer_init(&d->text, ACCOUNT_MAX_BYTES);
    d->packing = packing_new(PACKED_MAX_BYTES);
    write_rules(d);
    pack(d);
    return d;
}

void page_data_begin(struct page_data *d, const struct account *account)
{
    d->account = account;
    d->finding_count = d->shown_count = 0;
    arena_clear(&d->arena);
}

void page_data_finding(struct page_data *d, const struct finding *finding)
{
    if (d->finding_count == d->finding_room) {
        d->finding_room = d->finding_room > 0 ? 2 * d->finding_room : 256;
        d->findings = xrealloc(d->findings, d->finding_room * sizeof(*d->findings));
    }
    d->findings[d->finding_count++] =
        (struct noted){.user = finding->user,
                       .rule = rule_place(finding->rule),
                       .status = finding->status,
                       .resource = finding->resource_type == RESOURCE_USER ||
                                           finding->resource_type == RESOURCE_ACCOUNT
                                       ? VIEW_NONE
                                       : arena_copy(&d->arena, finding->resource_id),
                       .has_value = finding->has_value,
                       .value = finding->value};
}

/* How many findings from 'first' on are about 'user'; NULL: about the account itself. */
static size_t count_findings(const struct page_data *d, const struct user *user, size_t first)
{
    size_t count = 0;
    while (first + count < d->finding_count && d->findings[first + count].user == user)
        count++;
    return count;
}

static void consider_user(struct page_data *d, const struct user *user, size_t first, size_t count)
{
    if (d->room == 0 || (d->only_with_findings && count == 0)) {
        d->left_out++;
        return;
    }
    d->room--;
    d->shown[d->shown_count++] = (struct shown){user, first, count};
}

/* Findings come in the order of the users, after those of the account itself. */
static void choose_users(struct page_data *d)
{
    const struct account *a = d->account;
    size_t count = a->outcome == OUTCOME_FAILED ? 0 : a->user_count;
    size_t next = count_findings(d, NULL, 0);
    if (count > d->shown_room) {
        d->shown_room = count;
        d->shown = xrealloc(d->shown, count * sizeof(*d->shown));
    }
    for (size_t i = 0; i < count; i++) {
        size_t own = count_findings(d, a->users[i], next);
        consider_user(d, a->users[i], next, own);
        next += own;
    }
}

/* What a column writes of one user. 'unknown' are the facts that are not known of it. */
typedef void column_writer(struct json_writer *w, const struct user *user, fact_set unknown);

/* Days since 1970; NEVER if there is none. */
static void write_day(struct json_writer *w, int64_t seconds)
{
    json_int(w, seconds == TIMESTAMP_NONE ? NEVER : seconds / DAY_S - (seconds % DAY_S < 0));
}

/* True if the fact is not known, which is then written. */
static bool not_known(struct json_writer *w, fact_set unknown, enum fact fact)
{
    if (unknown & FACT_BIT(fact))
        json_none(w);
    return (unknown & FACT_BIT(fact)) != 0;
}

static void write_name(struct json_writer *w, const struct user *user, fact_set unknown UNUSED)
{
    json_text(w, user->name);
}

static void write_kind(struct json_writer *w, const struct user *user, fact_set unknown)
{
    json_int(w, (int64_t)user_kind(user, unknown));
}

static void write_created(struct json_writer *w, const struct user *user, fact_set unknown UNUSED)
{
    write_day(w, user->created_s);
}

static void write_console(struct json_writer *w, const struct user *user, fact_set unknown)
{
    if (!not_known(w, unknown, FACT_PASSWORD))
        json_int(w, user->has_password);
}

static void write_mfa(struct json_writer *w, const struct user *user, fact_set unknown)
{
    if (!not_known(w, unknown, FACT_MFA))
        json_int(w, user->has_mfa);
}

static void write_device(struct json_writer *w, const struct user *user, fact_set unknown)
{
    json_int(w, (int64_t)tally_mfa_of(user, unknown));
}

static void write_admin(struct json_writer *w, const struct user *user, fact_set unknown)
{
    if (!not_known(w, unknown, FACT_ADMIN))
        json_int(w, user->is_admin);
}

static void write_sign_in(struct json_writer *w, const struct user *user, fact_set unknown)
{
    if (!not_known(w, unknown, FACT_PASSWORD_USED))
        write_day(w, user->password_used_s);
}

static void write_changed(struct json_writer *w, const struct user *user, fact_set unknown)
{
    if (!not_known(w, unknown, FACT_PASSWORD_CHANGED))
        write_day(w, user->password_changed_s);
}

static void write_key(struct json_writer *w, const struct access_key *key)
{
    json_array_begin(w);
    json_text(w, key->id);
    json_int(w, access_key_is_active(key));
    write_day(w, key->created_s);
    if (key->use_unknown)
        json_none(w);
    else
        write_day(w, key->last_used_s);
    json_text(w, key->use_place_unknown ? VIEW_NONE : key->last_used_service);
    json_array_end(w);
}

static void write_keys(struct json_writer *w, const struct user *user, fact_set unknown)
{
    if (not_known(w, unknown, FACT_KEYS))
        return;
    json_array_begin(w);
    for (const struct access_key *key = user->keys; key; key = key->next)
        write_key(w, key);
    json_array_end(w);
}

static void write_services(struct json_writer *w, const struct user *user, fact_set unknown)
{
    if (not_known(w, unknown, FACT_SERVICE_CREDENTIALS))
        return;
    json_array_begin(w);
    for (const struct service_credential *c = user->service_credentials; c; c = c->next) {
        json_array_begin(w);
        json_text(w, c->id);
        json_text(w, c->service);
        json_int(w, view_is(c->status, "Active"));
        write_day(w, c->created_s);
        write_day(w, c->expires_s);
        json_array_end(w);
    }
    json_array_end(w);
}

static void write_certificate_list(struct json_writer *w, const struct certificate *list)
{
    json_array_begin(w);
    for (const struct certificate *c = list; c; c = c->next) {
        json_array_begin(w);
        json_text(w, c->id);
        json_int(w, view_is(c->status, "Active"));
        write_day(w, c->uploaded_s);
        json_array_end(w);
    }
    json_array_end(w);
}

static void write_certificates(struct json_writer *w, const struct user *user, fact_set unknown)
{
    if (!not_known(w, unknown, FACT_CERTIFICATES))
        write_certificate_list(w, user->certificates);
}

static void write_ssh_keys(struct json_writer *w, const struct user *user, fact_set unknown)
{
    if (!not_known(w, unknown, FACT_SSH_KEYS))
        write_certificate_list(w, user->ssh_keys);
}

static void write_names(struct json_writer *w, const struct name *list)
{
    json_array_begin(w);
    for (; list; list = list->next)
        json_text(w, list->text);
    json_array_end(w);
}

static void write_groups(struct json_writer *w, const struct user *user, fact_set unknown)
{
    if (!not_known(w, unknown, FACT_GROUPS))
        write_names(w, user->groups);
}

static void write_policies(struct json_writer *w, const struct user *user, fact_set unknown)
{
    if (!not_known(w, unknown, FACT_POLICIES))
        write_names(w, user->policies);
}

static void write_admin_via(struct json_writer *w, const struct user *user, fact_set unknown)
{
    if (!not_known(w, unknown, FACT_ADMIN))
        write_names(w, user->admin_via);
}

static void write_tags(struct json_writer *w, const struct user *user, fact_set unknown)
{
    if (not_known(w, unknown, FACT_TAGS))
        return;
    json_array_begin(w);
    for (const struct tag *tag = user->tags; tag; tag = tag->next) {
        json_text(w, tag->key);
        json_text(w, tag->value);
    }
    json_array_end(w);
}

static const struct {
    const char *name;
    column_writer *write;
} columns[] = {
    {"user", write_name},       {"kind", write_kind},         {"created", write_created},
    {"console", write_console}, {"mfa", write_mfa},           {"device", write_device},
    {"admin", write_admin},     {"signin", write_sign_in},    {"changed", write_changed},
    {"keys", write_keys},       {"services", write_services}, {"certificates", write_certificates},
    {"ssh", write_ssh_keys},    {"groups", write_groups},     {"policies", write_policies},
    {"via", write_admin_via},   {"tags", write_tags},
};

static void write_columns(struct page_data *d, struct json_writer *w)
{
    for (size_t c = 0; c < sizeof(columns) / sizeof(columns[0]); c++) {
        json_key(w, columns[c].name);
        json_array_begin(w);
        for (size_t i = 0; i < d->shown_count; i++)
            columns[c].write(w, d->shown[i].user, tally_unknown(d->account, d->shown[i].user));
        json_array_end(w);
    }
}

/* A key that the user has is its place in the list of keys, which is shorter than its id. */
static void write_resource(struct json_writer *w, const struct noted *f)
{
    int64_t place = 0;
    for (const struct access_key *key = f->user ? f->user->keys : NULL; key; key = key->next) {
        if (view_equal(key->id, f->resource)) {
            json_int(w, place);
            return;
        }
        place++;
    }
    json_text(w, f->resource);
}

static void write_finding(struct json_writer *w, const struct noted *f)
{
    json_array_begin(w);
    json_int(w, (int64_t)f->rule);
    json_int(w, (int64_t)f->status);
    write_resource(w, f);
    if (f->has_value)
        json_int(w, f->value);
    else
        json_none(w);
    json_array_end(w);
}

static void write_some_findings(const struct page_data *d, size_t first, size_t count,
                                struct json_writer *w)
{
    json_array_begin(w);
    for (size_t i = first; i < first + count; i++)
        write_finding(w, &d->findings[i]);
    json_array_end(w);
}

static void write_findings(const struct page_data *d, struct json_writer *w)
{
    json_key(w, "own");
    write_some_findings(d, 0, count_findings(d, NULL, 0), w);
    json_key(w, "findings");
    json_array_begin(w);
    for (size_t i = 0; i < d->shown_count; i++)
        write_some_findings(d, d->shown[i].first, d->shown[i].count, w);
    json_array_end(w);
}

static void write_account(struct page_data *d, struct json_writer *w)
{
    const struct account *a = d->account;
    json_key(w, "id");
    json_text(w, view_of(a->id));
    json_key(w, "name");
    json_text(w, a->name);
    json_key(w, "unit");
    json_text(w, a->ou);
    json_key(w, "outcome");
    json_int(w, (int64_t)a->outcome);
    json_key(w, "users");
    json_int(w, a->outcome == OUTCOME_FAILED ? 0 : (int64_t)a->user_count);
}

void page_data_end(struct page_data *d)
{
    struct json_writer w;
    choose_users(d);
    if (d->has_accounts)
        buffer_add_char(&d->text, ',');
    d->has_accounts = true;
    json_writer_init(&w, &d->text);
    json_object_begin(&w);
    write_account(d, &w);
    write_columns(d, &w);
    write_findings(d, &w);
    json_object_end(&w);
    pack(d);
}

int page_data_finish(struct page_data *d, struct error *e)
{
    buffer_addf(&d->text, "],\"left_out\":%llu}", (unsigned long long)d->left_out);
    pack(d);
    return packing_finish(d->packing, e);
}

const struct packing *page_data_packing(const struct page_data *d)
{
    return d->packing;
}

uint64_t page_data_left_out(const struct page_data *d)
{
    return d->left_out;
}

void page_data_free(struct page_data *d)
{
    if (!d)
        return;
    packing_free(d->packing);
    buffer_release(&d->text);
    arena_release(&d->arena);
    free(d->findings);
    free(d->shown);
    free(d);
}
