/* SPDX-License-Identifier: MIT */
#include "store/finding_recording.h"

#define SQL_MAX_BYTES  2048
#define JSON_MAX_BYTES ((size_t)1024 * 1024)

int finding_recording_init(struct finding_recording *f, struct database *d, const char *run_id,
                           int64_t started_s, struct error *e)
{
    struct buffer sql;
    *f = (struct finding_recording){.run = {.run_id = run_id, .started_s = started_s}};
    buffer_init(&f->json, JSON_MAX_BYTES);
    buffer_init(&sql, SQL_MAX_BYTES);
    buffer_add_text(&sql, "INSERT INTO finding (");
    for (size_t i = 0; i < finding_fields_count; i++)
        buffer_addf(&sql, "%s\"%s\"", i > 0 ? ", " : "", finding_fields[i].name);
    buffer_add_text(&sql, ") VALUES (");
    for (size_t i = 0; i < finding_fields_count; i++)
        buffer_add_text(&sql, i > 0 ? ", ?" : "?");
    buffer_add_text(&sql, ") ON CONFLICT DO NOTHING");
    int result = statement_prepare(&f->statement, d, "finding", buffer_text(&sql), e);
    buffer_release(&sql);
    return result;
}

void finding_recording_release(struct finding_recording *f)
{
    statement_release(&f->statement);
    buffer_release(&f->json);
}

static int add_json(struct finding_recording *f, const struct finding_field *field,
                    const struct finding_row *row, struct error *e)
{
    struct json_writer w;
    buffer_clear(&f->json);
    json_writer_init(&w, &f->json);
    field->write(row, &w);
    if (buffer_check(&f->json, field->name, e) != 0)
        return -1;
    if (view_is(buffer_view(&f->json), "null"))
        statement_null(&f->statement);
    else
        statement_copy(&f->statement, buffer_view(&f->json));
    return 0;
}

int finding_recording_add(struct finding_recording *f, const struct finding *finding,
                          struct error *e)
{
    struct finding_row row = {.run = &f->run, .finding = finding};
    for (size_t i = 0; i < finding_fields_count; i++) {
        const struct finding_field *field = &finding_fields[i];
        if (field->value)
            statement_value(&f->statement, field->value(&row));
        else if (add_json(f, field, &row, e) != 0)
            return -1;
    }
    return statement_run(&f->statement, e);
}
