/*
 * columns.h: what one user's row holds, field by field, for every format.
 *
 * A format is a table of columns: the name that it gives the field, the facts without which the
 * field is unknown, and the function that reads it. The rules of what a field means (which key is
 * the first, what makes a date unknown) are in the functions here, so that the formats agree.
 */
#ifndef OUTPUT_COLUMNS_H
#define OUTPUT_COLUMNS_H

#include "base/json_writer.h"
#include "output/writer.h"

/* A row has a bit for each column. */
#define COLUMNS_MAX 64

/* The row of one user, while it is written. All is borrowed from the account. */
struct row {
    const struct writer_options *options;
    const struct account *account;
    const struct user *user;
    fact_set unknown;                        /* of the user and of the account */
    const struct access_key *first, *second; /* active keys; NULL where there is none */
    uint64_t lost;                           /* bit n: the column n has turned out unknown */
};

/* What a field holds. */
struct cell {
    enum cell_kind {
        CELL_NONE, /* there is none, or never */
        CELL_UNKNOWN,
        CELL_TEXT,
        CELL_TIME,   /* 'number': seconds since 1970 */
        CELL_NUMBER, /* 'number' */
        CELL_TRUTH,  /* 'number': 0 or 1 */
        CELL_WRITTEN /* the column's 'write' says it */
    } kind;
    struct view text;
    int64_t number;
};

struct column {
    const char *name;
    fact_set facts; /* where one of these is unknown, the whole field is */
    /* The value; or, where that is more than one value, the function that appends its text. */
    struct cell (*read)(const struct row *row);
    void (*write)(const struct row *row, struct buffer *out);
    /* For a list that is known while parts of it are not: writes the names of those parts. */
    void (*lost_parts)(const struct row *row, struct json_writer *names);
    bool guarded; /* people choose the text: the CSV keeps a spreadsheet from running it */
};

/* Begins the row of 'user', who is one of 'account'. */
void row_init(struct row *row, const struct writer_options *options, const struct account *account,
              const struct user *user);
/* What column 'index' of 'columns' holds; notes in row->lost where that is unknown. */
struct cell row_cell(struct row *row, const struct column *columns, size_t index);
/* Appends a JSON list of the names of those of the 'count' columns that are noted as unknown. */
void row_lost_names(const struct row *row, const struct column *columns, size_t count,
                    struct buffer *out);

/* Appends a time, as every format writes it. */
void cell_add_time(struct buffer *out, int64_t seconds);

/* The fields, in the order of the CSV. */
struct cell read_account_id(const struct row *row);
struct cell read_account_alias(const struct row *row);
struct cell read_user_name(const struct row *row);
struct cell read_created(const struct row *row);
struct cell read_created_age(const struct row *row);
struct cell read_path(const struct row *row);
struct cell read_mfa(const struct row *row);
/* Unknown where any key's last use is: it might be the latest. */
struct cell read_last_activity(const struct row *row);
/* Unknown where there is a password without a date. */
struct cell read_password_age(const struct row *row);
struct cell read_console_sign_in(const struct row *row);
/* Of the first active key, then of the second. */
struct cell read_key_id(const struct row *row);
struct cell read_key_age(const struct row *row);
struct cell read_key_used(const struct row *row);
struct cell read_arn(const struct row *row);
struct cell read_console_access(const struct row *row);
struct cell read_user_id(const struct row *row);
struct cell read_account_name(const struct row *row);
struct cell read_key2_id(const struct row *row);
struct cell read_key2_age(const struct row *row);
struct cell read_key2_used(const struct row *row);
struct cell read_key_service(const struct row *row);
struct cell read_key_region(const struct row *row);
/* Known to be none where there is no key, whatever is known of tags. */
struct cell read_key_description(const struct row *row);
/* Known to be none where there is no password; else unknown where the exact date is. */
struct cell read_password_changed(const struct row *row);
struct cell read_boundary(const struct row *row);
struct cell read_data_as_of(const struct row *row);

/* Lists that are the same text in every format. */
void write_groups(const struct row *row, struct buffer *out);
void write_mfa_devices(const struct row *row, struct buffer *out);
void write_policies(const struct row *row, struct buffer *out);

/* The text of a list's item: "" where the answer had an empty element. */
static inline struct view item_text(struct view text)
{
    return text.ptr ? text : VIEW_LITERAL("");
}

/*
 * Where a key was last used, of a service or region as AWS says it; VIEW_NONE for the "N/A" that
 * AWS has for a key never used
 * (https://docs.aws.amazon.com/IAM/latest/APIReference/API_AccessKeyLastUsed.html).
 */
struct view key_place(struct view place);

/* Appends the user's tags as a JSON list of objects with these two keys. */
void columns_write_tags(const struct row *row, const char *key, const char *value,
                        struct buffer *out);
/* How a format writes a signing certificate: its keys, and what stands for a date not given. */
struct certificate_names {
    const char *id, *status, *uploaded;
    struct view no_date; /* VIEW_NONE: null */
};
/* Appends the user's signing certificates as a JSON list of objects. */
void columns_write_certificates(const struct row *row, const struct certificate_names *names,
                                struct buffer *out);

#endif
