/* SPDX-License-Identifier: MIT */
#include "world/report_csv.h"

#include "base/alloc.h"
#include "wire/moment.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* A line of the report has two places for keys and two for certificates. */
#define SLOTS      2
#define SORTED_MAX 16 /* the most keys or certificates of a user that are sorted */

static const char header[] =
    "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,"
    "password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,"
    "access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service,"
    "access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,"
    "access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,"
    "cert_1_last_rotated,cert_2_active,cert_2_last_rotated";

/* A user's line without its end and its last column, and the content of that column. */
struct row {
    const char *name;
    size_t begin;
    size_t end;
    size_t more_keys;
    size_t more_certificates;
};

struct report {
    const struct world *world;
    const struct account *account;
    const struct report_form *form;
    struct buffer lines; /* all lines, in the order of the world */
    struct arena names;  /* holds the rows' names */
    struct row *rows;
    size_t row_count;
};

static void separate(struct buffer *out)
{
    buffer_add_char(out, ',');
}

static void put_moment(struct report *report, int64_t moment, const char *never)
{
    char printed[MOMENT_SIZE];
    separate(&report->lines);
    if (moment == MOMENT_NEVER)
        buffer_add_text(&report->lines, never);
    else
        buffer_add_text(&report->lines, report->form->offset_times ? moment_offset(moment, printed)
                                                                   : moment_iso(moment, printed));
}

static void put_bool(struct report *report, bool value)
{
    static const char *const words[2][2] = {{"false", "true"}, {"FALSE", "TRUE"}};
    separate(&report->lines);
    buffer_add_text(&report->lines, words[report->form->upper_case][value]);
}

static void put_word(struct report *report, const char *word)
{
    separate(&report->lines);
    buffer_add_text(&report->lines, word);
}

/* Names may hold commas: such a field is quoted. */
static void put_field(struct report *report, const char *value)
{
    struct buffer *out = &report->lines;
    bool quoted = strpbrk(value, ",\"\n") != NULL;
    if (quoted)
        buffer_add_char(out, '"');
    for (; *value; value++) {
        if (*value == '"')
            buffer_add_char(out, '"');
        buffer_add_char(out, *value);
    }
    if (quoted)
        buffer_add_char(out, '"');
}

static void put_password(struct report *report, const struct user *user)
{
    unsigned days = report->account->password_policy.max_age_days;
    put_bool(report, user->has_password);
    if (!user->has_password) {
        put_word(report, "N/A,N/A,N/A");
        return;
    }
    if (user->report_last_used)
        put_word(report, user->report_last_used);
    else
        put_moment(report, user->password_last_used, "no_information");
    if (user->report_last_changed) {
        put_word(report, user->report_last_changed);
        put_word(report, "N/A");
        return;
    }
    put_moment(report, user->password_last_changed, "N/A");
    put_moment(report,
               days > 0 ? user->password_last_changed + days * (int64_t)SECONDS_A_DAY
                        : MOMENT_NEVER,
               "N/A");
}

static int order_keys(const void *a, const void *b)
{
    return strcmp(((const struct access_key *)a)->id, ((const struct access_key *)b)->id);
}

/* Keys are sorted by id, not by age. */
static void put_keys(struct report *report, const struct user *user, struct row *row)
{
    struct access_key keys[SORTED_MAX];
    size_t count = 0;
    for (size_t i = 0; i < user->key_count && count < SORTED_MAX; i++)
        if (!user->keys[i].created_after_report)
            keys[count++] = user->keys[i];
    qsort(keys, count, sizeof(*keys), order_keys);
    for (size_t slot = 0; slot < SLOTS; slot++) {
        put_bool(report, slot < count && status_is_active(keys[slot].status));
        if (slot >= count) {
            put_word(report, "N/A,N/A,N/A,N/A");
            continue;
        }
        bool used = keys[slot].last_used != MOMENT_NEVER;
        put_moment(report, keys[slot].created, "N/A");
        put_moment(report, keys[slot].last_used, "N/A");
        put_word(report, used && keys[slot].last_used_region ? keys[slot].last_used_region : "N/A");
        put_word(report,
                 used && keys[slot].last_used_service ? keys[slot].last_used_service : "N/A");
    }
    row->more_keys = count > SLOTS ? count - SLOTS : 0;
}

/* Inactive certificates come before active ones, as seen at AWS. */
static int order_certificates(const void *a, const void *b)
{
    const struct certificate *one = a;
    const struct certificate *other = b;
    bool active = status_is_active(one->status);
    if (active != status_is_active(other->status))
        return active ? 1 : -1;
    if (one->uploaded != other->uploaded)
        return one->uploaded < other->uploaded ? -1 : 1;
    return strcmp(one->id, other->id);
}

static void put_certificates(struct report *report, const struct user *user, struct row *row)
{
    struct certificate certificates[SORTED_MAX];
    size_t count = user->certificate_count < SORTED_MAX ? user->certificate_count : SORTED_MAX;
    if (count > 0)
        memcpy(certificates, user->certificates, count * sizeof(*certificates));
    qsort(certificates, count, sizeof(*certificates), order_certificates);
    for (size_t slot = 0; slot < SLOTS; slot++) {
        put_bool(report, slot < count && status_is_active(certificates[slot].status));
        put_moment(report, slot < count ? certificates[slot].uploaded : MOMENT_NEVER, "N/A");
    }
    row->more_certificates = count > SLOTS ? count - SLOTS : 0;
}

static void put_user(struct report *report, const struct user *user)
{
    struct row *row = &report->rows[report->row_count++];
    row->name = text_copy(&report->names, user->name);
    row->begin = report->lines.len;
    put_field(report, user->name);
    separate(&report->lines);
    put_field(report,
              text_format(&report->names, "arn:%s:iam::%s:user%s%s", report->world->shape.partition,
                          report->account->id, user->path, user->name));
    put_moment(report, user->created, "N/A");
    put_password(report, user);
    put_bool(report, user->mfa_count > 0);
    put_keys(report, user, row);
    put_certificates(report, user, row);
    row->end = report->lines.len;
}

/* Before 2026 the report did not tell whether the root user has a password. */
static void put_root_password(struct report *report, const struct user *root)
{
    if (report->form->older_root) {
        put_word(report, "not_supported");
        put_moment(report, root->password_last_used, "no_information");
        put_word(report, "not_supported");
    } else if (root->has_password) {
        put_bool(report, true);
        put_moment(report, root->password_last_used, "no_information");
        put_moment(report, root->password_last_changed, "N/A");
    } else {
        put_bool(report, false);
        put_word(report, "N/A,N/A");
    }
    put_word(report, "not_supported");
}

static void put_root(struct report *report, struct row *row)
{
    const struct account *account = report->account;
    struct user root;
    world_root_user(report->world, account, &report->names, &root);
    row->begin = report->lines.len;
    buffer_addf(&report->lines, "<root_account>,arn:%s:iam::%s:root",
                report->world->shape.partition, account->id);
    put_moment(report, account->joined, "N/A");
    put_root_password(report, &root);
    put_bool(report, root.mfa_count > 0);
    put_keys(report, &root, row);
    put_certificates(report, &root, row);
    row->end = report->lines.len;
}

static int order_rows(const void *a, const void *b)
{
    const struct row *one = a;
    const struct row *other = b;
    int order = strcasecmp(one->name, other->name);
    return order ? order : strcmp(one->name, other->name);
}

static void read_users(struct report *report)
{
    const struct account *account = report->account;
    size_t count = account->user_count + account->report_only_count;
    struct arena arena = {0};
    report->rows = xcalloc(count, sizeof(*report->rows));
    for (size_t index = 0; index < count; index++) {
        struct user user;
        arena_clear(&arena);
        world_user(report->world, account, index, &arena, &user);
        if (!user.created_after_report)
            put_user(report, &user);
    }
    arena_release(&arena);
    qsort(report->rows, report->row_count, sizeof(*report->rows), order_rows);
}

static bool has_more(const struct row *row)
{
    return row->more_keys > 0 || row->more_certificates > 0;
}

/* The text is made up: AWS documents only the column. */
static void write_info(const struct row *row, struct buffer *csv)
{
    separate(csv);
    if (!has_more(row)) {
        buffer_add_text(csv, "N/A");
        return;
    }
    buffer_add_char(csv, '"');
    if (row->more_keys > 0)
        buffer_addf(csv, "%zu additional access key(s), use ListAccessKeys to see them. ",
                    row->more_keys);
    if (row->more_certificates > 0)
        buffer_addf(csv, "%zu additional certificate(s), use ListSigningCertificates to see them. ",
                    row->more_certificates);
    buffer_add_char(csv, '"');
}

static void write_row(const struct report *report, const struct row *row, bool info,
                      struct buffer *csv)
{
    buffer_add_char(csv, '\n');
    buffer_add(csv, report->lines.data + row->begin, row->end - row->begin);
    if (info)
        write_info(row, csv);
}

void report_csv_write(const struct world *world, const struct account *account,
                      const struct report_form *form, struct buffer *csv)
{
    struct report report = {
        .world = world, .account = account, .form = form, .lines = {.max = TEXT_MAX}};
    struct row root = {0};
    bool info = form->info_column;
    put_root(&report, &root);
    read_users(&report);
    for (size_t i = 0; i < report.row_count; i++)
        info = info || has_more(&report.rows[i]);
    buffer_add_text(csv, header);
    if (info)
        buffer_add_text(csv, ",additional_credentials_info");
    write_row(&report, &root, info, csv);
    for (size_t i = 0; i < report.row_count; i++)
        write_row(&report, &report.rows[i], info, csv);
    if (form->line_end)
        buffer_add_char(csv, '\n');
    buffer_release(&report.lines);
    arena_release(&report.names);
    free(report.rows);
}
