/* SPDX-License-Identifier: MIT */
#include "wire/tls.h"

#include "base/alloc.h"

#include <stdio.h>
#include <stdlib.h>

#define PEM_MAX_BYTES ((size_t)64 * 1024)

static char *read_pem(const char *path, struct error *error)
{
    FILE *file = fopen(path, "re");
    char *text = xcalloc(1, PEM_MAX_BYTES + 1);
    size_t len = file ? fread(text, 1, PEM_MAX_BYTES, file) : 0;
    bool whole = file && feof(file);
    if (file)
        fclose(file);
    if (len > 0 && whole)
        return text;
    free(text);
    error_set(error, ERROR_CONFIG, "cannot read '%.300s' as a PEM file", path);
    return NULL;
}

int tls_open(struct tls *tls, const char *certificate_path, const char *key_path,
             struct error *error)
{
    *tls = (struct tls){0};
    if (!certificate_path && !key_path)
        return 0;
    if (!certificate_path || !key_path)
        return error_set(error, ERROR_CONFIG, "--certificate and --key are needed together");
    tls->certificate = read_pem(certificate_path, error);
    tls->key = tls->certificate ? read_pem(key_path, error) : NULL;
    if (!tls->key)
        return -1;
    if (gnutls_session_ticket_key_generate(&tls->ticket_key) != GNUTLS_E_SUCCESS)
        return error_set(error, ERROR_SYSTEM, "cannot make a key for session tickets");
    return 0;
}

void tls_close(struct tls *tls)
{
    free(tls->certificate);
    free(tls->key);
    gnutls_free(tls->ticket_key.data);
    *tls = (struct tls){0};
}

static gnutls_session_t session_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    return info ? info->tls_session : NULL;
}

void tls_offer_tickets(const struct tls *tls, struct MHD_Connection *connection)
{
    gnutls_session_t session = session_of(connection);
    if (session)
        gnutls_session_ticket_enable_server(session, &tls->ticket_key);
}

bool tls_resumed(struct MHD_Connection *connection)
{
    gnutls_session_t session = session_of(connection);
    return session && gnutls_session_is_resumed(session);
}
