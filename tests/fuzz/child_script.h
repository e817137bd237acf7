/* SPDX-License-Identifier: MIT */
/*
 * child_script.h: what a child of fuzz_process.c does, as the input says it: both read it here, so
 * that the target knows what must come of it. A step is one byte, its kind in the lower three bits
 * and a number in the upper five, and for some kinds more bytes.
 */
#ifndef FUZZ_CHILD_SCRIPT_H
#define FUZZ_CHILD_SCRIPT_H

#include <stddef.h>
#include <stdint.h>

enum child_step {
    CHILD_OUT,        /* writes the next 'number' bytes of the script to standard output */
    CHILD_ERR,        /* or to standard error */
    CHILD_MANY_OUT,   /* writes 'number' times CHILD_MANY bytes to standard output */
    CHILD_MANY_ERR,   /* or to standard error */
    CHILD_CLOSE,      /* closes standard output (number even) or standard error (odd) */
    CHILD_GRANDCHILD, /* leaves a process behind that keeps the outputs open (odd), or rests */
    CHILD_SIGNAL,     /* ends itself by a signal, or (number 31) waits for ever */
    CHILD_EXIT,       /* ends with the status of the next byte */
};

#define CHILD_MANY    1000
#define CHILD_NUMBERS 32
#define CHILD_FOREVER 31 /* of CHILD_SIGNAL */

struct child_script {
    const uint8_t *bytes;
    size_t left;
};

/* The next byte; 0 after the end. */
static inline unsigned child_byte(struct child_script *s)
{
    if (s->left == 0)
        return 0;
    s->left--;
    return *s->bytes++;
}

/* The next step and its number; at the end of the script an exit with status 0. */
static inline enum child_step child_next(struct child_script *s, unsigned *number)
{
    unsigned step = s->left > 0 ? child_byte(s) : CHILD_EXIT;
    *number = step / 8;
    return step % 8;
}

/* So many of the script's bytes, as far as there are. */
static inline const uint8_t *child_take(struct child_script *s, unsigned number, size_t *len)
{
    const uint8_t *bytes = s->bytes;
    *len = number < s->left ? number : s->left;
    s->bytes += *len;
    s->left -= *len;
    return bytes;
}

/* A signal that ends a process without a core file. */
static inline int child_signal(unsigned number)
{
    static const int signals[] = {9, 15, 1, 2, 13, 14, 10, 12};
    return signals[number % 8];
}

#endif
