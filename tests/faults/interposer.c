/* SPDX-License-Identifier: MIT */
/*
 * interposer.c: a library that is loaded before the program and lets one of its calls of the C
 * library fail: memory that can't be had, a full disk, no descriptor left, an interrupted call, a
 * part of what was to be written.
 *
 *   IAM_FAULT_KIND    which function counts: "malloc" for all that allocate, or a name of the table
 *   IAM_FAULT_AT      the call that fails, from 1; 0: none, they are only counted
 *   IAM_FAULT_ERROR   the error's number; -1: a part is read or written instead, half of it
 *   IAM_FAULT_LASTING "1": and every one after it, too
 *   IAM_FAULT_COUNTS  a file that gets "NAME COUNT" lines when the process ends
 *
 * Only what the program and its libraries call by these names is seen; what the C library calls
 * within itself is not. Allocation goes to the C library's own names for it, since looking up a
 * function allocates.
 */
/* What is defined here would otherwise be checked functions, some of them macros. */
#undef _FORTIFY_SOURCE

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum kind {
    MALLOC,
    OPEN,
    READ,
    WRITE,
    PREAD,
    PWRITE,
    FSYNC,
    RENAME,
    LINK,
    UNLINK,
    FTRUNCATE,
    STAT,
    LSEEK,
    FCNTL,
    SOCKET,
    CONNECT,
    SEND,
    RECV,
    EPOLL_CREATE,
    EPOLL_CTL,
    EPOLL_WAIT,
    POLL,
    MMAP,
    PIPE,
    KIND_COUNT
};

static const char *const kind_names[KIND_COUNT] = {
    "malloc", "open",   "read",         "write",     "pread",      "pwrite", "fsync",  "rename",
    "link",   "unlink", "ftruncate",    "stat",      "lseek",      "fcntl",  "socket", "connect",
    "send",   "recv",   "epoll_create", "epoll_ctl", "epoll_wait", "poll",   "mmap",   "pipe"};

static unsigned long counts[KIND_COUNT];
static unsigned long fault_at;
static int fault_kind = -1, fault_error;
static bool lasting, started; /* the libraries' own beginnings are over */

int __libc_start_main(int (*program)(int, char **, char **), int argc, char **argv,
                      void (*init)(void), void (*fini)(void), void (*loader)(void), void *stack);
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);

static void set_up(void)
{
    memset(counts, 0, sizeof(counts));
    const char *kind = getenv("IAM_FAULT_KIND"), *at = getenv("IAM_FAULT_AT");
    const char *number = getenv("IAM_FAULT_ERROR"), *more = getenv("IAM_FAULT_LASTING");
    for (int i = 0; kind && i < KIND_COUNT; i++)
        if (strcmp(kind, kind_names[i]) == 0)
            fault_kind = i;
    fault_at = at ? strtoul(at, NULL, 10) : 0;
    fault_error = number ? (int)strtol(number, NULL, 10) : ENOMEM;
    lasting = more && strcmp(more, "1") == 0;
}

/* Counts a call. Returns true if it is the one that fails. */
static bool fails(enum kind kind)
{
    unsigned long number = ++counts[kind];
    if (!started || (int)kind != fault_kind || fault_at == 0)
        return false;
    return lasting ? number >= fault_at : number == fault_at;
}

/* What happens before main is the loader's and the libraries', which can't report anything yet. */
int __libc_start_main(int (*program)(int, char **, char **), int argc, char **argv,
                      void (*init)(void), void (*fini)(void), void (*loader)(void), void *stack)
{
    static __typeof__(__libc_start_main) *next;
    *(void **)&next = dlsym(RTLD_NEXT, "__libc_start_main");
    set_up();
    started = true;
    return next(program, argc, argv, init, fini, loader, stack);
}

/* The same; also sets errno. False for a fault that shortens, which is the function's own matter.
 */
static bool refuses(enum kind kind)
{
    if (!fails(kind) || fault_error < 0)
        return false;
    errno = fault_error;
    return true;
}

/* Counts a call that moves 'len' bytes. -1: it fails; otherwise how many bytes it may move. */
static ssize_t allowed(enum kind kind, size_t len)
{
    if (!fails(kind))
        return (ssize_t)len;
    errno = fault_error;
    return fault_error >= 0 ? -1 : (ssize_t)(len > 1 ? len / 2 : len);
}

__attribute__((destructor)) static void write_counts(void)
{
    const char *path = getenv("IAM_FAULT_COUNTS");
    FILE *file = path ? fopen(path, "we") : NULL;
    for (int i = 0; file && i < KIND_COUNT; i++)
        fprintf(file, "%s %lu\n", kind_names[i], counts[i]);
    if (file)
        fclose(file);
}

/* ---- memory ---- */

void *malloc(size_t size)
{
    return refuses(MALLOC) ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return refuses(MALLOC) ? NULL : __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
    return refuses(MALLOC) ? NULL : __libc_realloc(old, size);
}

/* The others allocate within the C library: they are counted here, and do it by malloc. */
char *strdup(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = malloc(size);
    return copy ? memcpy(copy, text, size) : NULL;
}

char *strndup(const char *text, size_t len)
{
    size_t size = strnlen(text, len);
    char *copy = malloc(size + 1);
    if (!copy)
        return NULL;
    copy[size] = '\0';
    return memcpy(copy, text, size);
}

int vasprintf(char **out, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, again);
    va_end(again);
    *out = len < 0 ? NULL : malloc((size_t)len + 1);
    return *out ? vsnprintf(*out, (size_t)len + 1, format, args) : -1;
}

int asprintf(char **out, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int len = vasprintf(out, format, args);
    va_end(args);
    return len;
}

/* ---- the rest: the function of that name in the libraries after this one ---- */

#define NEXT(name)                                                                                 \
    static __typeof__(name) *next;                                                                 \
    if (!next)                                                                                     \
    *(void **)&next = dlsym(RTLD_NEXT, #name)

/* A function of fixed parameters that fails as a whole. */
#define REFUSED(kind, type, failure, name, parameters, arguments)                                  \
    type name parameters                                                                           \
    {                                                                                              \
        NEXT(name);                                                                                \
        return refuses(kind) ? (failure) : next arguments;                                         \
    }

/* A function that moves bytes: the third argument is how many. */
#define MOVED(kind, name, parameters, arguments)                                                   \
    ssize_t name parameters                                                                        \
    {                                                                                              \
        NEXT(name);                                                                                \
        ssize_t most = allowed(kind, len);                                                         \
        if (most < 0)                                                                              \
            return -1;                                                                             \
        len = (size_t)most;                                                                        \
        return next arguments;                                                                     \
    }

static mode_t mode_of(int flags, va_list args)
{
    return flags & (O_CREAT | O_TMPFILE) ? va_arg(args, mode_t) : 0;
}

#define OPENED(name)                                                                               \
    int name(const char *path, int flags, ...)                                                     \
    {                                                                                              \
        NEXT(name);                                                                                \
        va_list args;                                                                              \
        va_start(args, flags);                                                                     \
        mode_t mode = mode_of(flags, args);                                                        \
        va_end(args);                                                                              \
        return refuses(OPEN) ? -1 : next(path, flags, mode);                                       \
    }

OPENED(open)
OPENED(open64)

int openat(int folder, const char *path, int flags, ...)
{
    NEXT(openat);
    va_list args;
    va_start(args, flags);
    mode_t mode = mode_of(flags, args);
    va_end(args);
    return refuses(OPEN) ? -1 : next(folder, path, flags, mode);
}

int fcntl(int fd, int command, ...)
{
    NEXT(fcntl);
    va_list args;
    va_start(args, command);
    void *value = va_arg(args, void *);
    va_end(args);
    return refuses(FCNTL) ? -1 : next(fd, command, value);
}

int fcntl64(int fd, int command, ...)
{
    NEXT(fcntl64);
    va_list args;
    va_start(args, command);
    void *value = va_arg(args, void *);
    va_end(args);
    return refuses(FCNTL) ? -1 : next(fd, command, value);
}

/* clang-format off: one function a line */
REFUSED(OPEN, FILE *, NULL, fopen, (const char *path, const char *mode), (path, mode))
REFUSED(OPEN, FILE *, NULL, fopen64, (const char *path, const char *mode), (path, mode))
REFUSED(FSYNC, int, -1, fsync, (int fd), (fd))
REFUSED(FSYNC, int, -1, fdatasync, (int fd), (fd))
REFUSED(RENAME, int, -1, rename, (const char *from, const char *to), (from, to))
REFUSED(RENAME, int, -1, renameat2,
        (int a, const char *from, int b, const char *to, unsigned flags), (a, from, b, to, flags))
REFUSED(LINK, int, -1, link, (const char *from, const char *to), (from, to))
REFUSED(LINK, int, -1, linkat, (int a, const char *from, int b, const char *to, int flags),
        (a, from, b, to, flags))
REFUSED(UNLINK, int, -1, unlink, (const char *path), (path))
REFUSED(FTRUNCATE, int, -1, ftruncate, (int fd, off_t len), (fd, len))
REFUSED(FTRUNCATE, int, -1, ftruncate64, (int fd, off64_t len), (fd, len))
REFUSED(STAT, int, -1, stat, (const char *path, struct stat *out), (path, out))
REFUSED(STAT, int, -1, lstat, (const char *path, struct stat *out), (path, out))
REFUSED(STAT, int, -1, fstat, (int fd, struct stat *out), (fd, out))
REFUSED(STAT, int, -1, stat64, (const char *path, struct stat64 *out), (path, out))
REFUSED(STAT, int, -1, lstat64, (const char *path, struct stat64 *out), (path, out))
REFUSED(STAT, int, -1, fstat64, (int fd, struct stat64 *out), (fd, out))
REFUSED(STAT, int, -1, access, (const char *path, int mode), (path, mode))
REFUSED(LSEEK, off_t, -1, lseek, (int fd, off_t at, int from), (fd, at, from))
REFUSED(LSEEK, off64_t, -1, lseek64, (int fd, off64_t at, int from), (fd, at, from))
REFUSED(SOCKET, int, -1, socket, (int domain, int type, int protocol), (domain, type, protocol))
REFUSED(SOCKET, int, -1, setsockopt,
        (int fd, int level, int option, const void *value, socklen_t len),
        (fd, level, option, value, len))
REFUSED(CONNECT, int, -1, connect, (int fd, __CONST_SOCKADDR_ARG address, socklen_t len),
        (fd, address, len))
REFUSED(EPOLL_CREATE, int, -1, epoll_create1, (int flags), (flags))
REFUSED(EPOLL_CTL, int, -1, epoll_ctl, (int epoll, int what, int fd, struct epoll_event *event),
        (epoll, what, fd, event))
REFUSED(EPOLL_WAIT, int, -1, epoll_wait,
        (int epoll, struct epoll_event *events, int most, int timeout),
        (epoll, events, most, timeout))
REFUSED(POLL, int, -1, poll, (struct pollfd * fds, nfds_t count, int timeout),
        (fds, count, timeout))
REFUSED(MMAP, void *, MAP_FAILED, mmap,
        (void *at, size_t len, int protection, int flags, int fd, off_t from),
        (at, len, protection, flags, fd, from))
REFUSED(MMAP, void *, MAP_FAILED, mmap64,
        (void *at, size_t len, int protection, int flags, int fd, off64_t from),
        (at, len, protection, flags, fd, from))
REFUSED(PIPE, int, -1, pipe2, (int fds[2], int flags), (fds, flags))
MOVED(READ, read, (int fd, void *bytes, size_t len), (fd, bytes, len))
MOVED(WRITE, write, (int fd, const void *bytes, size_t len), (fd, bytes, len))
MOVED(PREAD, pread, (int fd, void *bytes, size_t len, off_t at), (fd, bytes, len, at))
MOVED(PREAD, pread64, (int fd, void *bytes, size_t len, off64_t at), (fd, bytes, len, at))
MOVED(PWRITE, pwrite, (int fd, const void *bytes, size_t len, off_t at), (fd, bytes, len, at))
MOVED(PWRITE, pwrite64, (int fd, const void *bytes, size_t len, off64_t at), (fd, bytes, len, at))
MOVED(SEND, send, (int fd, const void *bytes, size_t len, int flags), (fd, bytes, len, flags))
MOVED(RECV, recv, (int fd, void *bytes, size_t len, int flags), (fd, bytes, len, flags))
/* clang-format on */
