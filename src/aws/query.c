/* SPDX-License-Identifier: MIT */
#include "aws/query.h"

#include "base/alloc.h"
#include "base/percent.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/queue.h>

/* How many idle queries and readers are kept: making an Expat parser costs more than using it. */
#define IDLE_MAX     128
#define READERS_MAX  128
#define SECRETS_MAX  2 /* parameters of one request that are secrets */
#define CONTENT_TYPE "application/x-www-form-urlencoded; charset=utf-8"

struct query {
    SLIST_ENTRY(query) link; /* among the idle ones */
    struct aws_call call;
    struct aws_target target;
    const struct query_operation *operation;
    struct query_handler handler;
    void *arg;
    struct buffer body;
    size_t body_len; /* without the marker */
    size_t pages;
    bool about_user;                  /* the answer is about one user */
    size_t received, received_before; /* bytes of this page, of the pages before it */
    struct buffer marker;             /* the last one that was sent */
    struct xml_reader *reader; /* only while an answer comes in, since a call may wait for long */
    struct arena arena;        /* what the answer holds */
    struct query_page *answer;
    struct secret secrets[SECRETS_MAX]; /* the parameters that are secret */
    size_t secret_count;
};

/* What a client keeps for its next queries. */
struct query_store {
    SLIST_HEAD(idle_queries, query) idle;
    size_t idle_count;
    struct xml_reader *readers[READERS_MAX];
    size_t reader_count;
};

static void drop_secrets(struct query *q)
{
    while (q->secret_count > 0)
        secret_clear(&q->secrets[--q->secret_count]);
}

static void query_destroy(struct query *q)
{
    drop_secrets(q);
    buffer_release(&q->body);
    buffer_release(&q->marker);
    arena_release(&q->arena);
    free(q);
}

static void store_free(void *kept)
{
    struct query_store *store = kept;
    while (!SLIST_EMPTY(&store->idle)) {
        struct query *q = SLIST_FIRST(&store->idle);
        SLIST_REMOVE_HEAD(&store->idle, link);
        query_destroy(q);
    }
    while (store->reader_count > 0)
        xml_reader_free(store->readers[--store->reader_count]);
    free(store);
}

static struct query_store *store_of(struct aws_client *client)
{
    void **place = aws_client_store(client, store_free);
    if (!*place)
        *place = xcalloc(1, sizeof(struct query_store));
    return *place;
}

static struct xml_reader *reader_take(struct query_store *store)
{
    return store->reader_count > 0 ? store->readers[--store->reader_count] : xml_reader_new();
}

/* A reader that has read credentials is not kept: only those of IAM are. */
static void reader_give_back(struct query *q)
{
    struct query_store *store = store_of(q->target.client);
    if (q->reader && store->reader_count < READERS_MAX && q->operation->service == SERVICE_IAM)
        store->readers[store->reader_count++] = q->reader;
    else
        xml_reader_free(q->reader);
    q->reader = NULL;
}

static struct query *query_take(struct query_store *store)
{
    struct query *q = SLIST_FIRST(&store->idle);
    if (q) {
        SLIST_REMOVE_HEAD(&store->idle, link);
        store->idle_count--;
        return q;
    }
    q = xcalloc(1, sizeof(*q));
    buffer_init(&q->body, QUERY_REQUEST_MAX_BYTES);
    buffer_init(&q->marker, QUERY_REQUEST_MAX_BYTES);
    arena_init(&q->arena);
    return q;
}

/*
 * Only queries of IAM are kept: in others the answer may have held credentials, and the request an
 * external id.
 */
static void query_give_back(struct query *q)
{
    struct query_store *store = store_of(q->target.client);
    reader_give_back(q);
    if (store->idle_count == IDLE_MAX || q->operation->service != SERVICE_IAM) {
        query_destroy(q);
        return;
    }
    arena_clear(&q->arena);
    SLIST_INSERT_HEAD(&store->idle, q, link);
    store->idle_count++;
}

static void add_param(struct buffer *body, const char *name, struct view value)
{
    buffer_add_char(body, '&');
    buffer_add_text(body, name);
    buffer_add_char(body, '=');
    percent_encode(body, value, 0);
}

static void query_on_response(void *arg, int http_status UNUSED)
{
    struct query *q = arg;
    char prefix[XML_PATH_MAX_BYTES];
    q->received = 0;
    if (!q->reader)
        q->reader = reader_take(store_of(q->target.client));
    arena_clear(&q->arena);
    snprintf(prefix, sizeof(prefix), "%sResponse/%sResult", q->operation->action,
             q->operation->action);
    q->answer = arena_alloc(&q->arena, q->operation->answer_size);
    if (q->operation->init)
        q->operation->init(q->answer);
    xml_reader_begin(q->reader, prefix, q->operation->rules, q->operation->rule_count, q->answer,
                     &q->arena);
}

static int query_on_body(void *arg, struct view piece, struct error *e)
{
    struct query *q = arg;
    q->received += piece.len;
    if (q->about_user && q->received + q->received_before > QUERY_USER_MAX_BYTES)
        return error_set(e, ERROR_LIMIT, "the list is longer than %zu bytes", QUERY_USER_MAX_BYTES);
    return xml_reader_feed(q->reader, piece, e);
}

static int query_on_body_end(void *arg, const struct http_response *response UNUSED,
                             struct service_error *told UNUSED, struct error *e)
{
    struct query *q = arg;
    int result = xml_reader_end(q->reader, e);
    reader_give_back(q);
    return result;
}

static void query_send(struct query *q);

static void query_finish(struct query *q, const struct error *e)
{
    struct query_handler handler = q->handler;
    void *arg = q->arg;
    struct error copy;
    if (e)
        copy = *e;
    if (e && copy.operation[0] == '\0')
        snprintf(copy.operation, sizeof(copy.operation), "%s", q->operation->action);
    query_give_back(q);
    handler.done(arg, e ? &copy : NULL);
}

/*
 * Pages that never end are noticed by a marker that stays the same, or by the bound on their
 * number.
 */
static int query_next_page(struct query *q, struct error *e)
{
    struct view marker = q->answer->marker;
    if (marker.len == 0)
        return error_set(e, ERROR_LIMIT, "%s: the answer is truncated and has no marker",
                         q->operation->action);
    if (view_equal(marker, buffer_view(&q->marker)))
        return error_set(e, ERROR_LIMIT, "%s: the pages do not end, the same marker came twice",
                         q->operation->action);
    if (++q->pages >= QUERY_PAGES_MAX)
        return error_set(e, ERROR_LIMIT, "%s: more than %d pages", q->operation->action,
                         QUERY_PAGES_MAX);
    q->received_before += q->received;
    buffer_clear(&q->marker);
    buffer_add_view(&q->marker, marker);
    buffer_truncate(&q->body, q->body_len);
    add_param(&q->body, "Marker", marker);
    if (!buffer_complete(&q->marker) || !buffer_complete(&q->body))
        return error_set(e, ERROR_LIMIT, "%s: the marker is too long", q->operation->action);
    return 0;
}

static void query_on_call_done(void *arg, const struct error *e)
{
    struct query *q = arg;
    struct error mine;
    if (e) {
        query_finish(q, e);
        return;
    }
    if (q->handler.page(q->arg, q->answer, &mine) != 0) {
        query_finish(q, &mine);
        return;
    }
    if (!q->answer->truncated)
        query_finish(q, NULL);
    else if (query_next_page(q, &mine) != 0)
        query_finish(q, &mine);
    else if (q->handler.hold && q->handler.hold(q->arg))
        arena_clear(&q->arena); /* it may wait for long, and the page has been taken */
    else
        query_send(q);
}

void query_go_on(struct query *query)
{
    query_send(query);
}

/* The request without its body. */
static struct aws_request query_request(struct query *q)
{
    static const struct aws_decoder decoder = {query_on_response, query_on_body, query_on_body_end,
                                               NULL};
    static const struct aws_header headers[] = {
        {"Content-Type", {CONTENT_TYPE, sizeof(CONTENT_TYPE) - 1}},
    };
    return (struct aws_request){
        .target = q->target,
        .operation = q->operation->action,
        .service = q->operation->service,
        .method = "POST",
        .path = VIEW_LITERAL("/"),
        .query = VIEW_LITERAL(""),
        .headers = headers,
        .header_count = 1,
        .decoder = &decoder,
        .decoder_arg = q,
        .secrets = q->secrets,
        .secret_count = q->secret_count,
        .max_response_bytes = QUERY_ANSWER_MAX_BYTES,
    };
}

static void query_send(struct query *q)
{
    struct aws_request request = query_request(q);
    struct error e;
    if (buffer_check(&q->body, "the request", &e) != 0) {
        aws_call_fail(&q->call, &request, &e, query_on_call_done, q);
        return;
    }
    request.body = buffer_view(&q->body);
    aws_call_start(&q->call, &request, query_on_call_done, q);
}

/* Parameters that nobody but the service may see (STS API Reference). */
static bool is_secret(const char *name)
{
    static const char *const names[] = {"ExternalId", "WebIdentityToken", "SAMLAssertion",
                                        "TokenCode"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

/* Keeps a secret parameter to blank it, since a service may repeat it in its refusal. */
static void keep_secret(struct query *q, struct view value)
{
    if (q->secret_count == SECRETS_MAX)
        abort(); /* a mistake of ours: no operation has that many */
    secret_set(&q->secrets[q->secret_count++], value);
}

struct query *query_start(const struct aws_target *target, const struct query_operation *operation,
                          const struct query_param *params, size_t param_count,
                          const struct query_handler *handler, void *arg)
{
    struct query *q = query_take(store_of(target->client));
    q->target = *target;
    q->operation = operation;
    q->handler = *handler;
    q->arg = arg;
    q->pages = 0;
    q->received_before = 0;
    q->about_user = false;
    buffer_clear(&q->marker);
    buffer_clear(&q->body);
    buffer_addf(&q->body, "Action=%s&Version=%s", operation->action, operation->version);
    for (size_t i = 0; i < param_count; i++) {
        if (!params[i].value.ptr)
            continue;
        add_param(&q->body, params[i].name, params[i].value);
        if (is_secret(params[i].name))
            keep_secret(q, params[i].value);
        q->about_user |= strcmp(params[i].name, "UserName") == 0;
    }
    if (operation->fixed)
        buffer_addf(&q->body, "&%s", operation->fixed);
    q->body_len = q->body.len;
    query_send(q);
    return q;
}

void query_cancel(struct query *query)
{
    if (!query)
        return;
    aws_call_cancel(&query->call);
    query_give_back(query);
}
