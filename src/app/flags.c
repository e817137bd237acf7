/* SPDX-License-Identifier: MIT */
#include "app/flags.h"

#include "base/nearest.h"
#include "base/printable.h"

#include <ctype.h>
#include <stdio.h>

#define NAME_SIZE        64
#define SHOWN_MAX_BYTES  60
#define POSSIBLE_MAX     900
#define PART_LEAST_BYTES 3 /* the shortest part of a name that may suggest the flag */

enum { NOT_FOUND = -1, AMBIGUOUS = -2 };

/* Copies the name in "--name=value" or "-name". */
static void copy_name(const char *text, char name[NAME_SIZE])
{
    snprintf(name, NAME_SIZE, "%s", text + strspn(text, "-"));
    name[strcspn(name, "=")] = '\0';
}

static bool begins_with(const char *name, const char *begin)
{
    return strncmp(name, begin, strlen(begin)) == 0;
}

/*
 * The index of the flag with this name, or of the only flag whose name begins with it. If all names
 * that do begin with one of them, that is meant: --account is --accounts, not --accounts-file.
 */
static int find_flag(const struct flag_set *set, const char *name)
{
    int found = NOT_FOUND;
    for (size_t i = 0; i < set->count; i++) {
        const char *one = set->flags[i].name;
        if (strcmp(one, name) == 0)
            return (int)i;
        if (!begins_with(one, name) || (found >= 0 && begins_with(one, set->flags[found].name)))
            continue;
        found = found == NOT_FOUND ? (int)i : AMBIGUOUS;
    }
    return found;
}

const char *flags_find(const struct flag_set *set, const char *text)
{
    char name[NAME_SIZE];
    copy_name(text, name);
    int found = text[0] == '-' && name[0] ? find_flag(set, name) : NOT_FOUND;
    return found >= 0 ? set->flags[found].name : NULL;
}

/* The index of the flag with this letter; NOT_FOUND if there is none. */
static int find_letter(const struct flag_set *set, char letter)
{
    for (size_t i = 0; letter != '\0' && i < set->count; i++)
        if (set->flags[i].letter == letter)
            return (int)i;
    return NOT_FOUND;
}

/* True if 'text' is one of our options, so hardly a value. After a single dash the name must be
 * complete, because a value may begin with a dash. */
static bool is_option(const struct flag_set *set, const char *text)
{
    const char *name = flags_find(set, text);
    if (strcmp(text, "--") == 0)
        return true;
    if (text[0] == '-' && text[1] != '\0' && text[2] == '\0' && find_letter(set, text[1]) >= 0)
        return true;
    return name && (text[1] == '-' || strcmp(text + 1, name) == 0);
}

/* The letter that 'name' is, in the other case ('o' for "O"); 0 if it is not a letter alone. */
static char other_case(const char *name)
{
    unsigned char letter = (unsigned char)name[0];
    if (!isalpha(letter) || name[1] != '\0')
        return '\0';
    return (char)(islower(letter) ? toupper(letter) : tolower(letter));
}

/*
 * The flag that 'name' was probably meant to be: 'name' may be abbreviated, mistyped, or a part of
 * it.
 */
static const char *find_meant(const struct flag_set *set, const char *name)
{
    int found = name[0] ? find_flag(set, name) : NOT_FOUND;
    struct nearest near = nearest_begin(name);
    if (found >= 0)
        return set->flags[found].name;
    for (size_t i = 0; i < set->synonym_count; i++)
        if (strcmp(set->synonyms[i].given, name) == 0)
            return set->synonyms[i].meant;
    found = find_letter(set, other_case(name));
    if (found >= 0)
        return set->flags[found].name;
    for (size_t i = 0; i < set->count; i++)
        nearest_try(&near, set->flags[i].name);
    nearest_try(&near, "help");
    nearest_try(&near, "version");
    for (size_t i = 0; !near.word && strlen(name) >= PART_LEAST_BYTES && i < set->count; i++)
        if (strstr(set->flags[i].name, name))
            near.word = set->flags[i].name;
    return near.word;
}

static enum flags_outcome ambiguous_name(const struct flag_set *set, const char *shown,
                                         const char *name, struct error *e)
{
    struct buffer possible;
    buffer_init(&possible, POSSIBLE_MAX);
    for (size_t i = 0; i < set->count; i++)
        if (strncmp(set->flags[i].name, name, strlen(name)) == 0)
            buffer_addf(&possible, "%s--%s", possible.len > 0 ? ", " : "", set->flags[i].name);
    error_set(e, ERROR_CONFIG, "ambiguous option '%s' (it may be: %s)", shown,
              buffer_text_cut(&possible));
    buffer_release(&possible);
    return FLAGS_WRONG;
}

static enum flags_outcome unknown_name(const struct flag_set *set, const char *shown,
                                       const char *name, struct error *e)
{
    const char *meant = find_meant(set, name);
    char letter[] = {'-', other_case(name), ',', ' ', '\0'};
    if (meant)
        error_set(e, ERROR_CONFIG, "unknown option '%s': did you mean '%s--%s'?", shown,
                  find_letter(set, letter[1]) >= 0 ? letter : "", meant);
    else
        error_set(e, ERROR_CONFIG, "unknown option '%s'; 'iam-census help --all %s' lists all",
                  shown, set->command);
    return FLAGS_WRONG;
}

static enum flags_outcome takes_no_value(const char *name, struct error *e)
{
    error_set(e, ERROR_CONFIG, "option '--%s' takes no value", name);
    return FLAGS_WRONG;
}

static enum flags_outcome wrong_name(const struct flag_set *set, const char *given, struct error *e)
{
    char name[NAME_SIZE];
    struct buffer shown;
    copy_name(given, name);
    if (given[strcspn(given, "=")] && (strcmp(name, "help") == 0 || strcmp(name, "version") == 0))
        return takes_no_value(name, e);
    bool ambiguous = given[1] == '-' && name[0] && find_flag(set, name) == AMBIGUOUS;
    buffer_init(&shown, (size_t)8 * SHOWN_MAX_BYTES);
    printable_add_cut(&shown, (struct view){given, strcspn(given, "=")}, SHOWN_MAX_BYTES);
    enum flags_outcome outcome =
        (ambiguous ? ambiguous_name : unknown_name)(set, buffer_text_cut(&shown), name, e);
    buffer_release(&shown);
    return outcome;
}

/* The letter among others, as the 'x' in "-qx", is none of ours. */
static enum flags_outcome wrong_letter(const struct flag_set *set, const char *given, char letter,
                                       struct error *e)
{
    char alone[] = {'-', letter, '\0'};
    if (letter == '=')
        return takes_no_value(set->flags[find_letter(set, given[1])].name, e);
    enum flags_outcome outcome = wrong_name(set, alone, e);
    error_prefix(e, "in '%.20s'", given);
    return outcome;
}

/* Sets 'e' for a word that is neither a flag nor a flag's value. */
static enum flags_outcome wrong_word(const struct flag_set *set, const char *word, struct error *e)
{
    struct buffer shown;
    const char *meant = strlen(word) < NAME_SIZE ? find_meant(set, word) : NULL;
    bool number = word[0] >= '0' && word[0] <= '9';
    buffer_init(&shown, (size_t)8 * SHOWN_MAX_BYTES);
    printable_add_cut(&shown, view_of(word), SHOWN_MAX_BYTES);
    if (meant)
        error_set(e, ERROR_CONFIG, "'%s' is not an option: did you mean '--%s'?",
                  buffer_text_cut(&shown), meant);
    else
        error_set(e, ERROR_CONFIG, "'%s' is not an option%s; see 'iam-census %s --help'",
                  buffer_text_cut(&shown),
                  number ? ": several ids are one argument, with commas" : "", set->command);
    buffer_release(&shown);
    return FLAGS_WRONG;
}

/* Without this check, if a value is left out, the next option would be taken as the value: a role
 * named '--accounts' would be assumed. */
static enum flags_outcome no_value(const struct flag *flag, const char *next, struct error *e)
{
    if (next)
        error_set(e, ERROR_CONFIG,
                  "option '--%s' needs a value, and '%.60s' is an option (if it is meant: "
                  "--%s=%.60s)",
                  flag->name, next, flag->name, next);
    else
        error_set(e, ERROR_CONFIG, "option '--%s' needs a value", flag->name);
    return FLAGS_WRONG;
}

/* True if 'text' is "-" and digits: a run counted back, never a flag. */
static bool is_negative_number(const char *text)
{
    return text[0] == '-' && text[1] != '\0' && text[1 + strspn(text + 1, "0123456789")] == '\0';
}

static bool is_word(const struct flag_set *set, const char *text)
{
    return text[0] != '-' || text[1] == '\0' || (set->operands && is_negative_number(text));
}

/* Takes a word that is not a flag, if the command takes one more. */
static enum flags_outcome take_operand(const struct flag_set *set, const char *word,
                                       struct error *e)
{
    struct operands *o = set->operands;
    struct buffer shown;
    if (!o)
        return wrong_word(set, word, e);
    if (o->count < o->most) {
        o->words[o->count++] = word;
        return FLAGS_READ;
    }
    buffer_init(&shown, (size_t)8 * SHOWN_MAX_BYTES);
    printable_add_cut(&shown, view_of(word), SHOWN_MAX_BYTES);
    error_set(e, ERROR_CONFIG,
              "'%s' is one word too many: at most %zu may be given beside the options; see "
              "'iam-census %s --help'",
              buffer_text_cut(&shown), o->most, set->command);
    buffer_release(&shown);
    return FLAGS_WRONG;
}

/* Takes the flag at argv[*i] and its value, which may be the next argument. */
static enum flags_outcome read_flag(const struct flag_set *set, int argc, char **argv, int *i,
                                    flag_taker *take, void *arg, struct error *e)
{
    char name[NAME_SIZE];
    const char *given = argv[*i];
    const char *value = strchr(given, '=');
    copy_name(given, name);
    int index = given[1] == '-' && name[0] ? find_flag(set, name) : NOT_FOUND;
    if (index < 0)
        return wrong_name(set, given, e);
    const struct flag *flag = &set->flags[index];
    if (!flag->value_name && value)
        return takes_no_value(flag->name, e);
    if (value) {
        value++;
    } else if (flag->value_name) {
        value = *i + 1 < argc ? argv[*i + 1] : NULL;
        if (!value || is_option(set, value))
            return no_value(flag, value, e);
        ++*i;
    }
    return take(arg, (size_t)index, value, e) == 0 ? FLAGS_READ : FLAGS_WRONG;
}

/* True for "-o", "-oPATH", "-qv"; but a flag's whole name after one dash is a mistake. */
static bool is_letters(const struct flag_set *set, const char *text)
{
    char name[NAME_SIZE];
    copy_name(text, name);
    if (text[1] == '-' || find_letter(set, text[1]) < 0)
        return false;
    for (size_t i = 0; i < set->count; i++)
        if (name[1] != '\0' && strcmp(set->flags[i].name, name) == 0)
            return false;
    return true;
}

/*
 * The value of a flag that was given as a letter: 'rest' of the same argument ("-oPATH",
 * "-o=PATH"), or else the next argument. NULL if there is none.
 */
static const char *value_of_letter(const struct flag_set *set, const char *rest, const char *next)
{
    if (rest[0] != '\0')
        return rest + (rest[0] == '=');
    return next && !is_option(set, next) ? next : NULL;
}

/* Takes the letters of argv[*i]. The last may take a value, which may be the next argument. */
static enum flags_outcome read_letters(const struct flag_set *set, int argc, char **argv, int *i,
                                       flag_taker *take, void *arg, struct error *e)
{
    const char *next = *i + 1 < argc ? argv[*i + 1] : NULL;
    for (const char *letter = argv[*i] + 1; *letter; letter++) {
        int index = find_letter(set, *letter);
        const char *value = NULL;
        if (index < 0)
            return wrong_letter(set, argv[*i], *letter, e);
        const struct flag *flag = &set->flags[index];
        if (flag->value_name && !(value = value_of_letter(set, letter + 1, next)))
            return no_value(flag, next, e);
        if (take(arg, (size_t)index, value, e) != 0)
            return FLAGS_WRONG;
        if (!value)
            continue;
        *i += letter[1] == '\0';
        break;
    }
    return FLAGS_READ;
}

/*
 * True if 'text' is 'name' with two dashes, perhaps abbreviated, or with one. The abbreviation may
 * be a single letter: no other flag begins with the same one.
 */
static bool is_spelling(const char *text, const char *name)
{
    size_t len = strlen(text);
    return (len > 2 && strncmp(text, "--", 2) == 0 && strncmp(text + 2, name, len - 2) == 0) ||
           (text[0] == '-' && strcmp(text + 1, name) == 0);
}

bool flags_is_help(const char *text)
{
    return is_spelling(text, "help") || strcmp(text, "-h") == 0 || strcmp(text, "-?") == 0;
}

bool flags_is_version(const char *text)
{
    return is_spelling(text, "version") || strcmp(text, "-V") == 0;
}

enum flags_outcome flags_read(const struct flag_set *set, int argc, char **argv, flag_taker *take,
                              void *arg, struct error *e)
{
    bool version = false;
    if (argc > 1 && strcmp(argv[1], "help") == 0)
        return FLAGS_HELP;
    for (int i = 1; i < argc; i++) {
        if (flags_is_help(argv[i]))
            return FLAGS_HELP;
        version = version || flags_is_version(argv[i]);
    }
    if (version)
        return FLAGS_VERSION;
    bool only_words = false;
    for (int i = 1; i < argc; i++) {
        if (set->operands && !only_words && strcmp(argv[i], "--") == 0)
            only_words = true;
        else if ((only_words || is_word(set, argv[i]) ? take_operand(set, argv[i], e)
                  : is_letters(set, argv[i])
                      ? read_letters(set, argc, argv, &i, take, arg, e)
                      : read_flag(set, argc, argv, &i, take, arg, e)) != FLAGS_READ)
            return FLAGS_WRONG;
    }
    return FLAGS_READ;
}

void flags_write_choices(const char *const *choices, struct buffer *out)
{
    for (const char *const *c = choices; *c; c++)
        buffer_addf(out, "%s%s", c == choices ? "" : c[1] ? ", " : " or ", *c);
}

void flags_write_help(const struct flag *flag, struct buffer *out)
{
    char left[64];
    char letter[] = {'-', flag->letter, ',', ' ', '\0'};
    snprintf(left, sizeof(left), "%s--%s%s%s", flag->letter ? letter : "", flag->name,
             flag->value_name ? " " : "", flag->value_name ? flag->value_name : "");
    buffer_addf(out, "  %-26s ", left);
    for (const char *c = flag->help; *c; c++) {
        if (flag->choices && strncmp(c, "{}", 2) == 0) {
            flags_write_choices(flag->choices, out);
            c++;
            continue;
        }
        buffer_add_char(out, *c);
        if (*c == '\n')
            buffer_addf(out, "%29s", "");
    }
    buffer_add_char(out, '\n');
}
