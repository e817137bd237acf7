/* A growable run of bytes, for bodies that are written piece by piece. */
#ifndef SIM_TEXT_H
#define SIM_TEXT_H

#include <stddef.h>

/* Zero-initialized it is empty and ready. data is not terminated; use text_string for that. */
struct text {
    char *data;
    size_t length;
    size_t capacity;
};

/* Frees the bytes and leaves an empty text. */
void text_release(struct text *text);

/* Appends length bytes. Out of memory ends the process: a simulator has nothing to save. */
void text_append(struct text *text, const void *bytes, size_t length);

/* Appends a terminated string. */
void text_put(struct text *text, const char *string);

/* Appends one byte. */
void text_put_char(struct text *text, char character);

/* Appends what printf would print. */
void text_printf(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The bytes with a terminating NUL that is not counted in length. Lives until the next change. */
const char *text_string(struct text *text);

/* Gives the bytes to the caller, who frees them with free(); the text is empty afterwards. */
char *text_steal(struct text *text, size_t *length);

/* realloc that ends the process when there is no memory left. */
void *memory_grow(void *memory, size_t size);

/* calloc that ends the process when there is no memory left; freed with free(). */
void *memory_zeroed(size_t count, size_t size);

#endif
