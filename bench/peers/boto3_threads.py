# SPDX-License-Identifier: MIT
"""boto3 with 32 threads, an account each, and adaptive retries: how Python programs are made fast."""

import concurrent.futures

import boto3_census as peer

THREADS = 32


def main():
    given = peer.arguments()
    census = peer.Census(given.role_name, given.as_of, retries={"mode": "adaptive", "max_attempts": 6},
                         max_pool_connections=THREADS)
    with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
        peer.write(given.output, pool.map(census.read, given.accounts))


if __name__ == "__main__":
    main()
