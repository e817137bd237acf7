# SPDX-License-Identifier: MIT
"""What AWS Organizations answers, from the world."""

import json

from wire import AwsError, json_reply

LARGEST_PAGE = 20


def account_of(account):
    described = {"Id": account.id, "Name": account.name, "Email": f"{account.id}@example.org",
                 "Arn": f"arn:aws:organizations::111111111111:account/o-x/{account.id}",
                 "JoinedMethod": "CREATED", "JoinedTimestamp": 1577934245.0,
                 "Status": account.status, "State": account.state}
    return {key: value for key, value in described.items() if value is not None}


def page(server, params, name, items):
    """One page; server.empty_pages puts an empty page with a NextToken before every other."""
    asked = params.get("MaxResults", LARGEST_PAGE)
    if not 1 <= asked <= LARGEST_PAGE:
        raise AwsError(400, "InvalidInputException", "MaxResults is out of range")
    kind, _, number = params.get("NextToken", "empty:0").partition(":")
    first = int(number)
    if kind == "empty" and server.empty_pages:
        return {name: [], "NextToken": f"full:{first}"}
    last = first + min(asked, server.world.page_size)
    answer = {name: items[first:last]}
    if last < len(items):
        answer["NextToken"] = f"empty:{last}"
    return answer


def children(server, params, accounts):
    parent = params.get("ParentId")
    if parent not in server.world.tree:
        raise AwsError(400, "ParentNotFoundException", "We can't find a root or OU with the ParentId that you specified.")
    return [child for child in server.world.tree[parent] if (child in server.world.accounts) == accounts]


def unit_of(unit_id):
    return {"Id": unit_id, "Arn": f"arn:aws:organizations::111111111111:ou/o-x/{unit_id}", "Name": unit_id}


def answer(server, call):
    world = server.world
    if world.organization_denied or call.credential.account != world.management_account:
        raise AwsError(400, "AccessDeniedException", "You don't have permissions to access this resource.")
    params = json.loads(call.body or b"{}")
    call.params = params
    if call.action == "DescribeOrganization":
        return json_reply({"Organization": {
            "Id": world.organization_id, "MasterAccountId": world.management_account, "FeatureSet": "ALL"}})
    if call.action == "ListAccounts":
        accounts = [account_of(account) for account in world.accounts.values()]
        return json_reply(page(server, params, "Accounts", accounts))
    if call.action == "DescribeAccount":
        account = world.accounts.get(params.get("AccountId"))
        if account is None:
            raise AwsError(400, "AccountNotFoundException", "no such account")
        return json_reply({"Account": account_of(account)})
    if call.action == "ListRoots":
        return json_reply(page(server, params, "Roots", [{"Id": world.root_id, "Name": "Root"}]))
    if call.action == "ListAccountsForParent":
        accounts = [account_of(world.accounts[child]) for child in children(server, params, True)]
        return json_reply(page(server, params, "Accounts", accounts))
    if call.action == "ListOrganizationalUnitsForParent":
        units = [unit_of(child) for child in children(server, params, False)]
        return json_reply(page(server, params, "OrganizationalUnits", units))
    if call.action == "ListChildren":
        accounts = params.get("ChildType") == "ACCOUNT"
        found = [{"Id": child, "Type": params.get("ChildType")} for child in children(server, params, accounts)]
        return json_reply(page(server, params, "Children", found))
    raise AwsError(400, "UnknownOperationException", f"no operation {call.action} here")
