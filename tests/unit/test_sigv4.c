/* SPDX-License-Identifier: MIT */
/*
 * Signing: AWS's published cases, cases signed by botocore, and the hashes below.
 *
 * The published cases lie outside the repository: in IAM_CENSUS_TESTDATA, or else beside it.
 */
#include "signing_scene.h"

#include "aws/sha256.h"
#include "base/timestamp.h"

#include <dirent.h>
#include <jansson.h>
#include <stdlib.h>
#include <sys/stat.h>

#define PUBLISHED_CASES 38
#define OWN_CASES       27
#define FILE_MAX        ((size_t)64 * 1024)

static const char *testdata(void)
{
    const char *set = getenv("IAM_CENSUS_TESTDATA");
    return set ? set : PROJECT_DIR "/../shared/testdata";
}

static void read_file(const char *folder, const char *name, struct buffer *out)
{
    char path[2048];
    char chunk[4096];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    buffer_init(out, FILE_MAX);
    for (size_t got; (got = fread(chunk, 1, sizeof(chunk), f)) > 0;)
        buffer_add(out, chunk, got);
    assert_int_equal(ferror(f), 0);
    fclose(f);
    assert_false(out->overflowed);
}

static struct view take_line(struct view *rest)
{
    const char *end = memchr(rest->ptr, '\n', rest->len);
    struct view line = {rest->ptr, end ? (size_t)(end - rest->ptr) : rest->len};
    rest->ptr += line.len + (end ? 1 : 0);
    rest->len -= line.len + (end ? 1 : 0);
    return line;
}

/* "GET /path?query HTTP/1.1"; a path may hold spaces. */
static void parse_request_line(struct example *x, struct view line, char *method, size_t size)
{
    const char *end = memchr(line.ptr, ' ', line.len);
    assert_non_null(end);
    size_t len = (size_t)(end - line.ptr);
    assert_true(len < size);
    memcpy(method, line.ptr, len);
    method[len] = '\0';
    x->request.method = method;
    struct view target = {end + 1, line.len - len - 1};
    const size_t version = sizeof(" HTTP/1.1") - 1;
    assert_true(target.len > version);
    assert_memory_equal(target.ptr + target.len - version, " HTTP/1.1", version);
    target.len -= version;
    const char *question = memchr(target.ptr, '?', target.len);
    x->request.path = target;
    if (question) {
        x->request.path.len = (size_t)(question - target.ptr);
        x->request.query =
            (struct view){question + 1, target.len - (size_t)(question - target.ptr) - 1};
    }
}

/* Fills in headers; a line that begins with a blank goes on with the value before it. */
static struct view parse_headers(struct example *x, struct view rest)
{
    x->request.header_count = 0;
    while (rest.len > 0) {
        struct view line = take_line(&rest);
        if (line.len == 0)
            break;
        if (line.ptr[0] == ' ') {
            struct view *value = &x->headers[x->request.header_count - 1].value;
            value->len = (size_t)(line.ptr + line.len - value->ptr);
            continue;
        }
        const char *colon = memchr(line.ptr, ':', line.len);
        assert_non_null(colon);
        size_t name_len = (size_t)(colon - line.ptr);
        x->headers[x->request.header_count++] =
            (struct sigv4_header){{line.ptr, name_len}, {colon + 1, line.len - name_len - 1}};
    }
    return rest;
}

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    assert_non_null(text);
    return text;
}

static void set_context(struct example *x, const json_t *context)
{
    const json_t *credentials = json_object_get(context, "credentials");
    set_credentials(x, text_of(credentials, "access_key_id"),
                    text_of(credentials, "secret_access_key"),
                    json_string_value(json_object_get(credentials, "token")));
    x->scope.region = view_of(text_of(context, "region"));
    x->scope.service = view_of(text_of(context, "service"));
    x->scope.normalize_path = json_is_true(json_object_get(context, "normalize"));
    x->scope.sign_payload_header = json_is_true(json_object_get(context, "sign_body"));
    x->scope.omit_session_token = json_is_true(json_object_get(context, "omit_session_token"));
    assert_int_equal(timestamp_parse(view_of(text_of(context, "timestamp")), &x->now_s), 0);
}

static void compare_with_file(const char *folder, const char *name, struct view ours)
{
    struct buffer theirs;
    read_file(folder, name, &theirs);
    while (theirs.len > 0 && theirs.data[theirs.len - 1] == '\n')
        theirs.data[--theirs.len] = '\0';
    assert_true(theirs.len > 0);
    assert_string_equal(ours.ptr, theirs.data);
    buffer_release(&theirs);
}

/* The signed request must hold the headers that we would send. */
static void compare_signed_request(const char *folder, const struct example *x)
{
    struct buffer theirs;
    struct view rest;
    int found = 0;
    read_file(folder, "header-signed-request.txt", &theirs);
    rest = buffer_view(&theirs);
    while (rest.len > 0) {
        struct view line = take_line(&rest);
        const struct {
            const char *name;
            struct view value;
        } sent[] = {{"Authorization:", buffer_view(&x->out.authorization)},
                    {"X-Amz-Date:", view_of(x->out.date)},
                    {"X-Amz-Security-Token:", secret_reveal(&x->credentials.session_token)},
                    {"x-amz-content-sha256:", view_of(x->out.content_sha256)}};
        for (size_t i = 0; i < sizeof(sent) / sizeof(sent[0]); i++) {
            size_t len = strlen(sent[i].name);
            if (line.len < len || strncasecmp(line.ptr, sent[i].name, len) != 0)
                continue;
            struct view value = view_trim((struct view){line.ptr + len, line.len - len});
            assert_true(view_equal(value, sent[i].value));
            found++;
        }
    }
    int expected = 2 + (x->credentials.session_token.len > 0) + x->scope.sign_payload_header;
    assert_int_equal(found, expected);
    buffer_release(&theirs);
}

static void run_published_case(const char *folder)
{
    struct example x;
    struct buffer text;
    char method[16];
    char path[2048];
    example_init(&x);
    snprintf(path, sizeof(path), "%s/context.json", folder);
    json_t *context = json_load_file(path, 0, NULL);
    assert_non_null(context);
    set_context(&x, context);
    read_file(folder, "request.txt", &text);
    struct view rest = buffer_view(&text);
    parse_request_line(&x, take_line(&rest), method, sizeof(method));
    struct view body = parse_headers(&x, rest);
    sigv4_hash_hex(body, x.payload_hash);

    assert_int_equal(example_sign(&x, NULL), 0);
    compare_with_file(folder, "header-canonical-request.txt", buffer_view(&x.canonical));
    compare_with_file(folder, "header-string-to-sign.txt", buffer_view(&x.to_sign));
    const char *signature = strstr(buffer_text(&x.out.authorization), "Signature=");
    assert_non_null(signature);
    compare_with_file(folder, "header-signature.txt", view_of(signature + strlen("Signature=")));
    compare_signed_request(folder, &x);

    json_decref(context);
    buffer_release(&text);
    example_release(&x);
}

static void test_published_cases(void **state)
{
    char root[1024];
    char folder[1400];
    struct dirent **entries;
    struct stat ignored;
    int run = 0;
    (void)state;
    snprintf(root, sizeof(root), "%s/sigv4", testdata());
    if (stat(root, &ignored) != 0) {
        printf("skipped: no published signing cases in '%s'\n", root);
        skip();
    }
    int count = scandir(root, &entries, NULL, alphasort);
    assert_true(count >= 0);
    for (int i = 0; i < count; i++) {
        if (entries[i]->d_name[0] != '.') {
            snprintf(folder, sizeof(folder), "%s/%s", root, entries[i]->d_name);
            run_published_case(folder);
            run++;
        }
        free(entries[i]);
    }
    free(entries);
    printf("published signing cases: %d\n", run);
    assert_int_equal(run, PUBLISHED_CASES);
}

static void run_own_case(const json_t *c, struct sigv4_key *cache)
{
    struct example x;
    const json_t *pair;
    size_t i;
    bool s3 = json_is_true(json_object_get(c, "s3"));
    example_init(&x);
    set_credentials(&x, text_of(c, "access_key_id"), text_of(c, "secret_access_key"),
                    json_string_value(json_object_get(c, "session_token")));
    x.scope.region = view_of(text_of(c, "region"));
    x.scope.service = view_of(text_of(c, "service"));
    x.scope.normalize_path = !s3;
    x.scope.double_encode = !s3;
    x.scope.sign_payload_header = s3;
    x.request.method = text_of(c, "method");
    x.request.path = view_of(text_of(c, "path"));
    x.request.query = view_of(text_of(c, "query"));
    x.request.header_count = 0;
    json_array_foreach (json_object_get(c, "headers"), i, pair) {
        x.headers[x.request.header_count++] =
            (struct sigv4_header){view_of(json_string_value(json_array_get(pair, 0))),
                                  view_of(json_string_value(json_array_get(pair, 1)))};
    }
    sigv4_hash_hex(view_of(text_of(c, "body")), x.payload_hash);
    assert_string_equal(x.payload_hash, text_of(c, "body_sha256"));
    assert_int_equal(timestamp_parse(view_of(text_of(c, "time")), &x.now_s), 0);

    assert_int_equal(example_sign(&x, cache), 0);
    assert_string_equal(buffer_text(&x.canonical), text_of(c, "canonical_request"));
    assert_string_equal(buffer_text(&x.to_sign), text_of(c, "string_to_sign"));
    assert_string_equal(buffer_text(&x.out.authorization), text_of(c, "authorization"));
    assert_string_equal(x.out.content_sha256, s3 ? x.payload_hash : "");
    example_release(&x);
}

/* Twice: without a kept key, and with one that the cases share and that must tell them apart. */
static void test_own_cases(void **state)
{
    struct sigv4_key cache = {0};
    const json_t *c;
    size_t i;
    (void)state;
    json_t *document = json_load_file(PROJECT_DIR "/tests/vectors/sigv4.json", 0, NULL);
    assert_non_null(document);
    const json_t *cases = json_object_get(document, "cases");
    assert_int_equal(json_array_size(cases), OWN_CASES);
    json_array_foreach (cases, i, c) {
        const char *secret = text_of(c, "secret_access_key");
        run_own_case(c, NULL);
        /* One access key id has one secret: the case with another one starts with no key. */
        if (strlen(secret) != 40)
            sigv4_key_clear(&cache);
        run_own_case(c, &cache);
        if (strlen(secret) != 40)
            sigv4_key_clear(&cache);
    }
    sigv4_key_clear(&cache);
    json_decref(document);
}

static void test_key_is_kept_and_derived_anew(void **state)
{
    static const struct sigv4_key empty;
    struct sigv4_key cache = {0};
    struct sigv4_key first;
    struct example x;
    (void)state;
    example_init(&x);
    assert_int_equal(example_sign(&x, &cache), 0);
    first = cache;
    assert_string_equal(first.date, "20150830");
    assert_string_equal(first.region, "us-east-1");
    assert_string_equal(first.service, "service");
    assert_string_equal(first.access_key_id, "AKIDEXAMPLE");
    x.now_s += 60;
    assert_int_equal(example_sign(&x, &cache), 0);
    assert_memory_equal(&first, &cache, sizeof(first));

    /* A key that is kept is used: a wrong one gives another signature. */
    char *right = strdup(buffer_text(&x.out.authorization));
    cache.key[0] ^= 1;
    assert_int_equal(example_sign(&x, &cache), 0);
    assert_string_not_equal(buffer_text(&x.out.authorization), right);
    free(right);

    x.now_s = NOON + 86400;
    assert_int_equal(example_sign(&x, &cache), 0);
    assert_string_equal(cache.date, "20150831");
    x.scope.region = VIEW_LITERAL("us-east-2");
    assert_int_equal(example_sign(&x, &cache), 0);
    assert_string_equal(cache.region, "us-east-2");
    x.scope.service = VIEW_LITERAL("services");
    assert_int_equal(example_sign(&x, &cache), 0);
    assert_string_equal(cache.service, "services");
    snprintf(x.credentials.access_key_id, sizeof(x.credentials.access_key_id), "AKIDOTHER");
    assert_int_equal(example_sign(&x, &cache), 0);
    assert_string_equal(cache.access_key_id, "AKIDOTHER");
    assert_memory_not_equal(first.key, cache.key, sizeof(first.key));
    sigv4_key_clear(&cache);
    assert_memory_equal(&cache, &empty, sizeof(empty));
    example_release(&x);
}

static void assert_canonical_starts(struct example *x, const char *start)
{
    assert_int_equal(example_sign(x, NULL), 0);
    assert_true(view_starts_with(buffer_view(&x->canonical), start));
}

static void test_path_of_s3_is_encoded_once(void **state)
{
    static const char *const paths[][2] = {
        {"", "/"},
        {"/", "/"},
        {"no/slash", "/no/slash"},
        {"/a b+c", "/a%20b%2Bc"},
        {"/a%20b%2Bc", "/a%20b%2Bc"},
        {"/%7e%41%c3%A9", "/~A%C3%A9"},
        {"/a%2Fb/../c", "/a%2Fb/../c"},
        {"/%", "/%25"},
        {"/%4", "/%254"},
        {"/%zz%", "/%25zz%25"},
        {"/100%25", "/100%25"},
    };
    struct example x;
    char start[64];
    (void)state;
    example_init(&x);
    x.scope.normalize_path = false;
    x.scope.double_encode = false;
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        x.request.path = view_of(paths[i][0]);
        snprintf(start, sizeof(start), "GET\n%s\n\nhost:", paths[i][1]);
        assert_canonical_starts(&x, start);
    }
    example_release(&x);
}

static void test_query_is_put_in_order(void **state)
{
    static const char *const queries[][2] = {
        {"a", "a="},
        {"&&b=1&&a=2&", "a=2&b=1"},
        {"a=b=c", "a=b%3Dc"},
        {"a=x+y", "a=x%2By"},
        {"a=%2b%20%7E", "a=%2B%20~"},
        {"a=2&a=10&a=1", "a=1&a=10&a=2"},
        {"ab=1&a=2&a-=3&a%20=4", "a=2&a%20=4&a-=3&ab=1"},
        {"=v", "=v"},
    };
    struct example x;
    char start[128];
    (void)state;
    example_init(&x);
    for (size_t i = 0; i < sizeof(queries) / sizeof(queries[0]); i++) {
        x.request.query = view_of(queries[i][0]);
        snprintf(start, sizeof(start), "GET\n/\n%s\nhost:", queries[i][1]);
        assert_canonical_starts(&x, start);
    }
    example_release(&x);
}

/* The token is streamed past the end of one chunk, and is never cut. */
static void test_long_token(void **state)
{
    char token[3000];
    struct example x;
    (void)state;
    example_init(&x);
    memset(token, 't', sizeof(token) - 1);
    token[sizeof(token) - 1] = '\0';
    set_credentials(&x, "AKIDEXAMPLE", "secret", token);
    assert_int_equal(example_sign(&x, NULL), 0);
    const char *found = strstr(buffer_text(&x.canonical), "\nx-amz-security-token:");
    assert_non_null(found);
    found += strlen("\nx-amz-security-token:");
    assert_memory_equal(found, token, sizeof(token) - 1);
    assert_int_equal(found[sizeof(token) - 1], '\n');
    /* What the test gets is what was hashed. */
    char hex[SIGV4_HASH_HEX_SIZE];
    sigv4_hash_hex(buffer_view(&x.canonical), hex);
    assert_string_equal(buffer_text(&x.to_sign) + x.to_sign.len - 64, hex);
    assert_null(strstr(buffer_text(&x.out.authorization), "tttt"));
    example_release(&x);
}

/* It is sent all the same; the caller reads it from the credentials. */
static void test_token_may_be_left_unsigned(void **state)
{
    struct example x;
    (void)state;
    example_init(&x);
    set_credentials(&x, "AKIDEXAMPLE", "secret", "token");
    assert_int_equal(example_sign(&x, NULL), 0);
    assert_non_null(strstr(buffer_text(&x.out.authorization), ";x-amz-security-token,"));
    x.scope.omit_session_token = true;
    assert_int_equal(example_sign(&x, NULL), 0);
    assert_null(strstr(buffer_text(&x.out.authorization), "x-amz-security-token"));
    assert_null(strstr(buffer_text(&x.canonical), "token"));
    example_release(&x);
}

/* FIPS 180-4 example values, and sizes around a block and a chunk. */
static void test_hashes(void **state)
{
    char hex[SIGV4_HASH_HEX_SIZE];
    static char million[1000000];
    (void)state;
    sigv4_hash_hex(VIEW_NONE, hex);
    assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    sigv4_hash_hex(VIEW_LITERAL("abc"), hex);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    memset(million, 'a', sizeof(million));
    sigv4_hash_hex((struct view){million, sizeof(million)}, hex);
    assert_string_equal(hex, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    /* It is the same hash in pieces of whatever size. */
    for (size_t piece = 1; piece < 600; piece += 37) {
        struct sha256 h;
        unsigned char hash[SHA256_SIZE];
        sha256_init(&h);
        sha256_begin(&h);
        for (size_t at = 0; at < sizeof(million); at += piece)
            sha256_add(&h, million, piece < sizeof(million) - at ? piece : sizeof(million) - at);
        sha256_end(&h, hash);
        assert_false(h.failed);
        sha256_release(&h);
        sha256_hex(hash, hex);
        assert_string_equal(hex,
                            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    }
}

/* RFC 4231, cases 1, 2 and 6 (a key longer than a block). */
static void test_hmac(void **state)
{
    char many[131];
    char block[20];
    (void)state;
    memset(many, 0xaa, sizeof(many));
    memset(block, 0x0b, sizeof(block));
    const struct {
        struct view key, message;
        const char *hex;
    } cases[] = {
        {{block, sizeof(block)},
         VIEW_LITERAL("Hi There"),
         "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
        {VIEW_LITERAL("Jefe"), VIEW_LITERAL("what do ya want for nothing?"),
         "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
        {{many, sizeof(many)},
         VIEW_LITERAL("Test Using Larger Than Block-Size Key - Hash Key First"),
         "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
    };
    struct sha256 h;
    sha256_init(&h);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        unsigned char hash[SHA256_SIZE];
        char hex[SHA256_HEX_SIZE];
        sha256_hmac(&h, cases[i].key, cases[i].message, hash);
        sha256_hex(hash, hex);
        assert_string_equal(hex, cases[i].hex);
    }
    assert_false(h.failed);
    sha256_release(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_published_cases),
        cmocka_unit_test(test_own_cases),
        cmocka_unit_test(test_key_is_kept_and_derived_anew),
        cmocka_unit_test(test_path_of_s3_is_encoded_once),
        cmocka_unit_test(test_query_is_put_in_order),
        cmocka_unit_test(test_long_token),
        cmocka_unit_test(test_token_may_be_left_unsigned),
        cmocka_unit_test(test_hashes),
        cmocka_unit_test(test_hmac),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
