/* SPDX-License-Identifier: MIT */
#include "aws/url.h"

#include "base/character.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <strings.h>

#define PORT_MAX 65535

/* Takes "http://" or "https://" off the front, in any case. */
static bool take_scheme(struct view *url, bool *tls)
{
    static const char *const schemes[] = {"http://", "https://"};
    for (size_t i = 0; i < 2; i++) {
        size_t len = strlen(schemes[i]);
        if (url->len >= len && strncasecmp(url->ptr, schemes[i], len) == 0) {
            *tls = i == 1;
            url->ptr += len;
            url->len -= len;
            return true;
        }
    }
    return false;
}

/* A name, an IPv4 address, or an IPv6 one in brackets: no user, no blanks, no zone. */
static bool take_host(struct view *rest, char *host, size_t size)
{
    struct in6_addr ignored;
    size_t len = 0;
    bool brackets = rest->len > 0 && rest->ptr[0] == '[';
    while (len < rest->len && !strchr(brackets ? "]/" : ":/", rest->ptr[len]))
        len++;
    len += brackets && len < rest->len;
    if (len == 0 || len >= size)
        return false;
    for (size_t i = 0; i < len; i++) {
        char c = rest->ptr[i];
        host[i] = c;
        if (c >= 'A' && c <= 'Z')
            host[i] = (char)(c - 'A' + 'a');
        if (!brackets && !character_is_lower_alnum(host[i]) && (!strchr("-._", c) || c == '\0'))
            return false;
    }
    host[len] = '\0';
    rest->ptr += len;
    rest->len -= len;
    if (!brackets)
        return true;
    char address[INET6_ADDRSTRLEN];
    if (len < 3 || len - 2 >= sizeof(address) || host[len - 1] != ']')
        return false;
    memcpy(address, host + 1, len - 2);
    address[len - 2] = '\0';
    return inet_pton(AF_INET6, address, &ignored) == 1;
}

static bool take_port(struct view *rest, long *port)
{
    *port = 0;
    if (rest->len == 0 || rest->ptr[0] != ':')
        return true;
    size_t i = 1;
    for (; i < rest->len && rest->ptr[i] >= '0' && rest->ptr[i] <= '9' && *port <= PORT_MAX; i++)
        *port = *port * 10 + (rest->ptr[i] - '0');
    rest->ptr += i;
    rest->len -= i;
    return *port >= 1 && *port <= PORT_MAX;
}

bool url_parse(struct view url, struct url *out)
{
    if (!take_scheme(&url, &out->tls) || !take_host(&url, out->host, sizeof(out->host)) ||
        !take_port(&url, &out->port) || (url.len > 0 && url.ptr[0] != '/'))
        return false;
    for (size_t i = 0; i < url.len; i++)
        if (url.ptr[i] <= ' ' || url.ptr[i] > '~' || strchr("?#\"<>\\^`{|}", url.ptr[i]))
            return false;
    while (url.len > 0 && url.ptr[url.len - 1] == '/')
        url.len--;
    out->path = url;
    return true;
}

bool url_is_loopback(const struct url *url)
{
    struct in_addr four;
    struct in6_addr six;
    char address[INET6_ADDRSTRLEN];
    const char *host = url->host;
    if (strcmp(host, "localhost") == 0)
        return true;
    if (inet_pton(AF_INET, host, &four) == 1)
        return ntohl(four.s_addr) >> 24 == 127;
    if (sscanf(host, "[%45[^]]]", address) != 1 || inet_pton(AF_INET6, address, &six) != 1)
        return false;
    return memcmp(&six, &in6addr_loopback, sizeof(six)) == 0;
}
