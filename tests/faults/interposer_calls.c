/* SPDX-License-Identifier: MIT */
/*
 * interposer_calls.c: the functions of the C library that can fail, apart from memory: each counts
 * itself, and calls the function of its name in the libraries after this one, or fails in its
 * place.
 *
 * Which names there have to be: those that the program and its libraries import ('nm -D'), among
 * them the checked ones of _FORTIFY_SOURCE and those for files of any length.
 */
/* What is defined here would otherwise be checked functions, some of them macros. */
#undef _FORTIFY_SOURCE

#include "interposer.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define NEXT(name)                                                                                 \
    static __typeof__(name) *next;                                                                 \
    if (!next)                                                                                     \
    *(void **)&next = dlsym(RTLD_NEXT, #name)

/* A function of fixed parameters that fails as a whole. */
#define REFUSED(kind, type, failure, name, parameters, arguments)                                  \
    type name parameters                                                                           \
    {                                                                                              \
        NEXT(name);                                                                                \
        return fault_refuses(kind) ? (failure) : next arguments;                                   \
    }

/* A function that moves bytes: the third argument is how many. */
#define MOVED(kind, name, parameters, arguments)                                                   \
    ssize_t name parameters                                                                        \
    {                                                                                              \
        NEXT(name);                                                                                \
        ssize_t most = fault_allows(kind, len);                                                    \
        if (most < 0)                                                                              \
            return -1;                                                                             \
        len = (size_t)most;                                                                        \
        return next arguments;                                                                     \
    }

/* The checked name of a function above: it is checked no more. */
#define CHECKED(name, parameters, call)                                                            \
    ssize_t name parameters;                                                                       \
    ssize_t name parameters                                                                        \
    {                                                                                              \
        (void)room;                                                                                \
        return call;                                                                               \
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
        return fault_refuses(OPEN) ? -1 : next(path, flags, mode);                                 \
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
    return fault_refuses(OPEN) ? -1 : next(folder, path, flags, mode);
}

/* The names that _FORTIFY_SOURCE uses if no mode is given. */
#define OPENED_CHECKED(name, plain)                                                                \
    int name(const char *path, int flags);                                                         \
    int name(const char *path, int flags)                                                          \
    {                                                                                              \
        return plain(path, flags);                                                                 \
    }

OPENED_CHECKED(__open_2, open)
OPENED_CHECKED(__open64_2, open64)

/* Calls without a wrapper: the program's pidfd_open, and getrandom as libcrypto makes it. */
long syscall(long number, ...)
{
    NEXT(syscall);
    long given[6];
    va_list args;
    va_start(args, number);
    for (int i = 0; i < 6; i++)
        given[i] = va_arg(args, long);
    va_end(args);
    if ((number == SYS_pidfd_open && fault_refuses(OPEN)) ||
        (number == SYS_getrandom && fault_refuses(RANDOM)))
        return -1;
    return next(number, given[0], given[1], given[2], given[3], given[4], given[5]);
}

int ioctl(int fd, unsigned long request, ...)
{
    NEXT(ioctl);
    va_list args;
    va_start(args, request);
    void *value = va_arg(args, void *);
    va_end(args);
    return fault_refuses(IOCTL) ? -1 : next(fd, request, value);
}

/* It is closed whatever close says. */
int close(int fd)
{
    NEXT(close);
    int result = next(fd);
    return fault_refuses(CLOSE) ? -1 : result;
}

int fclose(FILE *file)
{
    NEXT(fclose);
    int result = next(file);
    return fault_refuses(CLOSE) ? EOF : result;
}

/* Functions that return the error's number. */
int posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
                const posix_spawnattr_t *attributes, char *const argv[], char *const envp[])
{
    NEXT(posix_spawn);
    return fault_refuses(SPAWN) ? fault_error : next(pid, path, actions, attributes, argv, envp);
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*work)(void *),
                   void *argument)
{
    NEXT(pthread_create);
    return fault_refuses(SPAWN) ? fault_error : next(thread, attributes, work, argument);
}

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                struct addrinfo **out)
{
    NEXT(getaddrinfo);
    const char *end = node ? strrchr(node, '.') : NULL;
    if (end && strcmp(end, ".test") == 0)
        node = "127.0.0.1"; /* a name that needs no server of names, and yet is looked up */
    if (!fault_refuses(RESOLVE))
        return next(node, service, hints, out);
    return fault_error == ENOMEM ? EAI_MEMORY : fault_error == EAGAIN ? EAI_AGAIN : EAI_SYSTEM;
}

/* A stream that can't be read says so by ferror: glibc's own mark. */
size_t fread(void *bytes, size_t size, size_t count, FILE *file)
{
    NEXT(fread);
    if (!fault_meets(READ))
        return next(bytes, size, count, file);
    if (fault_error < 0)
        return next(bytes, 1, size * count / 2, file) / (size ? size : 1);
    errno = fault_error;
    file->_flags |= 0x20; /* _IO_ERR_SEEN */
    return 0;
}

size_t fwrite(const void *bytes, size_t size, size_t count, FILE *file)
{
    NEXT(fwrite);
    return fault_refuses(STDIO) ? 0 : next(bytes, size, count, file);
}

int fputs(const char *text, FILE *file)
{
    NEXT(fputs);
    return fault_refuses(STDIO) ? EOF : next(text, file);
}

int fcntl(int fd, int command, ...)
{
    NEXT(fcntl);
    va_list args;
    va_start(args, command);
    void *value = va_arg(args, void *);
    va_end(args);
    return fault_refuses(FCNTL) ? -1 : next(fd, command, value);
}

int fcntl64(int fd, int command, ...)
{
    NEXT(fcntl64);
    va_list args;
    va_start(args, command);
    void *value = va_arg(args, void *);
    va_end(args);
    return fault_refuses(FCNTL) ? -1 : next(fd, command, value);
}

/* clang-format off: one function a line */
REFUSED(OPEN, FILE *, NULL, fopen, (const char *path, const char *mode), (path, mode))
REFUSED(OPEN, FILE *, NULL, fopen64, (const char *path, const char *mode), (path, mode))
REFUSED(OPEN, FILE *, NULL, fdopen, (int fd, const char *mode), (fd, mode))
REFUSED(OPEN, DIR *, NULL, opendir, (const char *path), (path))
REFUSED(OPEN, int, -1, mkostemp, (char *pattern, int flags), (pattern, flags))
REFUSED(OPEN, int, -1, mkostemps, (char *pattern, int end, int flags), (pattern, end, flags))
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
REFUSED(STAT, char *, NULL, realpath, (const char *path, char *out), (path, out))
REFUSED(STAT, char *, NULL, getcwd, (char *out, size_t size), (out, size))
REFUSED(STAT, ssize_t, -1, readlink, (const char *path, char *out, size_t size), (path, out, size))
REFUSED(STAT, struct dirent *, NULL, readdir, (DIR * folder), (folder))
REFUSED(CHMOD, int, -1, chmod, (const char *path, mode_t mode), (path, mode))
REFUSED(CHMOD, int, -1, fchmod, (int fd, mode_t mode), (fd, mode))
REFUSED(CHMOD, int, -1, fchown, (int fd, uid_t user, gid_t group), (fd, user, group))
REFUSED(RANDOM, ssize_t, -1, getrandom, (void *bytes, size_t len, unsigned flags),
        (bytes, len, flags))
REFUSED(RANDOM, int, -1, getentropy, (void *bytes, size_t len), (bytes, len))
REFUSED(WAIT, pid_t, -1, waitpid, (pid_t pid, int *status, int options), (pid, status, options))
REFUSED(LSEEK, off_t, -1, lseek, (int fd, off_t at, int from), (fd, at, from))
REFUSED(LSEEK, off64_t, -1, lseek64, (int fd, off64_t at, int from), (fd, at, from))
REFUSED(SOCKET, int, -1, socket, (int domain, int type, int protocol), (domain, type, protocol))
REFUSED(SOCKET, int, -1, setsockopt,
        (int fd, int level, int option, const void *value, socklen_t len),
        (fd, level, option, value, len))
REFUSED(SOCKET, int, -1, getsockopt, (int fd, int level, int option, void *value, socklen_t *len),
        (fd, level, option, value, len))
REFUSED(SOCKET, int, -1, getsockname, (int fd, __SOCKADDR_ARG address, socklen_t *len),
        (fd, address, len))
REFUSED(SOCKET, int, -1, getpeername, (int fd, __SOCKADDR_ARG address, socklen_t *len),
        (fd, address, len))
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
REFUSED(MMAP, void *, MAP_FAILED, mremap, (void *at, size_t len, size_t now, int flags, ...),
        (at, len, now, flags))
REFUSED(PIPE, int, -1, pipe2, (int fds[2], int flags), (fds, flags))
REFUSED(PIPE, int, -1, eventfd, (unsigned start, int flags), (start, flags))
REFUSED(PIPE, int, -1, socketpair, (int domain, int type, int protocol, int fds[2]),
        (domain, type, protocol, fds))
REFUSED(SEND, ssize_t, -1, sendmsg, (int fd, const struct msghdr *message, int flags),
        (fd, message, flags))
REFUSED(RECV, ssize_t, -1, recvmsg, (int fd, struct msghdr *message, int flags),
        (fd, message, flags))
REFUSED(WRITE, ssize_t, -1, writev, (int fd, const struct iovec *parts, int count),
        (fd, parts, count))
MOVED(SEND, sendto,
      (int fd, const void *bytes, size_t len, int flags, __CONST_SOCKADDR_ARG to, socklen_t size),
      (fd, bytes, len, flags, to, size))
MOVED(RECV, recvfrom,
      (int fd, void *bytes, size_t len, int flags, __SOCKADDR_ARG from, socklen_t *size),
      (fd, bytes, len, flags, from, size))
MOVED(READ, read, (int fd, void *bytes, size_t len), (fd, bytes, len))
MOVED(WRITE, write, (int fd, const void *bytes, size_t len), (fd, bytes, len))
MOVED(PREAD, pread, (int fd, void *bytes, size_t len, off_t at), (fd, bytes, len, at))
MOVED(PREAD, pread64, (int fd, void *bytes, size_t len, off64_t at), (fd, bytes, len, at))
MOVED(PWRITE, pwrite, (int fd, const void *bytes, size_t len, off_t at), (fd, bytes, len, at))
MOVED(PWRITE, pwrite64, (int fd, const void *bytes, size_t len, off64_t at), (fd, bytes, len, at))
MOVED(SEND, send, (int fd, const void *bytes, size_t len, int flags), (fd, bytes, len, flags))
MOVED(RECV, recv, (int fd, void *bytes, size_t len, int flags), (fd, bytes, len, flags))
/* What _FORTIFY_SOURCE makes of those that read: 'room' is the size of the buffer. */
CHECKED(__read_chk, (int fd, void *bytes, size_t len, size_t room), read(fd, bytes, len))
CHECKED(__recv_chk, (int fd, void *bytes, size_t len, size_t room, int flags),
        recv(fd, bytes, len, flags))
CHECKED(__pread_chk, (int fd, void *bytes, size_t len, off_t at, size_t room),
        pread(fd, bytes, len, at))
CHECKED(__pread64_chk, (int fd, void *bytes, size_t len, off64_t at, size_t room),
        pread64(fd, bytes, len, at))
/* clang-format on */
