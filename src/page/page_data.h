/* SPDX-License-Identifier: MIT */
/*
 * page_data.h: the accounts, users, credentials and findings that the page's script shows, as JSON
 * in columns; README.md describes its form. One account after the other is deflated, so that memory
 * is that of the result.
 */
#ifndef PAGE_PAGE_DATA_H
#define PAGE_PAGE_DATA_H

#include "page/packing.h"
#include "rules/checker.h"

struct page_data;

/*
 * 'options' say which rules are judged, with which limits; borrowed. At most 'users_most' users are
 * taken; if 'only_with_findings', those without a finding are left out from the beginning.
 */
struct page_data *page_data_new(const struct check_options *options, uint64_t users_most,
                                bool only_with_findings);
/* Begins an account; then its findings come in order, those of the account itself first. */
void page_data_begin(struct page_data *d, const struct account *account);
void page_data_finding(struct page_data *d, const struct finding *finding);
void page_data_end(struct page_data *d);
/* No more accounts come. -1 with 'e' if there were too many. */
int page_data_finish(struct page_data *d, struct error *e) MUST_CHECK;
/* What is written as base64 (packing_write); after page_data_finish. */
const struct packing *page_data_packing(const struct page_data *d);
/* How many users the data leave out. */
uint64_t page_data_left_out(const struct page_data *d);
/* NULL does nothing. */
void page_data_free(struct page_data *d);

#endif
