/* SPDX-License-Identifier: MIT */
/*
 * services.h: a function for each action, which fills in the reply of an allowed call, and what
 * else serve.c needs of S3.
 */
#ifndef SERVICES_SERVICES_H
#define SERVICES_SERVICES_H

#include <stdbool.h>

struct call;

void sts_assume_role(struct call *call);
void sts_get_caller_identity(struct call *call);

void iam_list_users(struct call *call);
void iam_list_user_tags(struct call *call);
void iam_list_access_keys(struct call *call);
void iam_get_access_key_last_used(struct call *call);
void iam_get_login_profile(struct call *call);
void iam_list_signing_certificates(struct call *call);
void iam_list_mfa_devices(struct call *call);
void iam_list_virtual_mfa_devices(struct call *call);
void iam_list_groups_for_user(struct call *call);
void iam_list_account_aliases(struct call *call);
void iam_get_account_authorization_details(struct call *call);
void iam_get_account_summary(struct call *call);
void iam_get_account_password_policy(struct call *call);
void iam_list_service_specific_credentials(struct call *call);
void iam_list_ssh_public_keys(struct call *call);

void iam_generate_credential_report(struct call *call);
void iam_get_credential_report(struct call *call);

void organizations_describe_organization(struct call *call);
void organizations_list_accounts(struct call *call);
void organizations_list_accounts_for_parent(struct call *call);
void organizations_list_organizational_units_for_parent(struct call *call);
void organizations_list_roots(struct call *call);
void organizations_describe_account(struct call *call);

/*
 * Finds the S3 action, bucket and key of a request; call->action stays ACTION_UNKNOWN if none
 * matches.
 */
void s3_route(struct call *call);

/* Returns true if the bucket may be used; otherwise makes the reply that refuses it. */
bool s3_bucket_usable(struct call *call);

/* Prepares to store the body of an upload (PutObject, UploadPart). */
void s3_upload_begin(struct call *call);

/*
 * Checks the length and checksums of a complete upload; if they are wrong, makes the reply and
 * returns false.
 */
bool s3_upload_check(struct call *call);

void s3_put_object(struct call *call);
void s3_create_multipart_upload(struct call *call);
void s3_upload_part(struct call *call);
void s3_complete_multipart_upload(struct call *call);
void s3_abort_multipart_upload(struct call *call);
void s3_list_parts(struct call *call);
void s3_list_multipart_uploads(struct call *call);
void s3_get_object(struct call *call);
void s3_delete_object(struct call *call);
void s3_list_objects_v2(struct call *call);
void s3_head_bucket(struct call *call);
void s3_get_bucket_location(struct call *call);

#endif
