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
 * In the order of the CSV. Its last column beyond the standard ones, Unknown, is not a field: csv.c
 * makes it from row->lost. JSON Lines has an order of its own (fields_in_json).
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
    /* full: */
    FIELD_ACCOUNT_OU,
    FIELD_KIND,
    FIELD_MFA_DEVICE_KINDS,
    FIELD_PASSWORD_ROTATION,
    FIELD_INLINE_POLICIES,
    FIELD_GROUP_POLICIES,
    FIELD_IS_ADMIN,
    FIELD_ADMIN_VIA,
    FIELD_SERVICE_CREDENTIALS,
    FIELD_SSH_KEYS,
    FIELD_LAST_USED,
    FIELD_LAST_USED_BY,
    /* not in the CSV: */
    FIELD_ACCESS_KEYS,
    FIELD_COUNT
};

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
    const char *column;  /* the name in the CSV; NULL: not in the CSV */
    enum column_set set; /* the first one that has it; JSON Lines has the full ones only in that */
    const char *json;    /* the name in JSON Lines; NULL: not in JSON Lines */
    fact_set facts;      /* the field is unknown as a whole if one of these is */
    struct value (*value)(const struct row *row);
    fact_set also; /* facts needed as well; 'value' decides what to show if one is unknown */
    fact_set from; /* like 'also', but other fields are about them: the value is made from those */
    bool guarded;  /* people choose the text, so the CSV keeps spreadsheets from running it */
};

extern const struct field output_fields[FIELD_COUNT];

/* The order of JSON Lines: every field that has a name there. */
extern const enum field_id fields_in_json[];
/* How many of them, from the first on, it has in this set. */
size_t fields_in_json_count(enum column_set set);

/* How many fields, from the first on, are columns of the CSV in this set. */
size_t fields_in_csv(enum column_set set);
/* The facts that the field needs. */
fact_set field_wants(enum field_id field);
/*
 * True if the result reports the fact, if unknown, under the name of this field's CSV column. Of
 * the columns about the fact, those of the smallest set that has any are used.
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
/* The same for the kinds of MFA devices, of which the list has the serial numbers. */
void device_kinds_write(const struct name *serials, struct json_writer *w);

#endif
