# The role that iam-census assumes in an account: apply it with a provider for each account.

locals {
  # "iam-census policy --for child --strategy ..." prints these lists; "findings" is the one with --columns full and
  # --accounts-file.
  reports = ["iam:GetAccountAuthorizationDetails", "iam:GenerateCredentialReport", "iam:GetCredentialReport"]
  both = [
    "iam:ListUsers",
    "iam:ListAccountAliases",
    "iam:GetLoginProfile",
    "iam:ListMFADevices",
    "iam:ListAccessKeys",
    "iam:GetAccessKeyLastUsed",
    "iam:ListSigningCertificates",
  ]
  per_user = concat(local.both, ["iam:ListUserTags", "iam:ListGroupsForUser"])
  auto     = concat(local.reports, local.per_user)
  actions = {
    "auto" = local.auto
    "findings" = concat(local.auto, [
      "iam:GetAccountSummary",
      "iam:GetAccountPasswordPolicy",
      "iam:ListVirtualMFADevices",
      "iam:ListServiceSpecificCredentials",
    ])
    "bulk"     = concat(local.reports, local.both)
    "per-user" = local.per_user
    "original" = [
      "iam:ListUsers",
      "iam:ListUserTags",
      "iam:ListAccessKeys",
      "iam:GetAccessKeyLastUsed",
      "iam:GetLoginProfile",
      "iam:ListSigningCertificates",
      "iam:ListMFADevices",
    ]
  }
}

data "aws_iam_policy_document" "trust" {
  statement {
    sid     = "CensusOnly"
    actions = ["sts:AssumeRole"]

    principals {
      type        = "AWS"
      identifiers = [var.function_role_arn]
    }

    condition {
      test     = "StringEquals"
      variable = "sts:ExternalId"
      values   = [var.external_id]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:PrincipalOrgID"
      values   = [var.organization_id]
    }
  }
}

resource "aws_iam_role" "census" {
  name                 = var.role_name
  description          = "Assumed by iam-census to read the IAM users of this account"
  max_session_duration = 3600
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  tags                 = var.tags
}

resource "aws_iam_role_policy" "census" {
  name = "census"
  role = aws_iam_role.census.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = concat(local.actions[var.permissions], var.ssh_public_keys ? ["iam:ListSSHPublicKeys"] : [])
      Resource = "*"
    }]
  })
}

output "role_arn" {
  value = aws_iam_role.census.arn
}
