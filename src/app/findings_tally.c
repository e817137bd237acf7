/* SPDX-License-Identifier: MIT */
#include "app/findings_tally.h"

#include <string.h>

#define LINES_SHOWN 10 /* of suppressions that matched nothing, in the text for people */

static bool holds(const size_t *numbers, size_t count, size_t number)
{
    for (size_t i = 0; i < count; i++)
        if (numbers[i] == number)
            return true;
    return false;
}

/* The lines of the first part; then only those of them that are in the others too. */
static void keep_unmatched(struct findings_tally *t, const size_t *lines, size_t count,
                           struct arena *arena)
{
    size_t kept = 0;
    if (!t->judged) {
        t->unmatched = arena_alloc(arena, (count + 1) * sizeof(*lines));
        memcpy(t->unmatched, lines, count * sizeof(*lines));
        t->unmatched_count = count;
        return;
    }
    for (size_t i = 0; i < t->unmatched_count; i++)
        if (holds(lines, count, t->unmatched[i]))
            t->unmatched[kept++] = t->unmatched[i];
    t->unmatched_count = kept;
}

/* A line that has expired is warned about when the file is read. */
static void take_lines(struct findings_tally *t, const struct check_options *options,
                       struct arena *arena)
{
    size_t count, unmatched_count = 0;
    const struct suppression *lines = suppressions_lines(options->suppressions, &count);
    size_t *unmatched = arena_alloc(arena, (count + 1) * sizeof(*unmatched));
    for (size_t i = 0; i < count; i++)
        if (lines[i].matched == 0 && !suppression_has_expired(&lines[i], options->started_s))
            unmatched[unmatched_count++] = lines[i].line;
    keep_unmatched(t, unmatched, unmatched_count, arena);
}

void findings_tally_take(struct findings_tally *t, const struct checker *checker,
                         struct arena *arena)
{
    for (enum severity severity = 0; severity < SEVERITY_COUNT; severity++)
        for (enum finding_status status = 0; status < STATUS_COUNT; status++)
            t->by[severity][status] += check_counts_of(&checker->counts, severity, status);
    if (checker->options.suppressions)
        take_lines(t, &checker->options, arena);
    t->judged = true;
}

static void write_severity(const struct findings_tally *t, enum severity severity,
                           struct json_writer *w)
{
    json_key(w, severity_name(severity));
    json_object_begin(w);
    for (enum finding_status status = 0; status < STATUS_COUNT; status++) {
        json_key(w, finding_status_name(status));
        json_int(w, (int64_t)t->by[severity][status]);
    }
    json_object_end(w);
}

void findings_tally_write(const struct findings_tally *t, struct json_writer *w)
{
    json_object_begin(w);
    for (size_t left = SEVERITY_COUNT; left > 0; left--)
        write_severity(t, (enum severity)(left - 1), w);
    json_key(w, "unmatched_suppressions");
    json_array_begin(w);
    for (size_t i = 0; i < t->unmatched_count; i++)
        json_int(w, (int64_t)t->unmatched[i]);
    json_array_end(w);
    json_object_end(w);
}

static void merge_lines(struct findings_tally *t, const json_t *lines, struct arena *arena)
{
    size_t count = json_array_size(lines);
    size_t *unmatched = arena_alloc(arena, (count + 1) * sizeof(*unmatched));
    for (size_t i = 0; i < count; i++)
        unmatched[i] = (size_t)json_integer_value(json_array_get(lines, i));
    keep_unmatched(t, unmatched, count, arena);
}

void findings_tally_merge(struct findings_tally *t, const json_t *part, struct arena *arena)
{
    if (!json_is_object(part))
        return;
    for (enum severity severity = 0; severity < SEVERITY_COUNT; severity++) {
        const json_t *counts = json_object_get(part, severity_name(severity));
        for (enum finding_status status = 0; status < STATUS_COUNT; status++)
            t->by[severity][status] +=
                (uint64_t)json_integer_value(json_object_get(counts, finding_status_name(status)));
    }
    merge_lines(t, json_object_get(part, "unmatched_suppressions"), arena);
    t->judged = true;
}

uint64_t findings_tally_failed(const struct findings_tally *t, enum severity severity)
{
    return t->by[severity][STATUS_FAIL];
}

static uint64_t total(const struct findings_tally *t, enum finding_status status)
{
    uint64_t count = 0;
    for (enum severity s = 0; s < SEVERITY_COUNT; s++)
        count += t->by[s][status];
    return count;
}

uint64_t findings_tally_unknown(const struct findings_tally *t)
{
    return total(t, STATUS_UNKNOWN);
}

bool findings_tally_fails(const struct findings_tally *t, const struct check_options *options)
{
    for (enum severity s = options->fail_on; options->fails && s < SEVERITY_COUNT; s++)
        if (t->by[s][STATUS_FAIL] > 0 || (options->fail_on_unknown && t->by[s][STATUS_UNKNOWN] > 0))
            return true;
    return false;
}

void findings_tally_write_text(const struct findings_tally *t, struct buffer *out)
{
    uint64_t suppressed = total(t, STATUS_SUPPRESSED);
    buffer_add_text(out, "findings:");
    for (size_t left = SEVERITY_COUNT; left > 0; left--)
        buffer_addf(out, "%s %llu %s", left == SEVERITY_COUNT ? "" : ",",
                    (unsigned long long)t->by[left - 1][STATUS_FAIL],
                    severity_name((enum severity)(left - 1)));
    buffer_addf(out, "; %llu unknown", (unsigned long long)findings_tally_unknown(t));
    if (suppressed > 0)
        buffer_addf(out, "; %llu suppressed", (unsigned long long)suppressed);
    buffer_add_char(out, '\n');
    if (t->unmatched_count == 0)
        return;
    buffer_add_text(out, "suppressions that matched nothing: line");
    for (size_t i = 0; i < t->unmatched_count && i < LINES_SHOWN; i++)
        buffer_addf(out, "%s %zu",
                    i > 0                    ? ","
                    : t->unmatched_count > 1 ? "s"
                                             : "",
                    t->unmatched[i]);
    if (t->unmatched_count > LINES_SHOWN)
        buffer_addf(out, " and %zu more", t->unmatched_count - LINES_SHOWN);
    buffer_add_char(out, '\n');
}
