/* SPDX-License-Identifier: MIT */
/*
 * What a static program must not get from glibc: its name service and dlopen() load shared
 * libraries of the very glibc that the program was linked with, and the package brings none.
 * OpenSSL and c-ares hold calls to them in corners that the program never enters (host names go
 * through c-ares' own resolver, ports are numbers, OpenSSL has neither engines nor modules).
 * cmake/static.cmake has the linker send these calls here (ld --wrap), so that no name service is
 * in the program at all. (A dlopen() remains inside glibc, for its tables of character sets, which
 * setlocale() and iconv() ask for: nothing here calls these.)
 */
#include <dlfcn.h>
#include <errno.h>
#include <netdb.h>
#include <stddef.h>

int __wrap_getaddrinfo(const char *host, const char *service, const struct addrinfo *hints,
                       struct addrinfo **result);
void __wrap_freeaddrinfo(struct addrinfo *list);
const char *__wrap_gai_strerror(int code);
int __wrap_getnameinfo(const struct sockaddr *address, socklen_t address_len, char *host,
                       socklen_t host_size, char *service, socklen_t service_size, int flags);
struct hostent *__wrap_gethostbyname(const char *host);
struct servent *__wrap_getservbyname(const char *service, const char *protocol);
int __wrap_getservbyport_r(int port, const char *protocol, struct servent *entry, char *text,
                           size_t text_size, struct servent **result);
void *__wrap_dlopen(const char *path, int flags);
void *__wrap_dlsym(void *library, const char *symbol);
int __wrap_dlclose(void *library);
int __wrap_dladdr(const void *address, Dl_info *info);
char *__wrap_dlerror(void);

int __wrap_getaddrinfo(const char *host, const char *service, const struct addrinfo *hints,
                       struct addrinfo **result)
{
    (void)host, (void)service, (void)hints;
    *result = NULL;
    return EAI_FAIL;
}

void __wrap_freeaddrinfo(struct addrinfo *list)
{
    (void)list;
}

const char *__wrap_gai_strerror(int code)
{
    (void)code;
    return "no name service in a static program";
}

int __wrap_getnameinfo(const struct sockaddr *address, socklen_t address_len, char *host,
                       socklen_t host_size, char *service, socklen_t service_size, int flags)
{
    (void)address, (void)address_len, (void)host, (void)host_size;
    (void)service, (void)service_size, (void)flags;
    return EAI_FAIL;
}

struct hostent *__wrap_gethostbyname(const char *host)
{
    (void)host;
    return NULL;
}

struct servent *__wrap_getservbyname(const char *service, const char *protocol)
{
    (void)service, (void)protocol;
    return NULL;
}

int __wrap_getservbyport_r(int port, const char *protocol, struct servent *entry, char *text,
                           size_t text_size, struct servent **result)
{
    (void)port, (void)protocol, (void)entry, (void)text, (void)text_size;
    *result = NULL;
    return ENOENT;
}

void *__wrap_dlopen(const char *path, int flags)
{
    (void)path, (void)flags;
    return NULL;
}

void *__wrap_dlsym(void *library, const char *symbol)
{
    (void)library, (void)symbol;
    return NULL;
}

int __wrap_dlclose(void *library)
{
    (void)library;
    return -1;
}

int __wrap_dladdr(const void *address, Dl_info *info)
{
    (void)address, (void)info;
    return 0;
}

char *__wrap_dlerror(void)
{
    static char text[] = "a static program loads no library";
    return text;
}
