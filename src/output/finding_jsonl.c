/* SPDX-License-Identifier: MIT */
/* Findings as JSON Lines: one object a finding, the machine form. */
#include "output/finding_format.h"

static void write_value(struct value value, struct json_writer *w)
{
    if (value.kind == VALUE_TEXT)
        json_text(w, value.text);
    else if (value.kind == VALUE_NUMBER)
        json_int(w, value.number);
    else if (value.kind == VALUE_TIME)
        json_time(w, value.number);
    else
        json_none(w);
}

static void jsonl_finding(const struct finding_run *run, const struct finding *f,
                          struct buffer *out)
{
    struct finding_row row = {.run = run, .finding = f};
    struct json_writer w;
    json_writer_init(&w, out);
    json_object_begin(&w);
    for (size_t i = 0; i < finding_fields_count; i++) {
        const struct finding_field *field = &finding_fields[i];
        json_key(&w, field->name);
        if (field->value)
            write_value(field->value(&row), &w);
        else
            field->write(&row, &w);
    }
    json_object_end(&w);
    buffer_add_char(out, '\n');
}

const struct finding_format finding_jsonl = {
    .name = "jsonl",
    .ending = ".findings.jsonl",
    .content_type = "application/x-ndjson",
    .finding = jsonl_finding,
};
