# SPDX-License-Identifier: MIT
"""A simulator for all tests of a class, and what boto3 reads of it."""

import itertools
import unittest

from botocore.exceptions import ClientError

from account_facts import OF_ACCOUNT, OF_USER
from simulator import Simulator

METHODS = {"ListUserTags": "list_user_tags", "ListAccessKeys": "list_access_keys", "ListMFADevices": "list_mfa_devices",
           "ListSigningCertificates": "list_signing_certificates", "ListGroupsForUser": "list_groups_for_user",
           "ListUsers": "list_users", "ListAccountAliases": "list_account_aliases",
           "ListVirtualMFADevices": "list_virtual_mfa_devices",
           "GetAccountAuthorizationDetails": "get_account_authorization_details"}


def pages(client, operation, **arguments):
    """All items of a list through the paginator, with pages of the size asked for at most."""
    size = arguments.pop("page_size", 1000)
    paginator = client.get_paginator(METHODS[operation])
    found = []
    for page in paginator.paginate(PaginationConfig={"PageSize": size}, **arguments):
        items = page[{**OF_USER, **OF_ACCOUNT}[operation]]
        assert len(items) <= size, (operation, len(items))
        found += items
    return found


def read_account(iam, page_size=1000):
    """All facts of an account."""
    facts = {operation: pages(iam, operation, page_size=page_size) for operation in OF_ACCOUNT}
    names = [user["UserName"] for user in facts["ListUsers"]]
    for operation in OF_USER:
        facts[operation] = {name: pages(iam, operation, page_size=page_size, UserName=name) for name in names}
    facts["GetLoginProfile"] = {name: login_profile(iam, name) for name in names}
    facts["GetAccessKeyLastUsed"] = {}
    for key in itertools.chain(*facts["ListAccessKeys"].values()):
        answer = iam.get_access_key_last_used(AccessKeyId=key["AccessKeyId"])
        answer.pop("ResponseMetadata")
        facts["GetAccessKeyLastUsed"][key["AccessKeyId"]] = answer
    return facts


def login_profile(iam, name):
    try:
        return iam.get_login_profile(UserName=name)["LoginProfile"]
    except iam.exceptions.NoSuchEntityException:
        return None


class SimCase(unittest.TestCase):
    """One simulator for all tests of a class."""

    maxDiff = 4000
    arguments = ()
    world = None
    scenario = None

    @classmethod
    def setUpClass(cls):
        cls.sim = Simulator(*cls.arguments, world=cls.world, scenario=cls.scenario).start()
        cls.addClassCleanup(cls.sim.stop)

    def assert_refused(self, status, code, message, call, **arguments):
        """The call fails with just this status and code, and with words that match."""
        with self.assertRaises(ClientError) as caught:
            call(**arguments)
        answer = caught.exception.response
        seen = (answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"])
        self.assertEqual(seen, (status, code), answer)
        self.assertRegex(answer["Error"].get("Message", ""), message)
        return answer
