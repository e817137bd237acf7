/* SPDX-License-Identifier: MIT */
/*
 * page.h: a run as one HTML file that needs nothing else.
 *
 *     page_new -> page_account, one after the other -> page_write
 *
 * Charts count everything; the list of users is bounded (PAGE_USERS_MAX), and the page says what it
 * leaves out. Nothing in it depends on when it is made: the same run gives the same bytes.
 */
#ifndef PAGE_PAGE_H
#define PAGE_PAGE_H

#include "page/page_data.h"
#include "page/tally.h"
#include "store/stored_run.h"

/* Of a run with more users, only those with findings are listed, and no more than this. */
#define PAGE_USERS_MAX 200000

struct page_options {
    const struct stored_run *run;
    const struct stored_run *previous; /* NULL: there is nothing to compare with */
    struct database *database;         /* for the list of runs */
    struct checker *checker;           /* judges the run; its options say how */
    const struct tally *before;        /* of 'previous'; NULL: none */
};

struct page;

/* All that the options point to is borrowed until the page is freed. Never NULL. */
struct page *page_new(const struct page_options *options);
/* Takes the next account, which is judged. */
void page_account(struct page *p, const struct account *account);
/*
 * Appends the page to 'out', calling piece(arg, e) now and then, which may empty it; -1 from that
 * ends the work. -1 with 'e' if the database can't be read, or the page would be too long.
 */
int page_write(struct page *p, struct buffer *out, int (*piece)(void *arg, struct error *e),
               void *arg, struct error *e) MUST_CHECK;
/* NULL does nothing. */
void page_free(struct page *p);

#endif
