#include "app/summary.h"

#include <jansson.h>

#define ACCOUNTS_SHOWN 20

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "-";
}

static json_int_t number_of(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

static void write_partial(const json_t *account, struct buffer *out)
{
    size_t i;
    json_t *item;
    buffer_addf(out, "  partial %s  unknown:", text_of(account, "account_id"));
    json_array_foreach(json_object_get(account, "unknown"), i, item)
        buffer_addf(out, "%s %s", i > 0 ? "," : "", json_string_value(item));
    json_array_foreach(json_object_get(account, "errors"), i, item)
        buffer_addf(out, "%s %s: %s x %lld", i > 0 ? "," : " (because", text_of(item, "operation"),
                    text_of(item, "code"), (long long)number_of(item, "count"));
    buffer_add_text(out, json_array_size(json_object_get(account, "errors")) > 0 ? ")\n" : "\n");
}

static void write_failed(const json_t *account, struct buffer *out)
{
    buffer_addf(out, "  failed  %s  at %s: %s: %s\n", text_of(account, "account_id"),
                text_of(account, "stage"), text_of(account, "code"), text_of(account, "message"));
}

static void write_accounts(const json_t *accounts,
                           void (*write)(const json_t *account, struct buffer *out),
                           struct buffer *out)
{
    size_t i;
    json_t *account;
    json_array_foreach(accounts, i, account)
    {
        if (i == ACCOUNTS_SHOWN) {
            buffer_addf(out, "  ... and %zu more (--json shows all)\n",
                        json_array_size(accounts) - i);
            return;
        }
        write(account, out);
    }
}

void summary_write(struct view document, struct buffer *out)
{
    json_t *root = json_loadb(document.ptr, document.len, 0, NULL);
    if (!root)
        return;
    const json_t *partial = json_object_get(root, "partial_accounts");
    const json_t *failed = json_object_get(root, "failed_accounts");
    json_int_t seconds_keys = number_of(root, "users_with_second_active_key");
    buffer_addf(out, "%lld users of %zu accounts: %zu complete, %zu partial, %zu failed\n",
                (long long)number_of(root, "rows"),
                json_array_size(json_object_get(root, "successful_accounts")) +
                    json_array_size(partial) + json_array_size(failed),
                json_array_size(json_object_get(root, "successful_accounts")),
                json_array_size(partial), json_array_size(failed));
    write_accounts(partial, write_partial, out);
    write_accounts(failed, write_failed, out);
    if (seconds_keys > 0)
        buffer_addf(out, "%lld users have a second active key: --columns extended shows it\n",
                    (long long)seconds_keys);
    buffer_addf(out, "%.1f s, %lld calls, %lld retries, %lld throttled\n",
                (double)number_of(root, "duration_ms") / 1000,
                (long long)number_of(root, "api_calls"), (long long)number_of(root, "retries"),
                (long long)number_of(root, "throttled"));
    buffer_addf(out, "written to %s\n", text_of(root, "output"));
    json_decref(root);
}
