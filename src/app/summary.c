#include "app/summary.h"

#include "app/account_groups.h"
#include "app/result.h"
#include "base/plural.h"
#include "base/printable.h"
#include "base/timestamp.h"

#include <jansson.h>

/* So that a summary fits a screen of 24 lines, whatever happened to however many accounts. */
#define GROUPS_SHOWN     4
#define DETAIL_MAX_BYTES 240
#define CAUSE_MAX_BYTES  1024

/* The cause of accounts whose role is refused, as write_failure writes it. */
#define ROLE_REFUSED " at AssumeRole: AccessDenied"

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

static json_int_t number_of(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

/* " at AssumeRole: AccessDenied"; nothing if the document is one without details. */
static const char *write_failure(const json_t *account, struct buffer *out)
{
    if (json_object_get(account, "stage"))
        buffer_addf(out, " at %s: %s", text_of(account, "stage"), text_of(account, "code"));
    return text_of(account, "message");
}

/* " with Groups, MFAEnabled unknown since ListGroupsForUser: AccessDenied" */
static const char *write_unknown(const json_t *account, struct buffer *out)
{
    const json_t *errors = json_object_get(account, "errors");
    size_t i;
    json_t *item;
    if (!json_object_get(account, "unknown"))
        return "";
    buffer_add_text(out, " with");
    json_array_foreach(json_object_get(account, "unknown"), i, item)
        buffer_addf(out, "%s %s", i > 0 ? "," : "", json_string_value(item));
    buffer_add_text(out, " unknown");
    json_array_foreach(errors, i, item)
        buffer_addf(out, "%s%s: %s", i > 0 ? ", " : " since ", text_of(item, "operation"),
                    text_of(item, "code"));
    return text_of(json_array_get(errors, 0), "message");
}

/* Writes what an account shares with others, and returns what it does not. */
typedef const char *cause_writer(const json_t *account, struct buffer *out);

static void group(const json_t *accounts, cause_writer *write_cause, struct account_groups *groups)
{
    size_t i;
    json_t *account;
    json_array_foreach(accounts, i, account)
    {
        struct buffer cause;
        buffer_init(&cause, CAUSE_MAX_BYTES);
        const char *detail = write_cause(account, &cause);
        account_groups_add(groups, buffer_text_cut(&cause), view_of(text_of(account, "account_id")),
                           detail);
        buffer_release(&cause);
    }
    account_groups_sort(groups);
}

static void write_group(const struct account_group *group, bool detailed, struct buffer *out)
{
    buffer_addf(out, "  %zu", group->count);
    printable_add(out, view_of(group->shared));
    buffer_add_text(out, " (");
    account_group_write_ids(group, 0, out);
    buffer_add_text(out, ")\n");
    if (!detailed || group->detail[0] == '\0')
        return;
    buffer_add_text(out, "    ");
    printable_add_cut(out, view_of(group->detail), DETAIL_MAX_BYTES);
    buffer_add_char(out, '\n');
    if (strcmp(group->shared, ROLE_REFUSED) == 0)
        buffer_add_text(out, "    " RESULT_ROLE_ADVICE "\n");
}

/* The accounts by what they share, the most first; of 'detailed' groups, what was said of one. */
static void write_accounts(const json_t *accounts, const char *title, cause_writer *write_cause,
                           size_t detailed, struct buffer *out)
{
    struct account_groups groups = {0};
    size_t others = 0;
    group(accounts, write_cause, &groups);
    if (groups.count > 0)
        buffer_addf(out, "%s:\n", title);
    for (size_t i = 0; i < groups.count; i++) {
        if (i < GROUPS_SHOWN)
            write_group(&groups.items[i], i < detailed, out);
        else
            others += groups.items[i].count;
    }
    if (others > 0)
        buffer_addf(out, "  %zu for %zu other reasons (--json has each)\n", others,
                    groups.count - GROUPS_SHOWN);
    account_groups_release(&groups);
}

static void write_head(const json_t *root, struct buffer *out)
{
    size_t complete = json_array_size(json_object_get(root, "successful_accounts"));
    size_t partial = json_array_size(json_object_get(root, "partial_accounts"));
    size_t failed = json_array_size(json_object_get(root, "failed_accounts"));
    size_t all = complete + partial + failed;
    long long users = number_of(root, "rows");
    buffer_addf(out, "%lld user%s of %zu account%s: %zu complete, %zu partial, %zu failed\n", users,
                plural_s((uint64_t)users), all, plural_s(all), complete, partial, failed);
    size_t skipped = json_array_size(json_object_get(root, "skipped_accounts"));
    if (skipped > 0)
        buffer_addf(out, "%zu account%s left out, not ACTIVE (--json has each)\n", skipped,
                    plural_s(skipped));
}

/* What a reader of the rows has to know beside them. */
static void write_users(const json_t *root, bool hides_keys, struct buffer *out)
{
    long long second_keys = number_of(root, "users_with_second_active_key");
    long long from_creation = number_of(root, "users_with_password_age_from_creation");
    long long gone = number_of(root, "users_gone");
    if (second_keys > 0 && hides_keys)
        buffer_addf(out, "%lld user%s a second active key: --columns extended shows it\n",
                    second_keys, second_keys == 1 ? " has" : "s have");
    if (from_creation > 0)
        buffer_addf(out, "%lld user%s: PasswordAge counts from when the password was first made\n",
                    from_creation, plural_s((uint64_t)from_creation));
    if (gone > 0)
        buffer_addf(out, "%lld user%s deleted while being read, without a row\n", gone,
                    plural_s((uint64_t)gone));
}

/* Reports are up to hours old: what they say of passwords, MFA and use is no newer. */
static void write_report_age(const json_t *root, struct buffer *out)
{
    const char *oldest = text_of(root, "oldest_report_at");
    int64_t oldest_s, started_s;
    if (timestamp_parse(view_of(oldest), &oldest_s) != 0 ||
        timestamp_parse(view_of(text_of(root, "started_at")), &started_s) != 0)
        return;
    int64_t minutes = started_s > oldest_s ? (started_s - oldest_s) / 60 : 0;
    buffer_addf(out, "oldest credential report used: %s, %lld h %lld min before the start\n",
                oldest, (long long)(minutes / 60), (long long)(minutes % 60));
}

static void write_effort(const json_t *root, struct buffer *out)
{
    long long calls = number_of(root, "api_calls");
    long long retries = number_of(root, "retries");
    buffer_addf(out, "%.1f s, %lld call%s, %lld retr%s, %lld throttled\n",
                (double)number_of(root, "duration_ms") / 1000, calls, plural_s((uint64_t)calls),
                retries, retries == 1 ? "y" : "ies", (long long)number_of(root, "throttled"));
}

void summary_write(struct view document, bool hides_keys, struct buffer *out)
{
    json_t *root = json_loadb(document.ptr, document.len, 0, NULL);
    if (!root)
        return;
    write_head(root, out);
    write_accounts(json_object_get(root, "failed_accounts"), "failed", write_failure, 2, out);
    write_accounts(json_object_get(root, "partial_accounts"), "partial", write_unknown, 1, out);
    write_users(root, hides_keys, out);
    write_report_age(root, out);
    write_effort(root, out);
    const char *output = text_of(root, "output");
    buffer_add_text(out, "written to ");
    printable_add(out, view_of(strcmp(output, "-") == 0 ? "standard output" : output));
    buffer_add_char(out, '\n');
    json_decref(root);
}
