/* SPDX-License-Identifier: MIT */
/*
 * fields.h: the table of fields: what the census reports about a user, in every format.
 *
 * A field is one row of the table in fields.c and one function that reads its value from the model.
 * The rules of what a field means (which key is the first, what makes a date unknown) are in those
 * functions, so that the formats agree. A format decides the order and how a value is written;
 * which facts a run has to read follows from the fields that its format shows.
 */
#ifndef OUTPUT_FIELDS_H
#define OUTPUT_FIELDS_H

#include "base/json_writer.h"
#include "output/value.h"
#include "output/writer.h"

/*
 * In the order of the CSV. Its last extended column, Unknown, is not a field: csv.c makes it from
 * row->lost. JSON Lines has an order of its own (fields_in_json).
 */
enum field_id {
    FIELD_ACCOUNT_ID,
    FIELD_ACCOUNT_ALIAS,
    FIELD_USER_NAME,
    FIELD_TAGS,
    FIELD_CREATED,
    FIELD_CREATED_AGE,
    FIELD_PATH,
    FIELD_GROUPS,
    FIELD_MFA,
    FIELD_LAST_ACTIVITY,
    FIELD_PASSWORD_AGE,
    FIELD_CONSOLE_SIGN_IN,
    FIELD_KEY_ID,
    FIELD_KEY_AGE,
    FIELD_KEY_USED,
    FIELD_ARN,
    FIELD_CONSOLE_ACCESS,
    FIELD_CERTIFICATES,
    /* extended: */
    FIELD_USER_ID,
    FIELD_ACCOUNT_NAME,
    FIELD_KEY2_ID,
    FIELD_KEY2_AGE,
    FIELD_KEY2_USED,
    FIELD_INACTIVE_KEYS,
    FIELD_KEY_SERVICE,
    FIELD_KEY_REGION,
    FIELD_KEY_DESCRIPTION,
    FIELD_MFA_DEVICES,
    FIELD_PASSWORD_CHANGED,
    FIELD_BOUNDARY,
    FIELD_POLICIES,
    FIELD_DATA_AS_OF,
    /* not in the CSV: */
    FIELD_ACCESS_KEYS,
    FIELD_COUNT
};

/* The set of CSV columns that the field belongs to. */
enum field_set { SET_NONE, SET_STANDARD, SET_EXTENDED };

/* One user's row while it is written. What it points to is borrowed. */
struct row {
    const struct writer_options *options;
    const struct account *account;
    const struct user *user;
    fact_set unknown;                        /* facts unknown for the user or the account */
    const struct access_key *first, *second; /* active keys; NULL if there is none */
    uint64_t lost;                           /* FIELD_BITs of fields whose value is unknown */
};

#define FIELD_BIT(field) (UINT64_C(1) << (field))

struct field {
    const char *column; /* the name in the CSV; NULL: not in the CSV */
    enum field_set set;
    const char *json; /* the name in JSON Lines; NULL: not in JSON Lines */
    fact_set facts;   /* the field is unknown as a whole if one of these is */
    struct value (*value)(const struct row *row);
    fact_set also; /* facts needed as well; 'value' decides what to show if one is unknown */
    bool guarded;  /* people choose the text, so the CSV keeps spreadsheets from running it */
};

extern const struct field output_fields[FIELD_COUNT];

/* The order of JSON Lines: every field that has a name there. */
extern const enum field_id fields_in_json[];
extern const size_t fields_in_json_count;

/* How many fields, from the first on, are columns of the CSV. */
size_t fields_in_csv(bool extended);
/* The facts that the field needs. */
fact_set field_wants(enum field_id field);
/*
 * True if the result reports the fact, if unknown, under the name of this field's CSV column. A
 * standard column about the fact is used; if there is none, an extended one.
 */
bool field_stands_for(enum field_id field, enum fact fact);

/* Begins the row of 'user', who is one of 'account'. */
void row_init(struct row *row, const struct writer_options *options, const struct account *account,
              const struct user *user);
/* What the field holds in this row; records in row->lost if that is unknown. */
struct value row_value(struct row *row, enum field_id field);
/* True if the fact is unknown for this user. */
bool row_lacks(const struct row *row, enum fact fact);

/* The text of a list's item: "" if the response had an empty element. */
static inline struct view item_text(struct view text)
{
    return text.ptr ? text : VIEW_LITERAL("");
}

/* Writes a list of names as the elements of the array that is open in 'w'. */
void names_write(const struct name *names, struct json_writer *w);

#endif
