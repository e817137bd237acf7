/* SPDX-License-Identifier: MIT */
#include "aws/xml.h"

#include "base/alloc.h"
#include "base/buffer.h"
#include "base/random.h"
#include "base/secret.h"
#include "base/timestamp.h"
#include "base/wiping.h"

#include <expat.h>
#include <stdlib.h>

struct xml_reader {
    XML_Parser parser;
    unsigned long salt; /* for Expat's tables; drawn once, or Expat would draw it each time */
    struct error error; /* the first thing that went wrong */
    char prefix[XML_PATH_MAX_BYTES];
    size_t prefix_len;
    const struct xml_rule *rules;
    size_t rule_count;
    struct arena *arena;
    size_t records;
    size_t outermost; /* the depth of the outermost record that is open; 0: none is */
    size_t kept;      /* bytes of it and of all that is in it */
    bool prefix_seen;
    size_t silent; /* bytes fed since Expat last called back */

    char root[XML_PATH_MAX_BYTES];
    char path[XML_PATH_MAX_BYTES];
    size_t path_len;
    size_t lengths[XML_DEPTH_MAX]; /* of the path without the element of that depth */
    void *open[XML_DEPTH_MAX + 1]; /* the innermost record at that depth; [0]: the root */
    size_t depth;
    const struct xml_rule *collecting; /* the rule whose text is being read */
    size_t collecting_depth;
    struct buffer text;
};

static void xml_fail(struct xml_reader *r, enum error_kind kind, const char *what, const char *name)
{
    if (r->error.kind == ERROR_NONE)
        error_set(&r->error, kind, "%s '%.80s'", what, name);
    XML_StopParser(r->parser, XML_FALSE);
}

/* The path below the prefix, or NULL if the element is not below it. */
static const char *below_prefix(const struct xml_reader *r)
{
    if (r->prefix_len == 0)
        return r->path;
    if (r->path_len <= r->prefix_len || r->path[r->prefix_len] != '/' ||
        memcmp(r->path, r->prefix, r->prefix_len) != 0)
        return NULL;
    return r->path + r->prefix_len + 1;
}

static const struct xml_rule *find_rule(const struct xml_reader *r)
{
    const char *path = below_prefix(r);
    if (!path)
        return NULL;
    for (size_t i = 0; i < r->rule_count; i++)
        if (strcmp(r->rules[i].path, path) == 0)
            return &r->rules[i];
    return NULL;
}

/* The name without its namespace's prefix: "Error" for "ns2:Error". */
static const char *local_name(const char *name)
{
    const char *colon = strrchr(name, ':');
    return colon ? colon + 1 : name;
}

static bool push(struct xml_reader *r, const char *name)
{
    size_t len = strlen(name);
    if (r->depth == XML_DEPTH_MAX || r->path_len + len + 2 > sizeof(r->path)) {
        xml_fail(r, ERROR_LIMIT, "the answer nests too deeply at", name);
        return false;
    }
    r->lengths[r->depth++] = r->path_len;
    r->open[r->depth] = r->open[r->depth - 1];
    if (r->path_len > 0)
        r->path[r->path_len++] = '/';
    memcpy(r->path + r->path_len, name, len + 1);
    r->path_len += len;
    return true;
}

static void list_append(struct xml_list *list, struct xml_record *record)
{
    struct xml_record **place = list->last ? list->last : &list->first;
    *place = record;
    list->last = &record->next;
    list->count++;
}

/* Counts bytes that are kept of the outermost record. False if they are too many. */
static bool keep(struct xml_reader *r, const struct xml_rule *rule, size_t bytes)
{
    r->kept += r->outermost > 0 ? bytes : 0;
    if (r->kept <= XML_RECORD_MAX_BYTES)
        return true;
    xml_fail(r, ERROR_LIMIT, "the answer has too much in one record, at", rule->path);
    return false;
}

static void *new_record(struct xml_reader *r, const struct xml_rule *rule, size_t size)
{
    if (!keep(r, rule, size))
        return NULL;
    if (++r->records > XML_RECORDS_MAX) {
        xml_fail(r, ERROR_LIMIT, "the answer has too many of", rule->path);
        return NULL;
    }
    void *record = arena_alloc(r->arena, size);
    list_append((struct xml_list *)(void *)((char *)r->open[r->depth] + rule->offset), record);
    return record;
}

/* Its name is short enough: push has checked that. */
static void begin_root(struct xml_reader *r)
{
    memcpy(r->root, r->path, r->path_len + 1);
    if (strcmp(r->prefix, XML_ANY_ROOT) != 0)
        return;
    memcpy(r->prefix, r->path, r->path_len + 1);
    r->prefix_len = r->path_len;
}

static void XMLCALL xml_on_element(void *arg, const XML_Char *name,
                                   const XML_Char **attributes UNUSED)
{
    struct xml_reader *r = arg;
    r->silent = 0;
    name = local_name(name);
    if (!push(r, name))
        return;
    if (r->depth == 1)
        begin_root(r);
    if (!r->prefix_seen) {
        size_t len = r->path_len;
        bool on_the_way = len <= r->prefix_len && memcmp(r->path, r->prefix, len) == 0 &&
                          (r->prefix[len] == '/' || r->prefix[len] == '\0');
        if (r->depth == 1 && !on_the_way)
            xml_fail(r, ERROR_PROTOCOL, "the answer has an unexpected root element:", name);
        r->prefix_seen = on_the_way && len == r->prefix_len;
        return;
    }
    const struct xml_rule *rule = find_rule(r);
    if (!rule)
        return;
    if (rule->kind == XML_RECORD) {
        void *record = new_record(r, rule, rule->size);
        if (record && rule->init)
            rule->init(record);
        if (record)
            r->open[r->depth] = record;
        if (r->outermost == 0)
            r->outermost = r->depth;
        return;
    }
    r->collecting = rule;
    r->collecting_depth = r->depth;
    r->text.max = rule->kind == XML_TEXT && rule->size > 0 ? rule->size : XML_TEXT_MAX_BYTES;
    buffer_clear(&r->text);
}

static void XMLCALL xml_on_text(void *arg, const XML_Char *text, int len)
{
    struct xml_reader *r = arg;
    r->silent = 0;
    if (!r->collecting || r->depth != r->collecting_depth)
        return;
    buffer_add(&r->text, text, (size_t)len);
    if (!buffer_complete(&r->text))
        xml_fail(r, ERROR_LIMIT, "the answer has too long a text in", r->collecting->path);
}

static void store(struct xml_reader *r, const struct xml_rule *rule)
{
    struct view text = buffer_view(&r->text);
    char *field = (char *)r->open[r->depth] + rule->offset;
    struct xml_text *item;
    bool good = true;
    switch (rule->kind) {
    case XML_TEXT:
        if (rule->size == 0 && !keep(r, rule, text.len))
            return;
        *(struct view *)(void *)field = arena_copy(r->arena, text);
        break;
    case XML_TIME:
        good = timestamp_parse(view_trim(text), (int64_t *)(void *)field) == 0;
        break;
    case XML_BOOL:
        text = view_trim(text);
        *(bool *)(void *)field = view_is(text, "true");
        good = view_is(text, "true") || view_is(text, "false");
        break;
    case XML_TEXTS:
        if (keep(r, rule, text.len) && (item = new_record(r, rule, sizeof(*item))) != NULL)
            item->text = arena_copy(r->arena, text);
        break;
    case XML_RECORD:
        break;
    }
    if (!good)
        xml_fail(r, ERROR_PROTOCOL, "the answer has a malformed value in", rule->path);
}

static void XMLCALL xml_on_element_end(void *arg, const XML_Char *name UNUSED)
{
    struct xml_reader *r = arg;
    r->silent = 0;
    /* Expat reports the end of an empty element even if its start was refused. */
    if (r->error.kind != ERROR_NONE)
        return;
    if (r->collecting && r->depth == r->collecting_depth) {
        store(r, r->collecting);
        r->collecting = NULL;
    }
    if (r->depth == r->outermost)
        r->outermost = r->kept = 0;
    r->path_len = r->lengths[--r->depth];
    r->path[r->path_len] = '\0';
}

/* Comments and instructions are ignored, but show that Expat is making progress. */
static void XMLCALL xml_on_comment(void *arg, const XML_Char *text UNUSED)
{
    struct xml_reader *r = arg;
    r->silent = 0;
}

static void XMLCALL xml_on_instruction(void *arg, const XML_Char *target UNUSED,
                                       const XML_Char *text UNUSED)
{
    struct xml_reader *r = arg;
    r->silent = 0;
}

static void XMLCALL xml_on_doctype(void *arg, const XML_Char *name, const XML_Char *id UNUSED,
                                   const XML_Char *public UNUSED, int internal UNUSED)
{
    xml_fail(arg, ERROR_PROTOCOL, "the answer has a DOCTYPE, which is refused:", name);
}

struct xml_reader *xml_reader_new(void)
{
    struct xml_reader *r = xcalloc(1, sizeof(*r));
    struct random random;
    /* Answers may hold credentials, and Expat keeps a piece of each. */
    static const XML_Memory_Handling_Suite wiping = {wiping_malloc, wiping_realloc, wiping_free};
    r->parser = XML_ParserCreate_MM(NULL, &wiping, NULL);
    if (!r->parser)
        out_of_memory();
    buffer_init(&r->text, XML_TEXT_MAX_BYTES);
    random_init_system(&random);
    r->salt = (unsigned long)random_next(&random) | 1;
    return r;
}

void xml_reader_free(struct xml_reader *r)
{
    if (!r)
        return;
    XML_ParserFree(r->parser);
    buffer_release(&r->text);
    free(r);
}

void xml_reader_begin(struct xml_reader *r, const char *prefix, const struct xml_rule *rules,
                      size_t rule_count, void *root, struct arena *arena)
{
    if (r->text.capacity > XML_TEXT_MAX_BYTES) /* not worth keeping */
        buffer_release(&r->text);
    XML_ParserReset(r->parser, NULL);
    XML_SetHashSalt(r->parser, r->salt);
    XML_SetUserData(r->parser, r);
    XML_SetElementHandler(r->parser, xml_on_element, xml_on_element_end);
    XML_SetCharacterDataHandler(r->parser, xml_on_text);
    XML_SetCommentHandler(r->parser, xml_on_comment);
    XML_SetProcessingInstructionHandler(r->parser, xml_on_instruction);
    XML_SetStartDoctypeDeclHandler(r->parser, xml_on_doctype);
    error_clear(&r->error);
    r->prefix_len = strlen(prefix);
    memcpy(r->prefix, prefix, r->prefix_len + 1);
    r->rules = rules;
    r->rule_count = rule_count;
    r->arena = arena;
    r->records = 0;
    r->silent = 0;
    r->outermost = r->kept = 0;
    r->prefix_seen = r->prefix_len == 0;
    r->path_len = 0;
    r->path[0] = '\0';
    r->root[0] = '\0';
    r->depth = 0;
    r->open[0] = root;
    r->collecting = NULL;
}

static int xml_parse(struct xml_reader *r, struct view piece, bool last, struct error *e)
{
    if (r->error.kind == ERROR_NONE &&
        XML_Parse(r->parser, piece.ptr, (int)piece.len, last) == XML_STATUS_ERROR &&
        r->error.kind == ERROR_NONE)
        error_set(&r->error, ERROR_PROTOCOL, "the answer is not well-formed XML: %s at line %lu",
                  XML_ErrorString(XML_GetErrorCode(r->parser)),
                  (unsigned long)XML_GetCurrentLineNumber(r->parser));
    if (r->error.kind == ERROR_NONE)
        return 0;
    *e = r->error;
    return -1;
}

/*
 * A tag or comment that comes whole in one piece may be of any length: only one that comes in many
 * pieces costs time.
 */
int xml_reader_feed(struct xml_reader *r, struct view piece, struct error *e)
{
    if (r->silent > XML_TOKEN_MAX_BYTES && r->error.kind == ERROR_NONE)
        error_set(&r->error, ERROR_LIMIT, "the answer has a tag or a comment of over %zu bytes",
                  XML_TOKEN_MAX_BYTES);
    r->silent += piece.len;
    return xml_parse(r, piece, false, e);
}

const char *xml_reader_root(const struct xml_reader *r)
{
    return r->root;
}

int xml_reader_end(struct xml_reader *r, struct error *e)
{
    if (xml_parse(r, VIEW_LITERAL(""), true, e) != 0)
        return -1;
    if (!r->prefix_seen)
        return error_set(e, ERROR_PROTOCOL, "the answer has no '%s'", r->prefix);
    return 0;
}
