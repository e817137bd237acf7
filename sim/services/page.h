/* SPDX-License-Identifier: MIT */
/* page.h: pages of IAM lists: MaxItems, Marker, IsTruncated. */
#ifndef SERVICES_PAGE_H
#define SERVICES_PAGE_H

#include <stdbool.h>
#include <stddef.h>

struct call;

struct page {
    size_t offset; /* the first item of the page */
    size_t limit;  /* the maximum number of items on the page */
    size_t turn;   /* the number of this page in an endless list */
};

/* Reads MaxItems (100 if absent) and Marker. Returns 0, or -1 after making the call's reply. */
int page_read(struct call *call, struct page *page);

/*
 * Writes IsTruncated and, if there is more, a Marker for the item at 'next'. With the endless
 * paging fault, every page claims that the list continues.
 */
void page_write(struct call *call, const struct page *page, bool more, size_t next);

#endif
