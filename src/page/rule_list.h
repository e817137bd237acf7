/* SPDX-License-Identifier: MIT */
/*
 * rule_list.h: the findings by rule, and how each rule is defined.
 */
#ifndef PAGE_RULE_LIST_H
#define PAGE_RULE_LIST_H

#include "rules/checker.h"

/*
 * Appends the table of the rules that were judged, worst first: severity, counts with bars, numbers
 * of frameworks. A row's data-rule is the rule's id, for the script's filter.
 */
void rule_list_write(const struct checker *checker, struct buffer *out);
/* Appends what each rule asks for, its limit, and what to do about a failure. */
void rule_list_write_definitions(const struct checker *checker, struct buffer *out);

#endif
