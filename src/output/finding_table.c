/* SPDX-License-Identifier: MIT */
#include "output/finding_table.h"

#include "base/colour.h"
#include "base/plural.h"
#include "base/printable.h"

#define LINE_MAX_BYTES ((size_t)1024)

void finding_table_init(struct finding_table *t)
{
    *t = (struct finding_table){.rules = {{.count = 0}}};
    arena_init(&t->arena);
}

void finding_table_release(struct finding_table *t)
{
    arena_release(&t->arena);
}

/* "  111111111111 payroll  jane  AKIA...: the key is 400 days old" */
static void write_line(const struct finding *f, struct buffer *out)
{
    buffer_addf(out, "  %s", f->account->id);
    if (f->account->name.ptr) {
        buffer_add_char(out, ' ');
        printable_add(out, f->account->name);
    }
    if (f->user) {
        buffer_add_text(out, "  ");
        printable_add(out, f->user->name);
    }
    if (f->resource_type != RESOURCE_USER && f->resource_type != RESOURCE_ACCOUNT) {
        buffer_add_text(out, "  ");
        printable_add(out, f->resource_id);
    }
    buffer_add_text(out, ": ");
    printable_add(out, f->reason);
}

void finding_table_add(struct finding_table *t, const struct finding *f)
{
    size_t place = rule_place(f->rule);
    struct buffer line;
    if (f->status != STATUS_FAIL || t->rules[place].count == FINDING_TABLE_SHOWN)
        return;
    buffer_init(&line, LINE_MAX_BYTES);
    write_line(f, &line);
    t->rules[place].lines[t->rules[place].count++] =
        arena_copy(&t->arena, view_of(buffer_text_cut(&line)));
    buffer_release(&line);
}

static unsigned long long count_of(const struct checker *c, size_t place, enum finding_status s)
{
    return (unsigned long long)c->counts.by[place][s];
}

static void write_severity(const struct finding_table *t, enum severity severity,
                           struct buffer *out)
{
    bool coloured = t->coloured && severity >= SEVERITY_MEDIUM;
    colour_begin(out, coloured, severity >= SEVERITY_HIGH ? COLOUR_BAD : COLOUR_WARNING);
    buffer_addf(out, "%-8s", severity_name(severity));
    colour_end(out, coloured);
}

static void write_head(const struct finding_table *t, const struct checker *c, size_t place,
                       enum framework framework, struct buffer *out)
{
    const struct rule *rule = &rules_table[place];
    const char *control = framework == FRAMEWORK_COUNT
                              ? NULL
                              : rule_control(rule, framework, c->options.limits[place]);
    write_severity(t, rule->severity, out);
    buffer_addf(out, "  %s", rule->id);
    if (control)
        buffer_addf(out, " (%s %s)", framework_name(framework), control);
    buffer_addf(out, ": %llu failed, %llu passed", count_of(c, place, STATUS_FAIL),
                count_of(c, place, STATUS_PASS));
    if (count_of(c, place, STATUS_SUPPRESSED) > 0)
        buffer_addf(out, ", %llu suppressed", count_of(c, place, STATUS_SUPPRESSED));
    if (count_of(c, place, STATUS_UNKNOWN) > 0)
        buffer_addf(out, ", %llu unknown", count_of(c, place, STATUS_UNKNOWN));
    buffer_add_char(out, '\n');
}

static void write_rule(const struct finding_table *t, const struct checker *c, size_t place,
                       enum framework framework, struct buffer *out)
{
    unsigned long long failed = count_of(c, place, STATUS_FAIL);
    write_head(t, c, place, framework, out);
    for (size_t i = 0; i < t->rules[place].count; i++) {
        buffer_add_view(out, t->rules[place].lines[i]);
        buffer_add_char(out, '\n');
    }
    if (failed > t->rules[place].count)
        buffer_addf(out, "  and %llu more\n", failed - t->rules[place].count);
    if (failed > 0)
        buffer_addf(out, "  %s-> %s%s\n", colour_on(t->coloured, COLOUR_QUIET),
                    rules_table[place].mend, colour_off(t->coloured));
}

/* How many failures there are, what is unknown, and what was not read. */
static void write_foot(const struct checker *c, struct buffer *out)
{
    uint64_t failed = check_counts_all(&c->counts, STATUS_FAIL);
    uint64_t unknown = check_counts_all(&c->counts, STATUS_UNKNOWN);
    uint64_t accounts = c->counts.accounts_failed;
    buffer_addf(out, "\n%llu finding%s, %llu unknown", (unsigned long long)failed, plural_s(failed),
                (unsigned long long)unknown);
    if (accounts > 0)
        buffer_addf(out, "; %llu account%s not read", (unsigned long long)accounts,
                    accounts == 1 ? " was" : "s were");
    buffer_add_char(out, '\n');
}

void finding_table_write(const struct finding_table *t, const struct checker *checker,
                         enum framework framework, struct buffer *out)
{
    size_t start = out->len;
    for (size_t left = SEVERITY_COUNT; left > 0; left--)
        for (size_t i = 0; i < rules_count; i++) {
            bool shows = count_of(checker, i, STATUS_FAIL) > 0 ||
                         count_of(checker, i, STATUS_UNKNOWN) > 0 ||
                         count_of(checker, i, STATUS_SUPPRESSED) > 0;
            if (!checker->options.on[i] || rules_table[i].severity != left - 1 || !shows)
                continue;
            if (out->len > start)
                buffer_add_char(out, '\n');
            write_rule(t, checker, i, framework, out);
        }
    write_foot(checker, out);
}
