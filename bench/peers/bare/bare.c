/* SPDX-License-Identifier: MIT */
/*
 * bare: a loop over libcurl's multi interface that sends signed requests and ignores the answers.
 *
 * Usage: bare URL PLAN IN_FLIGHT sign|presigned
 *
 * Assumes the role CensusRole in each account of the plan, then sends the plan's requests to IAM.
 * 'sign' signs each as it is sent; 'presigned' signs all of them before. Prints what the second
 * part took as a line of JSON; the first part and signing beforehand are not in it.
 */
#include "bare.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#define BODY_SIZE 256

static char host[HOST_SIZE];
static struct credentials caller;
static struct sigv4_key caller_key;

void die(const char *what)
{
    fprintf(stderr, "bare: %s\n", what);
    exit(1);
}

static double seconds_of(struct timeval t)
{
    return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static double cpu_s(void)
{
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return seconds_of(used.ru_utime) + seconds_of(used.ru_stime);
}

static double wall_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* The text between two marks of an answer. */
static struct view between(const char *text, const char *begin, const char *end)
{
    const char *start = strstr(text, begin);
    const char *stop = start ? strstr(start, end) : NULL;
    if (!stop)
        die("AssumeRole's answer holds no credentials");
    start += strlen(begin);
    return (struct view){start, (size_t)(stop - start)};
}

static void sign_by_caller(struct bare_request *request)
{
    request->headers = request_sign(request, "sts", host, &caller, &caller_key);
}

static void take_session(struct bare_request *request, const char *body)
{
    struct credentials *session = &request->account->session;
    struct view id = between(body, "<AccessKeyId>", "</AccessKeyId>");
    snprintf(session->access_key_id, sizeof(session->access_key_id), "%.*s", VIEW_ARG(id));
    secret_set(&session->secret_access_key,
               between(body, "<SecretAccessKey>", "</SecretAccessKey>"));
    secret_set(&session->session_token, between(body, "<SessionToken>", "</SessionToken>"));
}

static void sign_by_session(struct bare_request *request)
{
    struct bare_account *account = request->account;
    request->headers = request_sign(request, "iam", host, &account->session, &account->key);
}

static void assume_roles(struct bare_plan *plan, struct bare_loop loop)
{
    struct bare_request *requests = calloc(plan->account_count, sizeof(*requests));
    char(*bodies)[BODY_SIZE] = calloc(plan->account_count, sizeof(*bodies));
    if (!requests || !bodies)
        die("out of memory");
    for (size_t i = 0; i < plan->account_count; i++) {
        snprintf(bodies[i], sizeof(bodies[i]),
                 "Action=AssumeRole&Version=2011-06-15&RoleSessionName=bare&RoleArn="
                 "arn%%3Aaws%%3Aiam%%3A%%3A%s%%3Arole%%2FCensusRole",
                 plan->accounts[i].id);
        requests[i] = (struct bare_request){.account = &plan->accounts[i], .body = bodies[i]};
    }
    loop.sign = sign_by_caller;
    loop.answer = take_session;
    loop_send(&loop, requests, plan->account_count);
    free(requests);
    free(bodies);
}

int main(int argc, char **argv)
{
    struct bare_plan plan = {.text = NULL};
    if (argc != 5 || !strstr(argv[1], "://"))
        die("usage: bare URL PLAN IN_FLIGHT sign|presigned");
    struct bare_loop loop = {.url = argv[1], .in_flight = strtoul(argv[3], NULL, 10)};
    const char *id = getenv("AWS_ACCESS_KEY_ID"), *secret = getenv("AWS_SECRET_ACCESS_KEY");
    if (!id || !secret || loop.in_flight < 1 || loop.in_flight > IN_FLIGHT_MAX)
        die("no credentials, or a wrong number of requests in flight");
    snprintf(host, sizeof(host), "%s", strstr(argv[1], "://") + 3);
    snprintf(caller.access_key_id, sizeof(caller.access_key_id), "%s", id);
    secret_set(&caller.secret_access_key, view_of(secret));
    plan_read(&plan, argv[2]);
    assume_roles(&plan, loop);
    loop.sign = sign_by_session;
    if (strcmp(argv[4], "presigned") == 0)
        for (size_t i = 0; i < plan.request_count; i++)
            sign_by_session(&plan.requests[i]);
    double cpu = cpu_s(), wall = wall_s();
    loop_send(&loop, plan.requests, plan.request_count);
    cpu = cpu_s() - cpu;
    wall = wall_s() - wall;
    if (loop.failed > 0)
        die("some answers were errors");
    printf("{\"calls\": %zu, \"cpu_s\": %.6f, \"wall_s\": %.6f}\n", plan.request_count, cpu, wall);
    return 0;
}
