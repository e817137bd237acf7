/* SPDX-License-Identifier: MIT */
/*
 * sources.h: how each source's responses become facts. The functions are called only through the
 * table in facts.c, by calls.c and reading.c.
 *
 * source_X_page adds one page of a response (the struct that api/iam.h names for the operation),
 * source_X_whole is called after the last page, source_X_discard drops the pages of a list that
 * broke off, source_X_absent handles NoSuchEntity.
 */
#ifndef CENSUS_SOURCES_H
#define CENSUS_SOURCES_H

#include "base/error.h"

struct access_key;
struct gathered;
struct roster;
struct user;

/* What a response is about: user and key are NULL if the source's scope does not have them. */
struct subject {
    struct roster *roster;
    struct user *user;
    struct access_key *key;
    struct gathered *gathered;
};

int source_details_page(struct subject *s, const void *answer, struct error *e) MUST_CHECK;
void source_details_whole(struct subject *s);
void source_details_discard(struct subject *s);
int source_users_page(struct subject *s, const void *answer, struct error *e) MUST_CHECK;
int source_alias_page(struct subject *s, const void *answer, struct error *e) MUST_CHECK;
void source_alias_discard(struct subject *s);
int source_tags_page(struct subject *s, const void *answer, struct error *e) MUST_CHECK;
void source_tags_discard(struct subject *s);
int source_groups_page(struct subject *s, const void *answer, struct error *e) MUST_CHECK;
void source_groups_discard(struct subject *s);
int source_login_profile_page(struct subject *s, const void *answer, struct error *e) MUST_CHECK;
void source_login_profile_absent(struct subject *s);
int source_mfa_devices_page(struct subject *s, const void *answer, struct error *e) MUST_CHECK;
void source_mfa_devices_whole(struct subject *s);
void source_mfa_devices_discard(struct subject *s);
int source_access_keys_page(struct subject *s, const void *answer, struct error *e) MUST_CHECK;
void source_access_keys_discard(struct subject *s);
int source_key_use_page(struct subject *s, const void *answer, struct error *e) MUST_CHECK;
int source_certificates_page(struct subject *s, const void *answer, struct error *e) MUST_CHECK;
void source_certificates_discard(struct subject *s);
int source_summary_page(struct subject *s, const void *answer, struct error *e) MUST_CHECK;
int source_password_policy_page(struct subject *s, const void *answer, struct error *e) MUST_CHECK;
void source_password_policy_absent(struct subject *s);
int source_virtual_devices_page(struct subject *s, const void *answer, struct error *e) MUST_CHECK;
void source_virtual_devices_whole(struct subject *s);
int source_service_credentials_page(struct subject *s, const void *answer,
                                    struct error *e) MUST_CHECK;
void source_service_credentials_discard(struct subject *s);
int source_ssh_keys_page(struct subject *s, const void *answer, struct error *e) MUST_CHECK;
void source_ssh_keys_discard(struct subject *s);

#endif
