# SPDX-License-Identifier: MIT
"""The rules, each as the contract words it, over facts that are all known: True fails, False passes, None does not apply.

A time is a number of seconds, None is 'none' or 'never'. What an unknown fact means is oracle.py's business.
"""

DAY = 86400


def whole_days(then, now):
    """d(t): as in the CSV, never below 0."""
    return max(0, (now - then) // DAY)


def is_active(credential):
    return credential.status == "Active"



RULES = {}


class Rule:
    """One row of the contract's table. resource: the list of credentials that it looks at one by one, or 'user', 'account'.

    needs: the facts of the user (the account) that it asks about, and 'one.X' for those of the credential.
    fails(facts, one, n, now): True, False, or None if it is not applicable.
    since(facts, one, n, now): the moment from which it failed; value: what the limit is compared with.
    """

    def __init__(self, name, severity, resource, needs, fails, limit=None, since=None, value=None, off=False):
        self.name, self.severity, self.resource, self.needs = name, severity, resource, needs.split()
        self.fails, self.limit, self.since, self.value, self.off = fails, limit, since, value, off


def rule(name, severity, resource, needs, **more):
    def keep(fails):
        RULES[name] = Rule(name, severity, resource, needs, fails, **more)
        return fails
    return keep


def from_day(then, days):
    """The moment when d(then) became 'days'."""
    return None if then is None else then + days * DAY


@rule("user-console-mfa", "high", "user", "console_access mfa_enabled")
def _(user, one, n, now):
    return user.console_access and not user.mfa_enabled


@rule("user-admin-console-mfa", "critical", "user", "is_admin console_access mfa_enabled")
def _(user, one, n, now):
    return user.is_admin and user.console_access and not user.mfa_enabled


def _last_sign_in_or_change(user):
    signed_in = user.console_last_sign_in_at
    return user.password_last_changed_at if signed_in is None else signed_in


@rule("user-password-unused", "medium", "user",
      "created_at console_access console_last_sign_in_at password_last_changed_at", limit=45,
      since=lambda user, one, n, now: from_day(_last_sign_in_or_change(user), n),
      value=lambda user, one, n, now: whole_days(_last_sign_in_or_change(user), now))
def _(user, one, n, now):
    return user.console_access and whole_days(_last_sign_in_or_change(user), now) >= n


def _used_or_created(key):
    return key.created_at if key.last_used_at is None else key.last_used_at


@rule("user-key-unused", "medium", "access_keys", "one.created_at one.last_used_at", limit=45,
      since=lambda user, key, n, now: from_day(_used_or_created(key), n),
      value=lambda user, key, n, now: whole_days(_used_or_created(key), now))
def _(user, key, n, now):
    return is_active(key) and whole_days(_used_or_created(key), now) >= n


@rule("user-key-age", "medium", "access_keys", "one.created_at", limit=90,
      since=lambda user, key, n, now: from_day(key.created_at, n + 1),
      value=lambda user, key, n, now: whole_days(key.created_at, now))
def _(user, key, n, now):
    return is_active(key) and whole_days(key.created_at, now) > n


@rule("user-two-active-keys", "low", "user", "access_keys",
      since=lambda user, one, n, now: sorted(key.created_at for key in user.access_keys if is_active(key))[1],
      value=lambda user, one, n, now: sum(map(is_active, user.access_keys)))
def _(user, one, n, now):
    return sum(map(is_active, user.access_keys)) >= 2


@rule("user-key-at-setup", "low", "access_keys", "created_at console_access one.created_at one.last_used_at",
      since=lambda user, key, n, now: key.created_at)
def _(user, key, n, now):
    return (user.console_access and is_active(key) and key.last_used_at is None
            and abs(key.created_at - user.created_at) <= 60)


@rule("user-direct-policy", "low", "user", "attached_policies inline_policies")
def _(user, one, n, now):
    return bool(user.attached_policies) or bool(user.inline_policies)


@rule("user-admin", "high", "user", "is_admin")
def _(user, one, n, now):
    return user.is_admin


ENDING_SERVICES = ("bedrock", "logs")  # the rest of the name is the partition's


@rule("user-api-key-no-expiry", "high", "service_credentials", "one.expires_at",
      since=lambda user, credential, n, now: credential.created_at)
def _(user, credential, n, now):
    return is_active(credential) and credential.expires_at is None and credential.service.split(".")[0] in ENDING_SERVICES


@rule("user-service-credential-age", "medium", "service_credentials", "one.created_at", limit=90,
      since=lambda user, credential, n, now: from_day(credential.created_at, n + 1),
      value=lambda user, credential, n, now: whole_days(credential.created_at, now))
def _(user, credential, n, now):
    return is_active(credential) and whole_days(credential.created_at, now) > n


@rule("user-certificate-age", "low", "signing_certificates", "one.uploaded_at", limit=365,
      since=lambda user, certificate, n, now: from_day(certificate.uploaded_at, n + 1),
      value=lambda user, certificate, n, now: whole_days(certificate.uploaded_at, now))
def _(user, certificate, n, now):
    return is_active(certificate) and whole_days(certificate.uploaded_at, now) > n


def _uses(user):
    """All uses of the console and of keys that AWS records, and the hidden ones of other credentials."""
    uses = [user.console_last_sign_in_at, *(key.last_used_at for key in user.access_keys)]
    for credential in user.service_credentials + user.signing_certificates:
        if is_active(credential):
            uses.append(credential.hidden_use)
    return [use for use in uses if use is not None]


def _has_credential(user):
    return user.console_access or any(map(is_active, user.access_keys + user.service_credentials
                                          + user.signing_certificates))


@rule("user-dormant", "medium", "user",
      "created_at console_access console_last_sign_in_at access_keys service_credentials signing_certificates", limit=90,
      since=lambda user, one, n, now: from_day(max([user.created_at, *_uses(user)]), n),
      value=lambda user, one, n, now: whole_days(max([user.created_at, *_uses(user)]), now))
def _(user, one, n, now):
    return (_has_credential(user) and whole_days(user.created_at, now) >= n
            and not any(whole_days(use, now) < n for use in _uses(user)))


def _later_of_created_and_used(key):
    return max(key.created_at, key.last_used_at or key.created_at)


@rule("user-inactive-key", "info", "access_keys", "one.created_at one.last_used_at", limit=90,
      since=lambda user, key, n, now: from_day(_later_of_created_and_used(key), n),
      value=lambda user, key, n, now: whole_days(_later_of_created_and_used(key), now))
def _(user, key, n, now):
    return not is_active(key) and whole_days(_later_of_created_and_used(key), now) >= n


@rule("user-no-credential", "info", "user",
      "created_at console_access access_keys service_credentials signing_certificates", limit=90,
      since=lambda user, one, n, now: from_day(user.created_at, n),
      value=lambda user, one, n, now: whole_days(user.created_at, now))
def _(user, one, n, now):
    return not _has_credential(user) and whole_days(user.created_at, now) >= n


@rule("user-tag", "low", "user", "tags", off=True)
def _(user, one, n, now):
    return any(wanted not in user.tags for wanted in n)


@rule("user-boundary", "low", "user", "permissions_boundary", off=True)
def _(user, one, n, now):
    return user.permissions_boundary is None


@rule("user-password-age", "medium", "user", "created_at console_access mfa_enabled password_last_changed_at", limit=90,
      off=True, since=lambda user, one, n, now: from_day(user.password_last_changed_at, n + 1),
      value=lambda user, one, n, now: whole_days(user.password_last_changed_at, now))
def _(user, one, n, now):
    return user.console_access and not user.mfa_enabled and whole_days(user.password_last_changed_at, now) > n


@rule("root-access-key", "critical", "account", "root_access_keys")
def _(account, one, n, now):
    return account.root_access_keys


def _is_us_gov(account):
    return account.partition == "aws-us-gov"


@rule("root-mfa", "critical", "account", "root_password root_mfa")
def _(account, one, n, now):
    return None if _is_us_gov(account) else account.root_password and not account.root_mfa


@rule("root-hardware-mfa", "high", "account", "root_password root_mfa root_mfa_kind")
def _(account, one, n, now):
    if _is_us_gov(account):
        return None
    return account.root_password and (not account.root_mfa or account.root_mfa_kind == "virtual")


@rule("root-use", "high", "account", "root_last_used", limit=90,
      since=lambda account, one, n, now: account.root_last_used,
      value=lambda account, one, n, now: whole_days(account.root_last_used, now))
def _(account, one, n, now):
    return account.root_last_used is not None and whole_days(account.root_last_used, now) < n


@rule("root-certificate", "critical", "account", "root_certificates")
def _(account, one, n, now):
    return account.root_certificates


@rule("root-credentials", "medium", "account", "is_management root_password root_access_keys", off=True)
def _(account, one, n, now):
    return None if account.is_management else account.root_password or account.root_access_keys


@rule("password-policy-length", "medium", "account", "password_policy", limit=14,
      value=lambda account, one, n, now: account.password_policy["length"])
def _(account, one, n, now):
    return account.password_policy["length"] < n


@rule("password-policy-reuse", "low", "account", "password_policy", limit=24,
      value=lambda account, one, n, now: account.password_policy["reuse"])
def _(account, one, n, now):
    return (account.password_policy["reuse"] or 0) < n
