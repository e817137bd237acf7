/* SPDX-License-Identifier: MIT */
#include "doctor/doctor_text.h"

#include "base/colour.h"
#include "base/plural.h"
#include "base/printable.h"
#include "base/shell_word.h"
#include "base/timestamp.h"
#include "doctor/trouble.h"
#include "output/fact_columns.h"

#define IDS_OF_FIX      2
#define IDS_OF_LINE     5
#define IDS_OF_MANY     4 /* shown if there are more than DOCTOR_TEXT_IDS: they fit a line */
#define ACTIONS_SHOWN   3
#define COLUMNS_SHOWN   8
#define MESSAGE_BYTES   200
#define TEXT_BYTES      300
#define FIX_LINES_SHOWN 40

static void add_text(struct buffer *out, const char *text)
{
    printable_add_cut(out, view_of(text ? text : "?"), TEXT_BYTES);
}

static void write_caller(const struct diagnosis *d, struct buffer *out)
{
    const struct diagnosis_caller *c = &d->caller;
    char expires[TIMESTAMP_TEXT_SIZE];
    buffer_add_text(out, "caller    ");
    add_text(out, c->arn ? c->arn : "not known");
    buffer_add_text(out, ", region ");
    add_text(out, c->region ? c->region : "not known");
    if (c->expires_at_s != TIMESTAMP_NONE) {
        timestamp_format(c->expires_at_s, expires);
        buffer_addf(out, ", credentials until %s", expires);
    }
    buffer_add_char(out, '\n');
}

static void write_accounts(const struct diagnosis *d, struct buffer *out)
{
    buffer_addf(out, "accounts  %zu", d->account_count);
    if (d->organization.id) {
        buffer_add_text(out, " of ");
        add_text(out, d->organization.id);
    }
    if (d->organization.skipped > 0)
        buffer_addf(out, "; %zu left out, not ACTIVE", d->organization.skipped);
    buffer_addf(out, "; asked with %llu call%s\n", (unsigned long long)d->calls,
                plural_s(d->calls));
}

static void write_output(const struct diagnosis *d, bool coloured, struct buffer *out)
{
    buffer_add_text(out, "output    ");
    add_text(out, d->output.target ? d->output.target : "the output");
    if (d->output.ok) {
        buffer_add_text(out, " can be written\n");
        return;
    }
    buffer_addf(out, " %scan't be written%s: ", colour_on(coloured, COLOUR_BAD),
                colour_off(coloured));
    printable_add_cut(out, view_of(d->output.error ? d->output.error : "the reason is not known"),
                      MESSAGE_BYTES);
    buffer_add_char(out, '\n');
}

static void write_roles(const struct diagnosis *d, struct buffer *out)
{
    buffer_add_text(out, "roles     ");
    add_text(out, d->role_name);
    buffer_addf(out, ": %zu ready, %zu ready per user, %zu partial, %zu blocked\n",
                d->verdicts[VERDICT_READY], d->verdicts[VERDICT_PER_USER],
                d->verdicts[VERDICT_PARTIAL], d->verdicts[VERDICT_BLOCKED]);
}

/* "Tags (3), Groups (3)": what would be unknown, and in how many accounts. */
static void write_unknown(const struct diagnosis *d, struct buffer *out)
{
    struct view names[FACT_COLUMNS_MAX];
    size_t shown = 0, more = 0;
    for (enum fact fact = 0; fact < FACT_COUNT; fact++) {
        size_t accounts = 0;
        for (size_t i = 0; i < d->account_count; i++)
            accounts += d->accounts[i].verdict == VERDICT_PARTIAL &&
                        (d->accounts[i].unknown & FACT_BIT(fact)) != 0;
        size_t count = accounts > 0 ? fact_columns(fact, names) : 0;
        for (size_t i = 0; i < count; i++) {
            if (shown == COLUMNS_SHOWN) {
                more++;
                continue;
            }
            buffer_addf(out, "%s%.*s (%zu)", shown++ == 0 ? "          unknown in some: " : ", ",
                        VIEW_ARG(names[i]), accounts);
        }
    }
    if (more > 0)
        buffer_addf(out, ", and %zu more", more);
    if (shown > 0)
        buffer_add_char(out, '\n');
}

static void write_plan(const struct diagnosis *d, struct buffer *out)
{
    unsigned long long seconds = (unsigned long long)((d->estimate_ms + 999) / 1000);
    buffer_addf(out,
                "plan      %zu in bulk, %zu per user; about %llu call%s and %llu %s (%d users an "
                "account)\n",
                d->bulk_accounts, d->per_user_accounts, (unsigned long long)d->estimate_calls,
                plural_s(d->estimate_calls), seconds < 120 ? seconds : (seconds + 59) / 60,
                seconds < 120 ? "s" : "min", DIAGNOSIS_USERS);
    write_unknown(d, out);
}

/* "ListUsers, ListUserTags and 3 more" */
static void write_actions(unsigned bits, struct buffer *out)
{
    size_t count = 0;
    for (enum source_id id = SOURCE_NONE; id < SOURCE_COUNT; id++) {
        if (!(bits & SOURCE_BIT(id)))
            continue;
        const char *colon = strchr(trouble_action(id), ':');
        if (count++ < ACTIONS_SHOWN)
            buffer_addf(out, "%s%s", count > 1 ? ", " : "", colon ? colon + 1 : "");
    }
    if (count > ACTIONS_SHOWN)
        buffer_addf(out, " and %zu more", count - ACTIONS_SHOWN);
}

static void write_denial(const struct trouble *t, struct buffer *out)
{
    static const char *const names[POLICY_TYPE_COUNT] = {
        [POLICY_IDENTITY] = "an identity policy",
        [POLICY_RESOURCE] = "a resource policy",
        [POLICY_SESSION] = "a session policy",
        [POLICY_BOUNDARY] = "a permissions boundary",
        [POLICY_SCP] = "a service control policy",
        [POLICY_RCP] = "a resource control policy",
        [POLICY_VPC_ENDPOINT] = "a VPC endpoint policy"};
    if (!names[t->type]) {
        buffer_add_text(out, t->of == TROUBLE_ASSUMING ? " denied: no such role, or no trust"
                                                       : " denied; AWS does not say by what");
        return;
    }
    if (t->type == POLICY_IDENTITY && !t->is_explicit) {
        buffer_add_text(out, " denied: no identity policy allows it");
        return;
    }
    buffer_addf(out, " denied by %s", names[t->type]);
    if (t->policy_arn[0] != '\0') {
        /* Its name will do: the fix has the whole ARN. */
        const char *slash = strrchr(t->policy_arn, '/');
        buffer_add_char(out, ' ');
        add_text(out, slash ? slash + 1 : t->policy_arn);
    }
    buffer_add_text(out, t->is_explicit ? ", explicitly" : ", which does not allow it");
}

/* "000000000001, 000000000002 and 12 more" in lines that begin with 'indent'. */
static void write_ids(const char *const *ids, size_t count, size_t most, const char *indent,
                      struct buffer *out)
{
    size_t shown = count <= most || most <= IDS_OF_MANY ? most : IDS_OF_MANY;
    for (size_t i = 0; i < count && i < shown; i++) {
        if (i > 0)
            buffer_add_text(out, i % IDS_OF_LINE == 0 ? "," : ", ");
        if (i > 0 && i % IDS_OF_LINE == 0)
            buffer_addf(out, "\n%s", indent);
        buffer_add_text(out, ids[i]);
    }
    if (count > shown)
        buffer_addf(out, " and %zu more", count - shown);
}

static void write_trouble(const struct trouble *t, bool coloured, struct buffer *out)
{
    static const char *const verdicts[VERDICT_COUNT] = {[VERDICT_READY] = "read whole all the same",
                                                        [VERDICT_PER_USER] = "read per user",
                                                        [VERDICT_PARTIAL] = "partial",
                                                        [VERDICT_BLOCKED] = "blocked"};
    bool bad = coloured && (t->verdict == VERDICT_BLOCKED || t->verdict == VERDICT_PARTIAL);
    buffer_addf(out, "  %zu account%s %s%s%s: ", t->account_count, plural_s(t->account_count),
                colour_on(bad, t->verdict == VERDICT_BLOCKED ? COLOUR_BAD : COLOUR_WARNING),
                verdicts[t->verdict], colour_off(bad));
    write_actions(t->actions, out);
    if (t->result == PROBE_DENIED) {
        write_denial(t, out);
    } else {
        buffer_add_text(out, " failed: ");
        add_text(out, t->code[0] != '\0' ? t->code : "no code");
        if (t->message && t->message[0] != '\0') {
            buffer_add_text(out, ", ");
            printable_add_cut(out, view_of(t->message), MESSAGE_BYTES);
        }
    }
    buffer_add_text(out, "\n    ");
    write_ids(t->account_ids, t->account_count, DOCTOR_TEXT_IDS, "    ", out);
    buffer_add_char(out, '\n');
}

static void write_troubles(const struct troubles *troubles, bool coloured, struct buffer *out)
{
    if (troubles->count > 0)
        buffer_addf(out, "\n%strouble, the worst first%s:\n", colour_on(coloured, COLOUR_TITLE),
                    colour_off(coloured));
    for (size_t i = 0; i < troubles->count && i < DOCTOR_TEXT_GROUPS; i++)
        write_trouble(&troubles->items[i], coloured, out);
    if (troubles->count > DOCTOR_TEXT_GROUPS)
        buffer_addf(out, "  and %zu more kinds of trouble (--json has each)\n",
                    troubles->count - DOCTOR_TEXT_GROUPS);
}

/* Line by line, so that only line ends of ours end a line. */
static void write_lines(const char *text, struct buffer *out)
{
    for (size_t line = 0; *text != '\0' && line < FIX_LINES_SHOWN; line++) {
        size_t len = strcspn(text, "\n");
        buffer_add_text(out, "   ");
        printable_add(out, (struct view){text, len});
        buffer_add_char(out, '\n');
        text += len;
        text += *text == '\n';
    }
}

/* "trust_policy" as "trust policy" */
static void write_kind(const char *name, struct buffer *out)
{
    for (; *name != '\0'; name++)
        buffer_add(out, *name == '_' ? " " : name, 1);
}

static void write_fixes(const struct fixes *fixes, bool coloured, struct buffer *out)
{
    if (fixes->count > 0)
        buffer_addf(out, "\n%swhat mends it%s (nothing of this is run):\n",
                    colour_on(coloured, COLOUR_TITLE), colour_off(coloured));
    for (size_t i = 0; i < fixes->count && i < DOCTOR_TEXT_FIXES; i++) {
        const struct fix *fix = &fixes->items[i];
        buffer_addf(out, "%zu. ", i + 1);
        write_kind(fix_kind_names[fix->kind], out);
        if (fix->account_count > 0) {
            buffer_addf(out, ", %zu account%s: ", fix->account_count, plural_s(fix->account_count));
            write_ids(fix->account_ids, fix->account_count, IDS_OF_FIX, "   ", out);
        }
        buffer_add_char(out, '\n');
        write_lines(fix->brief, out);
    }
    if (fixes->count > DOCTOR_TEXT_FIXES)
        buffer_addf(out, "and %zu more (--json has each)\n", fixes->count - DOCTOR_TEXT_FIXES);
}

static void write_next(const struct diagnosis *d, bool all_well, struct buffer *out)
{
    struct buffer role;
    if (diagnosis_exit_status(d) == 1) {
        buffer_add_text(out, "\nA census would read nothing, or could not write it: mend this, "
                             "then run doctor again.\n");
        return;
    }
    if (all_well)
        buffer_add_text(out, "\nNothing is wrong. Run next:\n");
    else if (d->verdicts[VERDICT_BLOCKED] + d->verdicts[VERDICT_PARTIAL] > 0)
        buffer_add_text(out, "\nA census would read the rest already:\n");
    else
        buffer_add_text(out, "\nA census would be complete all the same:\n");
    buffer_init(&role, TEXT_BYTES);
    shell_word_add(&role, view_of(d->role_name ? d->role_name : ""));
    buffer_add_text(out, "   iam-census collect ");
    if (!d->collect_options)
        buffer_add_text(out, "--role-name ");
    printable_add(out, view_of(d->collect_options ? d->collect_options : buffer_text_cut(&role)));
    buffer_add_char(out, '\n');
    buffer_release(&role);
}

void doctor_text_write(const struct diagnosis *d, const struct fixes *fixes, bool coloured,
                       struct buffer *out)
{
    struct arena arena;
    struct troubles troubles;
    arena_init(&arena);
    troubles_find(d, true, &arena, &troubles);
    write_caller(d, out);
    write_accounts(d, out);
    write_output(d, coloured, out);
    write_roles(d, out);
    write_plan(d, out);
    write_troubles(&troubles, coloured, out);
    write_fixes(fixes, coloured, out);
    write_next(d, troubles.count == 0 && fixes->count == 0, out);
    arena_release(&arena);
}
