/* SPDX-License-Identifier: MIT */
/*
 * Findings as OCSF 1.6.0 Compliance Finding (class 2003), one object a line.
 *
 * Source: the Open Cybersecurity Schema Framework, schema.ocsf.io, class compliance_finding with
 * the profile 'cloud'. A suppressed failure stays a failure of the control (status 3), and is
 * marked as suppressed by the status of the finding.
 */
#include "output/finding_format.h"

#include "base/version.h"

#define CLASS_UID      2003
#define CATEGORY_UID   2 /* Findings */
#define ACTIVITY       1 /* Create */
#define ACCOUNT_OF_AWS 10

static void text(struct json_writer *w, const char *key, struct view value)
{
    if (!value.ptr)
        return;
    json_key(w, key);
    json_text(w, value);
}

static void number(struct json_writer *w, const char *key, int64_t value)
{
    json_key(w, key);
    json_int(w, value);
}

/* OCSF's severities and ours, which begin with info. */
static const struct {
    int id;
    const char *name;
} severities[SEVERITY_COUNT] = {
    [SEVERITY_INFO] = {1, "Informational"}, [SEVERITY_LOW] = {2, "Low"},
    [SEVERITY_MEDIUM] = {3, "Medium"},      [SEVERITY_HIGH] = {4, "High"},
    [SEVERITY_CRITICAL] = {5, "Critical"},
};

/* The status of the control, and that of the finding. */
static const struct {
    int compliance, finding;
    const char *compliance_name, *finding_name;
} statuses[STATUS_COUNT] = {
    [STATUS_FAIL] = {3, 1, "Fail", "New"},
    [STATUS_PASS] = {1, 4, "Pass", "Resolved"},
    [STATUS_UNKNOWN] = {2, 1, "Warning", "New"},
    [STATUS_NOT_APPLICABLE] = {99, 4, "Not Applicable", "Resolved"},
    [STATUS_SUPPRESSED] = {3, 3, "Fail", "Suppressed"},
};

static void write_metadata(const struct finding_run *run, struct json_writer *w)
{
    json_key(w, "metadata");
    json_object_begin(w);
    text(w, "version", VIEW_LITERAL("1.6.0"));
    text(w, "correlation_uid", view_of(run->run_id));
    json_key(w, "profiles");
    json_array_begin(w);
    json_text(w, VIEW_LITERAL("cloud"));
    json_array_end(w);
    json_key(w, "product");
    json_object_begin(w);
    text(w, "name", VIEW_LITERAL("iam-census"));
    text(w, "vendor_name", VIEW_LITERAL("iam-census"));
    text(w, "version", VIEW_LITERAL(IAM_CENSUS_VERSION));
    json_object_end(w);
    json_object_end(w);
}

static void write_cloud(const struct finding *f, struct json_writer *w)
{
    json_key(w, "cloud");
    json_object_begin(w);
    text(w, "provider", VIEW_LITERAL("AWS"));
    json_key(w, "account");
    json_object_begin(w);
    text(w, "uid", view_of(f->account->id));
    text(w, "name", f->account->name);
    number(w, "type_id", ACCOUNT_OF_AWS);
    json_object_end(w);
    json_object_end(w);
}

static void write_finding_info(const struct finding *f, struct json_writer *w)
{
    json_key(w, "finding_info");
    json_object_begin(w);
    text(w, "uid", view_of(f->id));
    text(w, "title", view_of(f->rule->title));
    text(w, "desc", f->reason);
    if (f->since_s != TIMESTAMP_NONE)
        number(w, "first_seen_time", f->since_s * 1000);
    if (f->data_as_of_s != TIMESTAMP_NONE)
        number(w, "last_seen_time", f->data_as_of_s * 1000);
    json_object_end(w);
}

static void write_standards(const struct finding *f, bool numbers, struct json_writer *w)
{
    json_array_begin(w);
    for (enum framework i = 0; i < FRAMEWORK_COUNT; i++) {
        const char *control = rule_control(f->rule, i, f->limit);
        if (control)
            json_text(w, view_of(numbers ? control : framework_title(i)));
    }
    json_array_end(w);
}

static void write_missing(const struct finding *f, struct json_writer *w)
{
    json_key(w, "status_details");
    json_array_begin(w);
    for (enum column c = 0; c < COLUMN_COUNT; c++)
        if (f->because & COLUMN_BIT(c))
            json_text(w, view_of(column_name(c)));
    json_array_end(w);
}

static void write_compliance(const struct finding *f, struct json_writer *w)
{
    json_key(w, "compliance");
    json_object_begin(w);
    text(w, "control", view_of(f->rule->id));
    json_key(w, "standards");
    write_standards(f, false, w);
    json_key(w, "requirements");
    write_standards(f, true, w);
    number(w, "status_id", statuses[f->status].compliance);
    text(w, "status", view_of(statuses[f->status].compliance_name));
    if (f->because)
        write_missing(f, w);
    json_object_end(w);
}

static void write_resource(const struct finding *f, struct json_writer *w)
{
    json_key(w, "resources");
    json_array_begin(w);
    json_object_begin(w);
    text(w, "uid", f->resource_id);
    text(w, "type", view_of(resource_type_name(f->resource_type)));
    if (f->user) {
        json_key(w, "owner");
        json_object_begin(w);
        text(w, "name", f->user->name);
        text(w, "uid", f->user->arn);
        json_object_end(w);
    }
    json_object_end(w);
    json_array_end(w);
}

static void write_remediation(const struct finding *f, struct json_writer *w)
{
    json_key(w, "remediation");
    json_object_begin(w);
    text(w, "desc", view_of(f->rule->mend));
    json_object_end(w);
}

static void write_head(const struct finding_run *run, const struct finding *f,
                       struct json_writer *w)
{
    number(w, "class_uid", CLASS_UID);
    text(w, "class_name", VIEW_LITERAL("Compliance Finding"));
    number(w, "category_uid", CATEGORY_UID);
    text(w, "category_name", VIEW_LITERAL("Findings"));
    number(w, "activity_id", ACTIVITY);
    text(w, "activity_name", VIEW_LITERAL("Create"));
    number(w, "type_uid", CLASS_UID * 100 + ACTIVITY);
    number(w, "time", run->started_s * 1000);
    number(w, "severity_id", severities[f->rule->severity].id);
    text(w, "severity", view_of(severities[f->rule->severity].name));
    number(w, "status_id", statuses[f->status].finding);
    text(w, "status", view_of(statuses[f->status].finding_name));
    if (f->suppression)
        text(w, "status_detail", f->suppression->reason);
    text(w, "message", f->reason);
}

static void ocsf_finding(const struct finding_run *run, const struct finding *f, struct buffer *out)
{
    struct json_writer w;
    json_writer_init(&w, out);
    json_object_begin(&w);
    write_head(run, f, &w);
    write_metadata(run, &w);
    write_cloud(f, &w);
    write_finding_info(f, &w);
    write_compliance(f, &w);
    write_resource(f, &w);
    write_remediation(f, &w);
    json_object_end(&w);
    buffer_add_char(out, '\n');
}

const struct finding_format finding_ocsf = {
    .name = "ocsf",
    .ending = ".findings.ocsf.jsonl",
    .content_type = "application/x-ndjson",
    .finding = ocsf_finding,
};
