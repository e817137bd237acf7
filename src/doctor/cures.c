/* SPDX-License-Identifier: MIT */
#include "doctor/cures.h"

/* Whose permissions are concerned. */
static bool is_of_role(const struct denied *x)
{
    return x->of == TROUBLE_ROLE;
}

static void write_who(const struct making *m, const struct denied *x, struct buffer *out)
{
    if (is_of_role(x))
        fix_write_role_arn(m->d, out);
    else
        buffer_add_text(out, m->caller.arn);
}

void cure_by_permissions(struct making *m, const struct denied *x)
{
    const struct fix_statement s = {.sid = "IamCensus",
                                    .actions = &x->actions,
                                    .resource = x->resource,
                                    .organization =
                                        x->of == TROUBLE_ASSUMING ? m->d->organization.id : NULL};
    if (is_of_role(x))
        buffer_addf(&m->text, "Add this statement to a policy of the role %s in each account:\n",
                    m->d->role_name ? m->d->role_name : "");
    else
        buffer_addf(&m->text, "Add this statement to a policy of the caller, %s:\n", m->caller.arn);
    fix_write_statement(&s, &m->text);
    making_add(m, is_of_role(x) ? FIX_PERMISSIONS : FIX_CALLER_PERMISSIONS, x->ids, x->id_count);
}

static void write_policy_name(const struct denied *x, struct buffer *out)
{
    static const char *const names[POLICY_TYPE_COUNT] = {
        [POLICY_IDENTITY] = "identity policy",        [POLICY_RESOURCE] = "resource policy",
        [POLICY_SESSION] = "session policy",          [POLICY_BOUNDARY] = "permissions boundary",
        [POLICY_SCP] = "service control policy",      [POLICY_RCP] = "resource control policy",
        [POLICY_VPC_ENDPOINT] = "VPC endpoint policy"};
    if (x->of == TROUBLE_ASSUMING && x->type == POLICY_RESOURCE)
        buffer_add_text(out, "the trust policy of the role");
    else
        buffer_addf(out, "the %s %s", names[x->type] ? names[x->type] : "policy",
                    x->policy_arn[0] != '\0' ? x->policy_arn : "(AWS does not say which)");
}

static void cure_exception(struct making *m, const struct denied *x)
{
    struct buffer who;
    buffer_init(&who, PRINCIPAL_ARN_MAX);
    write_who(m, x, &who);
    buffer_add_text(&m->text, "In ");
    write_policy_name(x, &m->text);
    buffer_add_text(&m->text, ", the statement that denies ");
    fix_write_actions(&x->actions, &m->text);
    buffer_add_text(&m->text, " needs:\n");
    fix_write_condition(buffer_text_cut(&who), &m->text);
    buffer_release(&who);
    making_add(m, FIX_EXCEPTION, x->ids, x->id_count);
}

static void cure_allowance(struct making *m, const struct denied *x)
{
    bool endpoint = x->type == POLICY_VPC_ENDPOINT;
    const struct fix_statement s = {
        .sid = "IamCensus", .anybody = endpoint, .actions = &x->actions, .resource = x->resource};
    buffer_add_text(&m->text, "In ");
    write_policy_name(x, &m->text);
    buffer_add_text(&m->text, ", no statement allows this; add:\n");
    fix_write_statement(&s, &m->text);
    making_add(m, endpoint ? FIX_VPC_ENDPOINT : FIX_ALLOWANCE, x->ids, x->id_count);
}

static void cure_endpoint(struct making *m, const struct denied *x)
{
    cure_exception(m, x);
    m->found.items[m->found.count - 1].kind = FIX_VPC_ENDPOINT;
}

static void cure_session(struct making *m, const struct denied *x)
{
    if (is_of_role(x) && m->d->session_policy) {
        buffer_add_text(&m->text,
                        "Run doctor and collect with --no-session-policy: the policy that "
                        "the program passes when it assumes the role is too narrow for ");
        fix_write_actions(&x->actions, &m->text);
    } else {
        buffer_addf(&m->text, "Whoever made the session of %s gave it a policy that %s ",
                    is_of_role(x) ? "the role" : m->caller.arn,
                    x->is_explicit ? "denies" : "does not allow");
        fix_write_actions(&x->actions, &m->text);
        buffer_add_text(&m->text, ": widen it, or run with other credentials");
    }
    making_add(m, FIX_SESSION_POLICY, x->ids, x->id_count);
}

static void cure_resource(struct making *m, const struct denied *x)
{
    bool key = x->actions.count > 0 && strncmp(x->actions.names[0], "kms:", 4) == 0;
    bool bucket = x->actions.count > 0 && strncmp(x->actions.names[0], "s3:", 3) == 0;
    const struct fix_statement s = {.sid = "IamCensus",
                                    .principal = &m->caller,
                                    .actions = &x->actions,
                                    .resource = key ? "*" : x->resource};
    if (!key && !bucket) {
        buffer_add_text(&m->text, "A policy of the resource itself does not allow ");
        fix_write_actions(&x->actions, &m->text);
        buffer_add_text(&m->text, " to ");
        write_who(m, x, &m->text);
        making_add(m, FIX_RESOURCE_POLICY, x->ids, x->id_count);
        return;
    }
    buffer_addf(&m->text, "Add this statement to the policy of the %s %s:\n",
                key ? "KMS key" : "bucket of",
                key && m->d->output.key ? m->d->output.key
                : m->d->output.target   ? m->d->output.target
                                        : "the output");
    fix_write_statement(&s, &m->text);
    making_add(m, key ? FIX_KEY_POLICY : FIX_BUCKET_POLICY, x->ids, x->id_count);
}

static void cure_unknown(struct making *m, const struct denied *x)
{
    buffer_add_text(&m->text, "AWS does not say which policy denies ");
    fix_write_actions(&x->actions, &m->text);
    buffer_add_text(&m->text, ". --json has the authorization id of each denied call, if AWS gave "
                              "one; in one of the accounts, CloudTrail shows the calls:\n");
    fix_write_lookup(m->d, &x->actions, &m->text);
    making_add(m, FIX_UNKNOWN_POLICY, x->ids, x->id_count);
}

/* What mends a denial: by the kind of policy; implicit, then explicit. */
static void (*const cures[POLICY_TYPE_COUNT][2])(struct making *m, const struct denied *x) = {
    [POLICY_NONE] = {cure_unknown, cure_unknown},
    [POLICY_IDENTITY] = {cure_by_permissions, cure_exception},
    [POLICY_RESOURCE] = {cure_resource, cure_exception},
    [POLICY_SESSION] = {cure_session, cure_session},
    [POLICY_BOUNDARY] = {cure_allowance, cure_exception},
    [POLICY_SCP] = {cure_allowance, cure_exception},
    [POLICY_RCP] = {cure_allowance, cure_exception},
    [POLICY_VPC_ENDPOINT] = {cure_allowance, cure_endpoint},
    [POLICY_UNKNOWN] = {cure_unknown, cure_unknown},
};

void cure(struct making *m, const struct denied *x)
{
    cures[x->type][x->is_explicit](m, x);
}
