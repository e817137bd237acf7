/* SPDX-License-Identifier: MIT */
#include "app/completion_command.h"

#include "app/commands.h"
#include "app/completion.h"
#include "app/exit_status.h"
#include "base/printable.h"

#include <string.h>

#define SCRIPT_MAX_BYTES ((size_t)256 * 1024)
#define SHOWN_MAX_BYTES  60

static const struct shell *find_shell(const char *name)
{
    for (size_t i = 0; i < shell_count; i++)
        if (strcmp(shells[i].name, name) == 0)
            return &shells[i];
    return NULL;
}

static int wrong_shell(const char *name)
{
    struct buffer shown;
    struct error e;
    buffer_init(&shown, (size_t)8 * SHOWN_MAX_BYTES);
    printable_add_cut(&shown, view_of(name), SHOWN_MAX_BYTES);
    error_set(&e, ERROR_CONFIG,
              "there is no completion for the shell '%s': allowed are bash, zsh, "
              "fish",
              buffer_text_cut(&shown));
    buffer_release(&shown);
    return command_complain(&e, EXIT_USAGE);
}

static int completion_command_run(struct command_line *line)
{
    const struct shell *shell = find_shell(line->operands[0]);
    struct buffer script;
    if (!shell)
        return wrong_shell(line->operands[0]);
    buffer_init(&script, SCRIPT_MAX_BYTES);
    shell->write(commands_table, &script);
    int status = command_print(&script, "the completion");
    buffer_release(&script);
    return status;
}

const struct command completion_command = {
    .name = "completion",
    .summary = "print a script that completes commands in a shell",
    .synopsis = "bash|zsh|fish",
    .purpose = "Prints a script with which the shell completes commands, options and values.",
    .notes = "\n"
             "Exit status: 0 printed, 1 not printed, 2 wrong usage.\n"
             "For this shell (put it into ~/.bashrc; for zsh use ~/.zshrc, after compinit):\n"
             "  source <(iam-census completion bash)\n"
             "  iam-census completion fish >~/.config/fish/completions/iam-census.fish\n",
    .operands = {"SHELL"},
    .operands_least = 1,
    .operands_most = 1,
    .operand_words = shell_names,
    .settings = (const enum setting_id[]){SETTING_ROLE_NAME},
    .setting_count = 0,
    .run = completion_command_run,
};
