/*
 * summary.h: the result document, told to a person.
 */
#ifndef APP_SUMMARY_H
#define APP_SUMMARY_H

#include "base/buffer.h"

/* Appends a few lines about 'document' (the JSON of result_write) to 'out'. */
void summary_write(struct view document, struct buffer *out);

#endif
