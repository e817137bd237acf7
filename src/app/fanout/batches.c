/* SPDX-License-Identifier: MIT */
#include "app/fanout/batches.h"

#include "api/s3.h"
#include "app/account_id.h"
#include "base/alloc.h"
#include "base/json_writer.h"

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

static void write_skipped(struct json_writer *w, const struct skipped_account *skipped)
{
    const struct census_account account = {.name = skipped->name,
                                           .ou = skipped->ou,
                                           .state = skipped->state,
                                           .membership = skipped->membership};
    json_object_begin(w);
    json_key(w, "id");
    json_text(w, view_of(skipped->id));
    json_key(w, "name");
    json_text(w, skipped->name);
    write_place(w, &account);
    json_object_end(w);
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

/* Takes the skipped accounts that come before 'last', or all, off the layout's list. */
static void write_skipped_before(struct json_writer *w, struct batches_layout *layout,
                                 const char *last)
{
    json_key(w, "skipped");
    json_array_begin(w);
    for (; layout->skipped_count > 0 && (!last || strcmp(layout->skipped->id, last) < 0);
         layout->skipped_count--)
        write_skipped(w, layout->skipped++);
    json_array_end(w);
}

static void write_batch(struct json_writer *w, const struct batches_layout *layout, size_t number,
                        const struct census_account *accounts, size_t count)
{
    json_key(w, "batch");
    json_int(w, (int64_t)number);
    json_key(w, "accounts");
    json_array_begin(w);
    for (size_t i = 0; i < count; i++)
        write_account(w, &accounts[i], layout->placed);
    json_array_end(w);
    write_key(w, "part_key", layout, "part", number, layout->extension);
    write_key(w, "result_key", layout, "result", number, ".json");
}

size_t batches_write(const struct batches_layout *layout, const struct census_account *accounts,
                     size_t count, struct buffer *out)
{
    size_t number = 0;
    struct batches_layout left = *layout;
    struct json_writer w;
    json_writer_init(&w, out);
    json_array_begin(&w);
    for (size_t i = 0; i < count; i += layout->size, number++) {
        bool is_last = count - i <= layout->size;
        size_t size = is_last ? count - i : layout->size;
        json_object_begin(&w);
        write_batch(&w, layout, number, accounts + i, size);
        if (layout->skipped_count > 0)
            write_skipped_before(&w, &left, is_last ? NULL : accounts[i + size - 1].id);
        json_object_end(&w);
    }
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

const json_t *batches_item(const json_t *batches, size_t number)
{
    return json_array_get(batches, number);
}

const char *batches_part_key(const json_t *batches, size_t number)
{
    return json_string_value(json_object_get(batches_item(batches, number), "part_key"));
}

const char *batches_result_key(const json_t *batches, size_t number)
{
    return json_string_value(json_object_get(batches_item(batches, number), "result_key"));
}

static enum membership read_membership(const json_t *management)
{
    if (!json_is_boolean(management))
        return MEMBERSHIP_UNKNOWN;
    return json_is_true(management) ? MEMBERSHIP_MANAGEMENT : MEMBERSHIP_MEMBER;
}

static int read_account(const json_t *item, const char *origin, struct census_account *account,
                        struct error *e)
{
    struct view id = view_of(json_string_value(json_object_get(item, "id")));
    if (account_id_check(id, origin, e) != 0)
        return -1;
    memcpy(account->id, id.ptr, ACCOUNT_ID_LEN + 1);
    account->name = view_of(json_string_value(json_object_get(item, "name")));
    account->ou = view_of(json_string_value(json_object_get(item, "ou")));
    account->state = view_of(json_string_value(json_object_get(item, "state")));
    account->membership = read_membership(json_object_get(item, "management"));
    return 0;
}

int batches_read_skipped(const json_t *batch, struct skipped_account **skipped, size_t *count,
                         struct error *e)
{
    const json_t *list = json_object_get(batch, "skipped");
    size_t listed = json_array_size(list);
    struct skipped_account *found = xcalloc(listed + 1, sizeof(*found));
    *skipped = found;
    for (*count = 0; *count < listed; ++*count) {
        struct census_account account;
        if (read_account(json_array_get(list, *count), "the event's 'batch.skipped'", &account,
                         e) != 0)
            return -1;
        memcpy(found[*count].id, account.id, sizeof(account.id));
        found[*count].name = account.name;
        found[*count].ou = account.ou;
        found[*count].state = account.state;
        found[*count].membership = account.membership;
    }
    return 0;
}

int batches_read_accounts(const json_t *batch, struct census_account **accounts, size_t *count,
                          struct error *e)
{
    const json_t *list = json_object_get(batch, "accounts");
    size_t listed = json_array_size(list);
    struct census_account *found = xcalloc(listed + 1, sizeof(*found));
    *accounts = found;
    for (size_t i = 0; i < listed; i++)
        if (read_account(json_array_get(list, i), "the event's 'batch.accounts'", &found[i], e) !=
            0)
            return -1;
    *count = accounts_sort(found, listed);
    if (*count == 0)
        return error_set(e, ERROR_CONFIG, "the event's 'batch' has no accounts");
    return 0;
}
