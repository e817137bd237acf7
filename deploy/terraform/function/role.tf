data "aws_iam_policy_document" "lambda_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "function" {
  name               = "${var.name}-function"
  description        = "Role of the iam-census function"
  assume_role_policy = data.aws_iam_policy_document.lambda_trust.json
  tags               = var.tags
}

locals {
  partition  = data.aws_partition.current.partition
  bucket_arn = "arn:${local.partition}:s3:::${local.bucket}"

  # What "iam-census policy --for function" prints for these variables.
  statements = concat(
    [{
      Sid      = "AssumeCensusRole"
      Effect   = "Allow"
      Action   = ["sts:AssumeRole"]
      Resource = "arn:${local.partition}:iam::*:role/${trimprefix(var.role_name, "/")}"
      Condition = {
        StringEquals = {
          "aws:ResourceOrgID" = var.organization_id != "" ? var.organization_id : "$${aws:PrincipalOrgID}"
        }
      }
    }],
    var.ask_organizations ? [{
      Sid    = "FindAccounts"
      Effect = "Allow"
      Action = [
        "organizations:DescribeOrganization",
        "organizations:ListAccounts",
        "organizations:ListAccountsForParent",
        "organizations:ListOrganizationalUnitsForParent",
      ]
      Resource = "*"
    }] : [],
    [{
      Sid      = "WriteOutput"
      Effect   = "Allow"
      Action   = ["s3:PutObject", "s3:AbortMultipartUpload"]
      Resource = "${local.bucket_arn}/${var.s3_prefix}*"
    }],
    var.fan_out ? [
      {
        Sid      = "TakeBatches"
        Effect   = "Allow"
        Action   = ["s3:GetObject", "s3:DeleteObject"]
        Resource = "${local.bucket_arn}/${var.s3_prefix}work/*"
      },
      {
        Sid      = "SeeMissingBatches"
        Effect   = "Allow"
        Action   = ["s3:ListBucket"]
        Resource = local.bucket_arn
      },
    ] : [],
    var.kms_key_arn != "" ? [{
      Sid      = "EncryptOutput"
      Effect   = "Allow"
      Action   = ["kms:GenerateDataKey", "kms:Decrypt"]
      Resource = var.kms_key_arn
    }] : [],
  )
}

resource "aws_iam_role_policy" "census" {
  name   = "census"
  role   = aws_iam_role.function.id
  policy = jsonencode({ Version = "2012-10-17", Statement = local.statements })
}

resource "aws_iam_role_policy" "suppressions" {
  count = var.suppress_key != "" ? 1 : 0
  name  = "suppressions"
  role  = aws_iam_role.function.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "ReadSuppressions"
      Effect   = "Allow"
      Action   = ["s3:GetObject"]
      Resource = "${local.bucket_arn}/${var.suppress_key}"
    }]
  })
}

resource "aws_iam_role_policy" "logs" {
  name = "logs"
  role = aws_iam_role.function.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
      Resource = "${aws_cloudwatch_log_group.function.arn}:*"
    }]
  })
}

resource "aws_iam_role_policy" "failed_invocations" {
  name = "failed-invocations"
  role = aws_iam_role.function.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["sqs:SendMessage"]
      Resource = aws_sqs_queue.failed_invocations.arn
    }]
  })
}

data "aws_iam_policy_document" "scheduler_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["scheduler.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }
}

resource "aws_iam_role" "schedule" {
  name               = "${var.name}-schedule"
  description        = "Role of the schedule of the iam-census function"
  assume_role_policy = data.aws_iam_policy_document.scheduler_trust.json
  tags               = var.tags
}

resource "aws_iam_role_policy" "schedule" {
  name = "schedule"
  role = aws_iam_role.schedule.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = ["lambda:InvokeFunction"]
        Resource = aws_lambda_function.census.arn
      },
      {
        Effect   = "Allow"
        Action   = ["sqs:SendMessage"]
        Resource = aws_sqs_queue.failed_invocations.arn
      },
    ]
  })
}
