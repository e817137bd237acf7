/* SPDX-License-Identifier: MIT */
#include "app/destination.h"

#include "app/account_id.h"
#include "aws/endpoint.h"
#include "base/buffer.h"
#include "base/log.h"
#include "output/sink_stream.h"

#include <limits.h>
#include <strings.h>
#include <sys/stat.h>

/* Settings that only concern objects in a bucket. */
static const enum setting_id of_bucket[] = {SETTING_S3_PREFIX, SETTING_SSE, SETTING_SSE_KMS_KEY_ID,
                                            SETTING_EXPECTED_BUCKET_OWNER};
#define OF_BUCKET_COUNT (sizeof(of_bucket) / sizeof(of_bucket[0]))

static bool has_control(struct view v)
{
    for (size_t i = 0; i < v.len; i++)
        if ((unsigned char)v.ptr[i] < ' ' || v.ptr[i] == 0x7f)
            return true;
    return false;
}

static bool is_visible_ascii(struct view v)
{
    for (size_t i = 0; i < v.len; i++)
        if (v.ptr[i] <= ' ' || v.ptr[i] >= 0x7f)
            return false;
    return v.len > 0;
}

/* Leaves the check to Jansson, which accepts only UTF-8. */
static bool is_utf8(struct view v)
{
    json_t *text = json_stringn(v.ptr, v.len);
    json_decref(text);
    return text != NULL;
}

/*
 * The name in "s3://NAME/..." and "arn:aws:s3:::NAME/...", which people copy from elsewhere; *rest
 * gets what follows the name. VIEW_NONE if 'given' is neither.
 */
static struct view name_within(const char *given, const char **rest)
{
    const char *name = NULL;
    if (strncmp(given, "s3://", 5) == 0)
        name = given + 5;
    else if (strncmp(given, "arn:", 4) == 0 && (name = strstr(given, ":s3:::")) != NULL)
        name += strlen(":s3:::");
    if (!name)
        return VIEW_NONE;
    size_t len = strcspn(name, "/");
    *rest = name + len + (name[len] == '/');
    return (struct view){name, len};
}

/* The same, but also takes the name in "NAME/folder/". */
static struct view name_before_folder(const char *given, const char **rest)
{
    struct error ignored;
    struct view name = name_within(given, rest);
    if (name.len > 0)
        return name;
    name = (struct view){given, strcspn(given, "/")};
    *rest = given + name.len + 1;
    bool is_folder = given[name.len] == '/' && endpoint_check_bucket(name, &ignored) == 0;
    return is_folder ? name : VIEW_NONE;
}

static int check_bucket(const struct settings *s, const char *bucket, struct error *e)
{
    const char *rest = "";
    const char *origin = settings_origin(s, SETTING_S3_BUCKET);
    struct view name = name_before_folder(bucket, &rest);
    if (name.len > 0)
        return error_set(
            e, ERROR_CONFIG, "%s is '%.200s': it takes the name alone, '%.*s'%s%.200s%s%s", origin,
            bucket, VIEW_ARG(name), *rest ? ", and --s3-prefix (S3_PREFIX) takes '" : "", rest,
            *rest && rest[strlen(rest) - 1] != '/' ? "/" : "", *rest ? "'" : "");
    if (endpoint_check_bucket(view_of(bucket), e) != 0)
        return error_prefix(e, "%s", origin);
    return 0;
}

/*
 * Refuses a prefix that begins with a bucket's name: it would become the first folders of the key.
 */
static int check_prefix(const struct settings *s, const char *prefix, struct error *e)
{
    const char *rest = "";
    if (name_within(prefix, &rest).len > 0)
        return error_set(e, ERROR_CONFIG,
                         "%s is '%.200s': give only what follows the bucket's name, '%.200s'",
                         settings_origin(s, SETTING_S3_PREFIX), prefix, rest);
    return 0;
}

/*
 * Checks values that become a header or part of a key. Without this, a line end in one would cause
 * an error only after the census.
 */
static int check_values(const struct settings *s, const struct destination *d, struct error *e)
{
    struct view owner = view_of(d->expected_bucket_owner);
    struct view prefix = view_of(d->prefix);
    struct view key_id = view_of(d->sse_kms_key_id);
    if (has_control(prefix) || !is_utf8(prefix))
        return error_set(e, ERROR_CONFIG,
                         "%s is not a valid prefix: it may hold no line end or other control "
                         "character, and must be UTF-8",
                         settings_origin(s, SETTING_S3_PREFIX));
    if (key_id.ptr && !is_visible_ascii(key_id))
        return error_set(e, ERROR_CONFIG,
                         "%s is not a valid KMS key: give its id, its ARN or an alias "
                         "('alias/NAME'), without spaces or line ends",
                         settings_origin(s, SETTING_SSE_KMS_KEY_ID));
    if (!owner.ptr)
        return 0;
    return account_id_check(owner, settings_origin(s, SETTING_EXPECTED_BUCKET_OWNER), e);
}

static int read_encryption(const struct settings *s, struct destination *d, struct error *e)
{
    d->sse = settings_text(s, SETTING_SSE);
    d->sse_kms_key_id = settings_text(s, SETTING_SSE_KMS_KEY_ID);
    if (d->sse_kms_key_id && d->sse && strcmp(d->sse, "AES256") == 0)
        return error_set(
            e, ERROR_CONFIG, "%s and a KMS key (%s) can't be combined: AES256 uses S3's own keys",
            settings_origin(s, SETTING_SSE), settings_origin(s, SETTING_SSE_KMS_KEY_ID));
    if (d->sse_kms_key_id && !d->sse)
        d->sse = "aws:kms";
    return 0;
}

/* A bucket's flags without a bucket are a mistake; its variables may be meant for other runs. */
static int check_without_bucket(const struct settings *s, struct error *e)
{
    struct buffer names;
    buffer_init(&names, 1024);
    for (size_t i = 0; i < OF_BUCKET_COUNT; i++) {
        if (!s->values[of_bucket[i]])
            continue;
        if (s->from_flag[of_bucket[i]]) {
            buffer_release(&names);
            return error_set(e, ERROR_CONFIG,
                             "%s is for objects in a bucket, and there is none: give --s3-bucket, "
                             "or leave it out",
                             settings_origin(s, of_bucket[i]));
        }
        buffer_addf(&names, "%s%s", names.len > 0 ? ", " : "", settings_origin(s, of_bucket[i]));
    }
    if (names.len > 0)
        log_event(LOG_WARN, "settings of a bucket are ignored, since the output is a local file",
                  FIELD_VIEW("settings", buffer_view(&names)));
    buffer_release(&names);
    return 0;
}

static int read_local(const struct settings *s, struct destination *d, struct error *e)
{
    const char *rest = "";
    if (!d->output)
        return 0;
    struct view name = name_within(d->output, &rest);
    if (name.len > 0)
        return error_set(e, ERROR_CONFIG,
                         "--output is '%.200s': it names a local file; for a bucket give "
                         "--s3-bucket '%.*s', and --s3-prefix where the object is to go",
                         d->output, VIEW_ARG(name));
    if (!sink_stream_is_stdout(d->output))
        return 0;
    if (settings_switch(s, SETTING_JSON))
        return error_set(e, ERROR_CONFIG,
                         "--json and '--output %.200s' can't be combined: both write to standard "
                         "output",
                         d->output);
    d->output = "-";
    return 0;
}

/* Chooses between bucket and local file if both are given. */
static int choose(const struct settings *s, struct destination *d, struct error *e)
{
    d->bucket = settings_text(s, SETTING_S3_BUCKET);
    d->output = settings_text(s, SETTING_OUTPUT);
    if (!d->bucket || !d->output)
        return 0;
    if (s->from_flag[SETTING_S3_BUCKET])
        return error_set(e, ERROR_CONFIG,
                         "--output and --s3-bucket can't be combined: give one of them");
    log_event(LOG_WARN, "the bucket is ignored, since --output names a local file",
              FIELD("setting", settings_origin(s, SETTING_S3_BUCKET)));
    d->bucket = NULL;
    return 0;
}

static bool same_inode(const char *a, const char *b)
{
    struct stat one, other;
    return stat(a, &one) == 0 && stat(b, &other) == 0 && one.st_dev == other.st_dev &&
           one.st_ino == other.st_ino;
}

/* Appends the path's folder, and returns its name. */
static const char *split_path(const char *path, struct buffer *folder)
{
    const char *slash = strrchr(path, '/');
    if (slash)
        buffer_add_view(folder, (struct view){path, (size_t)(slash + 1 - path)});
    else
        buffer_add_text(folder, "./");
    return slash ? slash + 1 : path;
}

/* True if both paths name one file, which may not exist yet, however they are written. */
static bool same_file(const char *a, const char *b)
{
    struct buffer one, other;
    buffer_init(&one, PATH_MAX);
    buffer_init(&other, PATH_MAX);
    bool names_equal = strcmp(split_path(a, &one), split_path(b, &other)) == 0;
    bool same = same_inode(a, b) ||
                (names_equal && same_inode(buffer_text_cut(&one), buffer_text_cut(&other)));
    buffer_release(&one);
    buffer_release(&other);
    return same;
}

/*
 * In a bucket, a path would name a file that nobody finds: the place there is beside the output. On
 * standard output, two outputs would be mixed up.
 */
static int read_further(const struct settings *s, enum setting_id id, const struct destination *d,
                        struct further_output *o, struct error *e)
{
    const char *text = settings_text(s, id);
    bool beside = settings_switch(s, id);
    if (!text || strcasecmp(text, "false") == 0)
        return 0;
    if (!beside && d->bucket)
        return error_set(e, ERROR_CONFIG,
                         "%s is '%.200s': with a bucket it is an object beside the output, not a "
                         "path: give 'true'",
                         settings_origin(s, id), text);
    if (!beside && sink_stream_is_stdout(text))
        return error_set(e, ERROR_CONFIG, "%s is '%.200s': it can't go to standard output",
                         settings_origin(s, id), text);
    if (!beside && d->output && same_file(text, d->output))
        return error_set(e, ERROR_CONFIG,
                         "%s is '%.200s', which is the file of --output: give another path",
                         settings_origin(s, id), text);
    if (beside && !d->bucket && d->output && strcmp(d->output, "-") == 0)
        return error_set(e, ERROR_CONFIG,
                         "%s is '%.200s', which is beside the output, but that goes to standard "
                         "output: give a path",
                         settings_origin(s, id), text);
    *o = (struct further_output){.wanted = true, .path = beside ? NULL : text};
    return 0;
}

/* Two outputs in one file would be one output. */
static int check_further_apart(const struct settings *s, const struct destination *d,
                               struct error *e)
{
    const char *accounts = d->accounts_file.path, *findings = d->findings.path;
    if (!accounts || !findings || strcmp(accounts, findings) != 0)
        return 0;
    return error_set(e, ERROR_CONFIG, "%s is '%.200s', and so is %s: give another path",
                     settings_origin(s, SETTING_FINDINGS), findings,
                     settings_origin(s, SETTING_ACCOUNTS_FILE));
}

int destination_read(const struct settings *settings, bool in_lambda, struct destination *d,
                     struct error *e)
{
    d->prefix = settings_text(settings, SETTING_S3_PREFIX);
    if (choose(settings, d, e) != 0 || read_local(settings, d, e) != 0)
        return -1;
    if (in_lambda && !d->bucket)
        return error_set(e, ERROR_CONFIG,
                         "no bucket to write to: give the event's 's3_bucket_name' or "
                         "S3_BUCKET_NAME");
    if (read_further(settings, SETTING_ACCOUNTS_FILE, d, &d->accounts_file, e) != 0 ||
        read_further(settings, SETTING_FINDINGS, d, &d->findings, e) != 0 ||
        check_further_apart(settings, d, e) != 0)
        return -1;
    if (!d->bucket)
        return check_without_bucket(settings, e);
    d->expected_bucket_owner = settings_text(settings, SETTING_EXPECTED_BUCKET_OWNER);
    if (read_encryption(settings, d, e) != 0 || check_values(settings, d, e) != 0 ||
        check_prefix(settings, d->prefix, e) != 0)
        return -1;
    return check_bucket(settings, d->bucket, e);
}
