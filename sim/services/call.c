#include "services/call.h"

#include "services/failure.h"
#include "services/services.h"
#include "services/sim.h"
#include "wire/digest.h"
#include "world/moment.h"
#include "world/random.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define STS_VERSION "2011-06-15"
#define IAM_VERSION "2010-05-08"
#define TARGET_HEAD "AWSOrganizationsV20161128."

static void (*const answers[ACTION_COUNT])(struct call *) = {
    [ACTION_ASSUME_ROLE] = sts_assume_role,
    [ACTION_GET_CALLER_IDENTITY] = sts_get_caller_identity,
    [ACTION_LIST_USERS] = iam_list_users,
    [ACTION_LIST_USER_TAGS] = iam_list_user_tags,
    [ACTION_LIST_ACCESS_KEYS] = iam_list_access_keys,
    [ACTION_GET_ACCESS_KEY_LAST_USED] = iam_get_access_key_last_used,
    [ACTION_GET_LOGIN_PROFILE] = iam_get_login_profile,
    [ACTION_LIST_SIGNING_CERTIFICATES] = iam_list_signing_certificates,
    [ACTION_LIST_MFA_DEVICES] = iam_list_mfa_devices,
    [ACTION_LIST_VIRTUAL_MFA_DEVICES] = iam_list_virtual_mfa_devices,
    [ACTION_LIST_GROUPS_FOR_USER] = iam_list_groups_for_user,
    [ACTION_LIST_ACCOUNT_ALIASES] = iam_list_account_aliases,
    [ACTION_GET_ACCOUNT_AUTHORIZATION_DETAILS] = iam_get_account_authorization_details,
    [ACTION_GENERATE_CREDENTIAL_REPORT] = report_generate,
    [ACTION_GET_CREDENTIAL_REPORT] = report_get,
    [ACTION_DESCRIBE_ORGANIZATION] = organizations_describe_organization,
    [ACTION_LIST_ACCOUNTS] = organizations_list_accounts,
    [ACTION_LIST_ACCOUNTS_FOR_PARENT] = organizations_list_accounts_for_parent,
    [ACTION_LIST_ORGANIZATIONAL_UNITS_FOR_PARENT] =
        organizations_list_organizational_units_for_parent,
    [ACTION_LIST_ROOTS] = organizations_list_roots,
    [ACTION_PUT_OBJECT] = s3_put_object,
    [ACTION_CREATE_MULTIPART_UPLOAD] = s3_create_multipart_upload,
    [ACTION_UPLOAD_PART] = s3_upload_part,
    [ACTION_COMPLETE_MULTIPART_UPLOAD] = s3_complete_multipart_upload,
    [ACTION_ABORT_MULTIPART_UPLOAD] = s3_abort_multipart_upload,
    [ACTION_LIST_PARTS] = s3_list_parts,
    [ACTION_LIST_MULTIPART_UPLOADS] = s3_list_multipart_uploads,
    [ACTION_GET_OBJECT] = s3_get_object,
    [ACTION_HEAD_OBJECT] = s3_get_object,
    [ACTION_DELETE_OBJECT] = s3_delete_object,
    [ACTION_LIST_OBJECTS_V2] = s3_list_objects_v2,
    [ACTION_HEAD_BUCKET] = s3_head_bucket,
    [ACTION_GET_BUCKET_LOCATION] = s3_get_bucket_location,
};

void call_open(struct call *call, struct sim *sim)
{
    uint64_t number = random_mix(sim->options.seed, sim->request_count++);
    uint64_t more = random_mix(number, 1);
    call->sim = sim;
    call->action = ACTION_UNKNOWN;
    call->service = SERVICE_IAM;
    call->reply.content_length = -1;
    snprintf(call->request_id, sizeof(call->request_id), "%08x-%04x-4%03x-a%03x-%08x%04x",
             (unsigned)(number >> 32), (unsigned)(number >> 16 & 0xFFFF),
             (unsigned)(number & 0xFFF), (unsigned)(more >> 52), (unsigned)(more & 0xFFFFFFFF),
             (unsigned)(more >> 32 & 0xFFFF));
}

void call_close(struct call *call)
{
    struct arena arena = call->arena;
    s3_store_upload_free(call->upload);
    object_reader_free(call->reply.object);
    json_decref(call->json);
    text_release(&call->reply.body);
    request_release(&call->request);
    arena_reset(&arena);
    *call = (struct call){.arena = arena};
}

void call_header(struct call *call, const char *name, const char *value)
{
    if (!value || call->reply.header_count == REPLY_HEADERS_MOST)
        return;
    call->reply.headers[call->reply.header_count].name = name;
    call->reply.headers[call->reply.header_count++].value = value;
}

bool call_failed(const struct call *call)
{
    return call->reply.status != 0;
}

const char *call_parameter(const struct call *call, const char *name)
{
    return form_get(&call->form, name);
}

const char *call_principal(struct call *call)
{
    const char *partition = call->sim->world.shape.partition;
    const struct identity *identity = &call->identity;
    if (!identity->is_role)
        return arena_printf(&call->arena, "arn:%s:iam::%s:user/%s", partition, call->account.id,
                            CALLER_USER_NAME);
    const char *slash = strrchr(identity->role, '/');
    return arena_printf(&call->arena, "arn:%s:sts::%s:assumed-role/%s/%s", partition,
                        call->account.id, slash ? slash + 1 : identity->role, identity->session);
}

/* Without a signature there is no scope that names the service: what else tells them apart. */
static enum service service_guess(const struct request *request)
{
    if (request_header(request, "X-Amz-Target"))
        return SERVICE_ORGANIZATIONS;
    if (strcmp(request->path, "/") != 0 || strcmp(request->method, "POST") != 0)
        return SERVICE_S3;
    return SERVICE_IAM;
}

static void call_refuse(struct call *call, enum sigv4_result result, const char *message)
{
    static const enum failure failures[] = {
        [SIGV4_INCOMPLETE] = FAILURE_INCOMPLETE_SIGNATURE,
        [SIGV4_MISMATCH] = FAILURE_SIGNATURE,
        [SIGV4_UNKNOWN_KEY] = FAILURE_UNKNOWN_KEY,
        [SIGV4_INVALID_TOKEN] = FAILURE_INVALID_TOKEN,
        [SIGV4_EXPIRED_TOKEN] = FAILURE_EXPIRED_TOKEN,
        [SIGV4_SKEWED] = FAILURE_SKEWED,
        [SIGV4_NOT_SIGNED] = FAILURE_NOT_SIGNED,
        [SIGV4_NO_CONTENT_HASH] = FAILURE_VALIDATION,
        [SIGV4_NO_DATE] = FAILURE_ACCESS_DENIED,
    };
    if (result == SIGV4_MISMATCH)
        call->sim->counters.bad_signatures++;
    if (result == SIGV4_NO_CONTENT_HASH)
        failure_custom(call, 400, "InvalidRequest",
                       "Missing required header for this request: x-amz-content-sha256");
    else if (result == SIGV4_NO_DATE)
        failure_answer(call, FAILURE_ACCESS_DENIED,
                       "AWS authentication requires a valid Date or x-amz-date header");
    else if (*message && !(call->service == SERVICE_S3 &&
                           (result == SIGV4_SKEWED || result == SIGV4_NOT_SIGNED)))
        failure_answer(call, failures[result], "%s", message);
    else
        failure_answer(call, failures[result], NULL);
}

static void call_verify(struct call *call, const char *payload_hash)
{
    char message[SIGV4_MESSAGE_SIZE];
    const struct identity *identity = NULL;
    struct sigv4_check check = {.request = &call->request,
                                .scope = &call->scope,
                                .service = call->service,
                                .seed = call->sim->options.seed,
                                .now = sim_now(call->sim),
                                .payload_hash = payload_hash};
    enum sigv4_result result = sigv4_verify(&check, &identity, message);
    if (result != SIGV4_VALID) {
        call_refuse(call, result, message);
        return;
    }
    call->identity = *identity;
    size_t index = identity->is_role ? identity->account : call->sim->world.management;
    if (index >= call->sim->world.account_count) {
        failure_answer(call, FAILURE_INVALID_TOKEN, NULL);
        return;
    }
    world_account(&call->sim->world, index, &call->arena, &call->account);
    call->charged_account = index;
}

/* S3 says less than the others, and repeats nothing of what was sent. */
static void call_refuse_authorization(struct call *call, enum authorization_result result,
                                      const char *message)
{
    static const enum failure failures[] = {
        [AUTHORIZATION_MISSING] = FAILURE_MISSING_TOKEN,
        [AUTHORIZATION_INCOMPLETE] = FAILURE_INCOMPLETE_SIGNATURE,
        [AUTHORIZATION_CREDENTIAL] = FAILURE_INCOMPLETE_SIGNATURE,
        [AUTHORIZATION_TERMINATOR] = FAILURE_SIGNATURE,
    };
    static const char components[] = "The authorization header is malformed; the authorization "
                                     "header requires three components: Credential, "
                                     "SignedHeaders, and Signature.";
    static const char credential[] =
        "The authorization header is malformed; the Credential is mal-formed; expecting "
        "\"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".";
    if (result == AUTHORIZATION_MISSING)
        failure_answer(call, failures[result], NULL);
    else if (call->service == SERVICE_S3)
        failure_answer(call, FAILURE_INCOMPLETE_SIGNATURE, "%s",
                       result == AUTHORIZATION_INCOMPLETE ? components : credential);
    else
        failure_answer(call, failures[result], "%s", message);
}

void call_begin(struct call *call)
{
    struct text message = {0};
    enum authorization_result result = authorization_read(&call->request, &call->scope, &message);
    call->service = service_guess(&call->request);
    if (result != AUTHORIZATION_READ)
        call_refuse_authorization(call, result, text_string(&message));
    text_release(&message);
    if (call_failed(call))
        return;
    int service = 0;
    while (service < SERVICE_COUNT &&
           strcmp(service_name((enum service)service), call->scope.service) != 0)
        service++;
    if (service == SERVICE_COUNT) {
        failure_answer(call, FAILURE_SIGNATURE,
                       "Credential should be scoped to correct service: '%s'. ",
                       service_name(call->service));
        return;
    }
    call->service = (enum service)service;
    if (call->service != SERVICE_S3)
        return;
    if (form_parse(&call->form, &call->arena, call->request.query, strlen(call->request.query),
                   0) != 0) {
        failure_answer(call, FAILURE_VALIDATION, NULL);
        return;
    }
    s3_route(call);
    const char *hash = request_header(&call->request, "x-amz-content-sha256");
    call_verify(call, hash ? hash : "");
    if (!call_failed(call) && s3_bucket_usable(call))
        s3_upload_begin(call);
}

void call_receive(struct call *call, const char *bytes, size_t length)
{
    if (call->upload)
        s3_store_upload_write(call->upload, bytes, length);
    else if (call->request.body.length + length <= REQUEST_BODY_BYTES_MOST)
        text_append(&call->request.body, bytes, length);
    else if (!call_failed(call))
        failure_custom(call, 413, "RequestEntityTooLarge", "The request is too large.");
}

/* A call about an access key is about its user. */
static void call_find_key_user(struct call *call)
{
    const char *id = call_parameter(call, "AccessKeyId");
    struct user user;
    size_t slot;
    if (id && world_key_find(&call->sim->world, &call->account, id, &call->arena, &user, &slot))
        call->user_name = user.name;
}

/*
 * What is asked for, also of calls that are refused, so that they are counted where they belong.
 * The query protocol's parameters may stand in the URL or in the body.
 */
static void call_read_action(struct call *call)
{
    const struct request *request = &call->request;
    const char *target = request_header(request, "X-Amz-Target");
    if (call->service == SERVICE_ORGANIZATIONS) {
        if (target && strncmp(target, TARGET_HEAD, strlen(TARGET_HEAD)) == 0)
            call->action = action_find(SERVICE_ORGANIZATIONS, target + strlen(TARGET_HEAD));
        return;
    }
    if (form_parse(&call->form, &call->arena, request->query, strlen(request->query), 1) != 0 ||
        form_parse(&call->form, &call->arena, request->body.data, request->body.length, 1) != 0) {
        failure_answer(call, FAILURE_VALIDATION, "Too many parameters.");
        return;
    }
    const char *name = call_parameter(call, "Action");
    if (name)
        call->action = action_find(call->service, name);
}

static void call_check_query(struct call *call)
{
    const char *version = call->service == SERVICE_STS ? STS_VERSION : IAM_VERSION;
    const char *name = call_parameter(call, "Action");
    const char *given = call_parameter(call, "Version");
    if (!name) {
        failure_custom(call, 400, "MissingAction",
                       "The request is missing an action or a required parameter.");
        return;
    }
    enum service other = call->service == SERVICE_STS ? SERVICE_IAM : SERVICE_STS;
    if (call->action == ACTION_UNKNOWN && action_find(other, name) != ACTION_UNKNOWN)
        failure_answer(call, FAILURE_SIGNATURE,
                       "Credential should be scoped to correct service: '%s'. ",
                       service_name(other));
    else if (call->action == ACTION_UNKNOWN || !given || strcmp(given, version) != 0)
        failure_answer(call, FAILURE_INVALID_ACTION,
                       "Could not find operation %.100s for version %.40s", name,
                       given ? given : "NO_VERSION_SPECIFIED");
    call->user_name = call_parameter(call, "UserName");
    if (call->action == ACTION_GET_ACCESS_KEY_LAST_USED)
        call_find_key_user(call);
}

static void call_check_json(struct call *call)
{
    json_error_t error;
    if (call->action == ACTION_UNKNOWN) {
        failure_answer(call, FAILURE_INVALID_ACTION, NULL);
        return;
    }
    call->json = json_loadb(call->request.body.data ? call->request.body.data : "",
                            call->request.body.length, 0, &error);
    if (!json_is_object(call->json))
        failure_custom(call, 400, "SerializationException", "The body is no JSON object.");
}

/* AWS signs IAM and Organizations for one region a partition; custom endpoints blur that. */
static void call_check_region(struct call *call)
{
    static const char *const regions[] = {"us-east-1",      "us-gov-west-1",   "cn-northwest-1",
                                          "cn-north-1",     "us-iso-east-1",   "us-isob-east-1",
                                          "eu-isoe-west-1", "us-isof-south-1", "eusc-de-east-1"};
    if (!call->sim->options.strict_regions ||
        (call->service != SERVICE_IAM && call->service != SERVICE_ORGANIZATIONS))
        return;
    for (size_t i = 0; i < sizeof(regions) / sizeof(*regions); i++)
        if (strcmp(regions[i], call->scope.region) == 0)
            return;
    failure_answer(call, FAILURE_SIGNATURE, "Credential should be scoped to a valid region. ");
}

static void call_authorize(struct call *call)
{
    uint64_t bit = action_bit(call->action);
    const struct identity *identity = &call->identity;
    if (call->action == ACTION_GET_CALLER_IDENTITY || !identity->is_role)
        return;
    if (!(call->account.allowed & bit))
        failure_denied(call, "identity-based");
    else if (!(identity->policy & bit))
        failure_denied(call, "session");
    else if (call->service == SERVICE_ORGANIZATIONS &&
             call->account.index != call->sim->world.management)
        failure_answer(call, FAILURE_ACCESS_DENIED, NULL);
}

/*
 * The same call made again has the same key, in whatever order its parameters stand and whatever
 * the session is called.
 */
static uint64_t call_key(const struct call *call)
{
    uint64_t key = 0;
    for (size_t i = 0; i < call->form.count; i++) {
        const struct form_pair *pair = &call->form.pairs[i];
        if (call->action == ACTION_ASSUME_ROLE && strcmp(pair->name, "RoleArn") != 0)
            continue;
        if (strcasecmp(pair->name, "uploadId") == 0)
            continue;
        key += random_mix(random_of_bytes(1, pair->name, strlen(pair->name)),
                          random_of_bytes(2, pair->value, strlen(pair->value)));
    }
    if (call->service == SERVICE_ORGANIZATIONS)
        key = random_of_bytes(3, call->request.body.data, call->request.body.length);
    if (call->service == SERVICE_S3)
        key += random_of_bytes(4, call->request.path, strlen(call->request.path));
    return random_mix(random_mix(key, call->charged_account), call->action);
}

/* AssumeRole is about the role's account: faults that are told to hit an account hit it there. */
static void call_find_charged_account(struct call *call)
{
    const char *arn = call_parameter(call, "RoleArn");
    char id[ACCOUNT_ID_SIZE];
    if (call->action != ACTION_ASSUME_ROLE || !arn ||
        sscanf(arn, "arn:%*[^:]:iam::%12[0-9]:", id) != 1)
        return;
    size_t index = world_account_find(&call->sim->world, id);
    if (index != WORLD_NOT_FOUND)
        call->charged_account = index;
}

/* STS, IAM and Organizations are verified once the body is there, because it is signed. */
static void call_verify_body(struct call *call)
{
    unsigned char digest[SHA256_SIZE];
    char hex[SHA256_HEX_SIZE];
    const struct text *body = &call->request.body;
    sha256(body->data ? body->data : "", body->length, digest);
    hex_write(digest, sizeof(digest), hex);
    call_verify(call, hex);
    if (!call_failed(call))
        call_check_region(call);
}

void call_decide(struct call *call)
{
    if (call->service != SERVICE_S3 && !call_failed(call)) {
        call_read_action(call);
        if (!call_failed(call))
            call_verify_body(call);
        if (!call_failed(call) && call->service == SERVICE_ORGANIZATIONS)
            call_check_json(call);
        else if (!call_failed(call))
            call_check_query(call);
    }
    if (!call_failed(call) && call->action == ACTION_UNKNOWN)
        failure_answer(call, FAILURE_INVALID_ACTION, NULL);
    if (call_failed(call))
        return;
    call_find_charged_account(call);
    call->key = call_key(call);
    fault_decide(call->sim, call);
}

void call_answer(struct call *call)
{
    if (call_failed(call) || fault_answer(call))
        return;
    call_authorize(call);
    if (call_failed(call))
        return;
    if (call->upload && !s3_upload_check(call))
        return;
    call->reply.status = 200;
    answers[call->action](call);
    if (call->reply.status >= 300)
        return;
    change_note(call->sim, call);
    if (call->plan.kind == FAULT_REWRITE)
        rewrite_body(&call->reply.body, &call->plan.rule->rewrite);
}
