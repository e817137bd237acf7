/* SPDX-License-Identifier: MIT */
#include "base/leftover.h"

#include <stddef.h>
#include <string.h>
#include <unistd.h>

static const char *files[LEFTOVERS_MAX];
static const char *uploads[LEFTOVERS_MAX];

static void replace(const char *noted[LEFTOVERS_MAX], const char *old, const char *new)
{
    for (size_t i = 0; i < LEFTOVERS_MAX; i++)
        if (noted[i] == old) {
            noted[i] = new;
            return;
        }
}

void leftover_note(const char *path)
{
    replace(files, NULL, path);
}

void leftover_forget(const char *path)
{
    if (path)
        replace(files, path, NULL);
}

void leftover_upload_note(const char *key)
{
    replace(uploads, NULL, key);
}

void leftover_upload_forget(const char *key)
{
    if (key)
        replace(uploads, key, NULL);
}

static void say(const char *text)
{
    ssize_t ignored = write(STDERR_FILENO, text, strlen(text));
    (void)ignored;
}

void leftovers_remove(void)
{
    for (size_t i = 0; i < LEFTOVERS_MAX; i++)
        if (files[i])
            unlink(files[i]);
    for (size_t i = 0; i < LEFTOVERS_MAX; i++) {
        if (!uploads[i])
            continue;
        say("iam-census: an unfinished upload of '");
        say(uploads[i]);
        say("' may be left in the bucket, where it takes up room until it is aborted\n");
    }
}
