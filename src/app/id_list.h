/* SPDX-License-Identifier: MIT */
/*
 * id_list.h: a list of ids as people write it: in a flag, a variable or an event, or in the files
 * that a flag names.
 *
 * Commas, blanks and line ends separate; so do a byte order mark and blanks of other kinds, which
 * come with text that was copied or saved by an office program. '#' begins a comment up to the
 * line's end. Quotes around an item are dropped, as exports have them. '@FILE' and '-' (standard
 * input) stand for what is in them, in a flag alone: an event must not name a file.
 */
#ifndef APP_ID_LIST_H
#define APP_ID_LIST_H

#include "app/settings.h"
#include "base/arena.h"

#define ID_LIST_PLACE_SIZE 320

struct listed_id {
    struct view text;
    const char *file; /* as it is named in messages; NULL: the setting's own value */
    size_t line;      /* of the file, from 1 */
};

struct id_list {
    const char *origin; /* of the setting; borrowed from the settings */
    bool from_flag;     /* and may name files */
    struct listed_id *items;
    size_t count, capacity;
};

/*
 * Reads the list that the setting 'id' is into 'list', whose texts lie in 'arena'. An empty one if
 * it is not set. 'stdin_reader' (begins as NULL) remembers which setting has read standard input,
 * which can be done once; it points into the settings. -1 with ERROR_CONFIG that names setting or
 * file; the list is to be released all the same.
 */
int id_list_read(struct id_list *list, const struct settings *settings, enum setting_id id,
                 const char **stdin_reader, struct arena *arena, struct error *e) MUST_CHECK;
void id_list_release(struct id_list *list);
/* Where an item stands: "accounts.txt:3", or the setting's origin. */
void id_list_place(const struct id_list *list, const struct listed_id *item,
                   char out[ID_LIST_PLACE_SIZE]);

#endif
