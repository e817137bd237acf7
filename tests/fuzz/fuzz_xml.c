/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as an answer of IAM or STS, read by the rules of each operation, which the first byte
 * chooses: whole, and in pieces whose length the second byte gives. Both must end alike.
 * operations.py holds the table against all operations that there are.
 */
#include "api/iam.h"
/* For its operations, which are its own. */
#include "api/sts.c"

#include <stdlib.h>

static const struct query_operation *const operations[] = {
    &iam_list_users,
    &iam_list_user_tags,
    &iam_list_groups_for_user,
    &iam_list_access_keys,
    &iam_get_access_key_last_used,
    &iam_get_login_profile,
    &iam_list_mfa_devices,
    &iam_list_signing_certificates,
    &iam_list_account_aliases,
    &iam_get_account_authorization_details,
    &iam_get_credential_report,
    &iam_get_account_authorization_details_wide,
    &iam_generate_credential_report,
    &iam_get_account_summary,
    &iam_get_account_password_policy,
    &iam_list_virtual_mfa_devices,
    &iam_list_service_specific_credentials,
    &iam_list_service_specific_credentials_of_user,
    &iam_list_ssh_public_keys,
    &assume_role,
    &assume_role_with_web_identity,
    &get_caller_identity,
};

static int read_by(struct xml_reader *reader, const struct query_operation *operation,
                   struct view text, size_t piece_bytes, size_t *held)
{
    char prefix[128];
    struct arena arena;
    struct error e;
    int result = 0;
    arena_init(&arena);
    void *answer = arena_alloc(&arena, operation->answer_size);
    if (operation->init)
        operation->init(answer);
    size_t len = 0;
    for (const char *part = "*Response/*Result"; *part; part++)
        if (*part == '*')
            for (const char *c = operation->action; *c; c++)
                prefix[len++] = *c;
        else
            prefix[len++] = *part;
    prefix[len] = '\0';
    xml_reader_begin(reader, prefix, operation->rules, operation->rule_count, answer, &arena);
    for (size_t at = 0; at < text.len && result == 0; at += piece_bytes) {
        size_t left = text.len - at;
        struct view piece = {text.ptr + at, left < piece_bytes ? left : piece_bytes};
        result = xml_reader_feed(reader, piece, &e);
    }
    if (result == 0)
        result = xml_reader_end(reader, &e);
    *held = arena_size(&arena);
    arena_release(&arena);
    return result;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static struct xml_reader *reader;
    if (!reader)
        reader = xml_reader_new();
    if (len < 2)
        return 0;
    struct view text = {(const char *)bytes + 2, len - 2};
    const struct query_operation *operation =
        operations[bytes[0] % (sizeof(operations) / sizeof(operations[0]))];
    size_t whole_held, pieces_held;
    int whole = read_by(reader, operation, text, text.len + 1, &whole_held);
    int pieces = read_by(reader, operation, text, (size_t)bytes[1] % 16 + 1, &pieces_held);
    if (whole != pieces || (whole == 0 && whole_held != pieces_held))
        abort();
    return 0;
}
