/* SPDX-License-Identifier: MIT */
#include "app/difference_format.h"

#include "base/colour.h"
#include "base/json_writer.h"
#include "base/plural.h"
#include "base/printable.h"
#include "base/timestamp.h"
#include "output/cell.h"

#define LINE_MAX_BYTES ((size_t)1024)

/* The members of a line, in order. */
static const char *const members[] = {"kind",        "account_id", "user_name", "user_id",
                                      "resource_id", "before",     "after"};
#define MEMBER_COUNT (sizeof(members) / sizeof(members[0]))

static void list_members(const struct difference *d, struct view values[MEMBER_COUNT])
{
    const struct view all[MEMBER_COUNT] = {view_of(difference_kinds[d->kind].name),
                                           view_of(d->account_id),
                                           d->user_name,
                                           d->user_id,
                                           d->resource_id,
                                           d->before,
                                           d->after};
    memcpy(values, all, sizeof(all));
}

static void jsonl_difference(const struct difference *d, struct buffer *out)
{
    struct view values[MEMBER_COUNT];
    struct json_writer w;
    list_members(d, values);
    json_writer_init(&w, out);
    json_object_begin(&w);
    for (size_t i = 0; i < MEMBER_COUNT; i++) {
        json_key(&w, members[i]);
        json_text(&w, values[i]);
    }
    json_object_end(&w);
    buffer_add_char(out, '\n');
}

static void csv_begin(struct buffer *out)
{
    for (size_t i = 0; i < MEMBER_COUNT; i++)
        buffer_addf(out, "%s%s", i > 0 ? "," : "", members[i]);
    buffer_add_text(out, "\r\n");
}

static void csv_difference(const struct difference *d, struct buffer *out)
{
    struct view values[MEMBER_COUNT];
    list_members(d, values);
    for (size_t i = 0; i < MEMBER_COUNT; i++) {
        if (i > 0)
            buffer_add_char(out, ',');
        cell_write(value_text_or_none(values[i]), true, out);
    }
    buffer_add_text(out, "\r\n");
}

static const struct difference_format formats[] = {
    {"jsonl", .difference = jsonl_difference},
    {"csv", .begin = csv_begin, .difference = csv_difference},
};

const struct difference_format *difference_format_find(struct view name)
{
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
        if (view_is(name, formats[i].name))
            return &formats[i];
    return NULL;
}

/*
 * The text.
 */

void difference_text_init(struct difference_text *t)
{
    *t = (struct difference_text){.left_out_count = 0};
    arena_init(&t->arena);
}

void difference_text_release(struct difference_text *t)
{
    arena_release(&t->arena);
}

/* Keeps a line, which may have been cut, with a line end. */
static struct view keep(struct difference_text *t, struct buffer *line)
{
    struct view text = view_of(buffer_text_cut(line));
    char *kept = arena_alloc(&t->arena, text.len + 1);
    memcpy(kept, text.ptr, text.len);
    kept[text.len] = '\n';
    buffer_release(line);
    return (struct view){kept, text.len + 1};
}

/* "  111111111111  jane  AKIA...: Active -> Inactive" */
static void write_line(const struct difference *d, struct buffer *out)
{
    buffer_addf(out, "  %s", d->account_id);
    if (d->user_name.ptr) {
        buffer_add_text(out, "  ");
        printable_add(out, d->user_name);
    }
    if (!view_starts_with(d->resource_id, "arn:") && !view_is(d->resource_id, d->account_id)) {
        buffer_add_text(out, "  ");
        printable_add(out, d->resource_id);
    }
    if (d->before.ptr || d->after.ptr) {
        buffer_add_text(out, ": ");
        printable_add(out, d->before.ptr ? d->before : VIEW_LITERAL("-"));
        buffer_add_text(out, " -> ");
        printable_add(out, d->after.ptr ? d->after : VIEW_LITERAL("-"));
    }
}

void difference_text_add(struct difference_text *t, const struct difference *d)
{
    struct buffer line;
    uint64_t nth = t->kinds[d->kind].count++;
    if (nth >= DIFFERENCE_TEXT_SHOWN)
        return;
    buffer_init(&line, LINE_MAX_BYTES);
    write_line(d, &line);
    t->kinds[d->kind].lines[nth] = keep(t, &line);
}

void difference_text_leave_out(struct difference_text *t, const char *account_id, const char *why)
{
    struct buffer line;
    uint64_t nth = t->left_out_count++;
    if (nth >= DIFFERENCE_TEXT_SHOWN)
        return;
    buffer_init(&line, LINE_MAX_BYTES);
    buffer_addf(&line, "  %s: %s", account_id, why);
    t->left_out[nth] = keep(t, &line);
}

static void write_some(const struct view *lines, uint64_t count, struct buffer *out)
{
    for (size_t i = 0; i < DIFFERENCE_TEXT_SHOWN && i < count; i++)
        buffer_add_view(out, lines[i]);
    if (count > DIFFERENCE_TEXT_SHOWN)
        buffer_addf(out, "  and %llu more\n", (unsigned long long)(count - DIFFERENCE_TEXT_SHOWN));
}

static void write_run(const char *which, const struct stored_run *run, struct buffer *out)
{
    char started[TIMESTAMP_TEXT_SIZE];
    timestamp_format(run->started_s, started);
    buffer_addf(out, "%s: %s, of %s, %lld users\n", which, run->run_id, started,
                (long long)run->users);
}

static void write_head(const struct difference_text *t, const struct run_comparison *run,
                       struct buffer *out)
{
    uint64_t count = 0;
    for (size_t kind = 0; kind < DIFFERENCE_COUNT; kind++)
        count += t->kinds[kind].count;
    write_run("older run", run->before, out);
    write_run("newer run", run->after, out);
    buffer_addf(out, "%llu difference%s; %llu account%s compared\n", (unsigned long long)count,
                plural_s(count), (unsigned long long)run->compared, plural_s(run->compared));
    if (run->unknown > 0)
        buffer_addf(out, "%llu field%s not compared, being unknown in one of the runs\n",
                    (unsigned long long)run->unknown, run->unknown == 1 ? " was" : "s were");
    if (!run->findings)
        buffer_add_text(out, "findings were not compared: both runs must be collected with "
                             "--findings\n");
    if (t->left_out_count > 0)
        buffer_addf(out, "%llu account%s not compared:\n", (unsigned long long)t->left_out_count,
                    t->left_out_count == 1 ? " was" : "s were");
    write_some(t->left_out, t->left_out_count, out);
}

/* Of a kind's title. */
static const enum colour_style styles[WEIGHT_COUNT] = {
    [WEIGHT_RISK] = COLOUR_BAD, [WEIGHT_CHANGE] = COLOUR_TITLE, [WEIGHT_RELIEF] = COLOUR_GOOD};

void difference_text_write(const struct difference_text *t, const struct run_comparison *run,
                           struct buffer *out)
{
    write_head(t, run, out);
    for (enum difference_weight weight = 0; weight < WEIGHT_COUNT; weight++)
        for (size_t kind = 0; kind < DIFFERENCE_COUNT; kind++) {
            const struct difference_row *row = &difference_kinds[kind];
            if (row->weight != weight || t->kinds[kind].count == 0)
                continue;
            buffer_addf(out, "\n%s%s%s: %llu\n", colour_on(t->coloured, styles[weight]), row->title,
                        colour_off(t->coloured), (unsigned long long)t->kinds[kind].count);
            write_some(t->kinds[kind].lines, t->kinds[kind].count, out);
        }
}
