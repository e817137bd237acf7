/* SPDX-License-Identifier: MIT */
#include "rules/suppressions.h"

#include "base/alloc.h"
#include "base/arena.h"
#include "rules/glob.h"

#include <stdio.h>
#include <stdlib.h>

#define SECONDS_A_DAY 86400

enum cell { CELL_RULE, CELL_ACCOUNT, CELL_USER, CELL_TAG, CELL_EXPIRES, CELL_REASON, CELL_TICKET };
#define CELL_COUNT (CELL_TICKET + 1)
#define HEADER     "rule,account,user,tag,expires,reason,ticket"

_Static_assert(RULES_MAX <= 64, "a line has no bit for every rule");

struct suppressions {
    struct arena arena; /* holds the text, in which quoted cells were decoded in place */
    struct suppression *lines;
    size_t count;
};

/* The text while it is read. */
struct parser {
    char *at, *end;
    size_t line; /* of 'at' */
    const char *name;
    struct error *e;
};

/* One record, which may be several lines of text. */
struct record {
    size_t line; /* its first */
    struct view cells[CELL_COUNT];
    size_t count;
};

static int wrong(const struct parser *p, size_t line, const char *text)
{
    return error_set(p->e, ERROR_CONFIG, "'%s', line %zu: %s", p->name, line, text);
}

/*
 * Decodes a cell that begins with '"', in place: two quotes stand for one. Leaves p->at behind the
 * closing quote.
 */
static int read_quoted(struct parser *p, struct view *cell)
{
    size_t line = p->line;
    char *to = ++p->at;
    *cell = (struct view){to, 0};
    for (; p->at < p->end; p->at++) {
        if (*p->at == '"' && (p->at + 1 == p->end || p->at[1] != '"')) {
            cell->len = (size_t)(to - cell->ptr);
            p->at++;
            return 0;
        }
        p->at += *p->at == '"';
        p->line += *p->at == '\n';
        *to++ = *p->at;
    }
    return wrong(p, line, "a quoted cell has no closing quote");
}

static void read_plain(struct parser *p, struct view *cell)
{
    *cell = (struct view){p->at, 0};
    while (p->at < p->end && *p->at != ',' && *p->at != '\n' && *p->at != '\r')
        p->at++;
    cell->len = (size_t)(p->at - cell->ptr);
}

/* People write ', "a, b"' too. */
static void skip_blanks(struct parser *p)
{
    while (p->at < p->end && (*p->at == ' ' || *p->at == '\t'))
        p->at++;
}

static int read_cell(struct parser *p, struct view *cell)
{
    skip_blanks(p);
    if (p->at < p->end && *p->at == '"') {
        if (read_quoted(p, cell) != 0)
            return -1;
        skip_blanks(p);
        if (p->at < p->end && *p->at != ',' && *p->at != '\n' && *p->at != '\r')
            return wrong(p, p->line, "text follows the closing quote of a cell");
    } else {
        read_plain(p, cell);
    }
    *cell = view_trim(*cell);
    return 0;
}

/* Steps over the end of a line: CR LF, LF or CR. */
static void skip_line_end(struct parser *p)
{
    if (p->at < p->end && *p->at == '\r')
        p->at++;
    if (p->at < p->end && *p->at == '\n')
        p->at++;
    p->line++;
}

static int read_record(struct parser *p, struct record *r)
{
    *r = (struct record){.line = p->line};
    for (;;) {
        struct view cell;
        if (read_cell(p, &cell) != 0)
            return -1;
        if (memchr(cell.ptr, '\0', cell.len))
            return wrong(p, r->line, "a cell holds a NUL: save the file as CSV in UTF-8");
        if (r->count < CELL_COUNT)
            r->cells[r->count] = cell;
        else if (cell.len > 0)
            return wrong(p, r->line,
                         "there are more than 7 cells; put one that holds a comma in "
                         "quotes");
        r->count++;
        if (p->at == p->end || *p->at != ',')
            break;
        p->at++;
    }
    skip_line_end(p);
    return 0;
}

static bool is_empty(const struct record *r)
{
    for (size_t i = 0; i < CELL_COUNT; i++)
        if (r->cells[i].len > 0)
            return false;
    return true;
}

static int check_header(struct parser *p)
{
    static const char *const names[CELL_COUNT] = {"rule",    "account", "user",  "tag",
                                                  "expires", "reason",  "ticket"};
    struct record r;
    if (read_record(p, &r) != 0)
        return -1;
    for (size_t i = 0; i < CELL_COUNT; i++)
        if (!view_is(r.cells[i], names[i]))
            return wrong(p, r.line, "the header must be " HEADER ", with commas between");
    return 0;
}

/* Spreadsheets take the zeros off account ids, and turn long numbers into 1.1E+11. */
static int check_account(const struct parser *p, const struct record *r)
{
    const struct view account = r->cells[CELL_ACCOUNT];
    bool is_glob = false;
    for (size_t i = 0; i < account.len; i++) {
        char c = account.ptr[i];
        is_glob |= c == '*' || c == '?';
        if (!(c >= '0' && c <= '9') && c != '*' && c != '?')
            return wrong(p, r->line,
                         "the account must be an id of 12 digits, in which '*' and '?' "
                         "may stand; format the column as text");
    }
    if (account.len > 0 && !is_glob && account.len != ACCOUNT_ID_LEN)
        return wrong(p, r->line,
                     "the account id does not have 12 digits; format the column as "
                     "text, so that the spreadsheet keeps leading zeros");
    return 0;
}

static int read_expires(const struct parser *p, const struct record *r, struct suppression *s)
{
    const struct view text = r->cells[CELL_EXPIRES];
    char moment[32];
    s->expires_s = TIMESTAMP_NONE;
    if (text.len == 0)
        return 0;
    snprintf(moment, sizeof(moment), "%.*sT00:00:00Z", (int)(text.len < 12 ? text.len : 12),
             text.ptr);
    if (timestamp_parse(view_of(moment), &s->expires_s) != 0)
        return wrong(p, r->line,
                     "the date in 'expires' must be written as 2030-12-31; format the "
                     "column as text");
    s->expires_s += SECONDS_A_DAY;
    return 0;
}

static int read_rules(const struct parser *p, const struct record *r, struct suppression *s)
{
    const struct view rule = r->cells[CELL_RULE];
    char near[96];
    for (size_t i = 0; i < rules_count; i++)
        if (rule.len == 0 || glob_matches(rule, view_of(rules_table[i].id)))
            s->rules |= UINT64_C(1) << i;
    if (s->rules != 0)
        return 0;
    rule_nearest(rule, near, sizeof(near));
    return error_set(p->e, ERROR_CONFIG, "'%s', line %zu: there is no rule '%.*s'%s", p->name,
                     r->line, (int)(rule.len < 60 ? rule.len : 60), rule.ptr, near);
}

static struct view or_none(struct view cell)
{
    return cell.len > 0 ? cell : VIEW_NONE;
}

static int read_line(const struct parser *p, const struct record *r, struct suppression *s)
{
    const struct view tag = r->cells[CELL_TAG];
    *s = (struct suppression){.line = r->line,
                              .rule = or_none(r->cells[CELL_RULE]),
                              .account = or_none(r->cells[CELL_ACCOUNT]),
                              .user = or_none(r->cells[CELL_USER]),
                              .tag = or_none(tag),
                              .reason = or_none(r->cells[CELL_REASON]),
                              .ticket = or_none(r->cells[CELL_TICKET]),
                              .expires = or_none(r->cells[CELL_EXPIRES])};
    if (!s->reason.ptr)
        return wrong(p, r->line, "a reason is missing");
    if (tag.len > 0 && (tag.ptr[0] == '=' || !memchr(tag.ptr, '=', tag.len)))
        return wrong(p, r->line, "the tag must be written as key=value");
    if (check_account(p, r) != 0 || read_rules(p, r, s) != 0)
        return -1;
    return read_expires(p, r, s);
}

/* How many lines of text there are at most: the records are no more. */
static size_t count_lines(struct view text)
{
    size_t count = 1;
    for (size_t i = 0; i < text.len; i++)
        count += text.ptr[i] == '\n' || text.ptr[i] == '\r';
    return count;
}

static int read_all(struct suppressions *s, struct parser *p)
{
    if (check_header(p) != 0)
        return -1;
    while (p->at < p->end) {
        struct record r;
        if (read_record(p, &r) != 0)
            return -1;
        if (is_empty(&r))
            continue;
        if (s->count == SUPPRESSIONS_MAX_LINES)
            return wrong(p, r.line, "there are over 10,000 lines; globs ('*') can stand for many");
        if (read_line(p, &r, &s->lines[s->count]) != 0)
            return -1;
        s->count++;
    }
    return 0;
}

struct suppressions *suppressions_read(struct view text, const char *name, struct error *e)
{
    struct suppressions *s;
    if (text.len > SUPPRESSIONS_MAX_BYTES) {
        error_set(e, ERROR_CONFIG, "'%s' is over 4 MiB", name);
        return NULL;
    }
    if (view_starts_with(text, "\xef\xbb\xbf")) {
        text.ptr += 3;
        text.len -= 3;
    }
    size_t most = count_lines(text);
    s = xcalloc(1, sizeof(*s));
    arena_init(&s->arena);
    most = most < SUPPRESSIONS_MAX_LINES ? most : SUPPRESSIONS_MAX_LINES;
    s->lines = arena_alloc(&s->arena, most * sizeof(s->lines[0]));
    char *copy = arena_alloc(&s->arena, text.len + 1);
    if (text.len > 0)
        memcpy(copy, text.ptr, text.len);
    struct parser p = {.at = copy, .end = copy + text.len, .line = 1, .name = name, .e = e};
    if (read_all(s, &p) != 0) {
        suppressions_free(s);
        return NULL;
    }
    return s;
}

void suppressions_free(struct suppressions *s)
{
    if (!s)
        return;
    arena_release(&s->arena);
    free(s);
}

bool suppression_has_expired(const struct suppression *s, int64_t started_s)
{
    return s->expires_s != TIMESTAMP_NONE && started_s >= s->expires_s;
}

static bool matches_user(struct view pattern, const struct finding *f)
{
    return f->user &&
           (glob_matches(pattern, f->user->name) || glob_matches(pattern, f->user->arn) ||
            glob_matches(pattern, f->resource_id));
}

/* Tags that are unknown match nothing: the failure stays one. */
static bool matches_tag(struct view wanted, const struct finding *f)
{
    const fact_set unknown = f->user ? f->user->unknown | f->account->unknown : 0;
    const size_t key = (size_t)((const char *)memchr(wanted.ptr, '=', wanted.len) - wanted.ptr);
    const struct view value = {wanted.ptr + key + 1, wanted.len - key - 1};
    if (!f->user || (unknown & FACT_BIT(FACT_TAGS)))
        return false;
    for (const struct tag *t = f->user->tags; t; t = t->next)
        if (view_equal(t->key, (struct view){wanted.ptr, key}) && view_equal(t->value, value))
            return true;
    return false;
}

static bool covers(const struct suppression *s, const struct finding *f)
{
    return (s->rules >> rule_place(f->rule) & 1) != 0 &&
           (!s->account.ptr || glob_matches(s->account, view_of(f->account->id))) &&
           (!s->user.ptr || matches_user(s->user, f)) && (!s->tag.ptr || matches_tag(s->tag, f));
}

const struct suppression *suppressions_match(struct suppressions *s, const struct finding *finding,
                                             int64_t started_s)
{
    for (size_t i = 0; s && i < s->count; i++)
        if (!suppression_has_expired(&s->lines[i], started_s) && covers(&s->lines[i], finding)) {
            s->lines[i].matched++;
            return &s->lines[i];
        }
    return NULL;
}

const struct suppression *suppressions_lines(const struct suppressions *s, size_t *count)
{
    *count = s->count;
    return s->lines;
}
