/* SPDX-License-Identifier: MIT */
#include "app/fanout/batches.h"

#include "api/s3.h"
#include "app/account_id.h"
#include "base/alloc.h"
#include "base/json_writer.h"
#include "census/accounts.h"

static void write_place(struct json_writer *w, const struct census_account *account)
{
    json_key(w, "ou");
    json_text(w, account->ou);
    json_key(w, "state");
    json_text(w, account->state);
    json_key(w, "management");
    if (account->membership == MEMBERSHIP_UNKNOWN)
        json_text(w, VIEW_NONE);
    else
        json_bool(w, account->membership == MEMBERSHIP_MANAGEMENT);
}

static void write_account(struct json_writer *w, const struct census_account *account, bool placed)
{
    json_object_begin(w);
    json_key(w, "id");
    json_text(w, view_of(account->id));
    json_key(w, "name");
    json_text(w, account->name);
    if (placed)
        write_place(w, account);
    json_object_end(w);
}

static void write_key(struct json_writer *w, const char *member, const struct batches_layout *l,
                      const char *kind, size_t number, const char *extension)
{
    struct buffer key;
    buffer_init(&key, S3_KEY_MAX_BYTES);
    buffer_addf(&key, "%.*s%s-%06zu%s", VIEW_ARG(l->folder), kind, number, extension);
    json_key(w, member);
    json_buffer(w, &key);
    buffer_release(&key);
}

static void write_batch(struct json_writer *w, const struct batches_layout *layout, size_t number,
                        const struct census_account *accounts, size_t count)
{
    json_object_begin(w);
    json_key(w, "batch");
    json_int(w, (int64_t)number);
    json_key(w, "accounts");
    json_array_begin(w);
    for (size_t i = 0; i < count; i++)
        write_account(w, &accounts[i], layout->placed);
    json_array_end(w);
    write_key(w, "part_key", layout, "part", number, layout->extension);
    write_key(w, "result_key", layout, "result", number, ".json");
    json_object_end(w);
}

size_t batches_write(const struct batches_layout *layout, const struct census_account *accounts,
                     size_t count, struct buffer *out)
{
    size_t number = 0;
    struct json_writer w;
    json_writer_init(&w, out);
    json_array_begin(&w);
    for (size_t i = 0; i < count; i += layout->size, number++)
        write_batch(&w, layout, number, accounts + i,
                    count - i < layout->size ? count - i : layout->size);
    json_array_end(&w);
    return number;
}

static bool is_batch(const json_t *batch)
{
    return json_is_array(json_object_get(batch, "accounts")) &&
           json_is_string(json_object_get(batch, "part_key")) &&
           json_is_string(json_object_get(batch, "result_key"));
}

json_t *batches_read(struct view text, struct error *e)
{
    json_t *batches = json_loadb(text.ptr, text.len, 0, NULL);
    size_t valid = 0, count = json_array_size(batches);
    while (valid < count && is_batch(json_array_get(batches, valid)))
        valid++;
    if (count > 0 && valid == count)
        return batches;
    error_set(e, ERROR_PROTOCOL, "the plan's batches can't be read");
    json_decref(batches);
    return NULL;
}

const json_t *batches_accounts(const json_t *batches, size_t number)
{
    return json_object_get(json_array_get(batches, number), "accounts");
}

const char *batches_part_key(const json_t *batches, size_t number)
{
    return json_string_value(json_object_get(json_array_get(batches, number), "part_key"));
}

const char *batches_result_key(const json_t *batches, size_t number)
{
    return json_string_value(json_object_get(json_array_get(batches, number), "result_key"));
}

static enum membership read_membership(const json_t *management)
{
    if (!json_is_boolean(management))
        return MEMBERSHIP_UNKNOWN;
    return json_is_true(management) ? MEMBERSHIP_MANAGEMENT : MEMBERSHIP_MEMBER;
}

int batches_read_accounts(const json_t *batch, struct census_account **accounts, size_t *count,
                          struct error *e)
{
    const json_t *list = json_object_get(batch, "accounts");
    size_t listed = json_array_size(list);
    struct census_account *found = xcalloc(listed + 1, sizeof(*found));
    *accounts = found;
    for (size_t i = 0; i < listed; i++) {
        const json_t *item = json_array_get(list, i);
        struct view id = view_of(json_string_value(json_object_get(item, "id")));
        if (account_id_check(id, "the event's 'batch.accounts'", e) != 0)
            return -1;
        memcpy(found[i].id, id.ptr, ACCOUNT_ID_LEN + 1);
        found[i].name = view_of(json_string_value(json_object_get(item, "name")));
        found[i].ou = view_of(json_string_value(json_object_get(item, "ou")));
        found[i].state = view_of(json_string_value(json_object_get(item, "state")));
        found[i].membership = read_membership(json_object_get(item, "management"));
    }
    *count = accounts_sort(found, listed);
    if (*count == 0)
        return error_set(e, ERROR_CONFIG, "the event's 'batch' has no accounts");
    return 0;
}
