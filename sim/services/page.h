/* Pages of IAM lists: MaxItems, Marker, IsTruncated. */
#ifndef SERVICES_PAGE_H
#define SERVICES_PAGE_H

#include <stdbool.h>
#include <stddef.h>

struct call;

struct page {
    size_t offset; /* the first item of the page */
    size_t limit;  /* at most so many items */
    size_t turn;   /* which page this is of an endless list */
};

/* Reads MaxItems (100 where absent) and Marker. Returns 0, or -1 with the call's reply made. */
int page_read(struct call *call, struct page *page);

/*
 * Writes IsTruncated and, where there is more after the item at next, Marker. A fault of endless
 * paging makes every page say that there is more.
 */
void page_write(struct call *call, const struct page *page, bool more, size_t next);

#endif
