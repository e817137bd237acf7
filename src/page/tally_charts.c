/* SPDX-License-Identifier: MIT */
#include "page/tally_charts.h"

#include "page/chart.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Names the rows; the chart's values are set by its caller. */
static void name_rows(struct chart_row *rows, const char *const *labels, size_t count)
{
    for (size_t i = 0; i < count; i++)
        rows[i] = (struct chart_row){.label = view_of(labels[i])};
}

static void write_mfa(const struct tally *t, struct buffer *out)
{
    static const struct chart_part parts[TALLY_MFA_COUNT] = {
        [TALLY_PASSKEY] = {"passkey or security key", "good"},
        [TALLY_TOKEN] = {"hardware token", "plain"},
        [TALLY_VIRTUAL] = {"virtual device", "mute"},
        [TALLY_SMS] = {"text message", "warn"},
        [TALLY_NO_MFA] = {"none", "bad"},
        [TALLY_MFA_UNKNOWN] = {"unknown", "unknown"},
    };
    static const char *const labels[TALLY_ANSWERS] = {
        [TALLY_YES] = "Administrators", [TALLY_NO] = "Other people", [TALLY_UNKNOWN] = "Unknown"};
    struct chart_row rows[TALLY_ANSWERS];
    name_rows(rows, labels, COUNT(rows));
    for (size_t i = 0; i < COUNT(rows); i++)
        for (size_t k = 0; k < TALLY_MFA_COUNT; k++)
            rows[i].values[k] = t->mfa[i][k];
    chart_write(&(struct chart){.id = "mfa",
                                .title = "MFA of people",
                                .note = "People have a console password. The best device of each "
                                        "counts; 'Unknown' may be administrators.",
                                .head = "People",
                                .parts = parts,
                                .part_count = COUNT(parts),
                                .rows = rows,
                                .row_count = COUNT(rows)},
                out);
}

static void write_keys(const struct tally *t, struct buffer *out)
{
    static const struct chart_part parts[USE_COUNT] = {
        [USE_30] = {"used in the last 30 days", "plain"},
        [USE_90] = {"31 to 90 days ago", "mute"},
        [USE_LONGER] = {"longer ago", "warn"},
        [USE_NEVER] = {"never used", "bad"},
        [USE_UNKNOWN] = {"unknown", "unknown"},
    };
    static const char *const labels[TALLY_AGES] = {
        "up to 90 days", "91 to 180 days", "181 days to 1 year", "1 to 2 years", "over 2 years"};
    struct chart_row rows[TALLY_AGES];
    name_rows(rows, labels, COUNT(rows));
    for (size_t i = 0; i < COUNT(rows); i++)
        for (size_t k = 0; k < USE_COUNT; k++)
            rows[i].values[k] = t->keys[i][k];
    chart_write(&(struct chart){.id = "keys",
                                .title = "Age of active access keys",
                                .note = "Old keys that were never used, or not for long, can go "
                                        "without pain.",
                                .head = "Age of the key",
                                .parts = parts,
                                .part_count = COUNT(parts),
                                .rows = rows,
                                .row_count = COUNT(rows)},
                out);
}

/* How many users would go if a line were drawn: those without any use since then. */
static void write_last_use(const struct tally *t, struct buffer *out)
{
    static const struct chart_part parts[] = {
        {"not used since", "warn"}, {"never used", "bad"}, {"unknown", "unknown"}};
    static const char *const labels[] = {"over 7 days",  "over 30 days",  "over 60 days",
                                         "over 90 days", "over 180 days", "over 365 days"};
    struct chart_row rows[COUNT(labels)];
    uint64_t later = 0;
    name_rows(rows, labels, COUNT(rows));
    for (size_t i = COUNT(rows); i-- > 0;) {
        later += t->last_uses[i + 1];
        rows[i].values[0] = later;
        rows[i].values[1] = t->last_uses[TALLY_LAST_USES - 2];
        rows[i].values[2] = t->last_uses[TALLY_LAST_USES - 1];
    }
    chart_write(&(struct chart){.id = "last-use",
                                .title = "How many users would go, by last use",
                                .note = "The last use of each user's password or any key. AWS "
                                        "records no use of service credentials and certificates, "
                                        "so look at these before you remove a user.",
                                .head = "Without use for",
                                .parts = parts,
                                .part_count = COUNT(parts),
                                .rows = rows,
                                .row_count = COUNT(rows)},
                out);
}

static void write_credentials(const struct tally *t, struct buffer *out)
{
    static const struct chart_part parts[TALLY_ANSWERS] = {
        [TALLY_YES] = {"active", "plain"},
        [TALLY_NO] = {"inactive", "mute"},
        [TALLY_UNKNOWN] = {"users for whom it is unknown", "unknown"},
    };
    static const char *const labels[TALLY_CREDENTIALS] = {
        [TALLY_PASSWORD] = "Console passwords",
        [TALLY_KEY] = "Access keys",
        [TALLY_SERVICE_CREDENTIAL] = "Service credentials",
        [TALLY_CERTIFICATE] = "Signing certificates",
        [TALLY_SSH_KEY] = "SSH public keys",
    };
    struct chart_row rows[TALLY_CREDENTIALS];
    name_rows(rows, labels, COUNT(rows));
    for (size_t i = 0; i < COUNT(rows); i++)
        for (size_t k = 0; k < TALLY_ANSWERS; k++)
            rows[i].values[k] = t->credentials[i][k];
    chart_write(&(struct chart){.id = "credentials",
                                .title = "Credentials by kind",
                                .head = "Kind",
                                .parts = parts,
                                .part_count = COUNT(parts),
                                .rows = rows,
                                .row_count = COUNT(rows)},
                out);
}

/* Good is what protects the account: MFA; bad are credentials of the root user. */
static void write_roots(const struct tally *t, struct buffer *out)
{
    static const struct chart_part parts[] = {
        {"good", "good"}, {"not good", "bad"}, {"unknown", "unknown"}};
    static const struct {
        const char *label;
        bool good_if; /* the answer that is good */
    } asked[TALLY_ROOTS] = {
        [TALLY_ROOT_PASSWORD] = {"No password", false},
        [TALLY_ROOT_MFA] = {"MFA", true},
        [TALLY_ROOT_HARDWARE] = {"Hardware MFA", true},
        [TALLY_ROOT_KEY] = {"No access key", false},
        [TALLY_ROOT_CERTIFICATE] = {"No signing certificate", false},
    };
    struct chart_row rows[TALLY_ROOTS];
    for (size_t i = 0; i < COUNT(rows); i++)
        rows[i] =
            (struct chart_row){.label = view_of(asked[i].label),
                               .values = {t->roots[i][asked[i].good_if ? TALLY_YES : TALLY_NO],
                                          t->roots[i][asked[i].good_if ? TALLY_NO : TALLY_YES],
                                          t->roots[i][TALLY_UNKNOWN]}};
    chart_write(&(struct chart){.id = "roots",
                                .title = "Root users",
                                .note = "Accounts. A root user without a password needs no MFA.",
                                .head = "State",
                                .parts = parts,
                                .part_count = COUNT(parts),
                                .rows = rows,
                                .row_count = COUNT(rows)},
                out);
}

void tally_charts_write(const struct tally *t, struct buffer *out)
{
    write_mfa(t, out);
    write_keys(t, out);
    write_last_use(t, out);
    write_credentials(t, out);
    write_roots(t, out);
}
