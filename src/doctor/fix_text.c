/* SPDX-License-Identifier: MIT */
#include "doctor/fix_text.h"

#include "aws/partition.h"
#include "base/json_writer.h"
#include "base/shell_word.h"

#define LINE_MAX_BYTES 76

static const char *partition_of(const struct diagnosis *d)
{
    return d->partition ? d->partition : "aws";
}

static struct view role_of(const struct diagnosis *d)
{
    return view_of(d->role_name ? d->role_name : "ROLE_NAME");
}

/* The role's name without its path. */
static struct view base_name(struct view role)
{
    for (size_t i = role.len; i > 0; i--)
        if (role.ptr[i - 1] == '/')
            return (struct view){role.ptr + i, role.len - i};
    return role;
}

static void add_action(struct fix_actions *actions, const char *name)
{
    for (size_t i = 0; i < actions->count; i++)
        if (strcmp(actions->names[i], name) == 0)
            return;
    actions->names[actions->count++] = name;
}

void fix_actions_of(unsigned bits, struct fix_actions *actions)
{
    *actions = (struct fix_actions){0};
    for (enum source_id id = SOURCE_NONE; id < SOURCE_COUNT; id++)
        if (bits & SOURCE_BIT(id))
            add_action(actions, trouble_action(id));
}

void fix_write_actions(const struct fix_actions *actions, struct buffer *out)
{
    for (size_t i = 0; i < actions->count; i++)
        buffer_addf(out, "%s%s", i > 0 ? ", " : "", actions->names[i]);
}

void fix_write_role_arn(const struct diagnosis *d, struct buffer *out)
{
    buffer_addf(out, "arn:%s:iam::*:role/%.*s", partition_of(d), VIEW_ARG(role_of(d)));
}

/* The elements of an array, in lines of a bearable length. */
static void write_action_lines(const struct fix_actions *actions, struct buffer *out)
{
    size_t line = 0;
    for (size_t i = 0; i < actions->count; i++) {
        size_t len = strlen(actions->names[i]) + 4;
        bool fits = i > 0 && line + len <= LINE_MAX_BYTES;
        if (i > 0)
            buffer_add_char(out, ',');
        buffer_add_text(out, fits ? " " : "\n  ");
        line = (fits ? line : 2) + len;
        json_quote(out, view_of(actions->names[i]));
    }
}

static void write_principal(const struct principal *p, struct buffer *out)
{
    buffer_add_text(out, "\"Principal\": {\"AWS\": ");
    json_quote(out, view_of(p->kind == PRINCIPAL_PATTERN ? p->root : p->arn));
    buffer_add_text(out, "}");
}

static void write_arn_like(const struct principal *p, struct buffer *out)
{
    buffer_add_text(out, "\"ArnLike\": {\"aws:PrincipalArn\": ");
    json_quote(out, view_of(p->arn));
    buffer_add_char(out, '}');
}

/* The caller must not be led to a role of that name outside of the organization. */
static void write_conditions(const struct fix_statement *s, struct buffer *out)
{
    if (s->principal && s->principal->kind == PRINCIPAL_PATTERN) {
        buffer_add_text(out, ",\n \"Condition\": {");
        write_arn_like(s->principal, out);
        buffer_add_char(out, '}');
    } else if (s->organization) {
        buffer_add_text(out, ",\n \"Condition\": {\"StringEquals\": {\"aws:ResourceOrgID\": ");
        json_quote(out, view_of(s->organization));
        buffer_add_text(out, "}}");
    }
}

void fix_write_statement(const struct fix_statement *s, struct buffer *out)
{
    buffer_addf(out, "{\"Sid\": \"%s\", \"Effect\": \"Allow\", ", s->sid);
    if (s->principal) {
        write_principal(s->principal, out);
        buffer_add_text(out, ",\n ");
    } else if (s->anybody) {
        buffer_add_text(out, "\"Principal\": \"*\", ");
    }
    buffer_add_text(out, "\"Resource\": ");
    json_quote(out, view_of(s->resource));
    write_conditions(s, out);
    buffer_add_text(out, ",\n \"Action\": [");
    write_action_lines(s->actions, out);
    buffer_add_text(out, "]}");
}

void fix_write_condition(const char *principal_arn, struct buffer *out)
{
    buffer_add_text(out, "\"Condition\": {\"ArnNotLike\": {\"aws:PrincipalArn\": ");
    json_quote(out, view_of(principal_arn));
    buffer_add_text(out, "}}");
}

/* The conditions of the trust policy, as members of "Condition". */
static void write_trust_conditions(const struct diagnosis *d, const struct principal *p,
                                   struct buffer *out)
{
    bool equals = d->external_id || d->organization.id;
    bool like = p->kind == PRINCIPAL_PATTERN;
    if (!equals && !like)
        return;
    buffer_add_text(out, ",\n    \"Condition\": {\n");
    if (equals)
        buffer_add_text(out, "      \"StringEquals\": {");
    if (d->external_id)
        buffer_add_text(out, "\"sts:ExternalId\": \"EXTERNAL_ID\"");
    if (d->organization.id) {
        buffer_addf(out, "%s\"aws:PrincipalOrgID\": ", d->external_id ? ", " : "");
        json_quote(out, view_of(d->organization.id));
    }
    if (equals)
        buffer_addf(out, "}%s", like ? ",\n" : "\n");
    if (like) {
        buffer_add_text(out, "      ");
        write_arn_like(p, out);
        buffer_add_char(out, '\n');
    }
    buffer_add_text(out, "    }");
}

void fix_write_trust_policy(const struct diagnosis *d, const struct principal *p,
                            struct buffer *out)
{
    buffer_add_text(out, "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [{\n"
                         "    \"Sid\": \"CensusOnly\",\n    \"Effect\": \"Allow\",\n    ");
    write_principal(p, out);
    buffer_add_text(out, ",\n    \"Action\": \"sts:AssumeRole\"");
    write_trust_conditions(d, p, out);
    buffer_add_text(out, "\n  }]\n}");
}

/* True if the caller is in the management account: only others call as delegated administrators. */
static bool calls_as_delegate(const struct diagnosis *d)
{
    for (size_t i = 0; i < d->account_count; i++)
        if (d->accounts[i].account.membership == MEMBERSHIP_MANAGEMENT)
            return d->caller.account_id &&
                   strcmp(d->caller.account_id, d->accounts[i].account.id) != 0;
    return false;
}

static const char *global_region(const struct diagnosis *d)
{
    const struct partition *partition = partition_by_id(view_of(partition_of(d)));
    return partition ? partition->global_region : "us-east-1";
}

/* Roles that others make: the StackSet has another one, which must be told first. */
static const struct {
    const char *role, *remark;
} makers[] = {
    {"OrganizationAccountAccessRole",
     "# Organizations makes this role only in accounts that it creates. "},
    {"AWSControlTowerExecution",
     "# Control Tower makes this role only in accounts that are enrolled. "},
};

/* Returns true if there was something to say. */
static bool write_maker(const struct diagnosis *d, struct buffer *out)
{
    for (size_t i = 0; i < sizeof(makers) / sizeof(makers[0]); i++)
        if (view_is(base_name(role_of(d)), makers[i].role)) {
            buffer_add_text(out, makers[i].remark);
            buffer_add_text(out, "The others can have the\n# census' own role: make its StackSet "
                                 "(docs/deploy.md), run this, and give doctor and\n# collect that "
                                 "role's name. collect reads the rest without it.\n");
            return true;
        }
    return false;
}

void fix_write_stack_instances(const struct diagnosis *d, const char *const *ids, size_t count,
                               size_t most, struct buffer *out)
{
    const char *as = calls_as_delegate(d) ? " --call-as DELEGATED_ADMIN" : "";
    bool told = write_maker(d, out);
    buffer_addf(out,
                "aws cloudformation create-stack-instances --stack-set-name " FIX_STACK_NAME
                "%s \\\n"
                "    --regions %s --operation-preferences FailureTolerancePercentage=100 \\\n"
                "    --deployment-targets OrganizationalUnitIds=\"$(aws organizations list-roots"
                " --query 'Roots[0].Id' --output text)\"",
                as, global_region(d));
    /* A StackSet for an organization takes accounts only together with a unit that holds them. */
    buffer_add_text(out, ",AccountFilterType=INTERSECTION,Accounts=");
    for (size_t i = 0; i < count && i < most; i++)
        buffer_addf(out, "%s%s", i > 0 ? "," : "", ids[i]);
    if (count > most)
        buffer_addf(out, ",...\n# %zu more account ids: --json has the whole command",
                    count - most);
    if (!told)
        buffer_add_text(out,
                        "\n# made by deploy/organization.yaml? Its output StackSetId has the name");
}

/* The parameters of the template that are not as by default. */
static void write_permissions(const struct diagnosis *d, struct buffer *out)
{
    static const enum source_id of_findings[] = {
        SOURCE_GET_ACCOUNT_SUMMARY, SOURCE_GET_ACCOUNT_PASSWORD_POLICY,
        SOURCE_LIST_VIRTUAL_MFA_DEVICES, SOURCE_LIST_SERVICE_CREDENTIALS};
    bool findings = false;
    for (size_t i = 0; i < sizeof(of_findings) / sizeof(of_findings[0]); i++)
        findings = findings || source_needed(of_findings[i], d->strategy, d->wanted);
    if (findings)
        buffer_add_text(out, " Permissions=findings");
    if (source_needed(SOURCE_LIST_SSH_PUBLIC_KEYS, d->strategy, d->wanted))
        buffer_add_text(out, " SshPublicKeys=true");
}

void fix_write_stack(const struct diagnosis *d, const struct principal *p, struct buffer *out)
{
    buffer_addf(out,
                "aws cloudformation deploy --stack-name " FIX_STACK_NAME " --region %s \\\n"
                "    --template-file " FIX_TEMPLATE " --capabilities CAPABILITY_NAMED_IAM \\\n"
                "    --parameter-overrides FunctionRoleArn=",
                global_region(d));
    /* The template trusts a role, never a user. */
    shell_word_add(out, view_of(p->kind == PRINCIPAL_ROLE ? p->arn : "FUNCTION_ROLE_ARN"));
    buffer_add_text(out, " ExternalId=EXTERNAL_ID \\\n    OrganizationId=");
    shell_word_add(out, view_of(d->organization.id ? d->organization.id : "ORGANIZATION_ID"));
    buffer_add_text(out, " RoleName=");
    shell_word_add(out, base_name(role_of(d)));
    write_permissions(d, out);
}

void fix_write_lookup(const struct diagnosis *d, const struct fix_actions *actions,
                      struct buffer *out)
{
    const char *colon = actions->count > 0 ? strchr(actions->names[0], ':') : NULL;
    buffer_addf(out,
                "aws cloudtrail lookup-events --region %s --max-results 5 \\\n"
                "    --lookup-attributes AttributeKey=EventName,AttributeValue=%s",
                global_region(d), colon ? colon + 1 : "AssumeRole");
}
