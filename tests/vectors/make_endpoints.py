#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes endpoints.json: endpoints as botocore resolves them, which test_endpoint compares ours with.

    python3 tests/vectors/make_endpoints.py

Run it again after changing what is asked; the same botocore writes the same bytes.
"""

import itertools
import json
import pathlib

import botocore
from botocore.exceptions import EndpointProviderError
from botocore.endpoint_provider import EndpointProvider
from botocore.loaders import Loader

REGIONS = [
    "us-east-1", "us-west-2", "eu-west-1", "ap-southeast-7", "mx-central-1", "aws-global",
    "cn-north-1", "cn-northwest-1",
    "us-gov-west-1", "us-gov-east-1",
    "us-iso-east-1", "us-iso-west-1",
    "us-isob-east-1", "us-isob-west-1",
    "eu-isoe-west-1",
    "us-isof-south-1", "us-isof-east-1",
    "eusc-de-east-1",
    # Not in any list: known by their form, or taken for 'aws'.
    "cn-south-9", "us-gov-north-2", "us-isob-west-9", "eusc-de-west-2", "xx-nowhere-1", "moon",
]  # fmt: skip
SERVICES = ["iam", "sts", "organizations", "s3"]
BUCKETS = ["census", "dotted.bucket", "UPPER_case", "a" * 63, "b" * 64]


def differs(service, region, fips, dual_stack):
    """The cases in which our answer differs from botocore's, and why."""
    china_iam_fips = service == "iam" and region.startswith("cn-") and fips
    # AWS's published cases sign it for cn-north-1, botocore's partitions say cn-northwest-1.
    if china_iam_fips:
        return True
    # The rules put "aws-global" into a host name that does not exist; ours is the default region's.
    return region == "aws-global" and (
        (service == "organizations" and dual_stack)
        or (service == "sts" and (fips or dual_stack))
    )


def resolve(provider, service, region, fips, dual_stack, bucket):
    given = {"Region": region, "UseFIPS": fips, "UseDualStack": dual_stack}
    if service == "s3":
        given.update(UseGlobalEndpoint=False, ForcePathStyle=False, Accelerate=False,
                     DisableMultiRegionAccessPoints=False)  # fmt: skip
    if bucket:
        given["Bucket"] = bucket
    case = {"service": service, "region": region, "fips": fips, "dual_stack": dual_stack}
    if bucket:
        case["bucket"] = bucket
    try:
        found = provider.resolve_endpoint(**given)
    except EndpointProviderError:
        return {**case, "error": True}
    schemes = found.properties.get("authSchemes", [{}])
    case["url"] = found.url
    if bucket:
        case["path_style"] = found.url.endswith("/" + bucket)
        case["url"] = found.url.removesuffix("/" + bucket)
    case["signing_region"] = schemes[0].get("signingRegion", region)
    return case


def main():
    loader = Loader()
    partitions = loader.load_data("partitions")
    cases = []
    for service in SERVICES:
        rules = loader.load_service_model(service, "endpoint-rule-set-1")
        provider = EndpointProvider(rules, partitions)
        for region, fips, dual in itertools.product(REGIONS, [False, True], [False, True]):
            if differs(service, region, fips, dual):
                continue
            cases.append(resolve(provider, service, region, fips, dual, None))
            if service == "s3" and region in ("eu-west-1", "aws-global", "us-gov-west-1"):
                cases += [resolve(provider, service, region, fips, dual, b) for b in BUCKETS]
    ours = {p["id"]: p["outputs"] for p in partitions["partitions"]}
    document = {
        "about": "written by make_endpoints.py",
        "botocore": botocore.__version__,
        "partitions": [
            {
                "id": id,
                "dns_suffix": out["dnsSuffix"],
                "dual_stack_suffix": out["dualStackDnsSuffix"],
                "default_region": out["implicitGlobalRegion"],
            }
            for id, out in sorted(ours.items())
        ],
        "regions": [
            {"region": region, "partition": p["id"]}
            for p in partitions["partitions"]
            for region in sorted(p["regions"])
        ],
        "cases": cases,
    }
    lines = []
    for key, value in document.items():
        if isinstance(value, list):
            rows = ",\n".join("  " + json.dumps(row) for row in value)
            lines.append(f'"{key}": [\n{rows}\n ]')
        else:
            lines.append(f'"{key}": {json.dumps(value)}')
    text = "{\n " + ",\n ".join(lines) + "\n}\n"
    pathlib.Path(__file__).with_name("endpoints.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
