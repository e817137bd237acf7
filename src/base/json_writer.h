/* SPDX-License-Identifier: MIT */
/*
 * json_writer.h: JSON text, written straight into a buffer.
 *
 * Compact (no spaces), keys in the order in which they are written, text kept as UTF-8; only '"',
 * '\' and control characters are escaped (\n \r \t \b \f, else \u00xx). JSON is read by Jansson,
 * but written here, because a census streams millions of values in flat memory and the contract
 * fixes every byte (docs/decisions/0004-json-writer.md). A byte that is not UTF-8 becomes U+FFFD,
 * so that what is written is valid JSON whatever the text was.
 *
 * The writer puts commas where they belong. It trusts its caller to close what it opens.
 */
#ifndef BASE_JSON_WRITER_H
#define BASE_JSON_WRITER_H

#include "base/buffer.h"

struct json_writer {
    struct buffer *out; /* borrowed */
    bool need_comma;
};

/* Begins to write at the end of 'out', which must outlive the writer. */
void json_writer_init(struct json_writer *w, struct buffer *out);
void json_object_begin(struct json_writer *w);
void json_object_end(struct json_writer *w);
void json_array_begin(struct json_writer *w);
void json_array_end(struct json_writer *w);
/* The key of the value that is written next. */
void json_key(struct json_writer *w, const char *key);
/* A string; VIEW_NONE is written as null. */
void json_text(struct json_writer *w, struct view text);
/* The content of 'text' as a string; the output becomes overflowed if 'text' is. */
void json_buffer(struct json_writer *w, const struct buffer *text);
void json_int(struct json_writer *w, int64_t number);
void json_bool(struct json_writer *w, bool truth);
void json_none(struct json_writer *w);
/* A moment as "2024-01-31T09:30:00Z"; TIMESTAMP_NONE is written as null. */
void json_time(struct json_writer *w, int64_t seconds);
/* Appends 'text' in quotes, escaped; takes no care of commas. */
void json_quote(struct buffer *out, struct view text);

#endif
