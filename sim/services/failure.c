/* SPDX-License-Identifier: MIT */
#include "services/failure.h"

#include "services/call.h"
#include "services/error_body.h"
#include "services/sim.h"

#include <stdarg.h>

enum protocol { PROTOCOL_QUERY, PROTOCOL_JSON, PROTOCOL_S3, PROTOCOL_COUNT };

struct failure_row {
    int status;
    const char *code;
    const char *message;
};

#define CHECK_KEY                                                                                  \
    "The request signature we calculated does not match the signature you provided. Check your "   \
    "AWS Secret Access Key and signing method. Consult the service documentation for details."
#define TOKEN_INVALID "The security token included in the request is invalid."
#define TOKEN_EXPIRED "The security token included in the request is expired"
#define DENIED_S3     "Access Denied"

/* A row for each error, a column for each protocol: query (IAM, STS), JSON (Organizations), S3. */
static const struct failure_row rows[FAILURE_COUNT][PROTOCOL_COUNT] = {
    [FAILURE_MISSING_TOKEN] = {{403, "MissingAuthenticationToken",
                                "Request is missing Authentication Token"},
                               {400, "MissingAuthenticationTokenException",
                                "Missing Authentication Token"},
                               {403, "AccessDenied", DENIED_S3}},
    [FAILURE_INCOMPLETE_SIGNATURE] = {{400, "IncompleteSignature",
                                       "The request signature does not conform to AWS standards."},
                                      {400, "IncompleteSignatureException",
                                       "The request signature does not conform to AWS standards."},
                                      {400, "AuthorizationHeaderMalformed",
                                       "The authorization header is malformed."}},
    [FAILURE_SIGNATURE] = {{403, "SignatureDoesNotMatch", CHECK_KEY},
                           {400, "InvalidSignatureException", CHECK_KEY},
                           {403, "SignatureDoesNotMatch",
                            "The request signature we calculated does not match the signature you "
                            "provided. Check your key and signing method."}},
    [FAILURE_UNKNOWN_KEY] = {{403, "InvalidClientTokenId", TOKEN_INVALID},
                             {400, "UnrecognizedClientException", TOKEN_INVALID},
                             {403, "InvalidAccessKeyId",
                              "The AWS Access Key Id you provided does not exist in our records."}},
    [FAILURE_INVALID_TOKEN] = {{403, "InvalidClientTokenId", TOKEN_INVALID},
                               {400, "UnrecognizedClientException", TOKEN_INVALID},
                               {400, "InvalidToken",
                                "The provided token is malformed or otherwise invalid."}},
    [FAILURE_EXPIRED_TOKEN] = {{403, "ExpiredToken", TOKEN_EXPIRED},
                               {400, "ExpiredTokenException", TOKEN_EXPIRED},
                               {400, "ExpiredToken", "The provided token has expired."}},
    [FAILURE_SKEWED] = {{403, "SignatureDoesNotMatch", "Signature expired."},
                        {400, "InvalidSignatureException", "Signature expired."},
                        {403, "RequestTimeTooSkewed",
                         "The difference between the request time and the current time is too "
                         "large."}},
    [FAILURE_NOT_SIGNED] = {{403, "SignatureDoesNotMatch", CHECK_KEY},
                            {400, "InvalidSignatureException", CHECK_KEY},
                            {403, "AccessDenied",
                             "There were headers present in the request which were not signed"}},
    [FAILURE_ACCESS_DENIED] = {{403, "AccessDenied", "Access denied."},
                               {400, "AccessDeniedException",
                                "You don't have permissions to access this resource."},
                               {403, "AccessDenied", DENIED_S3}},
    [FAILURE_INVALID_ACTION] = {{400, "InvalidAction", "Could not find operation."},
                                {400, "UnknownOperationException", NULL},
                                {405, "MethodNotAllowed",
                                 "The specified method is not allowed against this resource."}},
    [FAILURE_VALIDATION] = {{400, "ValidationError", "The request is not valid."},
                            {400, "InvalidInputException",
                             "You provided invalid values for one or more of the request "
                             "parameters."},
                            {400, "InvalidArgument", "Invalid Argument"}},
    [FAILURE_NO_SUCH_ENTITY] = {{404, "NoSuchEntity", "There is no such entity."},
                                {400, "AccountNotFoundException", "There is no such account."},
                                {404, "NoSuchKey", "The specified key does not exist."}},
    [FAILURE_THROTTLED] = {{400, "Throttling", "Rate exceeded"},
                           {400, "TooManyRequestsException",
                            "AWS Organizations can't complete your request at this time. Try again "
                            "later."},
                           {503, "SlowDown", "Please reduce your request rate."}},
    [FAILURE_INTERNAL] = {{500, "InternalFailure",
                           "The request processing has failed because of an unknown error, "
                           "exception or failure."},
                          {500, "ServiceException",
                           "AWS Organizations can't complete your request because of an internal "
                           "service error. Try again later."},
                          {500, "InternalError",
                           "We encountered an internal error. Please try again."}},
    [FAILURE_UNAVAILABLE] = {{503, "ServiceUnavailable",
                              "The request has failed due to a temporary failure of the server."},
                             {503, "ServiceUnavailable",
                              "The request has failed due to a temporary failure of the server."},
                             {503, "ServiceUnavailable", "Please reduce your request rate."}},
    [FAILURE_LIMIT_EXCEEDED] = {{409, "LimitExceeded",
                                 "No more capacity to generate credential reports"},
                                {400, "ConstraintViolationException", "A quota was exceeded."},
                                {503, "SlowDown", "Please reduce your request rate."}},
    [FAILURE_MALFORMED_POLICY] = {{400, "MalformedPolicyDocument",
                                   "The policy is not in the valid JSON format."},
                                  {400, "MalformedPolicyDocumentException", ""},
                                  {400, "MalformedPolicy", ""}},
    [FAILURE_PACKED_POLICY] = {{400, "PackedPolicyTooLarge",
                                "Serialized token too large for session"},
                               {400, "PackedPolicyTooLargeException", ""},
                               {400, "EntityTooLarge", ""}},
    /* IAM sends only the code: report_csv.h says where that was seen. */
    [FAILURE_REPORT_NOT_PRESENT] = {{410, "ReportNotPresent", NULL},
                                    {400, "ReportNotPresent", ""},
                                    {400, "ReportNotPresent", ""}},
    [FAILURE_REPORT_IN_PROGRESS] = {{404, "ReportInProgress", NULL},
                                    {400, "ReportInProgress", ""},
                                    {400, "ReportInProgress", ""}},
    [FAILURE_REPORT_EXPIRED] = {{410, "ReportExpired", NULL},
                                {400, "ReportExpired", ""},
                                {400, "ReportExpired", ""}},
    [FAILURE_PARENT_NOT_FOUND] = {{404, "NoSuchEntity", ""},
                                  {400, "ParentNotFoundException",
                                   "You specified parent that doesn't exist."},
                                  {404, "NoSuchBucket", ""}},
    [FAILURE_NO_SUCH_BUCKET] = {{404, "NoSuchEntity", ""},
                                {400, "InvalidInputException", ""},
                                {404, "NoSuchBucket", "The specified bucket does not exist"}},
    [FAILURE_NO_SUCH_UPLOAD] = {{404, "NoSuchEntity", ""},
                                {400, "InvalidInputException", ""},
                                {404, "NoSuchUpload",
                                 "The specified upload does not exist. The upload ID may be "
                                 "invalid, or the upload may have been aborted or completed."}},
};

static enum protocol failure_protocol(const struct call *call)
{
    if (call->service == SERVICE_ORGANIZATIONS)
        return PROTOCOL_JSON;
    return call->service == SERVICE_S3 ? PROTOCOL_S3 : PROTOCOL_QUERY;
}

static void failure_write(struct call *call, int status, const char *code, const char *message)
{
    buffer_clear(&call->http.reply.body);
    call->http.reply.status = status;
    call->http.reply.outcome = code;
    error_body_write(call, call->error_form, code, message);
}

void failure_custom(struct call *call, int status, const char *code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *message = text_vformat(&call->http.arena, format, args);
    va_end(args);
    failure_write(call, status, code, message);
}

void failure_answer(struct call *call, enum failure failure, const char *format, ...)
{
    const struct failure_row *row = &rows[failure][failure_protocol(call)];
    const char *message = row->message;
    if (format) {
        va_list args;
        va_start(args, format);
        message = text_vformat(&call->http.arena, format, args);
        va_end(args);
    }
    failure_write(call, row->status, row->code, message);
}

/* The resource that AWS names in an AccessDenied. */
static const char *denied_resource(struct call *call)
{
    const char *partition = call->sim->world.shape.partition;
    if (call->service == SERVICE_S3 && call->object && *call->object)
        return text_format(&call->http.arena, "\"arn:%s:s3:::%s/%s\"", partition, call->bucket,
                           call->object);
    if (call->service == SERVICE_S3)
        return text_format(&call->http.arena, "\"arn:%s:s3:::%s\"", partition, call->bucket);
    if (call->action == ACTION_LIST_USERS)
        return text_format(&call->http.arena, "arn:%s:iam::%s:user/", partition, call->account.id);
    if (call->user_name)
        return text_format(&call->http.arena, "user %s", call->user_name);
    if (call->action == ACTION_GET_ACCESS_KEY_LAST_USED)
        return text_format(&call->http.arena, "access key %s", call_parameter(call, "AccessKeyId"));
    return "*";
}

/*
 * The end of a message since AWS gives authorization ids: "Troubleshoot access denied error
 * messages with authorization ID", IAM User Guide. The id is of letters and digits and differs in
 * each call.
 */
static const char *link_to(struct call *call)
{
    char id[64];
    size_t len = 0;
    for (const char *at = call->request_id; *at && len < sizeof(id) - 1; at++)
        if (*at != '-')
            id[len++] = *at;
    id[len] = '\0';
    return text_format(
        &call->http.arena,
        ". Go to https://us-east-1.console.aws.amazon.com/iam/home?region=us-east-1#/"
        "authorization-details/%s for complete details, or call the "
        "GetRequestAuthorizationDetails API with the following authorization id: %s",
        id, id);
}

/* " because no ... policy allows the ... action", " with an explicit deny in ...: ARN", or "". */
static const char *reason_of(struct call *call, const struct denial *denial, const char *permission)
{
    if (denial->kind->implicit && !denial->is_explicit)
        return text_format(&call->http.arena, " because no %s allows the %s action",
                           denial->kind->implicit, permission);
    if (!denial->is_explicit)
        return "";
    if (!denial->kind->explicit)
        return " with an explicit deny";
    return text_format(&call->http.arena, " with an explicit deny in %s%s%s",
                       denial->kind->explicit, denial->arn ? ": " : "",
                       denial->arn ? denial->arn : "");
}

void failure_denied_by(struct call *call, const struct denial *denial, const char *resource)
{
    const char *permission =
        denial->permission ? denial->permission : action_row(call->action)->permission;
    if (denial->resource)
        resource = denial->resource;
    failure_answer(call, FAILURE_ACCESS_DENIED,
                   "User: %s is not authorized to perform: %s on resource: %s%s%s",
                   call_principal(call), permission, resource ? resource : denied_resource(call),
                   reason_of(call, denial, permission), denial->link ? link_to(call) : "");
}

void failure_denied(struct call *call, const char *by_policy)
{
    const char *permission = action_row(call->action)->permission;
    const char *arn = call_parameter(call, "RoleArn");
    if (call->action == ACTION_ASSUME_ROLE) {
        failure_answer(call, FAILURE_ACCESS_DENIED,
                       "User: %s is not authorized to perform: %s on resource: %s",
                       call_principal(call), permission, arn ? arn : "*");
        return;
    }
    failure_answer(call, FAILURE_ACCESS_DENIED,
                   "User: %s is not authorized to perform: %s on resource: %s because no %s policy "
                   "allows the %s action",
                   call_principal(call), permission, denied_resource(call), by_policy, permission);
}
