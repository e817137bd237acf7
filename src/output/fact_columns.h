/* SPDX-License-Identifier: MIT */
/*
 * fact_columns.h: the columns under whose names an unknown fact is reported to people.
 */
#ifndef OUTPUT_FACT_COLUMNS_H
#define OUTPUT_FACT_COLUMNS_H

#include "output/account_fields.h"
#include "output/fields.h"

#define FACT_COLUMNS_MAX (FIELD_COUNT + ACCOUNT_FIELD_COUNT) /* of one fact */

/*
 * Names the columns that stand for the fact: of the users, or else of the accounts file. 'names'
 * has room for FACT_COLUMNS_MAX; returns how many there are. The names are static.
 */
size_t fact_columns(enum fact fact, struct view *names);

#endif
