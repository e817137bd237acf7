/* SPDX-License-Identifier: MIT */
/*
 * survey.h: asks all accounts of a diagnosis, as many at once as there are free connections.
 */
#ifndef DOCTOR_SURVEY_H
#define DOCTOR_SURVEY_H

#include "doctor/probe.h"

struct survey;

/*
 * Starts. The context's 'done' and 'arg' are not looked at; its other members are copied, and what
 * they point to is borrowed until the survey is freed. done(arg) is called once, from the loop,
 * when every account of the diagnosis has its verdict. Never NULL.
 */
struct survey *survey_start(const struct probe_context *context, void (*done)(void *arg),
                            void *arg);
/* How many accounts have been asked. */
size_t survey_done(const struct survey *s);
/* Cancels what is under way and frees 's', which may be NULL. */
void survey_free(struct survey *s);

#endif
