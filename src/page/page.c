/* SPDX-License-Identifier: MIT */
/*
 * page.c: accounts pass by, one after the other, and are counted and deflated; then everything is
 * written in the order of the page:
 *
 *     page_account: judge -> account list, data;  tally
 *        |                                         (again for each account)
 *     page_write:   head and style -> what the run is -> charts and tables -> the table of users,
 * which the script fills -> data, piece by piece -> script
 */
#include "page/page.h"

#include "aws/sha256.h"
#include "base/alloc.h"
#include "page/account_list.h"
#include "page/chart.h"
#include "page/gaps.h"
#include "page/html.h"
#include "page/page_files.h"
#include "page/rule_list.h"
#include "page/run_list.h"
#include "page/tally_charts.h"

#include <stdlib.h>

struct page {
    struct page_options options;
    struct tally tally;
    struct account_list accounts;
    struct page_data *data;
};

struct page *page_new(const struct page_options *options)
{
    struct page *p = xcalloc(1, sizeof(*p));
    p->options = *options;
    tally_init(&p->tally, options->run->started_s);
    account_list_init(&p->accounts);
    p->data = page_data_new(&options->checker->options, PAGE_USERS_MAX,
                            options->run->users > PAGE_USERS_MAX);
    return p;
}

static void page_on_finding(void *arg, const struct finding *finding)
{
    struct page *p = arg;
    account_list_finding(&p->accounts, finding);
    page_data_finding(p->data, finding);
}

void page_account(struct page *p, const struct account *account)
{
    uint64_t no_mfa = p->tally.no_mfa;
    tally_account(&p->tally, account);
    account_list_add(&p->accounts, account, p->tally.no_mfa - no_mfa);
    page_data_begin(p->data, account);
    checker_account(p->options.checker, account, page_on_finding, p);
    page_data_end(p->data);
}

/* "'sha256-...'" of a part that is written into the page (CSP Level 3, section 2.3.1). */
static void write_hash(const unsigned char *bytes, size_t len, struct buffer *out)
{
    struct sha256 hasher;
    unsigned char hash[SHA256_SIZE];
    sha256_init(&hasher);
    sha256_hash(&hasher, (struct view){(const char *)bytes, len}, hash);
    sha256_release(&hasher);
    buffer_add_text(out, "'sha256-");
    packing_base64(hash, sizeof(hash), out);
    buffer_add_text(out, "'");
}

static void write_head(const struct page *p, struct buffer *out)
{
    buffer_add_text(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                         "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src "
                         "'none'; script-src ");
    write_hash(page_script, page_script_len, out);
    buffer_add_text(out, "; style-src ");
    write_hash(page_style, page_style_len, out);
    buffer_add_text(out, "; base-uri 'none'; form-action 'none'\">\n"
                         "<meta name=\"referrer\" content=\"no-referrer\">\n"
                         "<meta name=\"viewport\" content=\"width=device-width, "
                         "initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n"
                         "<title>IAM users of ");
    html_text(out, p->options.run->organization_id ? view_of(p->options.run->organization_id)
                                                   : VIEW_LITERAL("AWS accounts"));
    buffer_add_text(out, ", ");
    html_day(out, p->options.run->started_s);
    buffer_add_text(out, "</title>\n<style>");
    buffer_add(out, page_style, page_style_len);
    buffer_add_text(out, "</style>\n</head>\n<body>\n"
                         "<a class=\"skip\" href=\"#users\">To the list of users</a>\n");
    chart_write_patterns(out);
}

static void write_moment(int64_t seconds, struct buffer *out)
{
    char text[TIMESTAMP_TEXT_SIZE];
    timestamp_format(seconds, text);
    buffer_addf(out, "<time datetime=\"%s\">%.10s %.5s UTC</time>", text, text, text + 11);
}

static void write_run(const struct page *p, struct buffer *out)
{
    const struct stored_run *run = p->options.run;
    buffer_add_text(out, "<header>\n<h1>IAM users of ");
    html_text(out,
              run->organization_id ? view_of(run->organization_id) : VIEW_LITERAL("AWS accounts"));
    buffer_add_text(out, "</h1>\n<p>Data as of ");
    write_moment(run->started_s, out);
    if (run->oldest_report_s != TIMESTAMP_NONE) {
        buffer_add_text(out, "; the oldest credential report is of ");
        write_moment(run->oldest_report_s, out);
    }
    buffer_add_text(out, ". Run <code>");
    html_text(out, view_of(run->run_id));
    buffer_add_text(out, "</code>.</p>\n<p>");
    html_count(out, (uint64_t)run->succeeded);
    buffer_add_text(out, " accounts were read whole, ");
    html_count(out, (uint64_t)run->partial);
    buffer_add_text(out, " partly, ");
    html_count(out, (uint64_t)run->failed);
    buffer_add_text(out, " not at all, and ");
    html_count(out, (uint64_t)run->skipped);
    buffer_add_text(out, " were left out because they are not active. "
                         "<a href=\"#gaps\">Which, and why</a></p>\n</header>\n<main>\n");
}

struct number {
    const char *id, *label, *note;
    uint64_t value, unknown;
    uint64_t before;
};

static void write_number(const struct page *p, const struct number *n, struct buffer *out)
{
    buffer_addf(out, "<div class=\"number\" id=\"%s\"><dt>%s</dt><dd><strong>", n->id, n->label);
    html_count(out, n->value);
    buffer_add_text(out, "</strong>");
    if (n->note)
        buffer_addf(out, "<span class=\"note\">%s</span>", n->note);
    buffer_add_text(out, "<span class=\"unknown\">and ");
    html_count(out, n->unknown);
    buffer_add_text(out, " unknown</span>");
    if (p->options.before) {
        bool more = n->value >= n->before;
        uint64_t change = more ? n->value - n->before : n->before - n->value;
        buffer_add_text(out, "<span class=\"change\">");
        if (change > 0)
            html_count(out, change);
        buffer_add_text(out, change == 0 ? "as before"
                             : more      ? " more than before"
                                         : " fewer than before");
        buffer_add_text(out, "</span>");
    }
    buffer_add_text(out, "</dd></div>\n");
}

static void write_numbers(const struct page *p, struct buffer *out)
{
    static const struct tally nothing;
    const struct tally *t = &p->tally, *before = p->options.before ? p->options.before : &nothing;
    struct buffer kinds;
    buffer_init(&kinds, 512);
    html_count(&kinds, t->kinds[KIND_HUMAN]);
    buffer_add_text(&kinds, " people, ");
    html_count(&kinds, t->kinds[KIND_MACHINE]);
    buffer_add_text(&kinds, " machines, ");
    html_count(&kinds, t->kinds[KIND_NONE]);
    buffer_add_text(&kinds, " without a credential");
    const struct number numbers[] = {
        {"n-users", "Users", buffer_text_cut(&kinds), t->users, t->kinds[KIND_UNKNOWN],
         before->users},
        {"n-mfa", "People without MFA", NULL, t->no_mfa, t->mfa_unknown, before->no_mfa},
        {"n-keys", "Active keys over 90 days", NULL, t->old_keys, t->old_keys_unknown,
         before->old_keys},
        {"n-admins", "Administrators", NULL, t->admins[TALLY_YES], t->admins[TALLY_UNKNOWN],
         before->admins[TALLY_YES]},
    };
    buffer_add_text(out, "<dl class=\"numbers-four\">\n");
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        write_number(p, &numbers[i], out);
    buffer_add_text(out, "</dl>\n");
    if (p->options.previous) {
        buffer_add_text(out, "<p class=\"note\">Changes are against the run of ");
        write_moment(p->options.previous->started_s, out);
        buffer_add_text(out, ".</p>\n");
    }
    buffer_release(&kinds);
}

/* The script fills it. Without scripts the rest of the page stands. */
static void write_users(const struct page *p, struct buffer *out)
{
    buffer_add_text(out, "<section id=\"users\" tabindex=\"-1\"><h2>Users</h2>\n");
    if (page_data_left_out(p->data) > 0) {
        buffer_add_text(out, "<p id=\"left-out\">");
        html_count(out, page_data_left_out(p->data));
        buffer_add_text(out, " users are left out of this list: it has those with a finding, at "
                             "most ");
        html_count(out, PAGE_USERS_MAX);
        buffer_add_text(out, ". The charts count all.</p>\n");
    }
    buffer_add_text(out,
                    "<noscript><p>The list of users needs scripts; the charts and tables above "
                    "and below do not.</p></noscript>\n<div id=\"app\" hidden></div>\n"
                    "</section>\n");
}

static void write_suppression(const struct suppression *s, int64_t started_s, struct buffer *out)
{
    const struct view cells[] = {s->rule,   s->account, s->user,   s->tag,
                                 s->reason, s->ticket,  s->expires};
    buffer_add_text(out, "<tr>");
    for (size_t i = 0; i < sizeof(cells) / sizeof(cells[0]); i++) {
        buffer_add_text(out, "<td>");
        html_text(out, cells[i].ptr ? cells[i] : VIEW_LITERAL("any"));
        buffer_add_text(out, "</td>");
    }
    buffer_addf(out, "<td class=\"n\">%llu%s</td></tr>\n", (unsigned long long)s->matched,
                suppression_has_expired(s, started_s) ? " (expired)" : "");
}

static void write_suppressions(const struct page *p, struct buffer *out)
{
    static const char *const heads[] = {"Rule",   "Account", "User",    "Tag",
                                        "Reason", "Ticket",  "Expires", "Covers"};
    size_t count = 0;
    const struct suppression *lines = NULL;
    if (p->options.checker->options.suppressions)
        lines = suppressions_lines(p->options.checker->options.suppressions, &count);
    buffer_add_text(out, "<section id=\"suppressions\"><h2>Suppressions</h2>\n");
    if (count == 0) {
        buffer_add_text(out, "<p>No failure is suppressed.</p></section>\n");
        return;
    }
    buffer_add_text(out, "<div class=\"wide scroll\" tabindex=\"0\" role=\"region\" "
                         "aria-label=\"Suppressions\"><table><thead><tr>");
    for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
        buffer_addf(out, "<th scope=\"col\">%s</th>", heads[i]);
    buffer_add_text(out, "</tr></thead><tbody>\n");
    for (size_t i = 0; i < count; i++)
        write_suppression(&lines[i], p->options.run->started_s, out);
    buffer_add_text(out, "</tbody></table></div></section>\n");
}

static void write_end(struct buffer *out)
{
    buffer_add_text(out, "</script>\n<script>");
    buffer_add(out, page_script, page_script_len);
    buffer_add_text(out, "</script>\n</body>\n</html>\n");
}

/* Everything before the data. */
static int write_body(const struct page *p, struct buffer *out, struct error *e)
{
    write_head(p, out);
    write_run(p, out);
    write_numbers(p, out);
    rule_list_write(p->options.checker, out);
    buffer_add_text(out, "<div class=\"charts\">\n");
    tally_charts_write(&p->tally, out);
    if (run_list_write(p->options.database, out, e) != 0)
        return -1;
    account_list_write(&p->accounts, out);
    buffer_add_text(out, "</div>\n");
    write_users(p, out);
    write_suppressions(p, out);
    buffer_add_text(out, "<section id=\"gaps\"><h2>What was not read, and why</h2>\n");
    gaps_write(p->options.run->result, out);
    buffer_add_text(out, "</section>\n");
    rule_list_write_definitions(p->options.checker, out);
    buffer_addf(out, "</main>\n<footer><p>Made by iam-census ");
    html_text(out, view_of(p->options.run->version));
    buffer_add_text(out, ".</p></footer>\n<script type=\"application/octet-stream\" id=\"data\">");
    return 0;
}

int page_write(struct page *p, struct buffer *out, int (*piece)(void *arg, struct error *e),
               void *arg, struct error *e)
{
    size_t at = 0;
    if (page_data_finish(p->data, e) != 0 || write_body(p, out, e) != 0)
        return -1;
    while (packing_write(page_data_packing(p->data), &at, out))
        if (piece(arg, e) != 0)
            return -1;
    write_end(out);
    return buffer_check(out, "the page", e);
}

void page_free(struct page *p)
{
    if (!p)
        return;
    page_data_free(p->data);
    account_list_release(&p->accounts);
    free(p);
}
