/* SPDX-License-Identifier: MIT */
/*
 * account_list.h: the accounts of a page: what each has, and by unit.
 *
 * A few bytes an account are kept: its id, name and unit, and four numbers.
 */
#ifndef PAGE_ACCOUNT_LIST_H
#define PAGE_ACCOUNT_LIST_H

#include "page/tally.h"
#include "rules/finding.h"

struct account_line;

struct account_list {
    struct arena arena;
    struct account_line *lines;
    size_t count, room;
};

void account_list_init(struct account_list *l);
void account_list_release(struct account_list *l);
/* Begins the line of the next account, which has 'no_mfa' people without MFA. */
void account_list_add(struct account_list *l, const struct account *account, uint64_t no_mfa);
/* Counts a finding of the account that was added last. */
void account_list_finding(struct account_list *l, const struct finding *finding);
/* Appends the chart by unit, and the table of the accounts, those with most failures first. */
void account_list_write(const struct account_list *l, struct buffer *out);

#endif
