/* The credential report: whether there is one, and what it says. */
#ifndef SIM_REPORT_H
#define SIM_REPORT_H

#include <stddef.h>
#include <stdint.h>

struct call;

/* One number an account: when its report is ready; 0 where it was not asked for. */
struct reports {
    int64_t *ready_us;
    size_t accounts;
};

void report_open(struct reports *reports, size_t accounts);
void report_reset(struct reports *reports);
void report_release(struct reports *reports);

/* Answer iam:GenerateCredentialReport and iam:GetCredentialReport. */
void report_generate(struct call *call);
void report_get(struct call *call);

#endif
