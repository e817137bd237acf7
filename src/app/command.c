/* SPDX-License-Identifier: MIT */
#include "app/command.h"

#include "app/exit_status.h"
#include "app/print.h"
#include "base/colour.h"
#include "base/log.h"
#include "base/plural.h"
#include "base/version.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define TEXT_MAX_BYTES ((size_t)16 * 1024)

int command_complain(const struct error *e, int status)
{
    bool coloured = colour_wanted(STDERR_FILENO);
    fprintf(stderr, "%siam-census:%s %s\n", colour_on(coloured, COLOUR_BAD), colour_off(coloured),
            e->text);
    return status;
}

int command_print(const struct buffer *text, const char *what)
{
    struct error e;
    if (buffer_check(text, what, &e) != 0 || print_text(buffer_view(text), &e) != 0)
        return command_complain(&e, EXIT_NOTHING);
    return EXIT_ALL_READ;
}

/* Writes the ids of the settings that the command takes; those for all commands come last. */
static size_t list_settings(const struct command *c, enum setting_id ids[SETTING_COUNT])
{
    size_t count = 0;
    for (unsigned id = 0; !c->settings && id < SETTING_COUNT; id++)
        if (!c->without || *c->without != id)
            ids[count++] = (enum setting_id)id;
    for (size_t i = 0; c->settings && i < c->setting_count; i++)
        ids[count++] = c->settings[i];
    for (unsigned id = 0; c->settings && id < SETTING_COUNT; id++)
        if (settings_table[id].everywhere)
            ids[count++] = (enum setting_id)id;
    return count;
}

/* True if the command's short help leaves the setting out. */
static bool is_rare(const struct command *command, enum setting_id id)
{
    for (size_t i = 0; i < command->rare_count; i++)
        if (command->rare[i] == id)
            return true;
    return settings_table[id].rare;
}

static struct flag flag_of(const struct command *command, enum setting_id id)
{
    const struct setting *s = &settings_table[id];
    return (struct flag){.name = s->flag,
                         .value_name = s->value_name,
                         .help = s->help,
                         .choices = s->choices,
                         .letter = s->letter,
                         .rare = is_rare(command, id),
                         .value = s->value};
}

void command_list_flags(const struct command *command, struct command_flags *all)
{
    size_t settings = list_settings(command, all->settings);
    for (size_t i = 0; i < command->own_count; i++)
        all->flags[i] = command->own[i];
    for (size_t i = 0; i < settings; i++)
        all->flags[command->own_count + i] = flag_of(command, all->settings[i]);
    all->count = command->own_count + settings;
}

static struct flag_set make_set(const struct command *c, struct command_flags *all)
{
    command_list_flags(c, all);
    return (struct flag_set){.command = c->name,
                             .flags = all->flags,
                             .count = all->count,
                             .synonyms = c->synonyms,
                             .synonym_count = c->synonym_count};
}

struct reading {
    const struct command *command;
    const struct command_flags *all;
    struct command_line *line;
};

static int command_on_flag(void *arg, size_t index, const char *value, struct error *e)
{
    const struct reading *r = arg;
    size_t own_count = r->command->own_count;
    if (index >= own_count)
        return settings_from_flag(&r->line->settings, r->all->settings[index - own_count], value,
                                  e);
    r->line->own[index] = value ? value : "";
    return 0;
}

static enum flags_outcome lacks_operand(const struct command *c, size_t nth, struct error *e)
{
    error_set(e, ERROR_CONFIG, "%s is missing: iam-census %s %s", c->operands[nth], c->name,
              c->synopsis);
    return FLAGS_WRONG;
}

enum flags_outcome command_read(const struct command *command, int argc, char **argv,
                                struct command_line *line, struct error *e)
{
    struct command_flags all;
    struct flag_set set = make_set(command, &all);
    struct reading reading = {command, &all, line};
    struct operands operands = {.most = command->operands_most};
    if (command->operands_most > 0)
        set.operands = &operands;
    enum flags_outcome outcome = flags_read(&set, argc, argv, command_on_flag, &reading, e);
    memcpy(line->operands, operands.words, sizeof(line->operands));
    line->operand_count = operands.count;
    if (outcome == FLAGS_READ && operands.count < command->operands_least)
        return lacks_operand(command, operands.count, e);
    return outcome;
}

const char *command_find_flag(const struct command *command, const char *text)
{
    struct command_flags all;
    const struct flag_set set = make_set(command, &all);
    return flags_find(&set, text);
}

/* The part that begins with this setting; otherwise the one that the setting before is in. */
static const struct command_part *next_part(const struct command *c, enum setting_id id,
                                            const struct command_part *before)
{
    for (size_t i = 0; i < c->part_count; i++)
        if (c->parts[i].first == id)
            return &c->parts[i];
    return before;
}

/*
 * Writes the flags; in the whole help also the title of each part, before the first of its flags.
 * Returns how many are left out.
 */
static size_t write_flags(const struct command *c, enum command_help extent, struct buffer *out)
{
    struct command_flags all;
    const struct command_part *part = NULL, *titled = NULL;
    size_t hidden = 0;
    command_list_flags(c, &all);
    for (size_t i = 0; i < all.count; i++) {
        if (i >= c->own_count)
            part = next_part(c, all.settings[i - c->own_count], part);
        if (extent == COMMAND_HELP_SHORT && all.flags[i].rare) {
            hidden++;
            continue;
        }
        if (part != titled && extent == COMMAND_HELP_ALL)
            buffer_addf(out, "%s:\n", part->title);
        titled = part;
        flags_write_help(&all.flags[i], out);
    }
    return hidden;
}

void command_write_help(const struct command *command, enum command_help extent, struct buffer *out)
{
    buffer_addf(out, "Usage: iam-census %s %s\n%s\n\n", command->name, command->synopsis,
                command->purpose);
    size_t hidden = write_flags(command, extent, out);
    buffer_add_text(out, "  -h, --help, -V, --version\n");
    if (hidden > 0)
        buffer_addf(out, "%zu more option%s: iam-census help --all %s\n", hidden, plural_s(hidden),
                    command->name);
    if (command->more && extent == COMMAND_HELP_ALL)
        buffer_add_text(out, command->more);
    buffer_add_text(out, command->notes);
}

/* "--all" beside "--help" asks for the whole help. */
static enum command_help asked_extent(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], COMMAND_ALL) == 0)
            return COMMAND_HELP_ALL;
    return COMMAND_HELP_SHORT;
}

static int print_help(const struct command *command, enum command_help extent)
{
    struct buffer text;
    buffer_init(&text, TEXT_MAX_BYTES);
    command_write_help(command, extent, &text);
    int status = command_print(&text, "the help");
    buffer_release(&text);
    return status;
}

int command_print_version(void)
{
    struct buffer text;
    buffer_init(&text, TEXT_MAX_BYTES);
    buffer_add_text(&text, IAM_CENSUS_VERSION_LINE);
    int status = command_print(&text, "the version");
    buffer_release(&text);
    return status;
}

/* Applies what all commands understand: -q, -v and --color. */
static int apply_settings(const struct settings *s, struct error *e)
{
    enum colour_choice choice = COLOUR_AUTO;
    const char *name = settings_text(s, SETTING_COLOR);
    if (!colour_find(name, &choice))
        return error_set(e, ERROR_CONFIG, "--color is '%.60s': allowed are auto, always, never",
                         name);
    colour_choose(choice);
    log_configure(log_level_find(settings_text(s, SETTING_LOG_LEVEL), LOG_WARN), LOG_TEXT,
                  clock_system());
    return 0;
}

int command_main(const struct command *command, int argc, char **argv)
{
    struct command_line line = {.own = {NULL}};
    struct error e;
    int status = EXIT_USAGE;
    if (command->environment)
        settings_from_environment(&line.settings);
    switch (command_read(command, argc, argv, &line, &e)) {
    case FLAGS_HELP:
        status = print_help(command, asked_extent(argc, argv));
        break;
    case FLAGS_VERSION:
        status = command_print_version();
        break;
    case FLAGS_WRONG:
        status = command_complain(&e, EXIT_USAGE);
        break;
    case FLAGS_READ:
        status = apply_settings(&line.settings, &e) == 0 ? command->run(&line)
                                                         : command_complain(&e, EXIT_USAGE);
        break;
    }
    settings_release(&line.settings);
    return status;
}
