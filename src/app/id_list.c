/* SPDX-License-Identifier: MIT */
#include "app/id_list.h"

#include "base/alloc.h"
#include "base/buffer.h"
#include "base/printable.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define LIST_MAX_BYTES ((size_t)16 * 1024 * 1024)
#define ITEMS_MAX      100000

static const char stdin_name[] = "standard input";

/* Separators besides ',', ';' and ASCII blanks: ranges of UTF-8 characters, by their last byte. */
static const struct {
    const char *first;
    unsigned char last;
} separators[] = {
    {"\xc2\xa0", 0xa0},     /* no-break space */
    {"\xe2\x80\x80", 0x8b}, /* spaces of many widths, zero among them */
    {"\xe2\x80\xaf", 0xaf}, /* narrow no-break space */
    {"\xe2\x81\x9f", 0x9f}, /* mathematical space */
    {"\xe3\x80\x80", 0x80}, /* ideographic space */
    {"\xef\xbb\xbf", 0xbf}, /* byte order mark */
};

/* The first bytes of files that are not text. */
static const struct format {
    struct view begin;
    const char *what;
} formats[] = {
    {{"\xff\xfe", 2}, "UTF-16 text: save it as UTF-8, or convert it (iconv -f UTF-16 -t UTF-8)"},
    {{"\xfe\xff", 2}, "UTF-16 text: save it as UTF-8, or convert it (iconv -f UTF-16 -t UTF-8)"},
    {{"PK\x03\x04", 4}, "an Excel workbook or another archive: save the ids as text or CSV"},
    {{"\x1f\x8b", 2}, "compressed with gzip: unpack it first"},
};

/* What is being read: the setting's value, or a file. */
struct reader {
    struct id_list *list;
    struct arena *arena;
    const char *file; /* NULL: the setting's own value */
    size_t line;
    const char **stdin_reader; /* the origin of the setting that has read standard input */
};

static int id_list_add(struct reader *r, struct view item, struct error *e)
{
    struct id_list *list = r->list;
    if (list->count == ITEMS_MAX)
        return error_set(e, ERROR_CONFIG, "%s has more than %d items", list->origin, ITEMS_MAX);
    if (list->count == list->capacity) {
        list->capacity = list->capacity ? list->capacity * 2 : 16;
        list->items = xrealloc(list->items, list->capacity * sizeof(struct listed_id));
    }
    list->items[list->count++] = (struct listed_id){arena_copy(r->arena, item), r->file, r->line};
    return 0;
}

/* The length of the separator at the beginning of 'text'; 0 if there is none. */
static size_t separator_length(struct view text)
{
    if (text.len == 0)
        return 0;
    if (strchr(", ;\t\r\n", text.ptr[0]))
        return 1;
    bool ascii = (unsigned char)text.ptr[0] < 0x80;
    for (size_t i = 0; !ascii && i < sizeof(separators) / sizeof(separators[0]); i++) {
        const char *first = separators[i].first;
        size_t len = strlen(first);
        if (text.len >= len && memcmp(text.ptr, first, len - 1) == 0 &&
            (unsigned char)text.ptr[len - 1] >= (unsigned char)first[len - 1] &&
            (unsigned char)text.ptr[len - 1] <= separators[i].last)
            return len;
    }
    return 0;
}

/* In a setting's value, the name of a file may hold anything but commas and line ends. */
static size_t item_length(const struct reader *r, struct view text)
{
    size_t len = 0;
    bool is_file = !r->file && text.ptr[0] == '@';
    while (len < text.len) {
        struct view rest = {text.ptr + len, text.len - len};
        if (is_file ? strchr(",\r\n", rest.ptr[0]) != NULL
                    : rest.ptr[0] == '#' || separator_length(rest) > 0)
            break;
        len++;
    }
    return len;
}

static struct view unquote(struct view item)
{
    bool quoted = item.len >= 2 && (item.ptr[0] == '"' || item.ptr[0] == '\'') &&
                  item.ptr[item.len - 1] == item.ptr[0];
    return quoted ? (struct view){item.ptr + 1, item.len - 2} : item;
}

static size_t comment_length(struct view text)
{
    const char *end = memchr(text.ptr, '\n', text.len);
    return end ? (size_t)(end - text.ptr) : text.len;
}

typedef int item_reader(struct reader *r, struct view item, struct error *e);

/* Calls take(r, item, e) for each item. A line ends with an LF, or with a CR that no LF follows. */
static int split(struct reader *r, struct view text, item_reader *take, struct error *e)
{
    while (text.len > 0) {
        size_t len = separator_length(text);
        bool line_end =
            text.ptr[0] == '\n' || (text.ptr[0] == '\r' && (text.len == 1 || text.ptr[1] != '\n'));
        r->line += line_end;
        if (len == 0 && text.ptr[0] == '#')
            len = comment_length(text);
        if (len == 0) {
            len = item_length(r, text);
            if (take(r, unquote(view_trim((struct view){text.ptr, len})), e) != 0)
                return -1;
        }
        text = (struct view){text.ptr + len, text.len - len};
    }
    return 0;
}

static int read_all(int fd, struct buffer *text)
{
    char piece[16384];
    ssize_t got;
    while ((got = read(fd, piece, sizeof(piece))) != 0) {
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        buffer_add(text, piece, (size_t)got);
        if (!buffer_complete(text)) {
            errno = EFBIG;
            return -1;
        }
    }
    return 0;
}

static int read_file(const struct reader *r, const char *path, struct buffer *text, struct error *e)
{
    int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;
    int result = fd < 0 ? -1 : read_all(fd, text);
    if (result != 0) {
        error_set_errno(e, "%s: can't read '%s'", r->list->origin, path ? path : stdin_name);
        e->kind = ERROR_CONFIG;
    }
    if (path && fd >= 0)
        close(fd);
    return result;
}

/* ASCII in UTF-16 has a NUL as every second byte, even if there is no byte order mark. */
static int check_text(const char *file, struct view text, struct error *e)
{
    const char *nul = memchr(text.ptr, '\0', text.len);
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
        if (text.len >= formats[i].begin.len &&
            memcmp(text.ptr, formats[i].begin.ptr, formats[i].begin.len) == 0)
            return error_set(e, ERROR_CONFIG, "%.300s is %s", file, formats[i].what);
    if (nul && nul < text.ptr + 2)
        return error_set(e, ERROR_CONFIG, "%.300s is %s", file, formats[0].what);
    if (nul)
        return error_set(e, ERROR_CONFIG,
                         "%.300s holds a NUL byte, so it is not text: save the ids as text or CSV",
                         file);
    return 0;
}

/*
 * Reads a file, or standard input if 'path' is NULL. A file can't name another file: an '@' in it
 * is an ordinary character, so the item is not a valid id.
 */
static int take_file(struct reader *r, const char *path, struct error *e)
{
    struct buffer text;
    const char *file = path ? path : stdin_name;
    struct reader inner = {.list = r->list, .arena = r->arena, .file = file, .line = 1};
    buffer_init(&text, LIST_MAX_BYTES);
    int result = read_file(r, path, &text, e);
    if (result == 0)
        result = check_text(file, buffer_view(&text), e);
    if (result == 0)
        result = split(&inner, buffer_view(&text), id_list_add, e);
    buffer_release(&text);
    return result;
}

static int claim_stdin(const struct reader *r, struct error *e)
{
    if (*r->stdin_reader)
        return error_set(e, ERROR_CONFIG, "%s: standard input has been read already, for %s",
                         r->list->origin, *r->stdin_reader);
    *r->stdin_reader = r->list->origin;
    return 0;
}

static int take_given(struct reader *r, struct view item, struct error *e)
{
    bool is_stdin = view_is(item, "-");
    if (!is_stdin && !view_starts_with(item, "@"))
        return id_list_add(r, item, e);
    struct view name = arena_copy(r->arena, item);
    if (!r->list->from_flag)
        return error_set(e, ERROR_CONFIG, "%s: '%.300s' is allowed on the command line only",
                         r->list->origin, name.ptr);
    if (!is_stdin)
        return take_file(r, name.ptr + 1, e);
    return claim_stdin(r, e) != 0 ? -1 : take_file(r, NULL, e);
}

int id_list_read(struct id_list *list, const struct settings *settings, enum setting_id id,
                 const char **stdin_reader, struct arena *arena, struct error *e)
{
    *list = (struct id_list){.origin = settings_origin(settings, id),
                             .from_flag = settings->from_flag[id]};
    struct reader r = {.list = list, .arena = arena, .line = 1, .stdin_reader = stdin_reader};
    const char *text = settings_text(settings, id);
    return text ? split(&r, view_of(text), take_given, e) : 0;
}

void id_list_release(struct id_list *list)
{
    free(list->items);
    *list = (struct id_list){0};
}

void id_list_place(const struct id_list *list, const struct listed_id *item,
                   char out[ID_LIST_PLACE_SIZE])
{
    if (item->file)
        snprintf(out, ID_LIST_PLACE_SIZE, "%.280s:%zu", item->file, item->line);
    else
        snprintf(out, ID_LIST_PLACE_SIZE, "%s", list->origin);
}
