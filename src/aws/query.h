/* SPDX-License-Identifier: MIT */
/*
 * query.h: the AWS query protocol: form-encoded in, XML out, page by page.
 *
 * An operation is a table (its name, its rules, where its records go); query_start runs it to the
 * end of its last page. Source: Smithy's "AWS Query protocol"; paging as in the IAM API Reference
 * (IsTruncated, Marker).
 */
#ifndef AWS_QUERY_H
#define AWS_QUERY_H

#include "aws/call.h"
#include "aws/xml.h"

#define QUERY_PAGES_MAX        1000
#define QUERY_ANSWER_MAX_BYTES ((size_t)64 * 1024 * 1024)
/*
 * The bound of all pages of one list about one user, which becomes a part of one row (IAM's own
 * quotas allow less than a tenth of it).
 */
#define QUERY_USER_MAX_BYTES    ((size_t)1024 * 1024)
#define QUERY_REQUEST_MAX_BYTES ((size_t)128 * 1024)

/* The first member of each answer's struct. Answers that are not paged leave it zero. */
struct query_page {
    bool truncated;
    struct view marker;
};

/* The rules that fill it, to be put into an operation's table. */
#define QUERY_PAGE_RULES                                                                           \
    XML_FIELD("IsTruncated", XML_BOOL, query_page, truncated),                                     \
        XML_FIELD("Marker", XML_TEXT, query_page, marker)

struct query_operation {
    enum aws_service service;
    const char *action;  /* "ListUsers" */
    const char *version; /* "2010-05-08" */
    const struct xml_rule *rules;
    size_t rule_count;
    size_t answer_size; /* of the struct that the rules fill, which begins with struct query_page */
    void (*init)(void *answer); /* sets what is not zero; may be NULL */
    const char *fixed;          /* encoded parameters of every call, "MaxItems=1000"; or NULL */
};

struct query_param {
    const char *name;
    struct view value; /* VIEW_NONE: left out */
};

struct query_handler {
    /*
     * Called for each page, in order: 'answer' is the operation's struct, borrowed for the call.
     * -1 with 'e' ends the query with that error.
     */
    int (*page)(void *arg, const void *answer, struct error *e);
    /* Called once, last; 'e' is NULL on success. */
    void (*done)(void *arg, const struct error *e);
    /*
     * Called before another page is asked for. If it returns true, the query waits for
     * query_go_on. NULL: it never waits.
     */
    bool (*hold)(void *arg);
};

struct query; /* an operation under way */

/*
 * Starts. Target, parameters and handler are copied; 'operation', 'arg' and what the target points
 * to are borrowed until done. Never calls back before it has returned. The handle is good until
 * 'done' is called.
 */
struct query *query_start(const struct aws_target *target, const struct query_operation *operation,
                          const struct query_param *params, size_t param_count,
                          const struct query_handler *handler, void *arg);
/* Asks for the next page, after 'hold' has returned true. */
void query_go_on(struct query *query);
/* Ends it without calling back. 'query' may be NULL. */
void query_cancel(struct query *query);

#endif
