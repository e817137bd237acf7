/* SPDX-License-Identifier: MIT */
#include "app/scope.h"

#include "app/account_id.h"
#include "app/id_list.h"
#include "base/log.h"
#include "base/printable.h"

#include <stdlib.h>
#include <unistd.h>

#define UNITS_MAX 2000 /* that an organization may have (Organizations quotas) */

static int compare_listed(const void *a, const void *b)
{
    const struct listed_id *left = a;
    const struct listed_id *right = b;
    return view_compare(left->text, right->text);
}

/* Sorts the list and drops duplicates; logs a warning about them. */
static void drop_twice(struct id_list *list)
{
    char place[ID_LIST_PLACE_SIZE];
    size_t kept = 0;
    if (list->count > 0)
        qsort(list->items, list->count, sizeof(*list->items), compare_listed);
    for (size_t i = 0; i < list->count; i++) {
        const struct listed_id *item = &list->items[i];
        if (kept == 0 || !view_equal(list->items[kept - 1].text, item->text)) {
            list->items[kept++] = *item;
            continue;
        }
        id_list_place(list, item, place);
        log_event(LOG_WARN, "account is listed twice, read once",
                  FIELD_VIEW("account_id", item->text), FIELD("again_at", place));
    }
    list->count = kept;
}

/* Sets 'e' to what is wrong with the item, which may be a file's name without its '@'. */
static int wrong_item(const struct id_list *list, const struct listed_id *item, struct error *e)
{
    if (list->from_flag && !item->file && access(item->text.ptr, R_OK) == 0)
        return error_set(e, ERROR_CONFIG, "%s: '%.300s' is a file: write '@%.300s' to read it",
                         list->origin, item->text.ptr, item->text.ptr);
    return -1;
}

static int check_accounts(const struct id_list *list, struct error *e)
{
    char place[ID_LIST_PLACE_SIZE];
    for (size_t i = 0; i < list->count; i++) {
        id_list_place(list, &list->items[i], place);
        if (account_id_check(list->items[i].text, place, e) != 0)
            return wrong_item(list, &list->items[i], e);
    }
    return 0;
}

static int check_unit(struct view id, const char *place, struct error *e)
{
    struct buffer shown;
    if (view_starts_with(id, "ou-") || view_starts_with(id, "r-"))
        return 0;
    buffer_init(&shown, 512);
    printable_add_cut(&shown, id, 60);
    error_set(e, ERROR_CONFIG,
              "%.300s: '%s' is not the id of an organizational unit ('ou-...') or root ('r-...')",
              place, buffer_text_cut(&shown));
    buffer_release(&shown);
    return -1;
}

static int check_units(const struct id_list *list, struct error *e)
{
    char place[ID_LIST_PLACE_SIZE];
    if (list->count > UNITS_MAX)
        return error_set(e, ERROR_CONFIG, "%s names more than %d organizational units",
                         list->origin, UNITS_MAX);
    for (size_t i = 0; i < list->count; i++) {
        id_list_place(list, &list->items[i], place);
        if (check_unit(list->items[i].text, place, e) != 0)
            return wrong_item(list, &list->items[i], e);
    }
    return 0;
}

/* An empty list is a mistake: it must never mean 'all accounts'. */
static int check_empty(const struct settings *s, enum setting_id id, const struct id_list *list,
                       const char *what, struct error *e)
{
    const char *text = settings_text(s, id);
    if (!text || list->count > 0)
        return 0;
    return error_set(e, ERROR_CONFIG, "%s is '%.300s', which lists no %s", list->origin, text,
                     what);
}

static struct view *views_of(const struct id_list *list, struct arena *arena, size_t *count)
{
    *count = list->count;
    if (list->count == 0)
        return NULL;
    struct view *views = arena_alloc(arena, list->count * sizeof(struct view));
    for (size_t i = 0; i < list->count; i++)
        views[i] = list->items[i].text;
    return views;
}

struct lists {
    struct id_list accounts, excluded, units;
};

static int read_lists(struct lists *lists, const struct settings *s, struct arena *arena,
                      struct error *e)
{
    const char *stdin_reader = NULL;
    if (id_list_read(&lists->accounts, s, SETTING_ACCOUNTS, &stdin_reader, arena, e) != 0 ||
        id_list_read(&lists->excluded, s, SETTING_EXCLUDE, &stdin_reader, arena, e) != 0 ||
        id_list_read(&lists->units, s, SETTING_UNITS, &stdin_reader, arena, e) != 0)
        return -1;
    if (check_accounts(&lists->accounts, e) != 0 || check_accounts(&lists->excluded, e) != 0 ||
        check_units(&lists->units, e) != 0)
        return -1;
    if (check_empty(s, SETTING_ACCOUNTS, &lists->accounts, "account", e) != 0 ||
        check_empty(s, SETTING_UNITS, &lists->units, "organizational unit", e) != 0)
        return -1;
    drop_twice(&lists->accounts);
    return 0;
}

int scope_read(const struct settings *settings, struct arena *arena, struct scope *scope,
               struct error *e)
{
    struct lists lists = {0};
    int result = read_lists(&lists, settings, arena, e);
    if (result == 0) {
        scope->accounts = views_of(&lists.accounts, arena, &scope->account_count);
        scope->excluded = views_of(&lists.excluded, arena, &scope->excluded_count);
        scope->units = views_of(&lists.units, arena, &scope->unit_count);
    }
    id_list_release(&lists.accounts);
    id_list_release(&lists.excluded);
    id_list_release(&lists.units);
    return result;
}
