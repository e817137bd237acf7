/* SPDX-License-Identifier: MIT */
#include "page/rule_list.h"

#include "page/html.h"

#include <stdlib.h>

#define BAR_WIDTH 100

/* The frameworks that the table shows; the definitions name all. */
static const enum framework shown[] = {CIS_5_0, CIS_7_0, AWS_FSBP, PCI_DSS_4_0_1};
#define SHOWN_COUNT (sizeof(shown) / sizeof(shown[0]))

static uint64_t count_of(const struct checker *c, size_t rule, enum finding_status status)
{
    return c->counts.by[rule][status];
}

/* The rules that are on: by severity, failures, then id (as in the table). */
static size_t order_rules(const struct checker *c, size_t order[RULES_MAX])
{
    size_t count = 0;
    for (size_t i = 0; i < rules_count; i++) {
        size_t at = count;
        if (!c->options.on[i])
            continue;
        for (; at > 0; at--) {
            size_t other = order[at - 1];
            if (rules_table[other].severity > rules_table[i].severity ||
                (rules_table[other].severity == rules_table[i].severity &&
                 count_of(c, other, STATUS_FAIL) >= count_of(c, i, STATUS_FAIL)))
                break;
            order[at] = other;
        }
        order[at] = i;
        count++;
    }
    return count;
}

static uint64_t most_failures(const struct checker *c)
{
    uint64_t most = 1;
    for (size_t i = 0; i < rules_count; i++)
        if (count_of(c, i, STATUS_FAIL) > most)
            most = count_of(c, i, STATUS_FAIL);
    return most;
}

static void write_cell(uint64_t count, struct buffer *out)
{
    buffer_addf(out, "<td class=\"n\">%llu</td>", (unsigned long long)count);
}

static void write_rule(const struct checker *c, size_t nth, uint64_t most, struct buffer *out)
{
    const struct rule *rule = &rules_table[nth];
    buffer_addf(out,
                "<tr data-rule=\"%s\"><th scope=\"row\"><code>%s</code></th><td><span "
                "class=\"severity %s\">%s</span></td>",
                rule->id, rule->id, severity_name(rule->severity), severity_name(rule->severity));
    write_cell(count_of(c, nth, STATUS_FAIL), out);
    write_cell(count_of(c, nth, STATUS_UNKNOWN), out);
    write_cell(count_of(c, nth, STATUS_SUPPRESSED), out);
    buffer_addf(out,
                "<td><svg class=\"bar\" viewBox=\"0 0 %d 10\" aria-hidden=\"true\"><rect "
                "width=\"%.1f\" height=\"10\" fill=\"url(#look-bad)\"/></svg></td>",
                BAR_WIDTH, (double)count_of(c, nth, STATUS_FAIL) * BAR_WIDTH / (double)most);
    for (size_t i = 0; i < SHOWN_COUNT; i++) {
        const char *control = rule_control(rule, shown[i], c->options.limits[nth]);
        buffer_addf(out, "<td class=\"control\">%s</td>", control ? control : "");
    }
    buffer_add_text(out, "</tr>\n");
}

void rule_list_write(const struct checker *c, struct buffer *out)
{
    size_t order[RULES_MAX];
    size_t count = order_rules(c, order);
    buffer_add_text(out, "<section id=\"findings\"><h2>Findings by rule</h2>\n"
                         "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"Findings "
                         "by rule\"><table><thead><tr><th scope=\"col\">Rule</th><th scope=\"col\">"
                         "Severity</th><th scope=\"col\">Failed</th><th scope=\"col\">Unknown</th>"
                         "<th scope=\"col\">Suppressed</th><td></td>");
    for (size_t i = 0; i < SHOWN_COUNT; i++)
        buffer_addf(out, "<th scope=\"col\">%s</th>", framework_name(shown[i]));
    buffer_add_text(out, "</tr></thead><tbody>\n");
    for (size_t i = 0; i < count; i++)
        write_rule(c, order[i], most_failures(c), out);
    buffer_add_text(out, "</tbody></table></div></section>\n");
}

static void write_definition(const struct checker *c, size_t nth, struct buffer *out)
{
    const struct rule *rule = &rules_table[nth];
    int64_t limit = c->options.limits[nth];
    bool first = true;
    buffer_addf(out, "<dt><code>%s</code></dt><dd>%s", rule->id, rule->title);
    if (rule->limit_kind == LIMIT_NUMBER)
        buffer_addf(out, " The limit is %lld.", (long long)limit);
    buffer_addf(out, " %s", rule->mend);
    for (enum framework f = 0; f < FRAMEWORK_COUNT; f++) {
        const char *control = rule_control(rule, f, limit);
        if (!control)
            continue;
        buffer_addf(out, "%s%s %s", first ? "<br><span class=\"note\">" : "; ", framework_name(f),
                    control);
        first = false;
    }
    buffer_addf(out, "%s</dd>\n", first ? "" : "</span>");
}

void rule_list_write_definitions(const struct checker *c, struct buffer *out)
{
    size_t order[RULES_MAX];
    size_t count = order_rules(c, order);
    buffer_add_text(out, "<section id=\"rules\"><h2>How each rule is defined</h2>\n<dl>\n");
    for (size_t i = 0; i < count; i++)
        write_definition(c, order[i], out);
    buffer_add_text(out, "</dl></section>\n");
}
