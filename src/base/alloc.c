/* SPDX-License-Identifier: MIT */
#include "base/alloc.h"

#include "base/leftover.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void out_of_memory(void)
{
    static const char text[] = "\niam-census: out of memory\n";
    /* At a terminal the cursor may stand at the end of a line of progress: begin a new line. */
    size_t skipped = isatty(STDERR_FILENO) ? 0 : 1;
    ssize_t ignored = write(STDERR_FILENO, text + skipped, sizeof(text) - 1 - skipped);
    (void)ignored;
    leftovers_remove();
    _exit(1);
}

void *xmalloc(size_t size)
{
    void *block = malloc(size ? size : 1);
    if (!block)
        out_of_memory();
    return block;
}

void *xcalloc(size_t count, size_t size)
{
    void *block = calloc(count ? count : 1, size ? size : 1);
    if (!block)
        out_of_memory();
    return block;
}

void *xrealloc(void *old, size_t size)
{
    void *block = realloc(old, size ? size : 1);
    if (!block)
        out_of_memory();
    return block;
}

char *xstrndup(const char *text, size_t len)
{
    char *copy = xmalloc(len + 1);
    if (len > 0)
        memcpy(copy, text, len);
    copy[len] = '\0';
    return copy;
}

char *xstrdup(const char *text)
{
    return xstrndup(text, strlen(text));
}
