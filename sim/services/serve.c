/* SPDX-License-Identifier: MIT */
#include "services/serve.h"

#include "services/failure.h"
#include "services/fault_answer.h"
#include "services/operation.h"
#include "services/services.h"
#include "services/sim.h"
#include "services/verify.h"

#include <string.h>

static void (*const answers[ACTION_COUNT])(struct call *) = {
    [ACTION_ASSUME_ROLE] = sts_assume_role,
    [ACTION_GET_CALLER_IDENTITY] = sts_get_caller_identity,
    [ACTION_LIST_USERS] = iam_list_users,
    [ACTION_LIST_USER_TAGS] = iam_list_user_tags,
    [ACTION_LIST_ACCESS_KEYS] = iam_list_access_keys,
    [ACTION_GET_ACCESS_KEY_LAST_USED] = iam_get_access_key_last_used,
    [ACTION_GET_LOGIN_PROFILE] = iam_get_login_profile,
    [ACTION_LIST_SIGNING_CERTIFICATES] = iam_list_signing_certificates,
    [ACTION_LIST_MFA_DEVICES] = iam_list_mfa_devices,
    [ACTION_LIST_VIRTUAL_MFA_DEVICES] = iam_list_virtual_mfa_devices,
    [ACTION_LIST_GROUPS_FOR_USER] = iam_list_groups_for_user,
    [ACTION_LIST_ACCOUNT_ALIASES] = iam_list_account_aliases,
    [ACTION_GET_ACCOUNT_AUTHORIZATION_DETAILS] = iam_get_account_authorization_details,
    [ACTION_GENERATE_CREDENTIAL_REPORT] = iam_generate_credential_report,
    [ACTION_GET_CREDENTIAL_REPORT] = iam_get_credential_report,
    [ACTION_DESCRIBE_ORGANIZATION] = organizations_describe_organization,
    [ACTION_LIST_ACCOUNTS] = organizations_list_accounts,
    [ACTION_LIST_ACCOUNTS_FOR_PARENT] = organizations_list_accounts_for_parent,
    [ACTION_LIST_ORGANIZATIONAL_UNITS_FOR_PARENT] =
        organizations_list_organizational_units_for_parent,
    [ACTION_LIST_ROOTS] = organizations_list_roots,
    [ACTION_PUT_OBJECT] = s3_put_object,
    [ACTION_CREATE_MULTIPART_UPLOAD] = s3_create_multipart_upload,
    [ACTION_UPLOAD_PART] = s3_upload_part,
    [ACTION_COMPLETE_MULTIPART_UPLOAD] = s3_complete_multipart_upload,
    [ACTION_ABORT_MULTIPART_UPLOAD] = s3_abort_multipart_upload,
    [ACTION_LIST_PARTS] = s3_list_parts,
    [ACTION_LIST_MULTIPART_UPLOADS] = s3_list_multipart_uploads,
    [ACTION_GET_OBJECT] = s3_get_object,
    [ACTION_HEAD_OBJECT] = s3_get_object,
    [ACTION_DELETE_OBJECT] = s3_delete_object,
    [ACTION_LIST_OBJECTS_V2] = s3_list_objects_v2,
    [ACTION_HEAD_BUCKET] = s3_head_bucket,
    [ACTION_GET_BUCKET_LOCATION] = s3_get_bucket_location,
    [ACTION_GET_ACCOUNT_SUMMARY] = iam_get_account_summary,
    [ACTION_GET_ACCOUNT_PASSWORD_POLICY] = iam_get_account_password_policy,
    [ACTION_LIST_SERVICE_SPECIFIC_CREDENTIALS] = iam_list_service_specific_credentials,
    [ACTION_LIST_SSH_PUBLIC_KEYS] = iam_list_ssh_public_keys,
    [ACTION_DESCRIBE_ACCOUNT] = organizations_describe_account,
};

void serve_headers(struct call *call)
{
    verify_authorization(call);
    if (call_failed(call) || call->service != SERVICE_S3)
        return;
    const struct request *request = &call->http.request;
    if (form_parse(&call->form, &call->http.arena, request->query, strlen(request->query), 0) !=
        0) {
        failure_answer(call, FAILURE_VALIDATION, NULL);
        return;
    }
    s3_route(call);
    const char *hash = request_header(request, "x-amz-content-sha256");
    verify_signature(call, hash ? hash : "");
    if (!call_failed(call) && s3_bucket_usable(call))
        s3_upload_begin(call);
}

void serve_receive(struct call *call, const char *bytes, size_t len)
{
    if (call->upload)
        s3_store_upload_write(call->upload, bytes, len);
    else if (call->http.request.body.len + len <= REQUEST_BODY_BYTES_MAX)
        buffer_add(&call->http.request.body, bytes, len);
    else if (!call_failed(call))
        failure_custom(call, 413, "RequestEntityTooLarge", "The request is too large.");
}

/*
 * Requests to STS, IAM and Organizations can be verified only now, because their body is signed
 * too.
 */
static void read_operation(struct call *call)
{
    operation_read(call);
    if (!call_failed(call))
        verify_body(call);
    if (!call_failed(call))
        operation_check(call);
}

void serve_received(struct call *call)
{
    if (call->service != SERVICE_S3 && !call_failed(call))
        read_operation(call);
    if (!call_failed(call) && call->action == ACTION_UNKNOWN)
        failure_answer(call, FAILURE_INVALID_ACTION, NULL);
    if (call_failed(call))
        return;
    operation_identify(call);
    struct subject subject = call_subject(call);
    fault_decide(&call->sim->faults, &subject, &call->plan);
    call->http.bend = call->plan.bend;
}

static void authorize(struct call *call)
{
    uint64_t bit = action_bit(call->action);
    const struct identity *identity = &call->identity;
    const struct denial *denial =
        denial_find(call->account.denials, call->account.denial_count, bit);
    /* Nothing denies GetCallerIdentity. Who may assume a role is decided in the role's account. */
    if (call->action == ACTION_GET_CALLER_IDENTITY || call->action == ACTION_ASSUME_ROLE)
        denial = NULL;
    if (denial) {
        failure_denied_by(call, denial, NULL);
        return;
    }
    if (call->action == ACTION_GET_CALLER_IDENTITY || !identity->is_role)
        return;
    if (!(call->account.allowed & bit))
        failure_denied(call, "identity-based");
    else if (!(identity->policy & bit))
        failure_denied(call, "session");
    else if (call->service == SERVICE_ORGANIZATIONS &&
             call->account.index != call->sim->world.management)
        failure_answer(call, FAILURE_ACCESS_DENIED, NULL);
}

void serve_answer(struct call *call)
{
    if (call_failed(call) || fault_answer(call))
        return;
    authorize(call);
    if (call_failed(call))
        return;
    if (call->upload && !s3_upload_check(call))
        return;
    struct reply *reply = &call->http.reply;
    reply->status = 200;
    answers[call->action](call);
    if (reply->status >= 300)
        return;
    struct faults *faults = &call->sim->faults;
    struct subject subject = call_subject(call);
    change_note(&faults->scenario.changes, faults->world, &subject);
    if (call->plan.kind == FAULT_REWRITE)
        rewrite_body(&reply->body, &call->plan.rule->rewrite);
}
