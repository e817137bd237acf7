/* SPDX-License-Identifier: MIT */
#include "app/command.h"

#include "app/exit_status.h"
#include "app/print.h"
#include "base/version.h"

#include <stdio.h>
#include <string.h>

#define TEXT_MAX_BYTES ((size_t)16 * 1024)
#define FLAGS_MAX      (COMMAND_OWN_MAX + SETTING_COUNT)

int command_complain(const struct error *e, int status)
{
    fprintf(stderr, "iam-census: %s\n", e->text);
    return status;
}

int command_print(const struct buffer *text, const char *what)
{
    struct error e;
    if (buffer_check(text, what, &e) != 0 || print_text(buffer_view(text), &e) != 0)
        return command_complain(&e, EXIT_NOTHING);
    return EXIT_ALL_READ;
}

/* The nth of the command's settings. */
static enum setting_id setting_at(const struct command *c, size_t nth)
{
    return c->settings ? c->settings[nth] : (enum setting_id)nth;
}

static size_t count_settings(const struct command *c)
{
    return c->settings ? c->setting_count : SETTING_COUNT;
}

static struct flag flag_of(enum setting_id id)
{
    const struct setting *s = &settings_table[id];
    return (struct flag){s->flag, s->value_name, s->help, s->choices};
}

/* Writes the command's flags into 'flags', its own first. */
static struct flag_set make_set(const struct command *c, struct flag flags[FLAGS_MAX])
{
    size_t settings = count_settings(c);
    for (size_t i = 0; i < c->own_count; i++)
        flags[i] = c->own[i];
    for (size_t i = 0; i < settings; i++)
        flags[c->own_count + i] = flag_of(setting_at(c, i));
    return (struct flag_set){.command = c->name,
                             .flags = flags,
                             .count = c->own_count + settings,
                             .synonyms = c->synonyms,
                             .synonym_count = c->synonym_count};
}

struct reading {
    const struct command *command;
    struct command_line *line;
};

static int command_on_flag(void *arg, size_t index, const char *value, struct error *e)
{
    const struct reading *r = arg;
    size_t own_count = r->command->own_count;
    if (index >= own_count)
        return settings_from_flag(&r->line->settings, setting_at(r->command, index - own_count),
                                  value, e);
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
    struct flag flags[FLAGS_MAX];
    struct flag_set set = make_set(command, flags);
    struct reading reading = {command, line};
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
    struct flag flags[FLAGS_MAX];
    const struct flag_set set = make_set(command, flags);
    return flags_find(&set, text);
}

static void write_setting_help(const struct command *c, enum setting_id id, struct buffer *out)
{
    const struct flag flag = flag_of(id);
    for (size_t i = 0; i < c->part_count; i++)
        if (c->parts[i].first == id)
            buffer_addf(out, "%s:\n", c->parts[i].title);
    flags_write_help(&flag, out);
}

void command_write_help(const struct command *command, struct buffer *out)
{
    buffer_addf(out, "Usage: iam-census %s %s\n%s\n\n", command->name, command->synopsis,
                command->purpose);
    for (size_t i = 0; i < command->own_count; i++)
        flags_write_help(&command->own[i], out);
    for (size_t i = 0; i < count_settings(command); i++)
        write_setting_help(command, setting_at(command, i), out);
    buffer_addf(out, "  --help, --version\n%s", command->notes);
}

static int print_help(const struct command *command)
{
    struct buffer text;
    buffer_init(&text, TEXT_MAX_BYTES);
    command_write_help(command, &text);
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

int command_main(const struct command *command, int argc, char **argv)
{
    struct command_line line = {.own = {NULL}};
    struct error e;
    int status = EXIT_USAGE;
    if (command->environment)
        settings_from_environment(&line.settings);
    switch (command_read(command, argc, argv, &line, &e)) {
    case FLAGS_HELP:
        status = print_help(command);
        break;
    case FLAGS_VERSION:
        status = command_print_version();
        break;
    case FLAGS_WRONG:
        status = command_complain(&e, EXIT_USAGE);
        break;
    case FLAGS_READ:
        status = command->run(&line);
        break;
    }
    settings_release(&line.settings);
    return status;
}
