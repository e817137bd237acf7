/* SPDX-License-Identifier: MIT */
/*
 * The published answers of the query protocol, read by rules that are made from their shapes.
 *
 * What the reader has no kind for is left out of the rules, and so passed over: maps, blobs,
 * floating-point numbers, and times in another format than ISO 8601; no operation that the program
 * calls has any of these. A case applies if it is a success with a body, and if the rules
 * find at least one member of its result. Errors are read in test_query.c.
 */
#include "protocol_cases.h"

#include "aws/xml.h"
#include "base/buffer.h"
#include "base/timestamp.h"

#define RULES_MAX     64
#define NODES_MAX     64
#define RECURSION_MAX 6
#define PATH_SIZE     256
#define ROOM          4096 /* of the root struct, and of a record */

/* A member of the result: where it lies in its struct, and what it is. */
struct node {
    const char *key; /* in the result; NULL: an item of a list */
    enum { NODE_STRUCT, NODE_SCALAR, NODE_TEXTS, NODE_RECORDS } form;
    enum xml_kind kind; /* of a scalar */
    const json_t *item; /* of NODE_TEXTS: the shape of its items */
    size_t offset;
    struct node *first, *next; /* members; of NODE_RECORDS: of an item */
};

struct plan {
    const json_t *shapes;
    struct xml_rule rules[RULES_MAX];
    char paths[RULES_MAX][PATH_SIZE];
    size_t rule_count;
    struct node nodes[NODES_MAX];
    size_t node_count;
    size_t checked; /* values that were found as they should be */
};

static struct node *node_new(struct plan *p, const char *key, size_t offset)
{
    assert_true(p->node_count < NODES_MAX);
    struct node *n = &p->nodes[p->node_count++];
    *n = (struct node){.key = key, .offset = offset};
    return n;
}

static void rule_add(struct plan *p, const char *path, enum xml_kind kind, size_t offset)
{
    assert_true(p->rule_count < RULES_MAX);
    char *copy = p->paths[p->rule_count];
    snprintf(copy, PATH_SIZE, "%s", path);
    p->rules[p->rule_count++] =
        (struct xml_rule){copy, kind, offset, kind == XML_RECORD ? ROOM : 0, NULL};
}

/* The kind for a shape's type: numbers are read as text. -1 if there is none. */
static int kind_of(const json_t *shape)
{
    const char *type = json_text_of(shape, "type");
    const char *format = json_text_of(shape, "timestampFormat");
    if (strcmp(type, "string") == 0 || strcmp(type, "integer") == 0 || strcmp(type, "long") == 0)
        return XML_TEXT;
    if (strcmp(type, "boolean") == 0)
        return XML_BOOL;
    if (strcmp(type, "timestamp") == 0 && (!format || strcmp(format, "iso8601") == 0))
        return XML_TIME;
    return -1;
}

static size_t size_of(enum xml_kind kind)
{
    return kind == XML_TEXT ? sizeof(struct view) : sizeof(int64_t);
}

static struct node *plan_members(struct plan *p, const json_t *shape, const char *path,
                                 size_t *offset, int depth);

/* The items of a list, whose element is at 'path', into the struct that it is in. */
static struct node *plan_items(struct plan *p, const json_t *member, const char *key,
                               const char *path, size_t *offset, int depth)
{
    const json_t *shape = json_object_get(p->shapes, json_text_of(member, "shape"));
    const char *type = json_text_of(shape, "type");
    struct node *n = node_new(p, key, *offset);
    *offset += sizeof(struct xml_list);
    if (kind_of(shape) >= 0) {
        n->form = NODE_TEXTS;
        n->item = shape;
        rule_add(p, path, XML_TEXTS, n->offset);
        return n;
    }
    size_t inner = sizeof(struct xml_record);
    n->form = NODE_RECORDS;
    rule_add(p, path, XML_RECORD, n->offset);
    if (strcmp(type, "structure") == 0) {
        n->first = plan_members(p, shape, path, &inner, depth);
    } else {
        char below[PATH_SIZE];
        assert_string_equal(type, "list");
        snprintf(below, sizeof(below), "%.200s/member", path);
        n->first = plan_items(p, json_object_get(shape, "member"), NULL, below, &inner, depth);
    }
    return n;
}

static struct node *plan_list(struct plan *p, const json_t *member, const json_t *shape,
                              const char *key, const char *path, size_t *offset, int depth)
{
    char items[PATH_SIZE];
    const json_t *item = json_object_get(shape, "member");
    const char *name = json_text_of(item, "locationName");
    if (json_is_true(json_object_get(member, "flattened")))
        snprintf(items, sizeof(items), "%s", path);
    else
        snprintf(items, sizeof(items), "%.200s/%s", path, name ? name : "member");
    return plan_items(p, item, key, items, offset, depth);
}

static struct node *plan_member(struct plan *p, const json_t *member, const char *key,
                                const char *path, size_t *offset, int depth)
{
    const json_t *shape = json_object_get(p->shapes, json_text_of(member, "shape"));
    const char *type = json_text_of(shape, "type");
    int kind = kind_of(shape);
    if (strcmp(type, "list") == 0)
        return plan_list(p, member, shape, key, path, offset, depth);
    if (kind < 0 && (strcmp(type, "structure") != 0 || depth == RECURSION_MAX))
        return NULL;
    struct node *n = node_new(p, key, *offset);
    if (kind >= 0) {
        n->form = NODE_SCALAR;
        n->kind = (enum xml_kind)kind;
        *offset += size_of(n->kind);
        rule_add(p, path, n->kind, n->offset);
    } else {
        n->form = NODE_STRUCT;
        n->first = plan_members(p, shape, path, offset, depth + 1);
    }
    return n;
}

static struct node *plan_members(struct plan *p, const json_t *shape, const char *path,
                                 size_t *offset, int depth)
{
    struct node *first = NULL, **place = &first;
    const char *key;
    json_t *member;
    json_object_foreach ((json_t *)(uintptr_t)json_object_get(shape, "members"), key, member) {
        char below[PATH_SIZE];
        const char *name = json_text_of(member, "locationName");
        snprintf(below, sizeof(below), "%.100s%s%.100s", path, *path ? "/" : "", name ? name : key);
        struct node *n = plan_member(p, member, key, below, offset, depth);
        assert_true(*offset <= ROOM);
        if (!n)
            continue;
        *place = n;
        place = &n->next;
    }
    return first;
}

/* ---- comparing ---- */

static void check_members(struct plan *p, const struct node *first, const json_t *expected,
                          const char *base);

static void check_text_is(struct view text, const json_t *expected)
{
    char number[32];
    snprintf(number, sizeof(number), "%lld", (long long)json_integer_value(expected));
    assert_true(view_is(text, json_is_string(expected) ? json_string_value(expected) : number));
}

static void check_scalar(struct plan *p, const struct node *n, const json_t *expected,
                         const char *field)
{
    int64_t number;
    switch (n->kind) {
    case XML_TEXT:
        check_text_is(*(const struct view *)(const void *)field, expected);
        break;
    case XML_BOOL:
        assert_true(*(const bool *)(const void *)field == json_is_true(expected));
        break;
    default: /* a fraction of a second is cut off */
        memcpy(&number, field, sizeof(number));
        assert_true(number == (int64_t)json_number_value(expected));
    }
    p->checked++;
}

/* An item of a list of scalars: its text, read as its shape says. */
static void check_text(struct plan *p, const json_t *shape, const json_t *expected,
                       struct view text)
{
    int64_t seconds;
    switch (kind_of(shape)) {
    case XML_TEXT:
        check_text_is(text, expected);
        break;
    case XML_BOOL:
        assert_true(view_is(text, json_is_true(expected) ? "true" : "false"));
        break;
    default:
        assert_int_equal(timestamp_parse(text, &seconds), 0);
        assert_true(seconds == (int64_t)json_number_value(expected));
    }
    p->checked++;
}

static void check_node(struct plan *p, const struct node *n, const json_t *expected,
                       const char *base)
{
    const struct xml_list *list = (const struct xml_list *)(const void *)(base + n->offset);
    size_t i = 0;
    if (n->form == NODE_STRUCT) {
        check_members(p, n->first, expected, base);
        return;
    }
    if (n->form == NODE_SCALAR) {
        check_scalar(p, n, expected, base + n->offset);
        return;
    }
    assert_true(json_is_array(expected));
    assert_int_equal(list->count, json_array_size(expected));
    p->checked += list->count == 0;
    for (const struct xml_record *r = list->first; r; r = r->next, i++) {
        const json_t *item = json_array_get(expected, i);
        if (n->form == NODE_TEXTS)
            check_text(p, n->item, item, ((const struct xml_text *)(const void *)r)->text);
        else if (json_is_array(item))
            check_node(p, n->first, item, (const char *)r);
        else
            check_members(p, n->first, item, (const char *)r);
    }
    assert_int_equal(i, list->count);
}

static void check_members(struct plan *p, const struct node *first, const json_t *expected,
                          const char *base)
{
    for (const struct node *n = first; n; n = n->next) {
        const json_t *value = json_object_get(expected, n->key);
        if (value)
            check_node(p, n, value, base);
    }
}

/* ---- cases ---- */

static void read_case(struct plan *p, const json_t *given, const char *body, size_t piece_bytes,
                      const struct node *first, const json_t *expected)
{
    char prefix[PATH_SIZE];
    static char root[ROOM] __attribute__((aligned(16)));
    struct xml_reader *reader = xml_reader_new();
    struct arena arena;
    struct error e;
    const char *name = json_text_of(given, "name");
    arena_init(&arena);
    memset(root, 0, sizeof(root));
    snprintf(prefix, sizeof(prefix), "%.100sResponse/%.100sResult", name, name);
    xml_reader_begin(reader, prefix, p->rules, p->rule_count, root, &arena);
    for (size_t at = 0, len = strlen(body); at < len; at += piece_bytes) {
        struct view piece = {body + at, len - at < piece_bytes ? len - at : piece_bytes};
        if (xml_reader_feed(reader, piece, &e) != 0)
            fail_msg("%s: %s", name, e.text);
    }
    if (xml_reader_end(reader, &e) != 0)
        fail_msg("%s: %s", name, e.text);
    check_members(p, first, expected, root);
    arena_release(&arena);
    xml_reader_free(reader);
}

/* True if the case applies and went well. */
static bool run_case(const json_t *shapes, const json_t *published)
{
    static struct plan p;
    const json_t *given = json_object_get(published, "given");
    const char *output = json_text_of(json_object_get(given, "output"), "shape");
    const char *body = json_text_of(json_object_get(published, "response"), "body");
    const json_t *expected = json_object_get(published, "result");
    size_t offset = 0;
    if (!output || !body)
        return false;
    p = (struct plan){.shapes = shapes};
    const struct node *first = plan_members(&p, json_object_get(shapes, output), "", &offset, 0);
    read_case(&p, given, body, strlen(body), first, expected);
    size_t whole = p.checked;
    read_case(&p, given, body, 1, first, expected);
    assert_int_equal(p.checked, 2 * whole);
    return whole > 0;
}

static void test_published(void **state)
{
    json_t *suites = protocol_cases_load();
    size_t cases = 0, ran = 0, errors = 0, i, k;
    json_t *suite, *published;
    (void)state;
    if (!suites)
        skip();
    json_array_foreach (suites, i, suite) {
        json_array_foreach (json_object_get(suite, "cases"), k, published) {
            const char *id = json_text_of(published, "id");
            cases++;
            if (json_object_get(published, "errorCode")) {
                errors++;
            } else if (run_case(json_object_get(suite, "shapes"), published)) {
                print_message("ran: %s\n", id);
                ran++;
            } else {
                print_message("does not apply: %s\n", id);
            }
        }
    }
    json_decref(suites);
    assert_int_equal(cases, PUBLISHED_CASES);
    assert_int_equal(errors, 3);
    assert_int_equal(ran, 15);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_published)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
