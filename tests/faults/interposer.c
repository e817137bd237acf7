/* SPDX-License-Identifier: MIT */
/*
 * interposer.c: a library that is loaded before the program and lets one of its calls of the C
 * library fail: memory that can't be had, a full disk, no descriptor left, an interrupted call, a
 * part of what was to be written. Here is which call fails, and memory; the other functions are in
 * interposer_calls.c.
 *
 *   IAM_FAULT_KIND    which function counts: "malloc" for all that allocate, or a name of the table
 *   IAM_FAULT_AT      the call that fails, from 1; 0: none, they are only counted
 *   IAM_FAULT_ERROR   the error's number; -1: a part is read or written instead, half of it
 *   IAM_FAULT_LASTING "1": and every one after it, too
 *   IAM_FAULT_COUNTS  a file that gets "NAME COUNT" lines when the process ends
 *   IAM_FAULT_STACKS  a file that gets 8 bytes for each allocation: a hash of its size and of the
 *                     addresses that called it, which are comparable without address randomization
 *
 * Only what the program and its libraries call by these names is seen; what the C library calls
 * within itself is not. Allocation goes to the C library's own names for it, since looking up a
 * function allocates.
 */
/* What is defined here would otherwise be checked functions, some of them macros. */
#undef _FORTIFY_SOURCE

#include "interposer.h"

#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STACK_MOST 32
#define STACKS_FD  1000 /* out of the way of the program's own */

static const char *const kind_names[KIND_COUNT] = {
    "malloc", "open",   "read",         "write",     "pread",      "pwrite", "fsync",   "rename",
    "link",   "unlink", "ftruncate",    "stat",      "lseek",      "fcntl",  "socket",  "connect",
    "send",   "recv",   "epoll_create", "epoll_ctl", "epoll_wait", "poll",   "mmap",    "pipe",
    "chmod",  "close",  "random",       "spawn",     "wait",       "ioctl",  "resolve", "stdio"};

static unsigned long counts[KIND_COUNT];
static unsigned long fault_at;
static int fault_kind = -1, stacks = -1;
int fault_error;
static bool lasting, started; /* the libraries' own beginnings are over */

int __libc_start_main(int (*program)(int, char **, char **), int argc, char **argv,
                      void (*init)(void), void (*fini)(void), void (*loader)(void), void *stack);
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);

static void set_up(void)
{
    /* Functions can't be looked up any more when the counts are written. */
    FILE *file = fopen("/dev/null", "we");
    if (file)
        fclose(file);
    const char *path = getenv("IAM_FAULT_STACKS");
    void *warm[4];
    if (path) {
        backtrace(warm, 4); /* the first time it loads a library */
        int fd = open(path, O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0600);
        stacks = dup3(fd, STACKS_FD, O_CLOEXEC);
        close(fd);
    }
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

bool fault_meets(enum kind kind)
{
    unsigned long number = __atomic_add_fetch(&counts[kind], 1, __ATOMIC_RELAXED);
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
    unsetenv("LD_PRELOAD"); /* what the program starts has no faults of its own */
    started = true;
    return next(program, argc, argv, init, fini, loader, stack);
}

bool fault_refuses(enum kind kind)
{
    if (!fault_meets(kind) || fault_error < 0)
        return false;
    errno = fault_error;
    return true;
}

ssize_t fault_allows(enum kind kind, size_t len)
{
    if (!fault_meets(kind))
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

/* FNV-1a over the size and the stack. */
static void note_stack(size_t size)
{
    static bool busy;
    void *stack[STACK_MOST];
    if (stacks < 0 || busy)
        return;
    busy = true;
    uint64_t hash = 0xcbf29ce484222325 ^ size;
    for (int i = 0, depth = backtrace(stack, STACK_MOST); i < depth; i++)
        hash = (hash ^ (uintptr_t)stack[i]) * 0x100000001b3;
    static __typeof__(write) *next;
    if (!next)
        *(void **)&next = dlsym(RTLD_NEXT, "write");
    (void)!next(stacks, &hash, sizeof(hash));
    busy = false;
}

static bool no_memory(size_t size)
{
    note_stack(size);
    return fault_refuses(MALLOC);
}

void *malloc(size_t size)
{
    return no_memory(size) ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return no_memory(count * size) ? NULL : __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
    return no_memory(size) ? NULL : __libc_realloc(old, size);
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

/* What _FORTIFY_SOURCE makes of these two. */
int __vasprintf_chk(char **out, int flag, const char *format, va_list args);
int __asprintf_chk(char **out, int flag, const char *format, ...);

int __vasprintf_chk(char **out, int flag, const char *format, va_list args)
{
    (void)flag;
    return vasprintf(out, format, args);
}

int __asprintf_chk(char **out, int flag, const char *format, ...)
{
    (void)flag;
    va_list args;
    va_start(args, format);
    int len = vasprintf(out, format, args);
    va_end(args);
    return len;
}

void *reallocarray(void *old, size_t count, size_t size)
{
    size_t total;
    if (__builtin_mul_overflow(count, size, &total)) {
        errno = ENOMEM;
        return NULL;
    }
    return realloc(old, total);
}

void *__libc_memalign(size_t alignment, size_t size);

int posix_memalign(void **out, size_t alignment, size_t size)
{
    if (no_memory(size))
        return fault_error;
    *out = __libc_memalign(alignment, size);
    return *out ? 0 : ENOMEM;
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return no_memory(size) ? NULL : __libc_memalign(alignment, size);
}

void *memalign(size_t alignment, size_t size)
{
    return no_memory(size) ? NULL : __libc_memalign(alignment, size);
}
