/* SPDX-License-Identifier: MIT */
#include "rules/truth.h"

const char *column_name(enum column column)
{
    /* Ascending, so that a list of them is. */
    static const char *const names[] = {
        [COLUMN_KEYS] = "access_keys",
        [COLUMN_KEY_CREATED] = "access_keys.created_at",
        [COLUMN_KEY_USED] = "access_keys.last_used_at",
        [COLUMN_POLICIES] = "attached_policies",
        [COLUMN_CONSOLE_ACCESS] = "console_access",
        [COLUMN_SIGN_IN] = "console_last_sign_in_at",
        [COLUMN_CREATED] = "created_at",
        [COLUMN_INLINE_POLICIES] = "inline_policies",
        [COLUMN_ADMIN] = "is_admin",
        [COLUMN_MANAGEMENT] = "is_management",
        [COLUMN_MFA] = "mfa_enabled",
        [COLUMN_PASSWORD_CHANGED] = "password_last_changed_at",
        [COLUMN_PASSWORD_POLICY] = "password_policy",
        [COLUMN_BOUNDARY] = "permissions_boundary",
        [COLUMN_ROOT_KEYS] = "root_access_keys",
        [COLUMN_ROOT_CERTIFICATES] = "root_certificates",
        [COLUMN_ROOT_USED] = "root_last_used",
        [COLUMN_ROOT_MFA] = "root_mfa",
        [COLUMN_ROOT_MFA_KIND] = "root_mfa_kind",
        [COLUMN_ROOT_PASSWORD] = "root_password",
        [COLUMN_SERVICE_CREDENTIALS] = "service_credentials",
        [COLUMN_SERVICE_CREDENTIAL_CREATED] = "service_credentials.created_at",
        [COLUMN_CERTIFICATES] = "signing_certificates",
        [COLUMN_CERTIFICATE_UPLOADED] = "signing_certificates.uploaded_at",
        [COLUMN_TAGS] = "tags",
    };
    return names[column];
}
