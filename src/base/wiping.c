/* SPDX-License-Identifier: MIT */
#include "base/wiping.h"

#include "base/alloc.h"
#include "base/secret.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

void *wiping_malloc(size_t size)
{
    return xmalloc(size);
}

void *wiping_calloc(size_t count, size_t size)
{
    return xcalloc(count, size);
}

void wiping_free(void *block)
{
    if (block)
        secret_wipe(block, malloc_usable_size(block));
    free(block);
}

void *wiping_realloc(void *block, size_t size)
{
    size_t room = block ? malloc_usable_size(block) : 0;
    if (block && size <= room && size > 0)
        return block;
    void *larger = xmalloc(size);
    memcpy(larger, block ? block : "", room < size ? room : size);
    wiping_free(block);
    return larger;
}

char *wiping_strdup(const char *text)
{
    return xstrdup(text);
}
