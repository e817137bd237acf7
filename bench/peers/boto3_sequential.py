# SPDX-License-Identifier: MIT
"""boto3, one account and one user after the other: what a Lambda function in Python usually does."""

import boto3_census as peer


def main():
    given = peer.arguments()
    census = peer.Census(given.role_name, given.as_of, retries={"mode": "standard", "max_attempts": 6})
    peer.write(given.output, map(census.read, given.accounts))


if __name__ == "__main__":
    main()
