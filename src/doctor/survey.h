/* SPDX-License-Identifier: MIT */
/*
 * survey.h: asks all accounts, as many at once as there are free connections, beginning with those
 * that are known while others are still being looked for.
 *
 *     survey_start -> survey_add, for each account -> survey_close -> done -> survey_take
 */
#ifndef DOCTOR_SURVEY_H
#define DOCTOR_SURVEY_H

#include "doctor/probe.h"

struct survey;

/*
 * Starts. The context's 'done' and 'arg' are not looked at; its other members are copied, and what
 * they point to is borrowed until the survey is freed. done(arg) is called once, from the loop,
 * when the survey is closed and every account has been asked. Never NULL.
 */
struct survey *survey_start(const struct probe_context *context, void (*done)(void *arg),
                            void *arg);
/*
 * Adds an account, unless it is there already. It is copied; its texts are borrowed as long as the
 * diagnosis lives.
 */
void survey_add(struct survey *s, const struct census_account *account);
/* No more accounts come. */
void survey_close(struct survey *s);
/* Hands the accounts over to the diagnosis, ascending by id. After 'done'. */
void survey_take(const struct survey *s);
/* How many accounts have been asked, and how many are known so far. */
size_t survey_asked(const struct survey *s);
size_t survey_known(const struct survey *s);
/* Cancels what is under way and frees 's', which may be NULL. */
void survey_free(struct survey *s);

#endif
