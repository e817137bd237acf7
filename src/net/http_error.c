/* SPDX-License-Identifier: MIT */
#include "net/http_error.h"

#include "base/environ.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define NAME_BYTES 300

/* What libcurl's codes mean here. 'text' is NULL if libcurl's own text will do. */
struct meaning {
    CURLcode code;
    enum error_kind kind;
    const char *text;
};

#define NOT_HTTP "the answer is not HTTP"
#define LONG_HEAD                                                                                  \
    "the head of the answer is longer than libcurl takes, or there is no memory left for it"

/*
 * The codes of a request that was sent: they are about the answer, and the next one may be better.
 */
static const struct meaning after_sending[] = {
    {CURLE_UNSUPPORTED_PROTOCOL, ERROR_PROTOCOL, NOT_HTTP},
    {CURLE_WEIRD_SERVER_REPLY, ERROR_PROTOCOL, NOT_HTTP},
    {CURLE_HTTP_RETURNED_ERROR, ERROR_PROTOCOL, NULL},
    {CURLE_BAD_CONTENT_ENCODING, ERROR_PROTOCOL, NULL},
    {CURLE_OUT_OF_MEMORY, ERROR_PROTOCOL, LONG_HEAD},
};

static const struct meaning meanings[] = {
    {CURLE_OPERATION_TIMEDOUT, ERROR_TIMEOUT, NULL},
    {CURLE_PEER_FAILED_VERIFICATION, ERROR_TLS, NULL},
    {CURLE_SSL_CACERT_BADFILE, ERROR_TLS, NULL},
    {CURLE_SSL_CERTPROBLEM, ERROR_TLS, NULL},
    {CURLE_SSL_ISSUER_ERROR, ERROR_TLS, NULL},
    {CURLE_SSL_CRL_BADFILE, ERROR_TLS, NULL},
    {CURLE_SSL_INVALIDCERTSTATUS, ERROR_TLS, NULL},
    {CURLE_URL_MALFORMAT, ERROR_CONFIG, NULL},
    {CURLE_UNSUPPORTED_PROTOCOL, ERROR_CONFIG, NULL},
    {CURLE_OUT_OF_MEMORY, ERROR_SYSTEM, NULL},
    {CURLE_FAILED_INIT, ERROR_SYSTEM, NULL},
    {CURLE_NOT_BUILT_IN, ERROR_SYSTEM, NULL},
    {CURLE_UNKNOWN_OPTION, ERROR_SYSTEM, NULL},
    {CURLE_BAD_FUNCTION_ARGUMENT, ERROR_SYSTEM, NULL},
    {CURLE_SSL_ENGINE_INITFAILED, ERROR_SYSTEM, NULL},
};

/* A code that is in neither table means that the connection could not be made, or broke. */
static struct meaning meaning_of(CURLcode code, bool sent)
{
    for (size_t i = 0; sent && i < sizeof(after_sending) / sizeof(after_sending[0]); i++)
        if (after_sending[i].code == code)
            return after_sending[i];
    for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++)
        if (meanings[i].code == code)
            return meanings[i];
    return (struct meaning){code, ERROR_NETWORK, NULL};
}

/* "host:port" of a URL, without user and password; "?" if it can't be read. */
static void name_host(const char *url, unsigned flags, char out[NAME_BYTES])
{
    CURLU *parts = curl_url();
    char *host = NULL, *port = NULL;
    if (parts && url && curl_url_set(parts, CURLUPART_URL, url, flags) == CURLUE_OK) {
        curl_url_get(parts, CURLUPART_HOST, &host, 0);
        curl_url_get(parts, CURLUPART_PORT, &port, 0);
    }
    snprintf(out, NAME_BYTES, "%s%s%s", host ? host : "?", port ? ":" : "", port ? port : "");
    curl_free(host);
    curl_free(port);
    curl_url_cleanup(parts);
}

static void name_target(CURL *easy, char out[NAME_BYTES])
{
    const char *url = NULL;
    curl_easy_getinfo(easy, CURLINFO_EFFECTIVE_URL, &url);
    name_host(url, 0, out);
}

void http_error_name_host(CURL *easy, struct error *e)
{
    char target[NAME_BYTES];
    name_target(easy, target);
    error_prefix(e, "'%s'", target);
}

/* The variable that names the proxy of https URLs (libcurl's manual, "ENVIRONMENT VARIABLES"). */
static const char *proxy_variable(void)
{
    static const char *const names[] = {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (environ_get(environ_system(), names[i]))
            return names[i];
    }
    return "http_proxy";
}

void http_error_of_proxy(CURL *easy, long status, struct error *e)
{
    char target[NAME_BYTES], proxy[NAME_BYTES];
    const char *variable = proxy_variable();
    const char *why = status == 407   ? ": it asks for a user and a password"
                      : status == 403 ? ": it does not allow that"
                                      : "";
    name_target(easy, target);
    name_host(environ_get(environ_system(), variable),
              CURLU_GUESS_SCHEME | CURLU_NON_SUPPORT_SCHEME, proxy);
    /* An error of the proxy itself may pass, and so may its being busy. */
    enum error_kind kind = status >= 500 || status == 429 ? ERROR_NETWORK : ERROR_PROXY;
    error_set(e, kind, "the proxy '%s' (%s) refuses the connection to '%s' with status %ld%s",
              proxy, variable, target, status, why);
}

/* The codes that libcurl ends with if it gets no descriptor for a socket or to resolve a name. */
static bool may_lack_descriptors(CURLcode code)
{
    return code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_HOST ||
           code == CURLE_COULDNT_RESOLVE_PROXY || code == CURLE_OUT_OF_MEMORY ||
           code == CURLE_FAILED_INIT;
}

/* libcurl does not say that this is the cause, so try to get a descriptor. */
static bool lacks_descriptors(void)
{
    int fd = eventfd(0, EFD_CLOEXEC);
    if (fd >= 0)
        close(fd);
    return fd < 0 && (errno == EMFILE || errno == ENFILE);
}

/* If libcurl can't read the address of a proxy, its text repeats it, with the password in it. */
static const char *reason(CURLcode code, const char *told)
{
    if (strncmp(told, "Unsupported proxy", strlen("Unsupported proxy")) == 0 || strchr(told, '@'))
        return "the address of the proxy can't be used (HTTPS_PROXY, http_proxy)";
    return *told ? told : curl_easy_strerror(code);
}

void http_error_make(CURL *easy, CURLcode code, const char *told, bool sent, struct error *e)
{
    struct meaning meaning = meaning_of(code, sent);
    long proxy_status = 0;
    curl_easy_getinfo(easy, CURLINFO_HTTP_CONNECTCODE, &proxy_status);
    if (proxy_status > 0 && proxy_status / 100 != 2) {
        http_error_of_proxy(easy, proxy_status, e);
        return;
    }
    if (may_lack_descriptors(code) && lacks_descriptors())
        error_set(e, ERROR_NETWORK,
                  "the process has no descriptor left for a connection: use fewer "
                  "(--max-connections), or raise its limit (ulimit -n)");
    else
        error_set(e, meaning.kind, "%s", meaning.text ? meaning.text : reason(code, told));
    http_error_name_host(easy, e);
    if (e->kind == ERROR_TLS)
        error_prefix(e, "the server's certificate can't be verified (AWS_CA_BUNDLE names the "
                        "file of the CAs to trust)");
}
