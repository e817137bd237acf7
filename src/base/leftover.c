/* SPDX-License-Identifier: MIT */
#include "base/leftover.h"

#include <stddef.h>
#include <unistd.h>

static const char *noted[LEFTOVERS_MAX];

static void replace(const char *old, const char *new)
{
    for (size_t i = 0; i < LEFTOVERS_MAX; i++)
        if (noted[i] == old) {
            noted[i] = new;
            return;
        }
}

void leftover_note(const char *path)
{
    replace(NULL, path);
}

void leftover_forget(const char *path)
{
    if (path)
        replace(path, NULL);
}

void leftovers_remove(void)
{
    for (size_t i = 0; i < LEFTOVERS_MAX; i++)
        if (noted[i])
            unlink(noted[i]);
}
