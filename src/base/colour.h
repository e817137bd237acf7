/* SPDX-License-Identifier: MIT */
/*
 * colour.h: colours in text for people, from one table of styles.
 *
 *     bool coloured = colour_wanted(STDOUT_FILENO);
 *     colour_begin(out, coloured, COLOUR_BAD);
 *     buffer_add_text(out, "critical");
 *     colour_end(out, coloured);
 *
 * By default only a terminal gets colours, if TERM is set and not "dumb" and NO_COLOR is empty or
 * not set (https://no-color.org); CLICOLOR_FORCE, if it is set and not "0", gives a pipe colours
 * too. --color overrides all of these. Formats for programs never have colours: whoever writes them
 * does not call this. A colour only repeats what the words say.
 */
#ifndef BASE_COLOUR_H
#define BASE_COLOUR_H

#include "base/buffer.h"

enum colour_style {
    COLOUR_BAD,     /* an error, a failure, what is critical or high */
    COLOUR_WARNING, /* a warning, what is medium or unknown */
    COLOUR_GOOD,    /* what is in order, what was added */
    COLOUR_QUIET,   /* what may be skipped: ids, advice */
    COLOUR_TITLE,   /* the head of a table, a title */
    COLOUR_STYLE_COUNT
};

/* In the order of colour_choice_names. */
enum colour_choice { COLOUR_AUTO, COLOUR_ALWAYS, COLOUR_NEVER };
extern const char *const colour_choice_names[]; /* "auto", ...; ends with NULL */

/* False if 'name' (in any case) is none of the choices; then '*choice' is unchanged. */
bool colour_find(const char *name, enum colour_choice *choice);
/* Sets the process's choice; COLOUR_AUTO until then. */
void colour_choose(enum colour_choice choice);
/* True if text for people on this descriptor is to have colours. */
bool colour_wanted(int fd);
/* Append the style's begin, and its end; nothing if 'wanted' is false. */
void colour_begin(struct buffer *out, bool wanted, enum colour_style style);
void colour_end(struct buffer *out, bool wanted);
/* The same as texts, for fprintf; "" if 'wanted' is false. */
const char *colour_on(bool wanted, enum colour_style style);
const char *colour_off(bool wanted);

#endif
