/* SPDX-License-Identifier: MIT */
#include "output/account_csv.h"

#include "base/json_writer.h"
#include "output/cell.h"

const char account_csv_content_type[] = "text/csv; charset=utf-8";

void account_csv_begin(struct buffer *out)
{
    for (size_t i = 0; i < ACCOUNT_FIELD_COUNT; i++)
        buffer_addf(out, "%s,", account_fields[i].column);
    buffer_add_text(out, "Unknown\r\n");
}

static void write_unknown(const struct account_row *row, struct buffer *out)
{
    size_t start = out->len;
    struct json_writer w;
    json_writer_init(&w, out);
    json_array_begin(&w);
    for (size_t i = 0; i < ACCOUNT_FIELD_COUNT; i++)
        if (row->lost & (UINT64_C(1) << i))
            json_text(&w, view_of(account_fields[i].column));
    json_array_end(&w);
    cell_quote(out, start);
}

void account_csv_write(const struct account *account, bool skipped, bool raw, struct buffer *out)
{
    struct account_row row = {.account = account, .skipped = skipped};
    for (enum account_field_id id = 0; id < ACCOUNT_FIELD_COUNT; id++) {
        cell_write(account_row_value(&row, id), account_fields[id].guarded && !raw, out);
        buffer_add_char(out, ',');
    }
    write_unknown(&row, out);
    buffer_add_text(out, "\r\n");
}
