/* SPDX-License-Identifier: MIT */
/* The users of a world file. */
#include "wire/moment.h"
#include "wire/text.h"
#include "world/world_json.h"

#include <ctype.h>
#include <string.h>

/* AWS has Active, Inactive and Expired. Any other capitalized word is accepted too, for tests. */
static const char *read_status(struct reading *reading, const json_t *object)
{
    const char *status = read_string(reading, object, "status", "Active");
    if (!isupper((unsigned char)*status))
        reading_fail(reading, "status", "is not a word such as Active, Inactive or Expired");
    return status;
}

static void read_keys(struct reading *reading, const json_t *object, struct user *user)
{
    static const char *const known[] = {"id",
                                        "status",
                                        "created",
                                        "last_used",
                                        "last_used_region",
                                        "last_used_service",
                                        "created_after_report",
                                        "deleted_after_report",
                                        NULL};
    const json_t *list;
    user->key_count = read_list(reading, object, "keys", &list);
    user->keys = arena_alloc(reading->arena, user->key_count * sizeof(*user->keys) + 1);
    for (size_t i = 0; i < user->key_count; i++) {
        const json_t *key = json_array_get(list, i);
        reading_check_names(reading, key, known);
        user->keys[i] = (struct access_key){
            .id = read_needed(reading, key, "id"),
            .status = read_status(reading, key),
            .created = read_moment(reading, key, "created", user->created),
            .last_used = read_moment(reading, key, "last_used", MOMENT_NEVER),
            .last_used_service = read_string(reading, key, "last_used_service", NULL),
            .last_used_region = read_string(reading, key, "last_used_region", NULL),
            .created_after_report = json_is_true(json_object_get(key, "created_after_report")),
            .deleted_after_report = json_is_true(json_object_get(key, "deleted_after_report"))};
    }
}

static void read_tags(struct reading *reading, const json_t *object, struct user *user)
{
    static const char *const known[] = {"key", "value", NULL};
    const json_t *list;
    user->tag_count = read_list(reading, object, "tags", &list);
    user->tags = arena_alloc(reading->arena, user->tag_count * sizeof(*user->tags) + 1);
    for (size_t i = 0; i < user->tag_count; i++) {
        const json_t *tag = json_array_get(list, i);
        reading_check_names(reading, tag, known);
        user->tags[i] =
            (struct tag){read_needed(reading, tag, "key"), read_string(reading, tag, "value", "")};
    }
}

/* A device is an object, or a serial number alone; one with ":mfa/" in it is virtual. */
static void read_devices(struct reading *reading, const json_t *object, struct user *user)
{
    static const char *const known[] = {"serial", "enabled", "virtual", NULL};
    const json_t *list;
    user->mfa_count = read_list(reading, object, "mfa", &list);
    user->mfa = arena_alloc(reading->arena, user->mfa_count * sizeof(*user->mfa) + 1);
    for (size_t i = 0; i < user->mfa_count; i++) {
        const json_t *item = json_array_get(list, i);
        struct mfa_device *device = &user->mfa[i];
        device->enabled = user->created;
        if (json_is_string(item)) {
            device->serial =
                text_copy_len(reading->arena, json_string_value(item), json_string_length(item));
        } else {
            reading_check_names(reading, item, known);
            device->serial = read_needed(reading, item, "serial");
            device->enabled = read_moment(reading, item, "enabled", user->created);
        }
        const json_t *is_virtual = json_object_get(item, "virtual");
        device->is_virtual =
            is_virtual ? json_is_true(is_virtual) : strstr(device->serial, ":mfa/") != NULL;
    }
}

/* The certificates or SSH public keys in the list of this name. */
static struct certificate *read_certificates(struct reading *reading, const json_t *object,
                                             const char *name, int64_t created, size_t *count)
{
    static const char *const known[] = {"id", "status", "uploaded", NULL};
    const json_t *list;
    *count = read_list(reading, object, name, &list);
    struct certificate *certificates =
        arena_alloc(reading->arena, *count * sizeof(*certificates) + 1);
    for (size_t i = 0; i < *count; i++) {
        const json_t *certificate = json_array_get(list, i);
        reading_check_names(reading, certificate, known);
        certificates[i] = (struct certificate){
            .id = read_needed(reading, certificate, "id"),
            .status = read_status(reading, certificate),
            .uploaded = read_moment(
                reading, certificate, "uploaded",
                json_is_null(json_object_get(certificate, "uploaded")) ? MOMENT_NEVER : created)};
    }
    return certificates;
}

static void read_service_credentials(struct reading *reading, const json_t *object,
                                     struct user *user)
{
    static const char *const known[] = {"id",    "service", "status",  "user_name",
                                        "alias", "created", "expires", NULL};
    const json_t *list;
    user->service_credential_count = read_list(reading, object, "service_credentials", &list);
    user->service_credentials = arena_alloc(
        reading->arena, user->service_credential_count * sizeof(*user->service_credentials) + 1);
    for (size_t i = 0; i < user->service_credential_count; i++) {
        const json_t *item = json_array_get(list, i);
        reading_check_names(reading, item, known);
        user->service_credentials[i] = (struct service_credential){
            .id = read_needed(reading, item, "id"),
            .service = read_string(reading, item, "service", "bedrock.amazonaws.com"),
            .status = read_status(reading, item),
            .user_name = read_string(reading, item, "user_name", NULL),
            .alias = read_string(reading, item, "alias", NULL),
            .created = read_moment(reading, item, "created", user->created),
            .expires = read_moment(reading, item, "expires", MOMENT_NEVER)};
    }
}

static void read_password(struct reading *reading, const json_t *object, struct user *user)
{
    static const char *const known[] = {
        "created", "last_changed", "last_used", "report_last_changed", "report_last_used", NULL};
    const json_t *password = json_object_get(object, "password");
    user->password_last_used = read_moment(reading, object, "password_last_used", MOMENT_NEVER);
    if (!password || json_is_null(password))
        return;
    reading_check_names(reading, password, known);
    user->has_password = true;
    user->password_created = read_moment(reading, password, "created", user->created);
    user->password_last_changed =
        read_moment(reading, password, "last_changed", user->password_created);
    user->password_last_used =
        read_moment(reading, password, "last_used", user->password_last_used);
    user->report_last_changed = read_string(reading, password, "report_last_changed", NULL);
    user->report_last_used = read_string(reading, password, "report_last_used", NULL);
}

void world_read_user(struct reading *reading, const json_t *object, const char *account_id,
                     struct user *user)
{
    static const char *const known[] = {"name",
                                        "path",
                                        "id",
                                        "created",
                                        "tags",
                                        "groups",
                                        "keys",
                                        "password",
                                        "mfa",
                                        "certificates",
                                        "created_after_report",
                                        "deleted_after_report",
                                        "password_last_used",
                                        "permissions_boundary",
                                        "attached_policies",
                                        "inline_policies",
                                        "service_credentials",
                                        "ssh_keys",
                                        NULL};
    struct arena *arena = reading->arena;
    reading_check_names(reading, object, known);
    const char *name = read_needed(reading, object, "name");
    reading->where = text_format(arena, "user '%.200s' of account %s", name, account_id);
    *user = (struct user){
        .name = name,
        .path = read_string(reading, object, "path", "/"),
        .created = read_moment(reading, object, "created", reading->now - 30 * SECONDS_A_DAY)};
    user->id = read_string(reading, object, "id", unique_id(arena, "AIDA", account_id, name));
    read_tags(reading, object, user);
    user->groups = read_strings(reading, object, "groups", &user->group_count);
    read_keys(reading, object, user);
    read_password(reading, object, user);
    read_devices(reading, object, user);
    user->certificates =
        read_certificates(reading, object, "certificates", user->created, &user->certificate_count);
    user->ssh_keys =
        read_certificates(reading, object, "ssh_keys", user->created, &user->ssh_key_count);
    read_service_credentials(reading, object, user);
    user->inline_policies = read_inline_policies(reading, object, &user->inline_policy_count);
    user->permissions_boundary = read_string(reading, object, "permissions_boundary", NULL);
    user->attached_policies =
        read_strings(reading, object, "attached_policies", &user->attached_policy_count);
    user->created_after_report = json_is_true(json_object_get(object, "created_after_report"));
    user->deleted_after_report = json_is_true(json_object_get(object, "deleted_after_report"));
}

/* The device that "root_mfa": true stands for. */
static void add_root_device(struct reading *reading, const struct account *account,
                            struct user *root)
{
    root->mfa = arena_alloc(reading->arena, sizeof(*root->mfa));
    root->mfa_count = 1;
    *root->mfa = (struct mfa_device){
        .serial = text_format(reading->arena, "arn:%s:iam::%s:mfa/root-account-mfa-device",
                              reading->world->shape.partition, account->id),
        .enabled = account->joined,
        .is_virtual = true};
}

/* Without "root", the management account's root user has a password, and the others' have none. */
void world_read_root(struct reading *reading, const json_t *object, const struct account *account,
                     bool is_management, struct user *root)
{
    static const char *const known[] = {"password", "password_last_used", "keys",
                                        "mfa",      "certificates",       NULL};
    const json_t *given = json_object_get(object, "root");
    *root = (struct user){.created = account->joined, .password_last_used = MOMENT_NEVER};
    if (given && !json_is_null(given)) {
        reading_check_names(reading, given, known);
        read_keys(reading, given, root);
        read_password(reading, given, root);
        read_devices(reading, given, root);
        root->certificates = read_certificates(reading, given, "certificates", root->created,
                                               &root->certificate_count);
    }
    if (!json_object_get(given, "password")) {
        root->has_password = is_management;
        root->password_created = account->joined;
        root->password_last_changed = account->joined;
    }
    if (root->mfa_count == 0 && json_is_true(json_object_get(object, "root_mfa")))
        add_root_device(reading, account, root);
}
