/* SPDX-License-Identifier: MIT */
/*
 * run_list.h: the runs of the database over time.
 */
#ifndef PAGE_RUN_LIST_H
#define PAGE_RUN_LIST_H

#include "base/buffer.h"
#include "store/stored_run.h"

#define RUN_LIST_SHOWN 24

/* Appends the chart of the newest runs, the oldest first. -1 with 'e' if they can't be read. */
int run_list_write(struct database *database, struct buffer *out, struct error *e) MUST_CHECK;

#endif
