# The role that iam-census assumes in an account: apply it with a provider for each account.

locals {
  # "iam-census policy --for child --strategy ... --columns ..." prints these lists.
  bulk_only          = ["iam:GetAccountAuthorizationDetails", "iam:GenerateCredentialReport", "iam:GetCredentialReport"]
  bulk_only_extended = concat(local.bulk_only, ["iam:ListVirtualMFADevices"])
  per_user = [
    "iam:ListUsers",
    "iam:ListAccountAliases",
    "iam:ListUserTags",
    "iam:ListGroupsForUser",
    "iam:GetLoginProfile",
    "iam:ListMFADevices",
    "iam:ListAccessKeys",
    "iam:GetAccessKeyLastUsed",
    "iam:ListSigningCertificates",
  ]
  bulk_too = ["iam:ListAccountAliases", "iam:ListAccessKeys", "iam:ListSigningCertificates"]
  original = [
    "iam:ListUsers",
    "iam:ListUserTags",
    "iam:ListAccessKeys",
    "iam:GetAccessKeyLastUsed",
    "iam:GetLoginProfile",
    "iam:ListSigningCertificates",
    "iam:ListMFADevices",
  ]
  actions = {
    "auto" = {
      standard = concat(local.bulk_only, local.per_user)
      extended = concat(local.bulk_only_extended, local.per_user)
    }
    "bulk" = {
      standard = concat(local.bulk_only, local.bulk_too)
      extended = concat(local.bulk_only_extended, ["iam:ListMFADevices"], local.bulk_too)
    }
    "per-user" = { standard = local.per_user, extended = local.per_user }
    "original" = { standard = local.original, extended = local.original }
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
      Action   = local.actions[var.permissions][var.columns]
      Resource = "*"
    }]
  })
}

output "role_arn" {
  value = aws_iam_role.census.arn
}
