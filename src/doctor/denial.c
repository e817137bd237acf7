/* SPDX-License-Identifier: MIT */
#include "doctor/denial.h"

#include "base/character.h"

#include <stdio.h>
#include <string.h>

#define IMPLICIT "because no "
#define EXPLICIT "with an explicit deny"

const char *const policy_type_names[POLICY_TYPE_COUNT] = {
    [POLICY_IDENTITY] = "identity",
    [POLICY_RESOURCE] = "resource",
    [POLICY_SESSION] = "session",
    [POLICY_BOUNDARY] = "permissions_boundary",
    [POLICY_SCP] = "scp",
    [POLICY_RCP] = "rcp",
    [POLICY_VPC_ENDPOINT] = "vpc_endpoint",
    [POLICY_UNKNOWN] = "unknown",
};

/* What IAM calls each kind, in its messages. */
static const struct {
    const char *words;
    enum policy_type type;
} kinds[] = {
    {"identity-based policy", POLICY_IDENTITY}, {"resource-based policy", POLICY_RESOURCE},
    {"role trust policy", POLICY_RESOURCE},     {"session policy", POLICY_SESSION},
    {"permissions boundary", POLICY_BOUNDARY},  {"service control policy", POLICY_SCP},
    {"resource control policy", POLICY_RCP},    {"VPC endpoint policy", POLICY_VPC_ENDPOINT},
};

/* Before the kind: "in a session policy", "in an identity-based policy", "in the role trust ...".
 */
static const char *const articles[] = {"in ", "a ", "an ", "the "};

/* The last place of 'word', since the names of users and resources come first; NULL: none. */
static const char *find_last(const char *text, const char *word)
{
    const char *found = NULL;
    for (const char *at = strstr(text, word); at; at = strstr(at + 1, word))
        found = at;
    return found;
}

/* Skips 'word' if the text begins with it. */
static bool skip(const char **at, const char *word)
{
    if (strncmp(*at, word, strlen(word)) != 0)
        return false;
    *at += strlen(word);
    return true;
}

/* Copies what is not a blank; without the full stop or comma after it. Too long: nothing. */
static void copy_word(const char *from, char *to, size_t size)
{
    size_t len = 0;
    while (from[len] && !character_is_space(from[len]))
        len++;
    while (len > 0 && strchr(".,;)\"'", from[len - 1]))
        len--;
    if (len < size)
        snprintf(to, size, "%.*s", (int)len, from);
}

/* 'at' is behind "because no " or "with an explicit deny ". */
static void read_kind(const char *at, struct denial *d)
{
    for (size_t i = 0; i < sizeof(articles) / sizeof(articles[0]); i++)
        skip(&at, articles[i]);
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (!skip(&at, kinds[i].words))
            continue;
        d->type = kinds[i].type;
        skip(&at, ":");
        at += strspn(at, " ");
        if (strncmp(at, "arn:", 4) == 0)
            copy_word(at, d->policy_arn, sizeof(d->policy_arn));
        return;
    }
}

static void read_id(const char *text, struct denial *d)
{
    const char *in_link = find_last(text, "/authorization-details/");
    const char *told = find_last(text, "authorization id: ");
    if (told)
        copy_word(told + strlen("authorization id: "), d->authorization_id,
                  sizeof(d->authorization_id));
    else if (in_link)
        copy_word(in_link + strlen("/authorization-details/"), d->authorization_id,
                  sizeof(d->authorization_id));
}

/*
 * A resource may be quoted, and an object's key may have any words: what follows the last quotation
 * mark is IAM's own.
 */
void denial_read(const char *message, struct denial *d)
{
    const char *quoted = strrchr(message, '"');
    const char *own = quoted ? quoted + 1 : message;
    const char *explicitly = find_last(own, EXPLICIT);
    const char *implicitly = find_last(own, IMPLICIT);
    *d = (struct denial){.type = POLICY_UNKNOWN};
    d->is_explicit = explicitly && (!implicitly || explicitly > implicitly);
    if (d->is_explicit)
        read_kind(explicitly + strlen(EXPLICIT) + strspn(explicitly + strlen(EXPLICIT), " "), d);
    else if (implicitly)
        read_kind(implicitly + strlen(IMPLICIT), d);
    read_id(own, d);
}

void denial_action(const char *message, char action[DENIAL_ACTION_SIZE])
{
    static const char before[] = "is not authorized to perform: ";
    const char *at = strstr(message, before);
    action[0] = '\0';
    if (at)
        copy_word(at + sizeof(before) - 1, action, DENIAL_ACTION_SIZE);
}

bool denial_is(const struct error *e)
{
    static const char *const codes[] = {"AccessDenied", "AccessDeniedException",
                                        "UnauthorizedOperation", "NotAuthorized",
                                        "NotAuthorizedException"};
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
        if (error_is_code(e, codes[i]))
            return true;
    return false;
}
