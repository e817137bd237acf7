# SPDX-License-Identifier: MIT
"""The contract's table of frameworks: which controls a rule answers."""

OLD_CIS = ("cis-1.4", "cis-1.5", "cis-2.0", "cis-3.0", "cis-4.0.1")
COLUMNS = ("old", "cis-5.0", "cis-6.0", "cis-7.0", "aws-fsbp", "pci-dss-4.0.1", "nist-800-53-r5")
TABLE = """
user-console-mfa | 1.10 | 1.9 | 2.9 | 2.10 | IAM.5 | 8.4.2 | AC-2(1), AC-3(15), IA-2(1), IA-2(2), IA-2(6), IA-2(8)
user-password-unused | 1.12 | 1.11 | 2.11 | 2.11 | IAM.22 | | AC-2(3)
user-key-unused | 1.12 | 1.11 | 2.11 | 2.11 | IAM.22 | | AC-2(3)
user-two-active-keys | 1.13 | 1.12 | 2.12 | | | |
user-key-age | 1.14 | 1.13 | 2.13 | 2.12 | IAM.3 | 8.3.9, 8.6.3 | AC-2(1), AC-2(3), AC-3(15)
user-key-at-setup | 1.11 | 1.10 | 2.10 | | | |
user-direct-policy | 1.15 | 1.14 | 2.14 | 2.13 | IAM.2 | | AC-2, AC-3, AC-6(3)
user-admin | 1.16 | 1.15 | 2.15 | 2.14 | IAM.1 | | AC-6
root-access-key | 1.4 | 1.3 | 2.3 | 2.4 | IAM.4 | | AC-6(2), AC-6(10)
root-mfa | 1.5 | 1.4 | 2.4 | 2.5 | IAM.9 | 8.4.2 | IA-2(1), IA-2(2), IA-2(6), IA-2(8)
root-hardware-mfa | 1.6 | 1.5 | 2.5 | 2.6 | IAM.6 | 8.4.2 | IA-2(1), IA-2(2), IA-2(6), IA-2(8)
root-use | 1.7 | 1.6 | 2.6 | 2.7 | | |
password-policy-length | 1.8 | 1.7 | 2.7 | 2.8 | IAM.15 | | AC-2(1), AC-2(3), IA-5(1)
password-policy-reuse | 1.9 | 1.8 | 2.8 | 2.9 | IAM.16 | 8.3.7 |
"""
UNUSED = ("user-password-unused", "user-key-unused")
UNUSED_AT_90 = {"aws-fsbp": "IAM.8", "pci-dss-4.0.1": "8.2.6"}


def _read():
    rules = {}
    for line in TABLE.strip().splitlines():
        name, *cells = [cell.strip() for cell in line.split("|")]
        found = {}
        for column, cell in zip(COLUMNS, cells):
            for framework in (OLD_CIS if column == "old" else (column,)) if cell else ():
                found[framework] = cell
        rules[name] = found
    return rules


RULES = _read()


def numbers_of(rule, limit):
    """{framework: numbers}, as the finding shows them."""
    found = dict(RULES.get(rule, {}))
    if rule in UNUSED and limit == 90:
        found.update(UNUSED_AT_90)
    return found
