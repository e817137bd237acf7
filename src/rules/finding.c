/* SPDX-License-Identifier: MIT */
#include "rules/finding.h"

#include "base/plural.h"

const char *finding_status_name(enum finding_status status)
{
    static const char *const names[] = {[STATUS_FAIL] = "fail",
                                        [STATUS_PASS] = "pass",
                                        [STATUS_UNKNOWN] = "unknown",
                                        [STATUS_NOT_APPLICABLE] = "not_applicable",
                                        [STATUS_SUPPRESSED] = "suppressed"};
    return names[status];
}

void finding_make_id(const struct finding *finding, struct sha256 *hasher,
                     char out[FINDING_ID_SIZE])
{
    unsigned char hash[SHA256_SIZE];
    char hex[SHA256_HEX_SIZE];
    sha256_begin(hasher);
    sha256_add(hasher, finding->rule->id, strlen(finding->rule->id));
    sha256_add(hasher, "\n", 1);
    sha256_add(hasher, finding->account->id, strlen(finding->account->id));
    sha256_add(hasher, "\n", 1);
    sha256_add(hasher, finding->resource_id.ptr, finding->resource_id.len);
    sha256_end(hasher, hash);
    sha256_hex(hash, hex);
    memcpy(out, hex, FINDING_ID_SIZE - 1);
    out[FINDING_ID_SIZE - 1] = '\0';
}

static void add_slot(const struct finding *f, struct view name, struct buffer *out)
{
    if (view_is(name, "limit"))
        buffer_add_int(out, f->limit);
    else if (view_is(name, "value"))
        buffer_add_int(out, f->value);
    else if (view_is(name, "keys"))
        buffer_add_view(out, f->limit_text);
    else if (f->has_value)
        buffer_addf(out, "%lld day%s", (long long)f->value, plural_s((uint64_t)f->value));
    else
        buffer_add_text(out, "an unknown number of days");
}

static void fill_in(const struct finding *f, const char *pattern, struct buffer *out)
{
    const char *slot;
    while ((slot = strchr(pattern, '{')) != NULL) {
        const char *end = strchr(slot, '}');
        buffer_add(out, pattern, (size_t)(slot - pattern));
        add_slot(f, (struct view){slot + 1, (size_t)(end - slot - 1)}, out);
        pattern = end + 1;
    }
    buffer_add_text(out, pattern);
}

/* Why it is unknown: the account failed, or columns are missing. */
static void add_unknown(const struct finding *f, const char *sentence, struct buffer *out)
{
    const char *separator = "";
    if (f->account->outcome == OUTCOME_FAILED) {
        buffer_addf(out, "the account could not be read: %s, %s",
                    f->account->failed_stage ? f->account->failed_stage : "unknown stage",
                    error_code(&f->account->failed));
        return;
    }
    if (sentence) {
        buffer_add_text(out, sentence);
        return;
    }
    buffer_add_text(out, "not known: ");
    for (enum column c = 0; c < COLUMN_COUNT; c++)
        if (f->because & COLUMN_BIT(c)) {
            buffer_addf(out, "%s%s", separator, column_name(c));
            separator = ", ";
        }
}

void finding_make_reason(const struct finding *finding, const char *pattern, struct buffer *out)
{
    switch (finding->status) {
    case STATUS_FAIL:
    case STATUS_SUPPRESSED:
        fill_in(finding, pattern, out);
        break;
    case STATUS_PASS:
        buffer_add_text(out, "the rule is met");
        break;
    case STATUS_NOT_APPLICABLE:
        buffer_add_text(out, "the rule does not apply to this account");
        break;
    case STATUS_UNKNOWN:
        add_unknown(finding, pattern, out);
        break;
    case STATUS_COUNT:
        break;
    }
}
