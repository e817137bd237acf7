/* SPDX-License-Identifier: MIT */
#include "census/report.h"

#include "base/alloc.h"

#include <openssl/evp.h>
#include <stdint.h>

#define COLUMNS_MAX 64
#define LINES_MAX   100000

enum column {
    COLUMN_USER,
    COLUMN_CREATED,
    COLUMN_PASSWORD,
    COLUMN_PASSWORD_USED,
    COLUMN_PASSWORD_CHANGED,
    COLUMN_MFA,
    COLUMN_KEY_1,
    COLUMN_KEY_1_USED,
    COLUMN_KEY_1_REGION,
    COLUMN_KEY_1_SERVICE,
    COLUMN_KEY_2,
    COLUMN_KEY_2_USED,
    COLUMN_KEY_2_REGION,
    COLUMN_KEY_2_SERVICE,
    COLUMN_CERTIFICATE_1,
    COLUMN_CERTIFICATE_2,
    COLUMN_NEEDED, /* number of required columns; those below are optional */
    COLUMN_MORE = COLUMN_NEEDED,
    COLUMN_KEY_1_ACTIVE,
    COLUMN_KEY_2_ACTIVE,
    COLUMN_CERTIFICATE_1_ACTIVE,
    COLUMN_CERTIFICATE_2_ACTIVE,
    COLUMN_ROTATION,
    COLUMN_COUNT
};

static const char *const column_names[COLUMN_COUNT] = {
    [COLUMN_USER] = "user",
    [COLUMN_CREATED] = "user_creation_time",
    [COLUMN_PASSWORD] = "password_enabled",
    [COLUMN_PASSWORD_USED] = "password_last_used",
    [COLUMN_PASSWORD_CHANGED] = "password_last_changed",
    [COLUMN_MFA] = "mfa_active",
    [COLUMN_KEY_1] = "access_key_1_last_rotated",
    [COLUMN_KEY_1_USED] = "access_key_1_last_used_date",
    [COLUMN_KEY_1_REGION] = "access_key_1_last_used_region",
    [COLUMN_KEY_1_SERVICE] = "access_key_1_last_used_service",
    [COLUMN_KEY_2] = "access_key_2_last_rotated",
    [COLUMN_KEY_2_USED] = "access_key_2_last_used_date",
    [COLUMN_KEY_2_REGION] = "access_key_2_last_used_region",
    [COLUMN_KEY_2_SERVICE] = "access_key_2_last_used_service",
    [COLUMN_CERTIFICATE_1] = "cert_1_last_rotated",
    [COLUMN_CERTIFICATE_2] = "cert_2_last_rotated",
    [COLUMN_MORE] = "additional_credentials_info",
    [COLUMN_KEY_1_ACTIVE] = "access_key_1_active",
    [COLUMN_KEY_2_ACTIVE] = "access_key_2_active",
    [COLUMN_CERTIFICATE_1_ACTIVE] = "cert_1_active",
    [COLUMN_CERTIFICATE_2_ACTIVE] = "cert_2_active",
    [COLUMN_ROTATION] = "password_next_rotation",
};

struct cells {
    struct view items[COLUMNS_MAX];
    size_t count; /* may be over COLUMNS_MAX: then the rest was dropped */
};

/* Reads a cell and returns the start of the next one. A quoted cell is unquoted in place. */
static char *take_cell(char *at, char *end, struct cells *cells, bool *line_ends)
{
    struct view cell = {at, 0};
    char *to = at;
    bool quoted = at < end && *at == '"';
    at += quoted;
    while (at < end && (quoted || (*at != ',' && *at != '\n'))) {
        if (quoted && *at == '"') {
            if (at + 1 < end && at[1] == '"')
                at++;
            else {
                quoted = false;
                at++;
                continue;
            }
        }
        *to++ = *at++;
    }
    cell.len = (size_t)(to - cell.ptr);
    if (cell.len > 0 && cell.ptr[cell.len - 1] == '\r')
        cell.len--;
    if (cells->count < COLUMNS_MAX)
        cells->items[cells->count] = cell;
    cells->count++;
    *line_ends = at == end || *at == '\n';
    return at < end ? at + 1 : at;
}

static char *take_line(char *at, char *end, struct cells *cells)
{
    bool line_ends = false;
    cells->count = 0;
    while (!line_ends)
        at = take_cell(at, end, cells, &line_ends);
    return at;
}

static int find_columns(const struct cells *header, size_t places[COLUMN_COUNT], struct error *e)
{
    if (header->count > COLUMNS_MAX)
        return error_set(e, ERROR_PROTOCOL, "the credential report has too many columns");
    for (size_t column = 0; column < COLUMN_COUNT; column++) {
        places[column] = COLUMNS_MAX;
        for (size_t i = 0; i < header->count; i++)
            if (view_is(header->items[i], column_names[column]))
                places[column] = i;
        if (column < COLUMN_NEEDED && places[column] == COLUMNS_MAX)
            return error_set(e, ERROR_PROTOCOL, "the credential report has no column '%s'",
                             column_names[column]);
    }
    return 0;
}

/* True for the words by which AWS says that there is no value. */
static bool says_none(struct view cell)
{
    return cell.len == 0 || view_is_nocase(cell, "n/a") || view_is_nocase(cell, "no_information") ||
           view_is_nocase(cell, "not_supported");
}

static int64_t time_of(struct view cell)
{
    int64_t seconds;
    return timestamp_parse(cell, &seconds) == 0 ? seconds : TIMESTAMP_NONE;
}

static enum report_said said_of(struct view cell)
{
    return view_is_nocase(cell, "true")    ? SAID_TRUE
           : view_is_nocase(cell, "false") ? SAID_FALSE
                                           : SAID_NOTHING;
}

static bool says_something(struct view cell)
{
    return !says_none(cell) && !view_is_nocase(cell, "false");
}

static struct view text_of(struct view cell)
{
    return says_something(cell) ? cell : VIEW_NONE;
}

/* VIEW_NONE if the report has no such column. */
static struct view cell_of(const struct cells *cells, const size_t *places, enum column column)
{
    return places[column] < COLUMNS_MAX ? cells->items[places[column]] : VIEW_NONE;
}

/* A key or certificate marked active counts as present even if its date can't be parsed. */
static bool shows(struct view date, struct view active)
{
    return time_of(date) != TIMESTAMP_NONE || said_of(active) == SAID_TRUE;
}

/*
 * True if the cell is a time, which is stored, or says that there is none. A time in some other
 * format must not be taken for 'never'.
 */
static bool read_time(struct view cell, int64_t *seconds)
{
    *seconds = time_of(cell);
    return *seconds != TIMESTAMP_NONE || says_none(cell);
}

/* True if each time in the line can be parsed, or is marked as absent. */
static bool times_can_be_read(const struct cells *cells, const size_t places[COLUMN_COUNT])
{
    static const enum column times[] = {
        COLUMN_CREATED,    COLUMN_PASSWORD_USED, COLUMN_PASSWORD_CHANGED,
        COLUMN_KEY_1,      COLUMN_KEY_1_USED,    COLUMN_KEY_2,
        COLUMN_KEY_2_USED, COLUMN_CERTIFICATE_1, COLUMN_CERTIFICATE_2};
    int64_t seconds;
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
        if (!read_time(cell_of(cells, places, times[i]), &seconds))
            return false;
    return true;
}

static void read_line(const struct cells *cells, const size_t places[COLUMN_COUNT],
                      struct report_line *line)
{
#define CELL(column) cell_of(cells, places, (column))
    line->user = CELL(COLUMN_USER);
    line->created_s = time_of(CELL(COLUMN_CREATED));
    line->password = said_of(CELL(COLUMN_PASSWORD));
    line->mfa = said_of(CELL(COLUMN_MFA));
    line->password_used_s = time_of(CELL(COLUMN_PASSWORD_USED));
    line->password_changed_s = time_of(CELL(COLUMN_PASSWORD_CHANGED));
    line->keys[0] = (struct report_key){
        time_of(CELL(COLUMN_KEY_1)), time_of(CELL(COLUMN_KEY_1_USED)),
        text_of(CELL(COLUMN_KEY_1_SERVICE)), text_of(CELL(COLUMN_KEY_1_REGION))};
    line->keys[1] = (struct report_key){
        time_of(CELL(COLUMN_KEY_2)), time_of(CELL(COLUMN_KEY_2_USED)),
        text_of(CELL(COLUMN_KEY_2_SERVICE)), text_of(CELL(COLUMN_KEY_2_REGION))};
    line->has_key = shows(CELL(COLUMN_KEY_1), CELL(COLUMN_KEY_1_ACTIVE)) ||
                    shows(CELL(COLUMN_KEY_2), CELL(COLUMN_KEY_2_ACTIVE)) ||
                    line->keys[0].used_s != TIMESTAMP_NONE ||
                    line->keys[1].used_s != TIMESTAMP_NONE;
    line->has_certificate = shows(CELL(COLUMN_CERTIFICATE_1), CELL(COLUMN_CERTIFICATE_1_ACTIVE)) ||
                            shows(CELL(COLUMN_CERTIFICATE_2), CELL(COLUMN_CERTIFICATE_2_ACTIVE));
    line->has_more = says_something(CELL(COLUMN_MORE));
    line->tells_rotation =
        CELL(COLUMN_ROTATION).ptr && read_time(CELL(COLUMN_ROTATION), &line->password_rotation_s);
#undef CELL
}

/* Whether one of two is active. */
static enum report_said either_active(struct view first, struct view second)
{
    enum report_said one = said_of(first), two = said_of(second);
    if (one == SAID_TRUE || two == SAID_TRUE)
        return SAID_TRUE;
    return one == SAID_FALSE && two == SAID_FALSE ? SAID_FALSE : SAID_NOTHING;
}

static void read_root(const struct cells *cells, const size_t places[COLUMN_COUNT],
                      struct report_root *root)
{
#define CELL(column) cell_of(cells, places, (column))
    root->listed = true;
    root->password = said_of(CELL(COLUMN_PASSWORD));
    root->password_not_supported = view_is_nocase(CELL(COLUMN_PASSWORD), "not_supported");
    root->mfa = said_of(CELL(COLUMN_MFA));
    root->key = either_active(CELL(COLUMN_KEY_1_ACTIVE), CELL(COLUMN_KEY_2_ACTIVE));
    root->certificate =
        either_active(CELL(COLUMN_CERTIFICATE_1_ACTIVE), CELL(COLUMN_CERTIFICATE_2_ACTIVE));
    bool password = read_time(CELL(COLUMN_PASSWORD_USED), &root->password_used_s);
    bool first = read_time(CELL(COLUMN_KEY_1_USED), &root->key_used_s[0]);
    bool second = read_time(CELL(COLUMN_KEY_2_USED), &root->key_used_s[1]);
    root->tells_use = password && first && second;
#undef CELL
}

/* Decodes the text into the arena, with room after it for a NUL. */
static int decode(struct view base64, struct arena *arena, struct view *text, struct error *e)
{
    EVP_ENCODE_CTX *context = EVP_ENCODE_CTX_new();
    unsigned char *out = arena_alloc(arena, base64.len / 4 * 3 + 4);
    int len = 0, last = 0;
    if (!context)
        out_of_memory();
    EVP_DecodeInit(context);
    int result =
        EVP_DecodeUpdate(context, out, &len, (const unsigned char *)base64.ptr, (int)base64.len);
    if (result >= 0)
        result = EVP_DecodeFinal(context, out + len, &last);
    EVP_ENCODE_CTX_free(context);
    if (result < 0)
        return error_set(e, ERROR_PROTOCOL, "the credential report is not valid base64");
    *text = (struct view){(char *)out, (size_t)(len + last)};
    return 0;
}

static size_t count_lines(struct view text)
{
    size_t count = 1;
    for (size_t i = 0; i < text.len; i++)
        count += text.ptr[i] == '\n';
    return count;
}

int report_read(struct view base64, int64_t generated_s, struct arena *arena, struct report *report,
                struct error *e)
{
    struct view text = VIEW_NONE;
    struct cells cells;
    size_t places[COLUMN_COUNT] = {0};
    *report = (struct report){.generated_s = generated_s};
    if (decode(base64, arena, &text, e) != 0)
        return -1;
    size_t most = count_lines(text);
    if (most > LINES_MAX)
        return error_set(e, ERROR_LIMIT, "the credential report has more than %d lines", LINES_MAX);
    char *at = (char *)(uintptr_t)text.ptr;
    char *end = at + text.len;
    at = take_line(at, end, &cells);
    if (find_columns(&cells, places, e) != 0)
        return -1;
    size_t columns = cells.count;
    report->lines = arena_alloc(arena, most * sizeof(*report->lines));
    while (at < end) {
        at = take_line(at, end, &cells);
        if (cells.count != columns)
            continue;
        if (view_is(cells.items[places[COLUMN_USER]], "<root_account>"))
            read_root(&cells, places, &report->root);
        else if (times_can_be_read(&cells, places))
            read_line(&cells, places, &report->lines[report->count++]);
    }
    return 0;
}

const struct report_key *report_find_key(const struct report_line *line, int64_t created_s)
{
    const struct report_key *found = NULL;
    for (size_t i = 0; i < REPORT_SLOTS; i++) {
        if (line->keys[i].created_s != created_s)
            continue;
        if (found)
            return NULL;
        found = &line->keys[i];
    }
    return found;
}
