/* SPDX-License-Identifier: MIT */
/*
 * view.h: a borrowed run of bytes.
 *
 * A view never owns what it points at; whoever hands one out says how long it stays good. The
 * bytes need not end in NUL. An absent value is a view whose ptr is NULL; an empty one has a
 * non-NULL ptr and len 0.
 */
#ifndef BASE_VIEW_H
#define BASE_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

struct view {
    const char *ptr;
    size_t len;
};

#define VIEW_NONE          ((struct view){NULL, 0})
#define VIEW_LITERAL(text) ((struct view){(text), sizeof(text) - 1})
/* For printf's "%.*s". */
#define VIEW_ARG(v) (int)(v).len, (v).ptr

/* The view of a NUL-terminated string; VIEW_NONE for NULL. Lives as long as the string. */
static inline struct view view_of(const char *text)
{
    return (struct view){text, text ? strlen(text) : 0};
}

/* True if both hold the same bytes. */
static inline bool view_equal(struct view a, struct view b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

/* True if the view holds exactly the bytes of the NUL-terminated 'text'. */
static inline bool view_is(struct view v, const char *text)
{
    return view_equal(v, view_of(text));
}

/* As view_is, but the case of ASCII letters makes no difference. */
static inline bool view_is_nocase(struct view v, const char *text)
{
    return v.len == strlen(text) && strncasecmp(v.ptr ? v.ptr : "", text, v.len) == 0;
}

/* Compares in byte order, as memcmp; a prefix comes first. Returns below 0, 0 or above 0. */
static inline int view_compare(struct view a, struct view b)
{
    size_t common = a.len < b.len ? a.len : b.len;
    int order = common > 0 ? memcmp(a.ptr, b.ptr, common) : 0;
    if (order != 0)
        return order;
    return a.len < b.len ? -1 : a.len > b.len;
}

/* True if the view begins with the NUL-terminated 'prefix'. */
static inline bool view_starts_with(struct view v, const char *prefix)
{
    size_t len = strlen(prefix);
    return len == 0 || (v.len >= len && memcmp(v.ptr, prefix, len) == 0);
}

/* The view without the spaces, tabs and line ends around it. Borrows from the same memory. */
static inline struct view view_trim(struct view v)
{
    while (v.len > 0 && memchr(" \t\r\n", v.ptr[0], 4)) {
        v.ptr++;
        v.len--;
    }
    while (v.len > 0 && memchr(" \t\r\n", v.ptr[v.len - 1], 4))
        v.len--;
    return v;
}

#endif
