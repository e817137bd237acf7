/* SPDX-License-Identifier: MIT */
/*
 * fixes.c: which fixes a diagnosis needs.
 *
 *   before the accounts   region, clock, credentials, Organizations
 *   output                by what denies it
 *   AssumeRole            trust policy, if no account lets the caller in; otherwise the role is
 *                         missing in those that don't
 *   each cause            by the kind of policy, explicit or not (doctor/cures)
 */
#include "doctor/fixes.h"

#include "base/timestamp.h"
#include "doctor/cures.h"
#include "doctor/fix_text.h"
#include "doctor/probe.h"

#define SKEW_MOST_S 300 /* AWS refuses signatures that are older (Signature Version 4) */
#define BRIEF_IDS   4   /* on a terminal, if there are more than BRIEF_MOST */
#define BRIEF_MOST  10

/*
 * True if the role is missing in the account, or does not trust the caller: STS says the same of
 * both, and no kind of policy.
 */
static bool is_missing(const struct account_diagnosis *a)
{
    enum policy_type type = a->assume_role.denial.type;
    return a->stage && strcmp(a->stage, "AssumeRole") == 0 &&
           a->assume_role.result == PROBE_DENIED && !a->assume_role.denial.is_explicit &&
           (type == POLICY_NONE || type == POLICY_UNKNOWN || type == POLICY_RESOURCE);
}

static bool is_management(const struct account_diagnosis *a)
{
    return a->account.membership == MEMBERSHIP_MANAGEMENT;
}

/* True if one account, at least, lets the caller in. */
static bool any_assumed(const struct diagnosis *d)
{
    for (size_t i = 0; i < d->account_count; i++)
        if (d->accounts[i].assume_role.result == PROBE_ALLOWED)
            return true;
    return false;
}

/* The accounts without the role: of the management account (1), of others (0), or all (-1). */
static size_t missing_ids(struct making *m, int management, const char *const **ids)
{
    const struct diagnosis *d = m->d;
    const char **list = arena_alloc(m->arena, (d->account_count + 1) * sizeof(*list));
    size_t count = 0;
    for (size_t i = 0; i < d->account_count; i++)
        if (is_missing(&d->accounts[i]) &&
            (management < 0 || is_management(&d->accounts[i]) == (management > 0)))
            list[count++] = d->accounts[i].account.id;
    *ids = list;
    return count;
}

static void fix_trust(struct making *m)
{
    const char *const *ids;
    size_t count = missing_ids(m, -1, &ids);
    if (count == 0)
        return;
    if (m->caller.kind == PRINCIPAL_UNABLE) {
        buffer_addf(&m->text, "%s can't assume roles: run as an IAM user or a role", m->caller.arn);
        making_add(m, FIX_TRUST_POLICY, ids, count);
        return;
    }
    buffer_addf(&m->text,
                "If the role %s exists, it needs this trust policy%s%s%s; if not, see "
                "docs/deploy.md:\n",
                m->d->role_name ? m->d->role_name : "",
                m->d->external_id ? ", with your external id for EXTERNAL_ID" : "",
                m->caller.kind == PRINCIPAL_UNKNOWN ? ", with your own ARN for CALLER_ARN" : "",
                m->caller.kind == PRINCIPAL_ROLE ? " (if the caller's role has a path, add it)"
                                                 : "");
    fix_write_trust_policy(m->d, &m->caller, &m->text);
    making_add(m, FIX_TRUST_POLICY, ids, count);
}

static void fix_stacks(struct making *m)
{
    const char *const *ids;
    size_t count = missing_ids(m, 0, &ids);
    if (count > 0) {
        fix_write_stack_instances(m->d, ids, count, count, &m->text);
        struct fix *fix = making_add(m, FIX_STACK_INSTANCES, ids, count);
        if (count > BRIEF_MOST) {
            fix_write_stack_instances(m->d, ids, count, BRIEF_IDS, &m->text);
            fix->brief = making_keep(m);
        }
    }
    count = missing_ids(m, 1, &ids);
    if (count > 0) {
        fix_write_stack(m->d, &m->caller, &m->text);
        making_add(m, FIX_STACK, ids, count);
    }
}

static const char *advice_of(const char *code)
{
    if (strcmp(code, PROBE_NO_CALLS_LEFT) == 0)
        return "an account is asked a few calls only; mend the others, then run doctor again";
    if (strstr(code, "hrottl") || strcmp(code, "TooManyRequests") == 0)
        return "AWS throttles the account; run doctor again when less is going on there";
    return "run doctor again; docs/operations.md lists codes and what to do";
}

/* True if the caller's own credentials have ended, not those of a session in an account. */
static bool is_expired(const struct trouble *t)
{
    return t->of != TROUBLE_ROLE && (strncmp(t->code, "ExpiredToken", 12) == 0);
}

static void fix_failure(struct making *m, const struct trouble *t)
{
    struct fix_actions actions;
    enum fix_kind kind = FIX_FAILURE;
    fix_actions_of(t->actions, &actions);
    if (is_expired(t)) {
        kind = FIX_CREDENTIALS;
        buffer_addf(&m->text,
                    "The caller's credentials have expired (%s): renew them, or log in again, then "
                    "run doctor again",
                    t->code);
    } else if (strncmp(t->code, "RegionDisabled", 14) == 0) {
        kind = FIX_REGION;
        buffer_addf(&m->text,
                    "STS is not enabled in the region %s: enable the region, or give "
                    "--region (AWS_REGION) another one",
                    m->d->caller.region ? m->d->caller.region : "");
    } else {
        fix_write_actions(&actions, &m->text);
        buffer_addf(&m->text, " failed (%s), which says nothing of permissions: %s",
                    t->code[0] != '\0' ? t->code : "no code", advice_of(t->code));
    }
    making_add(m, kind, t->account_ids, t->account_count);
}

static void fix_trouble(struct making *m, const struct trouble *t)
{
    bool missing =
        t->of == TROUBLE_ASSUMING && !t->is_explicit &&
        (t->type == POLICY_NONE || t->type == POLICY_UNKNOWN || t->type == POLICY_RESOURCE);
    struct denied x = {.of = t->of,
                       .type = t->type,
                       .is_explicit = t->is_explicit,
                       .policy_arn = t->policy_arn,
                       .resource = "*",
                       .ids = t->account_ids,
                       .id_count = t->account_count};
    struct buffer role;
    if (t->result == PROBE_FAILED) {
        fix_failure(m, t);
        return;
    }
    if (missing) /* by fix_roles */
        return;
    fix_actions_of(t->actions, &x.actions);
    buffer_init(&role, PRINCIPAL_ARN_MAX);
    fix_write_role_arn(m->d, &role);
    if (t->of == TROUBLE_ASSUMING)
        x.resource = buffer_text_cut(&role);
    cure(m, &x);
    buffer_release(&role);
}

static void fix_roles(struct making *m)
{
    if (any_assumed(m->d))
        fix_stacks(m);
    else
        fix_trust(m);
}

/* "arn:aws:s3:::bucket/prefix*" of "s3://bucket/prefix". */
static void write_bucket_arn(const struct diagnosis *d, struct buffer *out)
{
    static const char scheme[] = "s3://";
    const char *target = d->output.target ? d->output.target : "";
    bool s3 = strncmp(target, scheme, sizeof(scheme) - 1) == 0;
    const char *path = s3 ? target + sizeof(scheme) - 1 : "BUCKET/";
    buffer_addf(out, "arn:%s:s3:::%s%s*", d->partition ? d->partition : "aws", path,
                strchr(path, '/') ? "" : "/");
}

static void fix_output(struct making *m)
{
    const struct diagnosis_output *o = &m->d->output;
    bool kms = o->action && strncmp(o->action, "kms:", 4) == 0;
    static const struct fix_actions s3_actions = {{"s3:PutObject", "s3:AbortMultipartUpload"}, 2};
    static const struct fix_actions key_actions = {{"kms:GenerateDataKey", "kms:Decrypt"}, 2};
    struct buffer arn;
    if (o->ok)
        return;
    if (o->denial.type == POLICY_NONE) {
        buffer_add_text(&m->text, o->error ? o->error : "the output can't be written");
        making_add(m, FIX_OUTPUT, NULL, 0);
        return;
    }
    buffer_init(&arn, PRINCIPAL_ARN_MAX);
    if (kms)
        buffer_add_text(&arn, o->key ? o->key : "*");
    else
        write_bucket_arn(m->d, &arn);
    const struct denied x = {.of = TROUBLE_CALLER,
                             .type = o->denial.type,
                             .is_explicit = o->denial.is_explicit,
                             .policy_arn = o->denial.policy_arn,
                             .actions = kms ? key_actions : s3_actions,
                             .resource = buffer_text_cut(&arn)};
    /* S3 often does not say what denies: the caller's own policy comes first. */
    if (x.type == POLICY_UNKNOWN) {
        buffer_addf(&m->text, "AWS does not say what denies: the %s may deny it too",
                    kms ? "key's policy" : "bucket's policy, or that of its KMS key,");
        if (o->owner)
            buffer_addf(&m->text, ", or the bucket is not of account %s (--expected-bucket-owner)",
                        o->owner);
        buffer_add_text(&m->text, ". ");
        cure_by_permissions(m, &x);
    } else {
        cure(m, &x);
    }
    buffer_release(&arn);
}

static void fix_caller(struct making *m)
{
    const struct diagnosis *d = m->d;
    int64_t end_s = d->now_s + (int64_t)((d->estimate_ms + 999) / 1000);
    char expires[TIMESTAMP_TEXT_SIZE];
    if (d->caller.error) {
        bool disabled = d->caller.code && strncmp(d->caller.code, "RegionDisabled", 14) == 0;
        buffer_addf(&m->text, "STS of the region %s does not say who the caller is (%s)\n%s",
                    d->caller.region ? d->caller.region : "",
                    d->caller.code ? d->caller.code : d->caller.error,
                    disabled
                        ? "Enable the region in the caller's account, or give another one with "
                          "--region (AWS_REGION)"
                        : "Run doctor again; if that does not help, give another region with "
                          "--region (AWS_REGION),\nor see what is between here and STS: "
                          "a proxy, a VPC endpoint and its policy");
        making_add(m, FIX_REGION, NULL, 0);
    }
    if (d->caller.clock_skew_s > SKEW_MOST_S || d->caller.clock_skew_s < -SKEW_MOST_S) {
        long long skew_s = (long long)d->caller.clock_skew_s;
        buffer_addf(&m->text,
                    "This machine's clock is %lld s %s AWS's: set it (other programs' requests are "
                    "refused; this one corrects itself)",
                    skew_s < 0 ? -skew_s : skew_s, skew_s < 0 ? "ahead of" : "behind");
        making_add(m, FIX_CLOCK, NULL, 0);
    }
    if (d->caller.expires_at_s != TIMESTAMP_NONE && d->caller.expires_at_s < end_s) {
        timestamp_format(d->caller.expires_at_s, expires);
        buffer_addf(&m->text,
                    "The caller's credentials expire at %s, before a census would end: renew them, "
                    "or use some that renew themselves",
                    expires);
        making_add(m, FIX_CREDENTIALS, NULL, 0);
    }
}

static void fix_organization(struct making *m)
{
    const struct diagnosis_organization *o = &m->d->organization;
    if (!o->error)
        return;
    buffer_add_text(&m->text, o->error);
    if (!o->refused && !o->undenied)
        buffer_add_text(
            &m->text,
            "\nRun in the management account or that of a delegated administrator, with the "
            "permissions\nthat 'iam-census policy --for function' prints; or give --accounts, "
            "and for the output's\nname --output or --organization-id");
    making_add(m, o->refused ? FIX_CREDENTIALS : FIX_ORGANIZATIONS, NULL, 0);
}

/* By kind; those of a kind stay in the order in which they were found. */
static void sort_by_kind(const struct fixes *found, struct arena *arena, struct fixes *out)
{
    *out = (struct fixes){.items = arena_alloc(arena, (found->count + 1) * sizeof(*out->items))};
    for (enum fix_kind kind = 0; kind < FIX_KIND_COUNT; kind++)
        for (size_t i = 0; i < found->count; i++)
            if (found->items[i].kind == kind)
                out->items[out->count++] = found->items[i];
}

void fixes_make(const struct diagnosis *d, struct arena *arena, struct fixes *out)
{
    struct making m;
    struct troubles troubles;
    troubles_find(d, false, arena, &troubles);
    /* Besides one for each cause: at most four before the accounts, output, role, two stacks. */
    making_begin(&m, d, arena, troubles.count + 8);
    fix_caller(&m);
    fix_organization(&m);
    fix_output(&m);
    fix_roles(&m);
    for (size_t i = 0; i < troubles.count; i++)
        fix_trouble(&m, &troubles.items[i]);
    making_end(&m);
    sort_by_kind(&m.found, arena, out);
}
