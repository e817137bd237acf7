/* SPDX-License-Identifier: MIT */
/*
 * profile_file.h: the text format of '~/.aws/config' and '~/.aws/credentials'.
 *
 * Source: AWS SDKs and Tools Reference Guide, "Using shared config and credentials files"
 * (docs.aws.amazon.com/sdkref/latest/guide/file-format.html); what that leaves open follows what
 * the AWS CLI (Python's configparser) accepts: ':' for '=', keys in any case, keys that are
 * indented alike, indented comments. A '#' or ';' after a space ends a value, except that of
 * credential_process.
 *
 * Not read by inih: as distributions build it, inih cuts lines at 199 bytes, although session
 * tokens are longer, and gives its handler no line numbers.
 */
#ifndef AUTH_PROFILE_FILE_H
#define AUTH_PROFILE_FILE_H

#include "base/error.h"
#include "base/secret.h"

#define PROFILE_FILE_MAX    ((size_t)1024 * 1024) /* bytes */
#define PROFILE_LINE_MAX    ((size_t)64 * 1024)   /* bytes */
#define PROFILE_ENTRIES_MAX 50000

enum profile_section {
    SECTION_OTHER,       /* anything else */
    SECTION_PROFILE,     /* "[profile NAME]" or "[default]"; in the credentials file "[NAME]" */
    SECTION_SERVICES,    /* "[services NAME]" */
    SECTION_SSO_SESSION, /* "[sso-session NAME]" */
};

/* A line "key = value"; views into the file's text. */
struct profile_entry {
    enum profile_section section;
    struct view section_name;
    struct view parent; /* of a nested line, the key above it: "s3" of "s3 =\n  a = b" */
    struct view key;    /* VIEW_NONE: the line of the section's header */
    struct view value;  /* may hold line ends if the value goes on in indented lines */
    unsigned line;
};

struct profile_file {
    struct secret text; /* of the whole file */
    struct profile_entry *entries;
    size_t count, capacity;
    char *path;        /* as it is named in messages */
    struct error gone; /* why there is no file; of kind ERROR_NONE if there is one */
};

/*
 * Reads the file 'path' into '*file' (zeroed), which is called 'shown' in messages. 'is_config'
 * says which of the two it is. A file that is missing, or may not be read, counts as empty. Returns
 * 0; -1 with 'e' naming file and line if it is malformed or over a bound. Either way
 * profile_file_release ends it.
 */
int profile_file_read(struct profile_file *file, const char *path, const char *shown,
                      bool is_config, struct error *e) MUST_CHECK;
/* Wipes and frees. Safe on a zeroed one. */
void profile_file_release(struct profile_file *file);
/* True if the section is there, even if it is empty. */
bool profile_file_has(const struct profile_file *file, enum profile_section section,
                      struct view name);
/*
 * The entry of 'key' (in any case; 'parent' is VIEW_NONE for one that is not nested), the last if
 * there are several; NULL if there is none.
 */
const struct profile_entry *profile_file_find(const struct profile_file *file,
                                              enum profile_section section, struct view name,
                                              struct view parent, const char *key);
/* Its value; VIEW_NONE if that is empty, or 'entry' is NULL. */
struct view profile_entry_value(const struct profile_entry *entry);
/* The value of the profile's 'key' in this file; VIEW_NONE if it has none or an empty one. */
struct view profile_file_get(const struct profile_file *file, struct view profile, const char *key);

#endif
