/* SPDX-License-Identifier: MIT */
/* Findings as CSV, after RFC 4180: the fields of the machine form; lists and objects as JSON. */
#include "output/cell.h"
#include "output/finding_format.h"

static void csv_begin(struct buffer *out)
{
    for (size_t i = 0; i < finding_fields_count; i++)
        buffer_addf(out, "%s%s", i > 0 ? "," : "", finding_fields[i].name);
    buffer_add_text(out, "\r\n");
}

static void write_json(const struct finding_row *row, const struct finding_field *field,
                       struct buffer *out)
{
    struct json_writer w;
    size_t start = out->len;
    json_writer_init(&w, out);
    field->write(row, &w);
    cell_quote(out, start);
}

/* There is no cell for null: a finding without a suppression has an empty one. */
static bool is_none(const struct finding_row *row, const struct finding_field *field)
{
    return !row->finding->suppression && view_is(view_of(field->name), "suppression");
}

static void csv_finding(const struct finding_run *run, const struct finding *f, struct buffer *out)
{
    struct finding_row row = {.run = run, .finding = f};
    for (size_t i = 0; i < finding_fields_count; i++) {
        const struct finding_field *field = &finding_fields[i];
        if (i > 0)
            buffer_add_char(out, ',');
        if (field->value)
            cell_write(field->value(&row), field->guarded, out);
        else if (!is_none(&row, field))
            write_json(&row, field, out);
    }
    buffer_add_text(out, "\r\n");
}

const struct finding_format finding_csv = {
    .name = "csv",
    .ending = ".findings.csv",
    .content_type = "text/csv; charset=utf-8",
    .begin = csv_begin,
    .finding = csv_finding,
};
