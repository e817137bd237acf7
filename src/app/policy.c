/* SPDX-License-Identifier: MIT */
#include "app/policy.h"

#include "base/json_writer.h"

#include <stdlib.h>

#define POLICY_MAX_BYTES ((size_t)16 * 1024)

/* Parses compact JSON and appends it indented. */
static void write_pretty(const struct buffer *compact, struct buffer *out)
{
    if (!buffer_complete(compact)) {
        buffer_spoil(out);
        return;
    }
    json_t *document = json_loadb(buffer_text(compact), compact->len, 0, NULL);
    char *text = document ? json_dumps(document, JSON_INDENT(2) | JSON_PRESERVE_ORDER) : NULL;
    buffer_add_text(out, text ? text : "");
    buffer_add_char(out, '\n');
    free(text);
    json_decref(document);
}

void policy_write_child(enum strategy strategy, fact_set wanted, struct buffer *out)
{
    struct buffer compact;
    buffer_init(&compact, POLICY_MAX_BYTES);
    facts_write_policy(strategy, wanted, &compact);
    write_pretty(&compact, out);
    buffer_release(&compact);
}

#define ACTIONS_MAX 4

struct statement {
    const char *sid;
    const char *actions[ACTIONS_MAX + 1];
};

/* Writes a statement without its end, so that a condition may follow. */
static void begin_statement(struct json_writer *w, const struct statement *s,
                            const struct buffer *resource)
{
    json_object_begin(w);
    json_key(w, "Sid");
    json_text(w, view_of(s->sid));
    json_key(w, "Effect");
    json_text(w, VIEW_LITERAL("Allow"));
    json_key(w, "Action");
    json_array_begin(w);
    for (const char *const *action = s->actions; *action; action++)
        json_text(w, view_of(*action));
    json_array_end(w);
    json_key(w, "Resource");
    json_buffer(w, resource);
}

static void write_statement(struct json_writer *w, const struct statement *s,
                            const struct buffer *resource)
{
    begin_statement(w, s, resource);
    json_object_end(w);
}

static void write_equals(struct json_writer *w, const char *key, const char *value)
{
    json_key(w, "Condition");
    json_object_begin(w);
    json_key(w, "StringEquals");
    json_object_begin(w);
    json_key(w, key);
    json_text(w, view_of(value));
    json_object_end(w);
    json_object_end(w);
}

/*
 * The account is a '*', because accounts may join the organization later. Without the condition the
 * caller could be tricked into any AWS account in which somebody creates a role of this name. IAM
 * replaces the variable with the caller's own organization.
 */
static void write_assume(struct json_writer *w, const struct policy_function_options *o)
{
    static const struct statement assume = {"AssumeCensusRole", {"sts:AssumeRole"}};
    const char *organization = o->organization_id ? o->organization_id
                               : o->organizations ? "${aws:PrincipalOrgID}"
                                                  : NULL;
    struct buffer arn;
    buffer_init(&arn, 2048);
    buffer_addf(&arn, "arn:%s:iam::*:role/%.*s", o->partition, VIEW_ARG(o->role));
    begin_statement(w, &assume, &arn);
    if (organization)
        write_equals(w, "aws:ResourceOrgID", organization);
    json_object_end(w);
    buffer_release(&arn);
}

static void write_bucket(struct json_writer *w, const struct policy_function_options *o)
{
    static const struct statement put = {"WriteOutput",
                                         {"s3:PutObject", "s3:AbortMultipartUpload"}};
    static const struct statement take = {"TakeBatches", {"s3:GetObject", "s3:DeleteObject"}};
    /*
     * Without this permission S3 answers 403 for an object that does not exist, so that a missing
     * result could not be told from one that may not be read.
     */
    static const struct statement list = {"SeeMissingBatches", {"s3:ListBucket"}};
    const char *prefix = o->prefix ? o->prefix : "";
    struct buffer arn;
    buffer_init(&arn, 2048);
    buffer_addf(&arn, "arn:%s:s3:::%s/%s*", o->partition, o->bucket, prefix);
    write_statement(w, &put, &arn);
    if (o->fan_out) {
        buffer_clear(&arn);
        buffer_addf(&arn, "arn:%s:s3:::%s/%swork/*", o->partition, o->bucket, prefix);
        write_statement(w, &take, &arn);
        buffer_clear(&arn);
        buffer_addf(&arn, "arn:%s:s3:::%s", o->partition, o->bucket);
        write_statement(w, &list, &arn);
    }
    buffer_release(&arn);
}

static void write_suppressions(struct json_writer *w, const struct policy_function_options *o)
{
    static const struct statement read = {"ReadSuppressions", {"s3:GetObject"}};
    struct buffer arn;
    if (!o->suppress_key)
        return;
    buffer_init(&arn, 2048);
    buffer_addf(&arn, "arn:%s:s3:::%s/%s", o->partition, o->bucket, o->suppress_key);
    write_statement(w, &read, &arn);
    buffer_release(&arn);
}

static void write_statements(struct json_writer *w, const struct policy_function_options *o)
{
    static const struct statement find = {
        "FindAccounts",
        {"organizations:DescribeOrganization", "organizations:ListAccounts",
         "organizations:ListAccountsForParent", "organizations:ListOrganizationalUnitsForParent"}};
    /* A multipart upload to a bucket with a KMS key needs both (Amazon S3 User Guide). */
    static const struct statement encrypt = {"EncryptOutput",
                                             {"kms:GenerateDataKey", "kms:Decrypt"}};
    struct buffer arn;
    write_assume(w, o);
    buffer_init(&arn, 2048);
    buffer_add_char(&arn, '*');
    if (o->organizations)
        write_statement(w, &find, &arn);
    if (o->bucket)
        write_bucket(w, o);
    write_suppressions(w, o);
    buffer_clear(&arn);
    buffer_add_text(&arn, o->sse_kms_key_id ? o->sse_kms_key_id : "");
    if (o->sse_kms_key_id)
        write_statement(w, &encrypt, &arn);
    buffer_release(&arn);
}

void policy_write_function(const struct policy_function_options *options, struct buffer *out)
{
    struct json_writer w;
    struct buffer compact;
    buffer_init(&compact, POLICY_MAX_BYTES);
    json_writer_init(&w, &compact);
    json_object_begin(&w);
    json_key(&w, "Version");
    json_text(&w, VIEW_LITERAL("2012-10-17"));
    json_key(&w, "Statement");
    json_array_begin(&w);
    write_statements(&w, options);
    json_array_end(&w);
    json_object_end(&w);
    write_pretty(&compact, out);
    buffer_release(&compact);
}
