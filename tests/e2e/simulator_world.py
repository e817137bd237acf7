# SPDX-License-Identifier: MIT
"""Worlds of accounts in which something is denied, for the simulator."""

import findings_case  # noqa: F401, it makes tests/sim importable
import simulator

ROLE, KEY, SECRET = simulator.ROLE, simulator.CALLER_KEY, simulator.CALLER_SECRET
# The management account comes last, so that the others are numbered from 0.
MANAGEMENT = "999999999999"
DATE = "2020-01-01T00:00:00Z"


def account_id(number):
    return f"{100000000000 + number}"


def users(number):
    """One user, whose key no other account has."""
    return [{"name": "ann", "created": DATE, "keys": [{"id": f"AKIA{number:X>16}", "status": "Active", "created": DATE}]}]


def denied(action, policy, form, more=()):
    """An account that denies an action. What is in 'more' is asked only if the call for the whole account is denied too."""
    explicit, arn, link = form
    denials = [{"actions": [action], "policy": policy, "explicit": explicit, "arn": arn, "link": link}]
    if action in more:
        denials.append({"actions": ["iam:GetAccountAuthorizationDetails"], "policy": "untold"})
    return {"denials": denials}


def world(accounts):
    given = [{"id": account_id(number), "name": f"Account {number}", "users": users(number), **account} for number, account in enumerate(accounts)]
    return {"management_account_id": MANAGEMENT, "accounts": [*given, {"id": MANAGEMENT, "name": "Management", "users": users(999999)}]}
