/* SPDX-License-Identifier: MIT */
/*
 * local_url.h: from which URLs credentials may be fetched: https anywhere, plain http only if it
 * never leaves the machine.
 */
#ifndef AUTH_LOCAL_URL_H
#define AUTH_LOCAL_URL_H

#include <stdbool.h>
#include <stddef.h>

#define LOCAL_HOSTS_MAX 4

/* Link-local addresses of a service, besides loopback: "169.254.170.2", "fd00:ec2::23". */
struct local_hosts {
    const char *addresses[LOCAL_HOSTS_MAX]; /* NULL-terminated if there are fewer */
};

/*
 * True for an https URL, or an http one whose host is loopback or among 'hosts'. False for anything
 * else, and for a URL with a user or a fragment.
 */
bool local_url_allowed(const char *url, const struct local_hosts *hosts);

#endif
