/* SPDX-License-Identifier: MIT */
/* What doctor prints for people: whole texts, hostile names, and that it fits two screens. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "doctor/doctor_text.h"
#include "doctor_scene.h"

#include <stdlib.h>

#define TEXT_MAX     ((size_t)1024 * 1024)
#define SCREEN_WIDTH 80
#define TWO_SCREENS  48

#define HEAD                                                                                       \
    "caller    arn:aws:iam::000000000001:user/auditor, region us-east-1\n"                         \
    "accounts  3 of o-abcdefghij; asked with 39 calls\n"                                           \
    "output    s3://reports/iam-census/ can be written\n"

struct scene {
    struct diagnosis d;
    struct account_diagnosis accounts[SCENE_ACCOUNTS];
    struct arena arena;
    struct buffer text;
};

static struct scene s;

static int begin(void **state)
{
    (void)state;
    scene_begin_with(&s.d, s.accounts, 3);
    arena_init(&s.arena);
    buffer_init(&s.text, TEXT_MAX);
    return 0;
}

static int end(void **state)
{
    (void)state;
    buffer_release(&s.text);
    arena_release(&s.arena);
    return 0;
}

static const char *print_with(bool coloured)
{
    struct fixes fixes;
    diagnosis_conclude(&s.d);
    fixes_make(&s.d, &s.arena, &fixes);
    buffer_clear(&s.text);
    doctor_text_write(&s.d, &fixes, coloured, &s.text);
    return buffer_text(&s.text);
}

static const char *print(void)
{
    return print_with(false);
}

/* Lines as a terminal of 80 columns shows them. */
static size_t count_lines(const char *text)
{
    size_t lines = 0;
    for (; *text != '\0'; text += strcspn(text, "\n") + 1)
        lines += 1 + (strcspn(text, "\n") > 0 ? (strcspn(text, "\n") - 1) / SCREEN_WIDTH : 0);
    return lines;
}

static void test_nothing_is_wrong(void **state)
{
    (void)state;
    s.d.calls = 39;
    assert_string_equal(print(),
                        HEAD "roles     census: 3 ready, 0 ready per user, 0 partial, 0 blocked\n"
                             "plan      3 in bulk, 0 per user; about 78 calls and 1 s (20 users an "
                             "account)\n"
                             "\nNothing is wrong. Run next:\n"
                             "   iam-census collect --role-name census\n");
    s.d.collect_options = "--role-name census --columns full";
    assert_non_null(strstr(print(), "\n   iam-census collect --role-name census --columns full\n"));
}

/* Everything that can be in it. */
static void test_golden(void **state)
{
    (void)state;
    s.d.calls = 39;
    scene_block(&s.accounts[0], scene_failed("Timeout", "no answer in 30 s"));
    s.accounts[1].actions[SOURCE_LIST_ACCOUNT_ALIASES] =
        scene_denied(POLICY_BOUNDARY, false, "arn:aws:iam::000000000002:policy/limit");
    s.accounts[2].actions[SOURCE_GET_LOGIN_PROFILE] = scene_denied(POLICY_IDENTITY, false, "");
    assert_string_equal(
        print(), HEAD
        "roles     census: 1 ready, 0 ready per user, 1 partial, 1 blocked\n"
        "plan      2 in bulk, 0 per user; about 52 calls and 1 s (20 users an account)\n"
        "          unknown in some: AccountAlias (1)\n"
        "\ntrouble, the worst first:\n"
        "  1 account blocked: AssumeRole failed: Timeout, no answer in 30 s\n"
        "    000000000001\n"
        "  1 account partial: ListAccountAliases denied by a permissions boundary limit, which "
        "does not allow it\n"
        "    000000000002\n"
        "  1 account read whole all the same: GetLoginProfile denied: no identity policy "
        "allows it\n"
        "    000000000003\n"
        "\nwhat mends it (nothing of this is run):\n"
        "1. permissions, 1 account: 000000000003\n"
        "   Add this statement to a policy of the role census in each account:\n"
        "   {\"Sid\": \"IamCensus\", \"Effect\": \"Allow\", \"Resource\": \"*\",\n"
        "    \"Action\": [\n     \"iam:GetLoginProfile\"]}\n"
        "2. allowance, 1 account: 000000000002\n"
        "   In the permissions boundary arn:aws:iam::*:policy/limit, no statement allows this; "
        "add:\n"
        "   {\"Sid\": \"IamCensus\", \"Effect\": \"Allow\", \"Resource\": \"*\",\n"
        "    \"Action\": [\n     \"iam:ListAccountAliases\"]}\n"
        "3. failure, 1 account: 000000000001\n"
        "   sts:AssumeRole failed (Timeout), which says nothing of permissions: run doctor "
        "again; docs/operations.md lists codes and what to do\n"
        "\nA census would read the rest already:\n"
        "   iam-census collect --role-name census\n");
}

static void test_nothing_would_be_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < 3; i++)
        scene_block(&s.accounts[i], scene_denied(POLICY_UNKNOWN, false, ""));
    assert_null(strstr(print(), "iam-census collect"));
    scene_begin_with(&s.d, s.accounts, 3);
    s.d.output = (struct diagnosis_output){.target = "/no/folder/x.csv", .error = "no folder"};
    assert_non_null(strstr(print(), "output    /no/folder/x.csv can't be written: no folder\n"));
    assert_null(strstr(s.text.data, "iam-census collect"));
    assert_null(strstr(s.text.data, "Nothing is wrong"));
    scene_begin_with(&s.d, s.accounts, 0);
    assert_null(strstr(print(), "Nothing is wrong"));
}

/* A gap filler that is denied is listed, though nothing is lost. */
static void test_complete_all_the_same(void **state)
{
    (void)state;
    s.accounts[1].actions[SOURCE_GET_LOGIN_PROFILE] = scene_denied(POLICY_IDENTITY, false, "");
    const char *text = print();
    assert_non_null(strstr(text, "1 account read whole all the same: GetLoginProfile denied"));
    assert_non_null(strstr(text, "\nA census would be complete all the same:\n"));
    assert_int_equal(diagnosis_exit_status(&s.d), 0);
}

/* A trouble weighs as much as the worst of its accounts. */
static void test_worst_account(void **state)
{
    (void)state;
    s.accounts[1].actions[SOURCE_GET_LOGIN_PROFILE] = scene_denied(POLICY_IDENTITY, false, "");
    s.accounts[2].actions[SOURCE_GET_LOGIN_PROFILE] = scene_denied(POLICY_IDENTITY, false, "");
    s.accounts[2].actions[SOURCE_LIST_ACCOUNT_ALIASES] = scene_denied(POLICY_SCP, true, "");
    assert_non_null(strstr(print(), "  2 accounts partial: GetLoginProfile denied"));
}

/* What AWS, or who made a user, wrote can't speak to the terminal. */
static void test_hostile_texts(void **state)
{
    (void)state;
    static const char evil[] = "\x1b]0;x\x07\n\xe2\x80\xae\xff\r";
    char arn[200];
    snprintf(arn, sizeof(arn), "arn:aws:iam::1:user/%s", evil);
    s.d.role_name = evil;
    s.d.caller.arn = arn;
    s.d.caller.region = s.d.organization.id = s.d.organization.error = evil;
    s.d.output = (struct diagnosis_output){.target = evil, .error = evil, .code = evil};
    s.d.caller.error = evil;
    scene_block(&s.accounts[0], scene_failed(evil, evil));
    scene_block(&s.accounts[2], scene_denied(POLICY_UNKNOWN, false, ""));
    s.accounts[1].actions[SOURCE_LIST_USER_TAGS] = scene_denied(POLICY_SCP, true, evil);
    for (const char *at = print(); *at != '\0'; at++)
        assert_true(*at == '\n' || ((unsigned char)*at >= 0x20 && (unsigned char)*at != 0x7f));
    assert_null(strstr(s.text.data, "\xe2\x80\xae"));
    assert_null(strchr(s.text.data, '\xff'));
}

/* Each account with a policy of its own: the lists end. */
static void test_many_kinds(void **state)
{
    (void)state;
    scene_begin_with(&s.d, s.accounts, 100);
    for (size_t i = 0; i < 100; i++) {
        char arn[40];
        snprintf(arn, sizeof(arn), "arn:p%zu", i);
        s.accounts[i].actions[SOURCE_LIST_USER_TAGS] = scene_denied(POLICY_SCP, true, arn);
    }
    const char *text = print();
    assert_non_null(strstr(text, "  and 88 more kinds of trouble (--json has each)\n"));
    assert_non_null(strstr(text, "\nand 88 more (--json has each)\n"));
}

/* Up to ten ids are shown, in lines of five; of more than that, four. */
static void test_ids(void **state)
{
    (void)state;
    scene_begin_with(&s.d, s.accounts, 12);
    for (size_t i = 2; i < 12; i++)
        s.accounts[i].actions[SOURCE_LIST_USER_TAGS] = scene_denied(POLICY_SCP, true, "");
    assert_non_null(strstr(print(), "\n    000000000003, 000000000004, 000000000005, 000000000006, "
                                    "000000000007,\n    000000000008, 000000000009, 000000000010, "
                                    "000000000011, 000000000012\n"));
    s.accounts[1].actions[SOURCE_LIST_USER_TAGS] = scene_denied(POLICY_SCP, true, "");
    assert_non_null(strstr(print(), "\n    000000000002, 000000000003, 000000000004, 000000000005 "
                                    "and 7 more\n"));
}

static void test_same_bytes(void **state)
{
    (void)state;
    char *first;
    scene_begin_with(&s.d, s.accounts, SCENE_ACCOUNTS);
    for (size_t i = 1; i < SCENE_ACCOUNTS; i++)
        s.accounts[i].actions[SOURCE_LIST_USER_TAGS] = scene_denied(POLICY_SCP, i % 2, "");
    first = strdup(print());
    assert_string_equal(print(), first);
    free(first);
}

static void test_two_screens(void **state)
{
    (void)state;
    scene_begin_with(&s.d, s.accounts, SCENE_ACCOUNTS);
    s.d.external_id = true;
    for (size_t i = 1; i < SCENE_ACCOUNTS; i++) {
        struct account_diagnosis *a = &s.accounts[i];
        if (i < 400)
            scene_block(a, scene_denied(POLICY_UNKNOWN, false, ""));
        else if (i < 700)
            for (enum source_id id = SOURCE_LIST_USERS; id < SOURCE_COUNT; id++)
                a->actions[id] = scene_denied(POLICY_IDENTITY, false, "");
        else
            for (enum source_id id = SOURCE_LIST_USER_TAGS; id < SOURCE_LIST_SIGNING_CERTIFICATES;
                 id++)
                a->actions[id] =
                    scene_denied(POLICY_SCP, true,
                                 "arn:aws:organizations::000000000001:policy/o-abcdefghij/"
                                 "service_control_policy/p-12345678");
    }
    const char *text = print();
    assert_true(count_lines(text) <= TWO_SCREENS);
}

/* What is blocked is red and what is partial yellow; without the colours it is the same text. */
static void test_colours(void **state)
{
    char plain[8192] = "", *end = plain;
    (void)state;
    scene_block(&s.accounts[0], scene_failed("Timeout", "no answer in 30 s"));
    s.accounts[1].actions[SOURCE_LIST_ACCOUNT_ALIASES] = scene_denied(POLICY_SCP, true, "");
    s.d.output.ok = false;
    const char *text = print_with(true);
    assert_non_null(strstr(text, "1 account \033[31mblocked\033[0m: "));
    assert_non_null(strstr(text, "1 account \033[33mpartial\033[0m: "));
    assert_non_null(strstr(text, " \033[31mcan't be written\033[0m: "));
    assert_in_range(strlen(text), 1, sizeof(plain) - 1);
    for (; *text; text++)
        if (*text == '\033')
            text += strcspn(text, "m");
        else
            *end++ = *text;
    assert_string_equal(plain, print());
}

/* Nothing is known but that there is a diagnosis: it is printed, without a hole in a sentence. */
static void test_nothing_is_known(void **state)
{
    (void)state;
    s.d.caller = (struct diagnosis_caller){.expires_at_s = TIMESTAMP_NONE};
    s.d.organization.id = NULL;
    s.d.output = (struct diagnosis_output){.ok = false, .error = "no"};
    s.d.role_name = NULL;
    s.d.partition = NULL;
    s.d.connections = 0;
    for (size_t i = 0; i < 3; i++)
        scene_block(&s.accounts[i], scene_failed(NULL, NULL));
    const char *text = print();
    assert_non_null(strstr(text, "caller    not known, region not known\n"));
    assert_non_null(strstr(text, "accounts  3; asked with"));
    assert_non_null(strstr(text, "output    the output "));
    assert_non_null(strstr(text, "no code"));
    assert_null(strstr(text, "(null)"));
}

static void test_what_ends_and_what_is_left_out(void **state)
{
    (void)state;
    s.d.caller.expires_at_s = 1700003600;
    s.d.organization.skipped = 2;
    const char *text = print();
    assert_non_null(strstr(text, ", credentials until 2023-11-14T23:13:20Z\n"));
    assert_non_null(strstr(text, "accounts  3 of o-abcdefghij; 2 left out, not ACTIVE; asked "));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_nothing_is_known, begin, end),
        cmocka_unit_test_setup_teardown(test_what_ends_and_what_is_left_out, begin, end),
        cmocka_unit_test_setup_teardown(test_nothing_is_wrong, begin, end),
        cmocka_unit_test_setup_teardown(test_golden, begin, end),
        cmocka_unit_test_setup_teardown(test_nothing_would_be_read, begin, end),
        cmocka_unit_test_setup_teardown(test_complete_all_the_same, begin, end),
        cmocka_unit_test_setup_teardown(test_worst_account, begin, end),
        cmocka_unit_test_setup_teardown(test_hostile_texts, begin, end),
        cmocka_unit_test_setup_teardown(test_many_kinds, begin, end),
        cmocka_unit_test_setup_teardown(test_ids, begin, end),
        cmocka_unit_test_setup_teardown(test_same_bytes, begin, end),
        cmocka_unit_test_setup_teardown(test_two_screens, begin, end),
        cmocka_unit_test_setup_teardown(test_colours, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
