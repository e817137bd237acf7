/* SPDX-License-Identifier: MIT */
/* The IAM operations about one user. */
#include "services/call.h"
#include "services/constraint.h"
#include "services/failure.h"
#include "services/iam.h"
#include "services/page.h"
#include "services/services.h"
#include "services/sim.h"
#include "wire/moment.h"
#include "wire/xml.h"
#include "world/random.h"

#include <string.h>

/* A page of a user's list, with its first item and the one after its last. */
struct slice {
    struct page page;
    size_t first;
    size_t last;
    size_t count;
};

static int slice_read(struct call *call, size_t count, struct slice *slice)
{
    if (page_read(call, &slice->page) != 0)
        return -1;
    slice->count = count;
    slice->first = slice->page.offset < count ? slice->page.offset : count;
    slice->last =
        count - slice->first > slice->page.limit ? slice->first + slice->page.limit : count;
    return 0;
}

static void slice_end(struct call *call, const struct slice *slice)
{
    page_write(call, &slice->page, slice->last < slice->count, slice->last);
    iam_end(call);
}

void iam_list_user_tags(struct call *call)
{
    struct user user;
    struct slice slice;
    if (iam_find_user(call, &user) != 0 || slice_read(call, user.tag_count, &slice) != 0)
        return;
    iam_begin(call);
    iam_write_tags(call, &user, slice.first, slice.last);
    slice_end(call, &slice);
}

void iam_list_access_keys(struct call *call)
{
    struct user user;
    struct slice slice;
    struct buffer *body = &call->http.reply.body;
    if (iam_find_user(call, &user) != 0 || slice_read(call, user.key_count, &slice) != 0)
        return;
    iam_begin(call);
    xml_open(body, "AccessKeyMetadata");
    for (size_t i = slice.first; i < slice.last; i++) {
        const struct access_key *key = &user.keys[i];
        xml_open(body, "member");
        xml_string(body, "UserName", user.name);
        xml_string(body, "AccessKeyId", key->id);
        xml_string(body, "Status", key->status);
        xml_moment(body, "CreateDate", key->created);
        xml_close(body, "member");
    }
    xml_close(body, "AccessKeyMetadata");
    slice_end(call, &slice);
}

static const struct constraint key_id_rule = {.parameter = "AccessKeyId",
                                              .member = "accessKeyId",
                                              .required = true,
                                              .least = 16,
                                              .most = 128};

void iam_get_access_key_last_used(struct call *call)
{
    const char *id = call_parameter(call, "AccessKeyId");
    struct user user;
    size_t slot;
    struct buffer *body = &call->http.reply.body;
    if (constraint_check(call, &key_id_rule, 1) != 0)
        return;
    /*
     * IAM checks the permission for the key's user. If there is no such key, the call is denied, as
     * for a key of another account.
     */
    if (!world_key_find(&call->sim->world, &call->account, id, &call->http.arena, &user, &slot) ||
        iam_key_hidden(call, &user, &user.keys[slot])) {
        failure_answer(call, FAILURE_ACCESS_DENIED,
                       "User: %s is not authorized to perform: iam:GetAccessKeyLastUsed on "
                       "resource: access key %s",
                       call_principal(call), id);
        return;
    }
    const struct access_key *key = &user.keys[slot];
    bool used = key->last_used != MOMENT_NEVER;
    iam_begin(call);
    xml_string(body, "UserName", user.name);
    xml_open(body, "AccessKeyLastUsed");
    xml_string(body, "Region", used && key->last_used_region ? key->last_used_region : "N/A");
    xml_moment(body, "LastUsedDate", key->last_used);
    xml_string(body, "ServiceName",
               used && key->last_used_service ? key->last_used_service : "N/A");
    xml_close(body, "AccessKeyLastUsed");
    iam_end(call);
}

void iam_get_login_profile(struct call *call)
{
    struct user user;
    struct buffer *body = &call->http.reply.body;
    if (iam_find_user(call, &user) != 0)
        return;
    if (!user.has_password) {
        failure_answer(call, FAILURE_NO_SUCH_ENTITY, "Login Profile for User %s cannot be found.",
                       user.name);
        return;
    }
    iam_begin(call);
    xml_open(body, "LoginProfile");
    xml_string(body, "UserName", user.name);
    xml_moment(body, "CreateDate", user.password_created);
    xml_bool(body, "PasswordResetRequired", user.password_last_used == MOMENT_NEVER);
    xml_close(body, "LoginProfile");
    iam_end(call);
}

/* Writes text with the shape and size of a certificate, which can't be decoded. */
static void write_certificate_body(struct buffer *body, const char *id)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint64_t number = random_of_bytes(1, id, strlen(id));
    xml_open(body, "CertificateBody");
    buffer_add_text(body, "-----BEGIN CERTIFICATE-----&#10;");
    for (size_t i = 0; i < 640; i++) {
        number = random_mix(number, i);
        buffer_add_char(body, digits[number & 63]);
        if (i % 64 == 63)
            buffer_add_text(body, "&#10;");
    }
    buffer_add_text(body, "-----END CERTIFICATE-----");
    xml_close(body, "CertificateBody");
}

void iam_list_signing_certificates(struct call *call)
{
    struct user user;
    struct slice slice;
    struct buffer *body = &call->http.reply.body;
    if (iam_find_user(call, &user) != 0 || slice_read(call, user.certificate_count, &slice) != 0)
        return;
    iam_begin(call);
    xml_open(body, "Certificates");
    for (size_t i = slice.first; i < slice.last; i++) {
        const struct certificate *certificate = &user.certificates[i];
        xml_open(body, "member");
        xml_string(body, "UserName", user.name);
        xml_string(body, "CertificateId", certificate->id);
        write_certificate_body(body, certificate->id);
        xml_string(body, "Status", certificate->status);
        xml_moment(body, "UploadDate", certificate->uploaded);
        xml_close(body, "member");
    }
    xml_close(body, "Certificates");
    slice_end(call, &slice);
}

void iam_list_mfa_devices(struct call *call)
{
    struct user user;
    struct slice slice;
    struct buffer *body = &call->http.reply.body;
    if (iam_find_user(call, &user) != 0 || slice_read(call, user.mfa_count, &slice) != 0)
        return;
    iam_begin(call);
    xml_open(body, "MFADevices");
    for (size_t i = slice.first; i < slice.last; i++) {
        xml_open(body, "member");
        xml_string(body, "UserName", user.name);
        xml_string(body, "SerialNumber", user.mfa[i].serial);
        xml_moment(body, "EnableDate", user.mfa[i].enabled);
        xml_close(body, "member");
    }
    xml_close(body, "MFADevices");
    slice_end(call, &slice);
}

void iam_list_groups_for_user(struct call *call)
{
    struct user user;
    struct slice slice;
    struct buffer *body = &call->http.reply.body;
    if (iam_find_user(call, &user) != 0 || slice_read(call, user.group_count, &slice) != 0)
        return;
    iam_begin(call);
    xml_open(body, "Groups");
    for (size_t i = slice.first; i < slice.last; i++) {
        struct group group = {.name = user.groups[i], .path = "/", .created = call->account.joined};
        world_group_find(&call->sim->world, &call->account, user.groups[i], &call->http.arena,
                         &group);
        xml_open(body, "member");
        iam_write_group(call, &group);
        xml_close(body, "member");
    }
    xml_close(body, "Groups");
    slice_end(call, &slice);
}

void iam_list_ssh_public_keys(struct call *call)
{
    struct user user;
    struct slice slice;
    struct buffer *body = &call->http.reply.body;
    if (iam_find_user(call, &user) != 0 || slice_read(call, user.ssh_key_count, &slice) != 0)
        return;
    iam_begin(call);
    xml_open(body, "SSHPublicKeys");
    for (size_t i = slice.first; i < slice.last; i++) {
        xml_open(body, "member");
        xml_string(body, "UserName", user.name);
        xml_string(body, "SSHPublicKeyId", user.ssh_keys[i].id);
        xml_string(body, "Status", user.ssh_keys[i].status);
        xml_moment(body, "UploadDate", user.ssh_keys[i].uploaded);
        xml_close(body, "member");
    }
    xml_close(body, "SSHPublicKeys");
    slice_end(call, &slice);
}
