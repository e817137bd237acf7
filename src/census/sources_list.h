/* SPDX-License-Identifier: MIT */
/*
 * sources_list.h: how lists of an answer are read. Private to the files that read answers.
 */
#ifndef CENSUS_SOURCES_LIST_H
#define CENSUS_SOURCES_LIST_H

#include "aws/xml.h"
#include "base/error.h"

/* A type can't be put in parentheses. NOLINTBEGIN(bugprone-macro-parentheses) */
#define FOR_EACH(type, item, list)                                                                 \
    for (const type *item = (const type *)(const void *)(list).first; item;                        \
         item = (const type *)(const void *)item->link.next)
/* NOLINTEND(bugprone-macro-parentheses) */

/* The answer has 'what', which the API does not allow; returns -1. */
static inline int lacks(struct error *e, const char *what)
{
    return error_set(e, ERROR_PROTOCOL, "the answer holds %s", what);
}

#endif
