/* SPDX-License-Identifier: MIT */
/*
 * id_list.h: a list of ids as people write it: in a flag, a variable or an event, or in the files
 * that a flag names.
 *
 * Items are separated by commas, semicolons, blanks and line ends, and also by the byte order marks
 * and special blanks of text that was copied, or saved by an office program. '#' begins a comment
 * up to the end of the line. Quotes around an item, as in exports, are dropped. '@FILE' and '-'
 * (standard input) stand for their content, but only in a flag: an event must not name a file.
 */
#ifndef APP_ID_LIST_H
#define APP_ID_LIST_H

#include "app/settings.h"
#include "base/arena.h"

#define ID_LIST_PLACE_SIZE 320

struct listed_id {
    struct view text;
    const char *file; /* its name in messages; NULL: the setting's own value */
    size_t line;      /* of the file, from 1 */
};

struct id_list {
    const char *origin; /* the setting's; borrowed from the settings */
    bool from_flag;     /* so it may name files */
    struct listed_id *items;
    size_t count, capacity;
};

/*
 * Reads the value of the setting 'id' into 'list', whose texts are in 'arena'. The list is empty if
 * the setting is not set. '*stdin_reader' (NULL at first) becomes the origin of the setting that
 * has read standard input, which only one can. -1 with ERROR_CONFIG that names the setting or file;
 * the list must be released in that case too.
 */
int id_list_read(struct id_list *list, const struct settings *settings, enum setting_id id,
                 const char **stdin_reader, struct arena *arena, struct error *e) MUST_CHECK;
void id_list_release(struct id_list *list);
/* Writes where an item came from: "accounts.txt:3", or the setting's origin. */
void id_list_place(const struct id_list *list, const struct listed_id *item,
                   char out[ID_LIST_PLACE_SIZE]);

#endif
