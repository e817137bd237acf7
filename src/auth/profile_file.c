/* SPDX-License-Identifier: MIT */
#include "auth/profile_file.h"

#include "auth/file.h"
#include "base/alloc.h"

#include <stdlib.h>

struct parser {
    struct profile_file *file;
    struct view rest; /* of the text, not read yet */
    unsigned line;
    bool is_config, in_section;
    enum profile_section section;
    struct view section_name;
    size_t key_indent; /* of the last line that began a key */
    size_t open;       /* 1-based entry that an indented line continues, or 0 */
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static int profile_file_fail(const struct parser *p, enum error_kind kind, const char *what,
                             struct error *e)
{
    return error_set(e, kind, "'%s' line %u: %s", p->file->path, p->line, what);
}

static int add_entry(struct parser *p, struct profile_entry entry, struct error *e)
{
    struct profile_file *file = p->file;
    if (file->count == PROFILE_ENTRIES_MAX)
        return profile_file_fail(p, ERROR_LIMIT, "too many lines for a profile file", e);
    if (file->count == file->capacity) {
        file->capacity = file->capacity ? 2 * file->capacity : 32;
        file->entries = xrealloc(file->entries, file->capacity * sizeof(*file->entries));
    }
    entry.section = p->section;
    entry.section_name = p->section_name;
    entry.line = p->line;
    file->entries[file->count++] = entry;
    return 0;
}

/* True for "profile NAME" if 'word' is "profile"; sets '*name', without its quotes. */
static bool named_section(struct view header, const char *word, struct view *name)
{
    size_t len = strlen(word);
    if (!view_starts_with(header, word) || header.len <= len || !is_blank(header.ptr[len]))
        return false;
    struct view v = view_trim((struct view){header.ptr + len, header.len - len});
    if (v.len >= 2 && (v.ptr[0] == '"' || v.ptr[0] == '\'') && v.ptr[v.len - 1] == v.ptr[0])
        v = (struct view){v.ptr + 1, v.len - 2};
    *name = v;
    return v.len > 0;
}

/*
 * The kind of section that a header of the config file begins. '*name' is left as it is if the
 * header has no name.
 */
static enum profile_section config_section(struct view header, struct view *name)
{
    if (view_is(header, "default") || named_section(header, "profile", name))
        return SECTION_PROFILE;
    if (named_section(header, "services", name))
        return SECTION_SERVICES;
    return named_section(header, "sso-session", name) ? SECTION_SSO_SESSION : SECTION_OTHER;
}

static int read_header(struct parser *p, struct view line, struct error *e)
{
    const char *end = memchr(line.ptr, ']', line.len);
    if (!end)
        return profile_file_fail(p, ERROR_CREDENTIALS, "'[' without ']'", e);
    struct view header = view_trim((struct view){line.ptr + 1, (size_t)(end - line.ptr) - 1});
    p->in_section = true;
    p->open = 0;
    p->section_name = header;
    p->section = p->is_config ? config_section(header, &p->section_name) : SECTION_PROFILE;
    return add_entry(p, (struct profile_entry){.key = VIEW_NONE}, e);
}

/*
 * Cuts a comment off a value. That is safe for keys and tokens, which hold no spaces; a command may
 * hold ' #'.
 */
static struct view cut_comment(struct view value)
{
    for (size_t i = 1; i < value.len; i++)
        if ((value.ptr[i] == '#' || value.ptr[i] == ';') && is_blank(value.ptr[i - 1]))
            return view_trim((struct view){value.ptr, i});
    return value;
}

/* Splits at the first '=' or ':'. False if there is neither, or no key before it. */
static bool split(struct view line, struct view *key, struct view *value)
{
    size_t at = 0;
    while (at < line.len && line.ptr[at] != '=' && line.ptr[at] != ':')
        at++;
    if (at == line.len)
        return false;
    *key = view_trim((struct view){line.ptr, at});
    *value = view_trim((struct view){line.ptr + at + 1, line.len - at - 1});
    if (!view_is_nocase(*key, "credential_process"))
        *value = cut_comment(*value);
    return key->len > 0;
}

/* Reads an indented line: a nested key if the key above has no value, else more of that value. */
static int read_continuation(struct parser *p, struct view line, struct error *e)
{
    struct profile_entry *above = &p->file->entries[p->open - 1];
    struct profile_entry nested = {.parent = above->key};
    if (above->value.len > 0) {
        above->value.len = (size_t)(line.ptr + line.len - above->value.ptr);
        return 0;
    }
    if (!split(line, &nested.key, &nested.value))
        return profile_file_fail(p, ERROR_CREDENTIALS, "neither a section nor 'key = value'", e);
    return add_entry(p, nested, e);
}

static int read_line(struct parser *p, struct view raw, struct error *e)
{
    struct view line = view_trim(raw);
    size_t indent = 0;
    struct profile_entry entry = {.parent = VIEW_NONE};
    if (memchr(raw.ptr, '\0', raw.len))
        return profile_file_fail(p, ERROR_CREDENTIALS, "a NUL byte: this is not a text file", e);
    if (raw.len > PROFILE_LINE_MAX)
        return profile_file_fail(p, ERROR_LIMIT, "the line is too long", e);
    if (line.len == 0 || line.ptr[0] == '#' || line.ptr[0] == ';')
        return 0;
    indent = (size_t)(line.ptr - raw.ptr);
    if (p->open && indent > p->key_indent)
        return read_continuation(p, line, e);
    if (line.ptr[0] == '[')
        return read_header(p, line, e);
    if (!p->in_section)
        return profile_file_fail(p, ERROR_CREDENTIALS, "a key before the first '[section]'", e);
    if (!split(line, &entry.key, &entry.value))
        return profile_file_fail(p, ERROR_CREDENTIALS, "neither a section nor 'key = value'", e);
    if (add_entry(p, entry, e) != 0)
        return -1;
    p->key_indent = indent;
    p->open = p->file->count;
    return 0;
}

static int profile_file_parse(struct parser *p, struct error *e)
{
    if (view_starts_with(p->rest, "\xEF\xBB\xBF"))
        p->rest = (struct view){p->rest.ptr + 3, p->rest.len - 3};
    while (p->rest.len > 0) {
        const char *end = memchr(p->rest.ptr, '\n', p->rest.len);
        size_t len = end ? (size_t)(end - p->rest.ptr) : p->rest.len;
        struct view line = {p->rest.ptr, len};
        p->rest.ptr += end ? len + 1 : len;
        p->rest.len -= end ? len + 1 : len;
        p->line++;
        if (read_line(p, line, e) != 0)
            return -1;
    }
    return 0;
}

int profile_file_read(struct profile_file *file, const char *path, const char *shown,
                      bool is_config, struct error *e)
{
    struct error why;
    file->path = xstrdup(shown);
    if (file_read(path, PROFILE_FILE_MAX, &file->text, &why) != 0) {
        if (why.kind == ERROR_ABSENT) {
            file->gone = why;
            return 0;
        }
        if (e)
            *e = why;
        return -1;
    }
    struct parser p = {.file = file, .rest = secret_reveal(&file->text), .is_config = is_config};
    return profile_file_parse(&p, e);
}

void profile_file_release(struct profile_file *file)
{
    secret_clear(&file->text);
    free(file->entries);
    free(file->path);
    *file = (struct profile_file){0};
}

static bool in_section(const struct profile_entry *entry, enum profile_section section,
                       struct view name)
{
    return entry->section == section && view_equal(entry->section_name, name);
}

bool profile_file_has(const struct profile_file *file, enum profile_section section,
                      struct view name)
{
    for (size_t i = 0; i < file->count; i++)
        if (in_section(&file->entries[i], section, name))
            return true;
    return false;
}

const struct profile_entry *profile_file_find(const struct profile_file *file,
                                              enum profile_section section, struct view name,
                                              struct view parent, const char *key)
{
    for (size_t i = file->count; i > 0; i--) {
        const struct profile_entry *entry = &file->entries[i - 1];
        if (entry->key.ptr && in_section(entry, section, name) && view_is_nocase(entry->key, key) &&
            view_equal(entry->parent, parent) && !entry->parent.ptr == !parent.ptr)
            return entry;
    }
    return NULL;
}

struct view profile_entry_value(const struct profile_entry *entry)
{
    return entry && entry->value.len > 0 ? entry->value : VIEW_NONE;
}

struct view profile_file_get(const struct profile_file *file, struct view profile, const char *key)
{
    return profile_entry_value(profile_file_find(file, SECTION_PROFILE, profile, VIEW_NONE, key));
}
