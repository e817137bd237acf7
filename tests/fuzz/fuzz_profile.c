/* SPDX-License-Identifier: MIT */
/* Any bytes as a file of AWS profiles; the first one says which of the two it is. */
#include "auth/profile_file.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static void look(const struct profile_file *file)
{
    for (size_t i = 0; i < file->count; i++) {
        const struct profile_entry *entry = &file->entries[i];
        char key[64];
        if (!profile_file_has(file, entry->section, entry->section_name))
            abort(); /* an entry without the section that it stands in */
        if (!entry->key.ptr || entry->key.len >= sizeof(key) ||
            memchr(entry->key.ptr, '\0', entry->key.len))
            continue;
        snprintf(key, sizeof(key), "%.*s", VIEW_ARG(entry->key));
        const struct profile_entry *found =
            profile_file_find(file, entry->section, entry->section_name, entry->parent, key);
        if (!found || found < entry)
            abort(); /* not there, or not the last */
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    char path[64];
    struct profile_file file = {0};
    struct error e = {0};
    if (len == 0)
        return 0;
    int fd = memfd_create("profile", MFD_CLOEXEC);
    if (fd < 0 || write(fd, bytes + 1, len - 1) != (ssize_t)(len - 1))
        abort();
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    int result = profile_file_read(&file, path, "shown", bytes[0] & 1, &e);
    if ((result != 0) != (e.kind != ERROR_NONE))
        abort();
    if (result == 0 && file.count < 200)
        look(&file);
    profile_file_release(&file);
    close(fd);
    return 0;
}
