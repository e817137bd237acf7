/* The CSV of RFC 4180: quotes only where needed, lines end in CR LF. */
#include "output/csv.h"

#include "output/columns.h"

#define STANDARD_COUNT 18

/* True if a spreadsheet would run the text as a formula, or skip to where one begins. */
static bool begins_formula(struct view text)
{
    return text.len > 0 && text.ptr[0] != '\0' && strchr("=+-@\t\r", text.ptr[0]);
}

static void write_tags(const struct row *row, struct buffer *out)
{
    columns_write_tags(row, "Key", "Value", out);
}

static void write_certificates(const struct row *row, struct buffer *out)
{
    const struct certificate_names names = {"CertificateId", "Status", "UploadDate",
                                            VIEW_LITERAL("")};
    columns_write_certificates(row, &names, out);
}

/* One use that could not be read must not hide the keys: it is the word in that place alone. */
static void write_inactive_keys(const struct row *row, struct buffer *out)
{
    struct json_writer w;
    json_writer_init(&w, out);
    json_array_begin(&w);
    for (const struct access_key *k = row->user->keys; k; k = k->next) {
        if (access_key_is_active(k))
            continue;
        json_object_begin(&w);
        json_key(&w, "AccessKeyId");
        json_text(&w, item_text(k->id));
        json_key(&w, "CreateDate");
        json_time(&w, k->created_s);
        json_key(&w, "LastUsed");
        if (k->use_unknown)
            json_text(&w, VIEW_LITERAL("unknown"));
        else
            json_time(&w, k->last_used_s);
        json_object_end(&w);
    }
    json_array_end(&w);
}

#define NO_FACTS 0
#define KEYS     FACT_BIT(FACT_KEYS)

/* The header, the facts that make the cell unknown, and what it holds. */
static const struct column columns[] = {
    {"AccountID", NO_FACTS, .read = read_account_id},
    {"AccountAlias", FACT_BIT(FACT_ALIAS), .read = read_account_alias},
    {"UserName", NO_FACTS, .read = read_user_name, .guarded = true},
    {"Tags", FACT_BIT(FACT_TAGS), .write = write_tags},
    {"CreationDateTime", NO_FACTS, .read = read_created},
    {"CreationAgeInDays", NO_FACTS, .read = read_created_age},
    {"Path", NO_FACTS, .read = read_path},
    {"Groups", FACT_BIT(FACT_GROUPS), .write = write_groups},
    {"MFAEnabled", FACT_BIT(FACT_MFA), .read = read_mfa},
    {"LastActivity", KEYS, .read = read_last_activity},
    {"PasswordAge", FACT_BIT(FACT_PASSWORD_AGE), .read = read_password_age},
    {"ConsoleLastSignIn", FACT_BIT(FACT_PASSWORD_USED), .read = read_console_sign_in},
    {"AccessKeyID", KEYS, .read = read_key_id},
    {"ActiveKeyAge", KEYS, .read = read_key_age},
    {"AccessKeyLastUsed", KEYS, .read = read_key_used},
    {"ARN", NO_FACTS, .read = read_arn},
    {"ConsoleAccess", FACT_BIT(FACT_PASSWORD), .read = read_console_access},
    {"SigningCerts", FACT_BIT(FACT_CERTIFICATES), .write = write_certificates},
    /* extended */
    {"UserId", NO_FACTS, .read = read_user_id},
    {"AccountName", FACT_BIT(FACT_ACCOUNT_NAME), .read = read_account_name, .guarded = true},
    {"AccessKey2ID", KEYS, .read = read_key2_id},
    {"AccessKey2Age", KEYS, .read = read_key2_age},
    {"AccessKey2LastUsed", KEYS, .read = read_key2_used},
    {"InactiveKeys", KEYS, .write = write_inactive_keys},
    {"AccessKeyLastUsedService", KEYS, .read = read_key_service},
    {"AccessKeyLastUsedRegion", KEYS, .read = read_key_region},
    {"AccessKeyDescription", KEYS, .read = read_key_description, .guarded = true},
    {"MFADevices", FACT_BIT(FACT_MFA_DEVICES), .write = write_mfa_devices},
    {"PasswordLastChanged", NO_FACTS, .read = read_password_changed},
    {"PermissionsBoundary", FACT_BIT(FACT_BOUNDARY), .read = read_boundary},
    {"AttachedPolicies", FACT_BIT(FACT_POLICIES), .write = write_policies},
    {"DataAsOf", NO_FACTS, .read = read_data_as_of},
};
/* Behind them all, where extended: the list of those that are unknown. */
static const char unknown_column[] = "Unknown";

#define COLUMN_COUNT (sizeof(columns) / sizeof(columns[0]))
_Static_assert(COLUMN_COUNT <= COLUMNS_MAX, "a row has no bit for every column");

/*
 * Puts the cell that begins at 'start' of 'out' and ends with it in quotes, where it must be.
 * In place, from its end: a cell of JSON is long, and most are not quoted at all.
 */
static void quote_cell(struct buffer *out, size_t start)
{
    size_t end = out->len, quotes = 0;
    bool needed = false;
    for (size_t i = start; i < end; i++) {
        char c = out->data[i];
        if (c == '"')
            quotes++;
        needed |= c == '"' || c == ',' || c == '\r' || c == '\n';
    }
    if (!needed)
        return;
    for (size_t i = 0; i < quotes + 2; i++)
        buffer_add_char(out, '"');
    if (!buffer_complete(out))
        return;
    char *to = out->data + out->len - 1; /* the closing quote stands there already */
    for (size_t i = end; i > start; i--) {
        char c = out->data[i - 1];
        *--to = c;
        if (c == '"')
            *--to = c;
    }
    out->data[start] = '"';
}

static void write_cell(const struct row *row, const struct column *column, struct cell cell,
                       struct buffer *out)
{
    size_t start = out->len;
    switch (cell.kind) {
    case CELL_NONE:
        break;
    case CELL_UNKNOWN:
        buffer_add_text(out, "unknown");
        break;
    case CELL_TEXT:
        if (column->guarded && !row->options->raw && begins_formula(cell.text))
            buffer_add_char(out, '\'');
        buffer_add_view(out, cell.text);
        quote_cell(out, start);
        break;
    case CELL_TIME:
        cell_add_time(out, cell.number);
        break;
    case CELL_NUMBER:
        buffer_add_int(out, cell.number);
        break;
    case CELL_TRUTH:
        buffer_add_text(out, cell.number ? "true" : "false");
        break;
    case CELL_WRITTEN:
        column->write(row, out);
        quote_cell(out, start);
        break;
    }
}

static size_t columns_wanted(const struct writer_options *options)
{
    return options->extended ? COLUMN_COUNT : STANDARD_COUNT;
}

static void csv_begin(const struct writer_options *options, struct buffer *out)
{
    for (size_t i = 0; i < columns_wanted(options); i++) {
        if (i > 0)
            buffer_add_char(out, ',');
        buffer_add_text(out, columns[i].name);
    }
    if (options->extended)
        buffer_addf(out, ",%s", unknown_column);
    buffer_add_text(out, "\r\n");
}

static void csv_user(const struct writer_options *options, const struct account *account,
                     const struct user *user, struct buffer *out)
{
    struct row row;
    row_init(&row, options, account, user);
    for (size_t i = 0; i < columns_wanted(options); i++) {
        if (i > 0)
            buffer_add_char(out, ',');
        write_cell(&row, &columns[i], row_cell(&row, columns, i), out);
    }
    if (options->extended) {
        buffer_add_char(out, ',');
        size_t start = out->len;
        row_lost_names(&row, columns, COLUMN_COUNT, out);
        quote_cell(out, start);
    }
    buffer_add_text(out, "\r\n");
}

const struct writer_format csv_format = {
    .name = "csv",
    .extension = ".csv",
    .content_type = "text/csv; charset=utf-8",
    .begin = csv_begin,
    .user = csv_user,
};
