# The bucket for the results, unless an existing one is used.

locals {
  make_bucket = var.existing_bucket == ""
  bucket      = local.make_bucket ? aws_s3_bucket.results[0].id : var.existing_bucket
}

# Without prevent_destroy a 'terraform destroy' would first take away policy, life cycle and the block of public access,
# and then stop, because a bucket that has results in it can't be deleted. docs/deploy.md says how to keep it.
resource "aws_s3_bucket" "results" {
  count         = local.make_bucket ? 1 : 0
  bucket        = var.bucket_name != "" ? var.bucket_name : null
  bucket_prefix = var.bucket_name != "" ? null : "${var.name}-"
  tags          = var.tags

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "results" {
  count  = local.make_bucket ? 1 : 0
  bucket = local.bucket

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm     = var.kms_key_arn != "" ? "aws:kms" : "AES256"
      kms_master_key_id = var.kms_key_arn != "" ? var.kms_key_arn : null
    }
    bucket_key_enabled = var.kms_key_arn != ""
  }
}

resource "aws_s3_bucket_public_access_block" "results" {
  count                   = local.make_bucket ? 1 : 0
  bucket                  = local.bucket
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "results" {
  count  = local.make_bucket ? 1 : 0
  bucket = local.bucket

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

# A result that is removed or overwritten can be restored for 30 days.
resource "aws_s3_bucket_versioning" "results" {
  count  = local.make_bucket ? 1 : 0
  bucket = local.bucket

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "results" {
  count  = local.make_bucket ? 1 : 0
  bucket = local.bucket

  rule {
    id     = "results"
    status = "Enabled"

    filter {
      prefix = var.s3_prefix
    }
    expiration {
      days = var.result_retention_days
    }
    noncurrent_version_expiration {
      noncurrent_days = 30
    }
    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }

  rule {
    id     = "batches"
    status = "Enabled"

    filter {
      prefix = "${var.s3_prefix}work/"
    }
    expiration {
      days = 7
    }
    noncurrent_version_expiration {
      noncurrent_days = 1
    }
  }

  depends_on = [aws_s3_bucket_versioning.results]
}

data "aws_iam_policy_document" "tls_only" {
  statement {
    sid       = "TlsOnly"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [local.bucket_arn, "${local.bucket_arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

resource "aws_s3_bucket_policy" "results" {
  count  = local.make_bucket ? 1 : 0
  bucket = local.bucket
  policy = data.aws_iam_policy_document.tls_only.json

  depends_on = [aws_s3_bucket_public_access_block.results]
}
