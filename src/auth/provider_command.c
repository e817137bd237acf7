/* SPDX-License-Identifier: MIT */
#include "auth/provider_command.h"

#include "auth/credentials_json.h"
#include "auth/delivery.h"
#include "base/alloc.h"
#include "base/blanks.h"
#include "net/process.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define STDERR_MAX     16384
#define STDERR_SAY     300 /* bytes of it in a message: its end, where programs put their reason */
#define ARGUMENT_LEAST 12  /* characters of an argument that may be a secret */

#define CLI_COMMAND "aws configure export-credentials"

struct command_provider {
    struct credentials_provider base;
    struct loop *loop;
    char *shell;       /* credential_process, else NULL */
    char *cli_profile; /* the profile that the AWS CLI exports, else NULL */
    struct command_cli_use use;
    struct process *process;
    struct provider_done done;
    struct delivery delivery;
};

/* Puts what failed in front of the error. A command itself is not shown: it may hold a secret. */
static void name_it(const struct command_provider *self, struct error *e)
{
    if (self->shell)
        error_prefix(e, "credential_process");
    else
        error_prefix(e, "the AWS CLI's '%s' for profile '%s', which uses %s", CLI_COMMAND,
                     self->cli_profile, self->use.why);
}

/* The end of what a program wrote to stderr, where programs put their reason. */
static struct view last_words(const struct process_result *result)
{
    struct view said = view_trim(result->err);
    if (said.len > STDERR_SAY)
        said = (struct view){said.ptr + said.len - STDERR_SAY, STDERR_SAY};
    return said.len > 0 ? said : VIEW_LITERAL("it wrote nothing to standard error");
}

/* True if a line of 'said' begins as the shell's own messages do. */
static bool is_of_shell(struct view said)
{
    static const char *const marks[] = {"sh: ", "/bin/sh: "};
    for (size_t at = 0; at < said.len; at++)
        for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
            if ((at == 0 || said.ptr[at - 1] == '\n') &&
                view_starts_with((struct view){said.ptr + at, said.len - at}, marks[i]))
                return true;
    return false;
}

static bool is_file(struct view name)
{
    char *path = xstrndup(name.ptr, name.len);
    bool there = access(path, F_OK) == 0;
    free(path);
    return there;
}

/* The arguments that may be secrets: programs repeat those that they don't understand. */
static struct blanks arguments_of(const char *command)
{
    static const char between[] = " \t\"'=";
    struct blanks b = {.count = 0};
    const char *at = command + strcspn(command, " \t");
    while (*at && b.count < BLANKS_MAX) {
        at += strspn(at, between);
        struct view argument = {at, strcspn(at, between)};
        if (argument.len >= ARGUMENT_LEAST && *at != '-' && !is_file(argument))
            blanks_add(&b, argument);
        at += argument.len;
    }
    return b;
}

/*
 * The error quotes what the command itself wrote. It never quotes the shell, which repeats the
 * command that it can't run.
 */
static int explain_shell(const struct command_provider *self, const struct process_result *result,
                         struct error *e)
{
    const struct blanks arguments = arguments_of(self->shell);
    struct buffer said;
    if (is_of_shell(result->err))
        return error_set(
            e, ERROR_CREDENTIALS,
            "the shell can't run it (status %d): is the command installed and complete?",
            result->status);
    buffer_init(&said, sizeof(e->text));
    blanks_write(&arguments, last_words(result), &said);
    error_set(e, ERROR_CREDENTIALS, "it ended with status %d: %s", result->status,
              buffer_text_cut(&said));
    buffer_release(&said);
    return -1;
}

/* AWS CLI version 1 has no such subcommand, and answers with a list of all that it has. */
static int explain_cli(const struct command_provider *self, const struct process_result *result,
                       struct error *e)
{
    static const char refused[] = "Invalid choice";
    if (memmem(result->err.ptr, result->err.len, refused, sizeof(refused) - 1))
        return error_set(e, ERROR_CREDENTIALS,
                         "AWS CLI version 2 is needed, and the 'aws' on the PATH is an older one, "
                         "without this command");
    error_set(e, ERROR_CREDENTIALS, "it ended with status %d: %.*s", result->status,
              VIEW_ARG(last_words(result)));
    if (self->use.login) {
        size_t len = strlen(e->text);
        snprintf(e->text + len, sizeof(e->text) - len, " (log in: %s --profile %s)",
                 self->use.login, self->cli_profile);
    }
    return -1;
}

static int check_status(const struct command_provider *self, const struct process_result *result,
                        struct error *e)
{
    if (result->status == 0)
        return 0;
    if (result->signal)
        return error_set(e, ERROR_CREDENTIALS, "it was ended by signal %d", result->signal);
    return self->shell ? explain_shell(self, result, e) : explain_cli(self, result, e);
}

static int read_result(const struct command_provider *self, const struct process_result *result,
                       struct credentials *c, struct error *e)
{
    if (check_status(self, result, e) != 0)
        return -1;
    if (credentials_json_read(result->out, JSON_PROCESS, c, e) != 0)
        return error_prefix(e, "what it printed can't be used");
    return 0;
}

static void command_on_end(void *arg, const struct process_result *result,
                           const struct error *failed)
{
    struct command_provider *self = arg;
    struct provider_done done = self->done;
    struct credentials c = {0};
    struct error e;
    self->process = NULL;
    if (failed) {
        e = *failed;
        e.kind = ERROR_CREDENTIALS;
    }
    if (!failed && read_result(self, result, &c, &e) == 0) {
        done.fn(done.arg, &c, NULL);
        credentials_clear(&c);
        return;
    }
    name_it(self, &e);
    done.fn(done.arg, NULL, &e);
}

static void explain_start(const struct command_provider *self, struct error *e)
{
    e->kind = ERROR_CREDENTIALS;
    if (!self->shell && strcmp(e->code, PROCESS_NOT_FOUND) == 0)
        error_set(
            e, ERROR_CREDENTIALS,
            "profile '%s' uses %s, for which iam-census runs the AWS CLI's '%s', and 'aws' is "
            "not on the PATH: install AWS CLI version 2, or put the profile's credentials "
            "into AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN",
            self->cli_profile, self->use.why, CLI_COMMAND);
    else
        name_it(self, e);
}

static void command_start(struct credentials_provider *p, struct provider_done done)
{
    struct command_provider *self = (struct command_provider *)p;
    const char *const argv[] = {
        "aws",     "configure", "export-credentials", "--profile", self->cli_profile, "--format",
        "process", NULL,
    };
    const struct process_options options = {
        .argv = self->shell ? NULL : argv,
        .shell = self->shell,
        .stdout_max = CREDENTIALS_JSON_MAX,
        .stderr_max = STDERR_MAX,
        .timeout_ms = self->shell ? COMMAND_TIMEOUT_MS : COMMAND_CLI_TIMEOUT_MS,
    };
    struct error e;
    self->done = done;
    self->process = process_start(self->loop, &options, command_on_end, self, &e);
    if (self->process)
        return;
    explain_start(self, &e);
    delivery_error(&self->delivery, self->loop, done, &e);
}

static void command_cancel(struct credentials_provider *p)
{
    struct command_provider *self = (struct command_provider *)p;
    delivery_cancel(&self->delivery);
    process_cancel(self->process);
    self->process = NULL;
}

static void command_free(struct credentials_provider *p)
{
    struct command_provider *self = (struct command_provider *)p;
    command_cancel(p);
    free(self->shell);
    free(self->cli_profile);
    free(self);
}

static struct command_provider *command_new(struct loop *loop)
{
    static const struct provider_ops ops = {"process", command_start, command_cancel, command_free};
    struct command_provider *self = xcalloc(1, sizeof(*self));
    self->base.ops = &ops;
    self->loop = loop;
    return self;
}

struct credentials_provider *provider_command_new(struct loop *loop, struct view command)
{
    struct command_provider *self = command_new(loop);
    self->shell = xstrndup(command.ptr, command.len);
    return &self->base;
}

struct credentials_provider *provider_command_new_cli(struct loop *loop, struct view profile,
                                                      struct command_cli_use use)
{
    struct command_provider *self = command_new(loop);
    self->cli_profile = xstrndup(profile.ptr, profile.len);
    self->use = use;
    return &self->base;
}
