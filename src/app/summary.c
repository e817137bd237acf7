/* SPDX-License-Identifier: MIT */
#include "app/summary.h"

#include "app/account_groups.h"
#include "base/colour.h"
#include "base/plural.h"
#include "base/printable.h"
#include "base/timestamp.h"

#include <stdio.h>

/* With these limits a summary fits a screen of 24 lines, whatever happened to the accounts. */
#define GROUPS_SHOWN     4
#define DETAIL_MAX_BYTES 240
#define CAUSE_MAX_BYTES  1024
#define TITLE_SIZE       32

/* What write_failure writes if the role is refused. */
#define ROLE_REFUSED " at AssumeRole: AccessDenied"

/* Writes the cause that an account shares with others, and returns its own detail. */
typedef struct view cause_writer(const struct account_outcome *account, struct buffer *out);

/* " at AssumeRole: AccessDenied" */
static struct view write_failure(const struct account_outcome *account, struct buffer *out)
{
    buffer_addf(out, " at %.*s: %.*s", VIEW_ARG(account->stage), VIEW_ARG(account->code));
    return account->message;
}

/* " with Groups, MFAEnabled unknown since ListGroupsForUser: AccessDenied" */
static struct view write_unknown(const struct account_outcome *account, struct buffer *out)
{
    const struct failed_call *first = STAILQ_FIRST(&account->calls);
    const struct failed_call *call;
    buffer_add_text(out, " with");
    for (size_t i = 0; i < account->unknown_count; i++)
        buffer_addf(out, "%s %.*s", i > 0 ? "," : "", VIEW_ARG(account->unknown[i]));
    buffer_add_text(out, " unknown");
    STAILQ_FOREACH (call, &account->calls, next)
        buffer_addf(out, "%s%.*s: %.*s", call == first ? " since " : ", ",
                    VIEW_ARG(call->operation), VIEW_ARG(call->code));
    return first ? first->message : VIEW_NONE;
}

static void group(const struct account_outcomes *accounts, cause_writer *write_cause,
                  struct account_groups *groups)
{
    const struct account_outcome *account;
    STAILQ_FOREACH (account, &accounts->list, next) {
        struct buffer cause;
        buffer_init(&cause, CAUSE_MAX_BYTES);
        const struct view detail = write_cause(account, &cause);
        account_groups_add(groups, buffer_text_cut(&cause), view_of(account->id),
                           detail.ptr ? detail.ptr : "");
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

/*
 * Writes groups of accounts by cause, the largest first; the first 'detailed' ones with the detail
 * of one account.
 */
static void write_accounts(const struct account_outcomes *accounts, const char *title,
                           cause_writer *write_cause, size_t detailed, struct buffer *out)
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

static void write_head(const struct result *r, struct buffer *out)
{
    size_t all = r->successful.count + r->partial.count + r->failed.count;
    buffer_addf(out, "%llu user%s of %zu account%s: %zu complete, %zu partial, %zu failed\n",
                (unsigned long long)r->rows, plural_s(r->rows), all, plural_s(all),
                r->successful.count, r->partial.count, r->failed.count);
    if (r->skipped.count > 0)
        buffer_addf(out, "%zu account%s left out, not ACTIVE (--json has each)\n", r->skipped.count,
                    plural_s(r->skipped.count));
}

/* Writes what a reader of the rows must know but can't see in them. */
static void write_users(const struct result *r, bool hides_keys, struct buffer *out)
{
    if (r->second_keys > 0 && hides_keys)
        buffer_addf(out, "%llu user%s a second active key: --columns extended shows it\n",
                    (unsigned long long)r->second_keys, r->second_keys == 1 ? " has" : "s have");
    if (r->ages_from_creation > 0)
        buffer_addf(out, "%llu user%s: PasswordAge counts from when the password was first made\n",
                    (unsigned long long)r->ages_from_creation, plural_s(r->ages_from_creation));
    if (r->users_gone > 0)
        buffer_addf(out, "%llu user%s deleted while being read, without a row\n",
                    (unsigned long long)r->users_gone, plural_s(r->users_gone));
}

/* Reports may be hours old, and so is what they say about passwords, MFA and last use. */
static void write_report_age(const struct result *r, struct buffer *out)
{
    char oldest[TIMESTAMP_TEXT_SIZE];
    if (r->oldest_report_s == TIMESTAMP_NONE)
        return;
    int64_t age_s = r->started_s - r->oldest_report_s;
    long long minutes = age_s > 0 ? age_s / 60 : 0;
    timestamp_format(r->oldest_report_s, oldest);
    buffer_addf(out, "oldest credential report used: %s, %lld h %lld min before the start\n",
                oldest, minutes / 60, minutes % 60);
}

static void write_effort(const struct result *r, struct buffer *out)
{
    const struct aws_counters *c = &r->counters;
    buffer_addf(out, "%.1f s, %llu call%s, %llu retr%s, %llu throttled\n",
                (double)r->duration_ms / 1000, (unsigned long long)c->requests,
                plural_s(c->requests), (unsigned long long)c->retries,
                c->retries == 1 ? "y" : "ies", (unsigned long long)c->throttled);
}

void summary_write(const struct result *r, bool hides_keys, bool coloured, struct buffer *out)
{
    const char *output = r->output ? r->output : "";
    char failed[TITLE_SIZE], partial[TITLE_SIZE];
    snprintf(failed, sizeof(failed), "%sfailed%s", colour_on(coloured, COLOUR_BAD),
             colour_off(coloured));
    snprintf(partial, sizeof(partial), "%spartial%s", colour_on(coloured, COLOUR_WARNING),
             colour_off(coloured));
    write_head(r, out);
    write_accounts(&r->failed, failed, write_failure, 2, out);
    write_accounts(&r->partial, partial, write_unknown, 1, out);
    write_users(r, hides_keys, out);
    write_report_age(r, out);
    write_effort(r, out);
    if (r->findings.judged)
        findings_tally_write_text(&r->findings, out);
    buffer_add_text(out, "written to ");
    printable_add(out, view_of(strcmp(output, "-") == 0 ? "standard output" : output));
    buffer_add_char(out, '\n');
    for (size_t i = 0; i < r->further_count; i++) {
        buffer_addf(out, "%s: ", r->further[i].what);
        printable_add(out, r->further[i].name);
        buffer_add_char(out, '\n');
    }
}
