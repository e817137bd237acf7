/* SPDX-License-Identifier: MIT */
/*
 * xml.h: XML answers into records, streaming, by a table of rules.
 *
 * Expat reads; a rule says what an element at a path means for the struct that is being filled.
 * DOCTYPE is refused (so there are no entities to expand), depth, text and counts are bounded, and
 * elements that no rule names are ignored. Names are compared without their namespace's prefix
 * ("ns2:Error" is "Error"): services choose it as they like.
 *
 * Records are structs that begin with 'struct xml_record'; they and their texts live in the arena
 * that the reader was given.
 */
#ifndef AWS_XML_H
#define AWS_XML_H

#include "base/arena.h"
#include "base/error.h"

#include <stdint.h>

#define XML_DEPTH_MAX          24
#define XML_PATH_MAX_BYTES     512
#define XML_TEXT_MAX_BYTES     ((size_t)64 * 1024)
#define XML_DOCUMENT_MAX_BYTES ((size_t)48 * 1024 * 1024) /* a credential report, in base64 */
#define XML_RECORDS_MAX        100000                     /* in one answer */
/*
 * The bound of one piece of markup (a tag with its attributes, a comment). Expat reads an
 * incomplete one again from its start whenever more comes in, so its time grows with the square of
 * the length.
 */
#define XML_TOKEN_MAX_BYTES ((size_t)1024 * 1024)
/*
 * The bound of one record with all that is in it: a user of GetAccountAuthorizationDetails becomes
 * one row. Texts whose rule has a bound of its own do not count.
 */
#define XML_RECORD_MAX_BYTES ((size_t)1024 * 1024)

struct xml_record {
    struct xml_record *next;
};

struct xml_list {
    struct xml_record *first, **last; /* last: NULL while empty */
    size_t count;
};

/* One text in a list of texts. */
struct xml_text {
    struct xml_record link;
    struct view text;
};

enum xml_kind {
    XML_TEXT,   /* struct view; white space is kept */
    XML_TIME,   /* int64_t seconds */
    XML_BOOL,   /* bool: "true" or "false" */
    XML_TEXTS,  /* struct xml_list of struct xml_text: one more for each such element */
    XML_RECORD, /* struct xml_list of records of 'size' bytes: rules below this path fill the new
                   one */
};

struct xml_rule {
    const char *path; /* below the prefix: "Users/member/UserName" */
    enum xml_kind kind;
    size_t offset; /* of the field in the innermost record that is open (or in the root struct) */
    size_t size;   /* XML_RECORD: of one record; XML_TEXT: the longest, 0 for XML_TEXT_MAX_BYTES */
    void (*init)(void *record); /* XML_RECORD: sets what is not zero; may be NULL */
};

/* A rule: the element at 'path' fills 'field' of 'struct owner'. */
#define XML_FIELD(path_, kind_, owner, field)                                                      \
    {                                                                                              \
        .path = (path_), .kind = (kind_), .offset = offsetof(struct owner, field)                  \
    }
/* A rule: each element at 'path' is one more 'struct record' in 'list' of 'struct owner'. */
#define XML_LIST(path_, owner, list, record, init_)                                                \
    {                                                                                              \
        .path = (path_), .kind = XML_RECORD, .offset = offsetof(struct owner, list),               \
        .size = sizeof(struct record), .init = (init_)                                             \
    }
/* A table of rules and its length, as two arguments or members. */
#define XML_RULES(rules) (rules), sizeof(rules) / sizeof((rules)[0])

struct xml_reader;

/* The prefix that stands for the root element, whatever its name. */
#define XML_ANY_ROOT "*"

/* A reader, to be used again and again. Never NULL. */
struct xml_reader *xml_reader_new(void);
/* Frees it; 'r' may be NULL. */
void xml_reader_free(struct xml_reader *r);
/*
 * Begins an answer. The paths of rules start below 'prefix' ("ListUsersResponse/ListUsersResult"),
 * which the answer must have; the rules fill 'root' (zeroed by the caller) and records from
 * 'arena'.
 */
void xml_reader_begin(struct xml_reader *r, const char *prefix, const struct xml_rule *rules,
                      size_t rule_count, void *root, struct arena *arena);
/*
 * Reads a piece of it. -1 with ERROR_PROTOCOL (not XML, another root, a DOCTYPE, an invalid value)
 * or ERROR_LIMIT.
 */
int xml_reader_feed(struct xml_reader *r, struct view piece, struct error *e) MUST_CHECK;
/* The name of the root element, "" before it has come. Lives until the next answer begins. */
const char *xml_reader_root(const struct xml_reader *r);
/* Ends the answer: -1 if it was cut short, or has no such prefix. */
int xml_reader_end(struct xml_reader *r, struct error *e) MUST_CHECK;

#endif
