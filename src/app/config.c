#include "app/config.h"

#include "api/sts.h"
#include "base/alloc.h"
#include "base/log.h"
#include "census/accounts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define LIST_MAX_BYTES ((size_t)16 * 1024 * 1024)
#define ITEMS_MAX      100000
#define UNITS_MAX      2000 /* that an organization may have (Organizations quotas) */
/* "IAM roles: path at most 512 characters, name at most 64" (IAM quotas). */
#define ROLE_MAX_BYTES 576

static int read_all(int fd, struct buffer *text)
{
    char piece[16384];
    ssize_t got;
    while ((got = read(fd, piece, sizeof(piece))) != 0) {
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        buffer_add(text, piece, (size_t)got);
        if (!buffer_complete(text)) {
            errno = EFBIG;
            return -1;
        }
    }
    return 0;
}

/* "@FILE" and "-" stand for what is in them; in the event and the environment they stand for
 * nothing. */
static int read_list(const struct settings *s, enum setting_id id, const char *item,
                     struct buffer *text, struct error *e)
{
    const struct setting *setting = &settings_table[id];
    bool from_stdin = strcmp(item, "-") == 0;
    if (!s->from_flag[id])
        return error_set(e, ERROR_CONFIG, "%s: '%s' is allowed on the command line only",
                         s->origins[id], item);
    int fd = from_stdin ? STDIN_FILENO : open(item + 1, O_RDONLY | O_CLOEXEC);
    int result = fd < 0 ? -1 : read_all(fd, text);
    if (result != 0) {
        error_set_errno(e, "--%s: can't read '%s'", setting->flag, from_stdin ? "-" : item + 1);
        e->kind = ERROR_CONFIG;
    }
    if (fd > STDIN_FILENO)
        close(fd);
    return result;
}

struct list {
    struct view *items;
    size_t count, capacity;
};

static int list_add(struct list *list, struct view item, const char *origin, struct error *e)
{
    if (list->count == ITEMS_MAX)
        return error_set(e, ERROR_CONFIG, "%s has more than %d items", origin, ITEMS_MAX);
    if (list->count == list->capacity) {
        list->capacity = list->capacity ? list->capacity * 2 : 16;
        list->items = xrealloc(list->items, list->capacity * sizeof(struct view));
    }
    list->items[list->count++] = item;
    return 0;
}

/* Items between commas and line ends, trimmed; '#' begins a comment up to the line's end. */
static int split(struct view text, struct list *list, struct arena *arena, const char *origin,
                 struct error *e)
{
    size_t start = 0;
    for (size_t i = 0; i <= text.len; i++) {
        bool comment = i < text.len && text.ptr[i] == '#';
        if (i < text.len && !comment && text.ptr[i] != ',' && text.ptr[i] != '\n')
            continue;
        struct view item = view_trim((struct view){text.ptr + start, i - start});
        if (item.len > 0 && list_add(list, arena_copy(arena, item), origin, e) != 0)
            return -1;
        while (comment && i < text.len && text.ptr[i] != '\n')
            i++;
        start = i + 1;
    }
    return 0;
}

static int read_item(const struct settings *s, enum setting_id id, struct view item,
                     struct list *list, struct arena *arena, struct error *e)
{
    const char *origin = settings_origin(s, id);
    if (item.ptr[0] != '@' && !view_is(item, "-"))
        return list_add(list, arena_copy(arena, item), origin, e);
    struct buffer text;
    buffer_init(&text, LIST_MAX_BYTES);
    char *name = xstrndup(item.ptr, item.len);
    int result = read_list(s, id, name, &text, e);
    if (result == 0)
        result = split(buffer_view(&text), list, arena, origin, e);
    free(name);
    buffer_release(&text);
    return result;
}

/* The items of a list setting, files expanded, into the arena. */
static int get_list(const struct settings *s, enum setting_id id, struct arena *arena,
                    struct view **items, size_t *count, struct error *e)
{
    struct list given = {0}, list = {0};
    const char *text = settings_text(s, id);
    *items = NULL;
    *count = 0;
    if (!text)
        return 0;
    int result = split(view_of(text), &given, arena, settings_origin(s, id), e);
    for (size_t i = 0; i < given.count && result == 0; i++)
        result = read_item(s, id, given.items[i], &list, arena, e);
    if (result == 0) {
        *items = arena_alloc(arena, (list.count + 1) * sizeof(struct view));
        *count = list.count;
        if (list.count > 0)
            memcpy(*items, list.items, list.count * sizeof(struct view));
    }
    free(given.items);
    free(list.items);
    return result;
}

static int compare_views(const void *a, const void *b)
{
    return view_compare(*(const struct view *)a, *(const struct view *)b);
}

/* Sorted, each once; what stood twice is said. */
static size_t drop_twice(struct view *ids, size_t count)
{
    size_t kept = 0;
    if (!ids)
        return 0;
    if (count > 0)
        qsort(ids, count, sizeof(*ids), compare_views);
    for (size_t i = 0; i < count; i++) {
        if (kept > 0 && view_equal(ids[kept - 1], ids[i]))
            log_event(LOG_WARN, "account is listed twice, read once",
                      FIELD_VIEW("account_id", ids[i]));
        else
            ids[kept++] = ids[i];
    }
    return kept;
}

static int check_ids(const struct view *ids, size_t count, const char *origin, struct error *e)
{
    for (size_t i = 0; ids && i < count; i++)
        if (!account_id_valid(ids[i]))
            return error_set(e, ERROR_CONFIG, "%s: '%.*s' is no account id (12 digits)", origin,
                             VIEW_ARG(ids[i]));
    return 0;
}

static int make_accounts(const struct settings *s, struct config *c, struct error *e)
{
    struct view *listed;
    if (get_list(s, SETTING_ACCOUNTS, &c->arena, &listed, &c->account_count, e) != 0 ||
        get_list(s, SETTING_EXCLUDE, &c->arena, &c->excluded, &c->excluded_count, e) != 0 ||
        get_list(s, SETTING_UNITS, &c->arena, &c->units, &c->unit_count, e) != 0 ||
        check_ids(listed, c->account_count, settings_origin(s, SETTING_ACCOUNTS), e) != 0 ||
        check_ids(c->excluded, c->excluded_count, settings_origin(s, SETTING_EXCLUDE), e) != 0)
        return -1;
    if (settings_text(s, SETTING_UNITS) && c->unit_count == 0)
        return error_set(e, ERROR_CONFIG, "%s names no organizational unit",
                         settings_origin(s, SETTING_UNITS));
    if (c->unit_count > UNITS_MAX)
        return error_set(e, ERROR_CONFIG, "%s names more than %d organizational units",
                         settings_origin(s, SETTING_UNITS), UNITS_MAX);
    for (size_t i = 0; i < c->unit_count; i++)
        if (!view_starts_with(c->units[i], "ou-") && !view_starts_with(c->units[i], "r-"))
            return error_set(e, ERROR_CONFIG,
                             "%s: '%.*s' is no id of an organizational unit ('ou-...') or root "
                             "('r-...')",
                             settings_origin(s, SETTING_UNITS), VIEW_ARG(c->units[i]));
    if (settings_text(s, SETTING_ACCOUNTS) && c->account_count == 0)
        return error_set(e, ERROR_CONFIG, "%s lists no account",
                         settings_origin(s, SETTING_ACCOUNTS));
    c->accounts = listed;
    c->account_count = drop_twice(listed, c->account_count);
    return 0;
}

/* Letters, digits and _+=,.@- (IAM API Reference), '/' between the parts of a path. */
static bool role_valid(struct view role)
{
    if (role.len == 0 || role.len > ROLE_MAX_BYTES || role.ptr[role.len - 1] == '/')
        return false;
    for (size_t i = 0; i < role.len; i++) {
        char c = role.ptr[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!letter && (c == '\0' || !strchr("_+=,.@-/", c)))
            return false;
    }
    return true;
}

static int make_role(const struct settings *s, struct config *c, struct error *e)
{
    const char *role = settings_text(s, SETTING_ROLE_NAME);
    if (!role || !*role)
        return error_set(e, ERROR_CONFIG,
                         "no role to assume: give --role-name, the event's 'role_name' or "
                         "ROLE_NAME");
    c->role = view_of(*role == '/' ? role + 1 : role);
    if (view_starts_with(c->role, "arn:"))
        return error_set(e, ERROR_CONFIG,
                         "%s is '%s': give the role's name, not its ARN; it is assumed in each "
                         "account",
                         settings_origin(s, SETTING_ROLE_NAME), role);
    if (!role_valid(c->role))
        return error_set(e, ERROR_CONFIG, "%s is '%.80s': that can be no role's name",
                         settings_origin(s, SETTING_ROLE_NAME), role);
    const char *external_id = settings_text(s, SETTING_EXTERNAL_ID);
    if (external_id && !sts_external_id_valid(view_of(external_id)))
        return error_set(e, ERROR_CONFIG,
                         "%s is not a valid external id: it has " STS_EXTERNAL_ID_FORM,
                         settings_origin(s, SETTING_EXTERNAL_ID));
    if (external_id)
        secret_set(&c->external_id, view_of(external_id));
    return 0;
}

static int make_output(const struct settings *s, bool in_lambda, struct config *c, struct error *e)
{
    struct view owner;
    c->bucket = settings_text(s, SETTING_S3_BUCKET);
    c->prefix = settings_text(s, SETTING_S3_PREFIX);
    c->sse_kms_key_id = settings_text(s, SETTING_SSE_KMS_KEY_ID);
    c->expected_bucket_owner = settings_text(s, SETTING_EXPECTED_BUCKET_OWNER);
    c->output = settings_text(s, SETTING_OUTPUT);
    c->csv_raw = settings_switch(s, SETTING_CSV_RAW);
    c->extended = strcmp(settings_text(s, SETTING_COLUMNS), "extended") == 0;
    c->format = writer_format_find(view_of(settings_text(s, SETTING_FORMAT)));
    owner = view_of(c->expected_bucket_owner);
    if (!c->format)
        return error_set(e, ERROR_CONFIG,
                         "%s: the format '%s' is not available in this version: use csv or jsonl",
                         settings_origin(s, SETTING_FORMAT), settings_text(s, SETTING_FORMAT));
    if (in_lambda && !c->bucket)
        return error_set(e, ERROR_CONFIG,
                         "no bucket to write to: give the event's 's3_bucket_name' or "
                         "S3_BUCKET_NAME");
    if (c->bucket && c->output)
        return error_set(e, ERROR_CONFIG, "--output and a bucket (%s) exclude each other",
                         settings_origin(s, SETTING_S3_BUCKET));
    if (owner.ptr && !account_id_valid(owner))
        return error_set(e, ERROR_CONFIG, "%s: '%s' is no account id (12 digits)",
                         settings_origin(s, SETTING_EXPECTED_BUCKET_OWNER), owner.ptr);
    if (c->output && strcmp(c->output, "-") == 0 && settings_switch(s, SETTING_JSON))
        return error_set(e, ERROR_CONFIG,
                         "--json and '--output -' exclude each other: both write "
                         "to standard output");
    return 0;
}

static fact_set wanted_facts(const struct config *c)
{
    fact_set extra = FACT_BIT(FACT_MFA_DEVICES) | FACT_BIT(FACT_BOUNDARY) |
                     FACT_BIT(FACT_POLICIES) | FACT_BIT(FACT_PASSWORD_CHANGED) |
                     FACT_BIT(FACT_ACCOUNT_NAME);
    bool all = c->extended || strcmp(c->format->name, "csv") != 0;
    return all ? FACT_BIT(FACT_COUNT) - 1 : (FACT_BIT(FACT_COUNT) - 1) & ~extra;
}

static enum strategy strategy_of(const char *name)
{
    return strcmp(name, "bulk") == 0       ? STRATEGY_BULK
           : strcmp(name, "per-user") == 0 ? STRATEGY_PER_USER
                                           : STRATEGY_AUTO;
}

static bool organization_id_valid(struct view id)
{
    for (size_t i = 0; i < id.len; i++)
        if ((unsigned char)id.ptr[i] <= ' ' || id.ptr[i] == '/' || id.ptr[i] == 0x7f)
            return false;
    return id.len > 0 && id.len <= 64;
}

int config_make(const struct settings *settings, bool in_lambda, struct config *config,
                struct error *e)
{
    *config = (struct config){0};
    arena_init(&config->arena);
    if (settings_check(settings, e) != 0)
        return -1;
    config->organization_id = view_of(settings_text(settings, SETTING_ORGANIZATION_ID));
    config->session_policy = !settings_switch(settings, SETTING_NO_SESSION_POLICY);
    config->strategy = strategy_of(settings_text(settings, SETTING_STRATEGY));
    config->max_connections = (size_t)settings_number(settings, SETTING_MAX_CONNECTIONS);
    config->max_report_age_s = settings_number(settings, SETTING_MAX_REPORT_AGE) * 60;
    if (config->organization_id.ptr && !organization_id_valid(config->organization_id))
        return error_set(e, ERROR_CONFIG,
                         "%s is '%.80s': it becomes part of a file name, so it may hold no space "
                         "and no '/'",
                         settings_origin(settings, SETTING_ORGANIZATION_ID),
                         config->organization_id.ptr);
    if (make_role(settings, config, e) != 0 || make_output(settings, in_lambda, config, e) != 0 ||
        make_accounts(settings, config, e) != 0)
        return -1;
    config->wanted = wanted_facts(config);
    return 0;
}

void config_release(struct config *config)
{
    secret_clear(&config->external_id);
    arena_release(&config->arena);
}
