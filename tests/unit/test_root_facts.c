/* SPDX-License-Identifier: MIT */
/* What is known of the root user, by the summary, the report and the list of virtual devices. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "census/root_facts.h"

#include <stdio.h>

#define YES SAID_TRUE
#define NO  SAID_FALSE
#define NIL SAID_NOTHING

static const struct report_root all_off = {.listed = true, .tells_use = true};
static const struct report_root all_on = {
    .listed = true, .password = YES, .mfa = YES, .key = YES, .certificate = YES};
static const struct report_root not_supported = {.listed = true,
                                                 .password = NIL,
                                                 .password_not_supported = true,
                                                 .mfa = NIL,
                                                 .key = NIL,
                                                 .certificate = NIL};

/* "password mfa kind keys certificates": y, n or ?; the kind is n, v, h or ?. */
static const char *told(const struct account *a)
{
    static char text[8];
    const struct {
        enum fact fact;
        char value;
    } parts[] = {{FACT_ROOT_PASSWORD, a->root.has_password ? 'y' : 'n'},
                 {FACT_ROOT_MFA, a->root.has_mfa ? 'y' : 'n'},
                 {FACT_ROOT_MFA_KIND, "nvh"[a->root.mfa_kind]},
                 {FACT_ROOT_KEYS, a->root.has_keys ? 'y' : 'n'},
                 {FACT_ROOT_CERTIFICATES, a->root.has_certificates ? 'y' : 'n'}};
    for (size_t i = 0; i < 5; i++)
        text[i] = a->unknown & FACT_BIT(parts[i].fact) ? '?' : parts[i].value;
    return text;
}

static void test_who_wins(void **state)
{
    static const struct {
        const char *what;
        enum report_said password, mfa, key, certificate; /* by the summary */
        bool listed, has_virtual;                         /* the devices */
        const struct report_root *line;
        const char *partition, *expected;
    } rows[] = {
        {"nothing is told", NIL, NIL, NIL, NIL, false, false, NULL, "aws", "?????"},
        {"the report alone", NIL, NIL, NIL, NIL, false, false, &all_off, "aws", "nnnnn"},
        {"the report alone", NIL, NIL, NIL, NIL, true, false, &all_on, "aws", "yyhyy"},
        {"the summary alone", YES, YES, NO, NO, true, true, NULL, "aws", "yyvnn"},
        {"the summary wins", NO, NO, NO, NO, true, false, &all_on, "aws", "nnnnn"},
        {"the summary wins", YES, YES, YES, YES, true, false, &all_off, "aws", "yyhyy"},
        {"one entry is missing", NIL, YES, NO, NO, true, true, &all_on, "aws", "yyvnn"},
        {"not supported", NIL, YES, NO, NO, true, true, &not_supported, "aws", "yyvnn"},
        {"not supported, China", NIL, NIL, NIL, NIL, true, false, &not_supported, "aws-cn",
         "y????"},
        {"GovCloud", NIL, NIL, NIL, NIL, true, false, &not_supported, "aws-us-gov", "n????"},
        {"GovCloud", NIL, NIL, NIL, NIL, true, false, &all_on, "aws-us-gov", "yyhyy"},
        {"GovCloud", YES, NIL, NIL, NIL, true, false, &not_supported, "aws-us-gov", "y????"},
        {"devices refused", YES, YES, NO, NO, false, false, NULL, "aws", "yy?nn"},
        {"devices refused, no MFA", YES, NO, NO, NO, false, false, NULL, "aws", "ynnnn"},
        {"only the device is told", NIL, NIL, NIL, NIL, true, true, NULL, "aws", "??v??"},
        {"half a list", YES, YES, NO, NO, false, true, NULL, "aws", "yy?nn"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct account account = {.unknown = FACT_BIT(FACT_ALIAS)};
        struct gathered g;
        gathered_init(&g, 0);
        g.root_password = rows[i].password;
        g.root_mfa = rows[i].mfa;
        g.root_key = rows[i].key;
        g.root_certificate = rows[i].certificate;
        g.devices_listed = rows[i].listed;
        g.root_has_virtual = rows[i].has_virtual;
        root_facts_settle(&account, &g, rows[i].line, rows[i].partition);
        if (strcmp(told(&account), rows[i].expected) != 0)
            fail_msg("%s: %s instead of %s", rows[i].what, told(&account), rows[i].expected);
        assert_true(account.unknown & FACT_BIT(FACT_ALIAS)); /* not ours */
    }
}

static void test_use(void **state)
{
    static const struct {
        bool tells;
        int64_t password_s, first_s, second_s;
        int64_t used_s;
        const char *by; /* NULL: unknown; "": never */
    } rows[] = {
        {true, 5, 3, 4, 5, "password"},
        {true, TIMESTAMP_NONE, 3, TIMESTAMP_NONE, 3, "access_key_1"},
        {true, 5, 3, 9, 9, "access_key_2"},
        {true, 5, 5, 5, 5, "password"},
        {true, TIMESTAMP_NONE, TIMESTAMP_NONE, TIMESTAMP_NONE, TIMESTAMP_NONE, ""},
        {false, 5, 3, 4, TIMESTAMP_NONE, NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct account account = {0};
        struct gathered g;
        const struct report_root line = {.listed = true,
                                         .tells_use = rows[i].tells,
                                         .password_used_s = rows[i].password_s,
                                         .key_used_s = {rows[i].first_s, rows[i].second_s}};
        gathered_init(&g, 0);
        root_facts_settle(&account, &g, &line, "aws");
        assert_int_equal((account.unknown & FACT_BIT(FACT_ROOT_USED)) != 0, rows[i].by == NULL);
        assert_int_equal(account.root.used_s, rows[i].used_s);
        assert_true(view_is(account.root.used_by, rows[i].by ? rows[i].by : ""));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_who_wins),
        cmocka_unit_test(test_use),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
