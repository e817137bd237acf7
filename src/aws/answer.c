/* SPDX-License-Identifier: MIT */
#include "aws/answer.h"

#include <stdio.h>

#define KEY_ID_LEN 20 /* of an access key id that AWS has made */

static void answer_begin(struct aws_call *call, const struct http_response *response)
{
    int status = http_response_status(response);
    if (call->answered)
        return;
    call->answered = true;
    if (status / 100 == 2)
        call->request.decoder->begin(call->request.decoder_arg, status);
    else
        call->refusal = service_answer_new();
}

int answer_add(struct aws_call *call, const struct http_response *response, struct view piece,
               struct error *e)
{
    answer_begin(call, response);
    if (!call->refusal)
        return call->request.decoder->data(call->request.decoder_arg, piece, e);
    service_answer_add(call->refusal, piece);
    return 0;
}

void answer_drop(struct aws_call *call)
{
    service_answer_free(call->refusal);
    call->refusal = NULL;
}

/*
 * True if the id has the form of AWS's ids. If it has not, it may be a secret that was put in the
 * wrong place, and is blanked like one.
 */
static bool is_key_id(struct view id)
{
    for (size_t i = 0; i < id.len; i++)
        if (!(id.ptr[i] >= 'A' && id.ptr[i] <= 'Z') && !(id.ptr[i] >= '0' && id.ptr[i] <= '9'))
            return false;
    return id.len <= KEY_ID_LEN;
}

/* The secrets that went out with the request and may come back in the answer. */
static struct blanks secrets_of(const struct aws_call *call)
{
    struct blanks b = {.count = 0};
    const struct aws_request *request = &call->request;
    const struct credentials *c =
        request->target.credentials
            ? credentials_cache_of(request->target.credentials, call->generation)
            : NULL;
    for (size_t i = 0; i < request->secret_count; i++)
        blanks_add(&b, secret_reveal(&request->secrets[i]));
    if (!c)
        return b;
    blanks_add(&b, secret_reveal(&c->secret_access_key));
    blanks_add(&b, secret_reveal(&c->session_token));
    if (!is_key_id(view_of(c->access_key_id)))
        blanks_add(&b, view_of(c->access_key_id));
    return b;
}

/*
 * True if the credentials that signed the request are gone, so that the secrets in its answer can't
 * be recognized.
 */
static bool secrets_are_lost(const struct aws_call *call)
{
    return call->request.target.credentials &&
           !credentials_cache_of(call->request.target.credentials, call->generation);
}

/* Returns 0 for a success, 1 for a refusal ('told' is what it says), -1 for an error ('e'). */
static int answer_decode(struct aws_call *call, const struct http_response *response,
                         struct service_error *told, struct error *e)
{
    const struct aws_decoder *decoder = call->request.decoder;
    void *arg = call->request.decoder_arg;
    if (!call->refusal)
        return decoder->end(arg, response, told, e);
    service_answer_read(call->refusal, response, told);
    return decoder->refused && decoder->refused(arg, response, told) ? 0 : 1;
}

int answer_end(struct aws_call *call, const struct http_response *response, struct error *e)
{
    struct service_error told = {0};
    answer_begin(call, response);
    int result = answer_decode(call, response, &told, e);
    if (result == 1) {
        const struct blanks secrets = secrets_of(call);
        if (secrets_are_lost(call))
            told.message = VIEW_NONE;
        service_error_make(e, http_response_status(response), &told, &secrets);
    }
    return result == 0 ? 0 : -1;
}

void answer_complete_error(const struct aws_call *call, const struct http_response *response,
                           struct error *e)
{
    const struct blanks secrets = secrets_of(call);
    struct view id = http_response_header(response, "x-amzn-RequestId");
    if (!id.ptr)
        id = http_response_header(response, "x-amz-request-id");
    if (e->request_id[0] == '\0' && id.ptr)
        snprintf(e->request_id, sizeof(e->request_id), "%.*s", VIEW_ARG(id));
    e->http_status = http_response_status(response);
    blanks_error(&secrets, e);
}
