/* SPDX-License-Identifier: MIT */
/*
 * input.h: the bytes of an input, which are taken one after the other to decide what happens. One
 * file of a target includes it.
 */
#ifndef FUZZ_INPUT_H
#define FUZZ_INPUT_H

#include <stddef.h>
#include <stdint.h>

static const uint8_t *input;
static size_t input_left;

/* 'bytes' is borrowed until the input is over. */
static inline void input_begin(const uint8_t *bytes, size_t len)
{
    input = bytes;
    input_left = len;
}

/* The next byte; 0 after the end. */
static inline unsigned input_byte(void)
{
    if (input_left == 0)
        return 0;
    input_left--;
    return *input++;
}

#endif
