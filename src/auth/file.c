/* SPDX-License-Identifier: MIT */
#include "auth/file.h"

#include "base/alloc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static int file_open(const char *path, struct error *e)
{
    struct stat info;
    /* O_NONBLOCK: never wait for the other end of a pipe. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) {
        bool absent = errno == ENOENT || errno == ENOTDIR || errno == EACCES;
        error_set_errno(e, "can't open '%s'", path);
        if (absent && e)
            e->kind = ERROR_ABSENT;
        return -1;
    }
    if (fstat(fd, &info) == 0 && (S_ISREG(info.st_mode) || S_ISCHR(info.st_mode)))
        return fd;
    close(fd);
    return error_set(e, ERROR_SYSTEM, "'%s' is not a regular file", path);
}

/* Allocates room for the largest file at once: growing would leave copies that nobody wipes. */
int file_read(const char *path, size_t max, struct secret *out, struct error *e)
{
    secret_clear(out);
    int fd = file_open(path, e);
    if (fd < 0)
        return -1;
    char *text = xmalloc(max + 2);
    size_t len = 0;
    ssize_t got = 1;
    while (got > 0 && len <= max) {
        got = read(fd, text + len, max + 1 - len);
        if (got > 0)
            len += (size_t)got;
        else if (got < 0 && errno == EINTR)
            got = 1;
    }
    int result = 0;
    if (got < 0)
        result = error_set_errno(e, "can't read '%s'", path);
    else if (len > max)
        result = error_set(e, ERROR_LIMIT, "'%s' is longer than %zu bytes", path, max);
    close(fd);
    text[len] = '\0';
    *out = (struct secret){text, len};
    if (result != 0)
        secret_clear(out);
    return result;
}
