/* SPDX-License-Identifier: MIT */
#include "auth/local_url.h"

#include "aws/url.h"

#include <arpa/inet.h>
#include <stdio.h>

/* Compares by value, since an IPv6 address may be written in many ways. */
static bool same_address(const char *host, const char *address)
{
    struct in6_addr a6, b6;
    struct in_addr a4, b4;
    char bare[64];
    size_t len = strlen(host);
    if (inet_pton(AF_INET, address, &b4) == 1)
        return inet_pton(AF_INET, host, &a4) == 1 && a4.s_addr == b4.s_addr;
    if (len < 3 || len >= sizeof(bare) || host[0] != '[' || host[len - 1] != ']')
        return false;
    snprintf(bare, sizeof(bare), "%.*s", (int)len - 2, host + 1);
    return inet_pton(AF_INET6, bare, &a6) == 1 && inet_pton(AF_INET6, address, &b6) == 1 &&
           memcmp(&a6, &b6, sizeof(a6)) == 0;
}

bool local_url_allowed(const char *url, const struct local_hosts *hosts)
{
    struct url parsed;
    /* A query is allowed here, but url_parse does not accept one. */
    if (strchr(url, '#') || !url_parse((struct view){url, strcspn(url, "?")}, &parsed))
        return false;
    if (parsed.tls || url_is_loopback(&parsed))
        return true;
    for (size_t i = 0; i < LOCAL_HOSTS_MAX && hosts->addresses[i]; i++)
        if (same_address(parsed.host, hosts->addresses[i]))
            return true;
    return false;
}
