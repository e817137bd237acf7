/* SPDX-License-Identifier: MIT */
#include "app/libraries.h"

#include "base/alloc.h"
#include "base/compiler.h"
#include "base/wiping.h"

#include <curl/curl.h>
#include <jansson.h>
#include <openssl/crypto.h>
#include <stdlib.h>

/* 'file' and 'line' are the caller's in libcrypto's source; we don't need them. */
static void *crypto_malloc(size_t size, const char *file UNUSED, int line UNUSED)
{
    return size > 0 ? wiping_malloc(size) : NULL;
}

/* Like libcrypto's own function: a size of 0 frees. */
static void *crypto_realloc(void *block, size_t size, const char *file UNUSED, int line UNUSED)
{
    if (size > 0)
        return wiping_realloc(block, size);
    wiping_free(block);
    return NULL;
}

static void crypto_free(void *block, const char *file UNUSED, int line UNUSED)
{
    wiping_free(block);
}

void libraries_init(void)
{
    unsetenv("SSLKEYLOGFILE");
    json_set_alloc_funcs(wiping_malloc, wiping_free);
    /* This fails if libcrypto was used before main; then it keeps its own functions. */
    (void)CRYPTO_set_mem_functions(crypto_malloc, crypto_realloc, crypto_free);
    if (curl_global_init_mem(CURL_GLOBAL_DEFAULT, wiping_malloc, wiping_free, wiping_realloc,
                             wiping_strdup, wiping_calloc) != CURLE_OK)
        out_of_memory();
}

void libraries_cleanup(void)
{
    curl_global_cleanup();
}
