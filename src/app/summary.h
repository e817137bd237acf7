/*
 * summary.h: the result document, told to a person.
 */
#ifndef APP_SUMMARY_H
#define APP_SUMMARY_H

#include "base/buffer.h"

/*
 * Appends a few lines about 'document' (the JSON of result_write) to 'out'. 'hides_keys': the rows
 * show one active key of each user alone, so users with a second one are told of.
 */
void summary_write(struct view document, bool hides_keys, struct buffer *out);

#endif
