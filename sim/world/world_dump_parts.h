/* SPDX-License-Identifier: MIT */
/* world_dump_parts.h: parts of a dump (world_dump.h), each a named member of an open object. */
#ifndef WORLD_WORLD_DUMP_PARTS_H
#define WORLD_WORLD_DUMP_PARTS_H

#include "wire/text.h"
#include "world/model.h"

void dump_strings(struct buffer *out, const char *name, const char *const *strings, size_t count);
void dump_inline_policies(struct buffer *out, const struct inline_policy *policies, size_t count);
void dump_entities(struct buffer *out, const struct entities *entities);
void dump_password_policy(struct buffer *out, const struct password_policy *policy);

#endif
