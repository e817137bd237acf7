/* SPDX-License-Identifier: MIT */
#include "page/gaps.h"

#include "page/html.h"

#include <jansson.h>

#define SHOWN_MAX 500

static void write_member(const json_t *object, const char *key, struct buffer *out)
{
    html_text(out, view_of(json_string_value(json_object_get(object, key))));
}

static void write_failure(const json_t *account, struct buffer *out)
{
    write_member(account, "stage", out);
    buffer_add_text(out, ": ");
    write_member(account, "code", out);
}

static void write_unknown(const json_t *account, struct buffer *out)
{
    size_t i;
    const json_t *item;
    buffer_add_text(out, "unknown for some users: ");
    json_array_foreach (json_object_get(account, "unknown"), i, item) {
        buffer_add_text(out, i > 0 ? ", " : "");
        html_text(out, view_of(json_string_value(item)));
    }
    json_array_foreach (json_object_get(account, "errors"), i, item) {
        buffer_add_text(out, "; ");
        write_member(item, "operation", out);
        buffer_add_text(out, ": ");
        write_member(item, "code", out);
    }
}

static void write_state(const json_t *account, struct buffer *out)
{
    buffer_add_text(out, "its state in the organization is ");
    write_member(account, "state", out);
}

/* The lists of the document, worst first. */
static const struct {
    const char *member, *read;
    void (*why)(const json_t *account, struct buffer *out);
} lists[] = {
    {"failed_accounts", "not read", write_failure},
    {"partial_accounts", "partly", write_unknown},
    {"skipped_accounts", "left out", write_state},
};
#define LIST_COUNT (sizeof(lists) / sizeof(lists[0]))

static void write_row(size_t list, const json_t *account, struct buffer *out)
{
    buffer_add_text(out, "<tr><th scope=\"row\">");
    write_member(account, "account_id", out);
    buffer_addf(out, "</th><td>%s</td><td>", lists[list].read);
    lists[list].why(account, out);
    buffer_add_text(out, "</td></tr>\n");
}

static void write_rows(const json_t *document, struct buffer *out)
{
    size_t shown = 0, i;
    const json_t *account;
    for (size_t list = 0; list < LIST_COUNT; list++)
        json_array_foreach (json_object_get(document, lists[list].member), i, account) {
            if (shown++ < SHOWN_MAX)
                write_row(list, account, out);
        }
}

static void write_table(const json_t *document, size_t count, struct buffer *out)
{
    if (count > SHOWN_MAX)
        buffer_addf(out, "<p>The first %d of %zu accounts.</p>\n", SHOWN_MAX, count);
    buffer_add_text(out, "<div class=\"wide scroll\" tabindex=\"0\" role=\"region\" "
                         "aria-label=\"What was not read\"><table><thead><tr><th scope=\"col\">"
                         "Account</th><th scope=\"col\">Read</th><th scope=\"col\">Why, or what is "
                         "unknown</th></tr></thead><tbody>\n");
    write_rows(document, out);
    buffer_add_text(out, "</tbody></table></div>\n");
}

void gaps_write(const char *result, struct buffer *out)
{
    json_t *document = result ? json_loads(result, JSON_REJECT_DUPLICATES, NULL) : NULL;
    size_t count = 0;
    for (size_t i = 0; i < LIST_COUNT; i++)
        count += json_array_size(json_object_get(document, lists[i].member));
    if (!document)
        buffer_add_text(out, "<p>The run has no result document, so it is not known.</p>\n");
    else if (count == 0)
        buffer_add_text(out, "<p>Every account was read whole.</p>\n");
    else
        write_table(document, count, out);
    json_decref(document);
}
