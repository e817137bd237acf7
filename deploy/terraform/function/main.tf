# The iam-census function and its schedule. The roles are in role.tf, the bucket in bucket.tf, the alarms in alarms.tf,
# the messages at the end of a census in messages.tf.

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}

resource "aws_lambda_function" "census" {
  function_name    = var.name
  description      = "A census of the IAM users of many accounts"
  runtime          = "provided.al2023"
  handler          = "bootstrap"
  filename         = var.package
  source_code_hash = filebase64sha256(var.package)
  architectures    = [var.architecture]
  memory_size      = var.memory_size
  timeout          = 900
  role             = aws_iam_role.function.arn
  tags             = var.tags

  reserved_concurrent_executions = var.reserved_concurrency

  environment {
    variables = {
      ROLE_NAME               = var.role_name
      EXTERNAL_ID             = var.external_id
      ORGANIZATION_ID         = var.organization_id
      CHILD_ACCOUNT_IDS       = join(",", var.child_account_ids)
      ORGANIZATIONAL_UNIT_IDS = join(",", var.organizational_unit_ids)
      EXCLUDE_ACCOUNT_IDS     = join(",", var.exclude_account_ids)
      S3_BUCKET_NAME          = local.bucket
      S3_PREFIX               = var.s3_prefix
      SSE                     = var.sse
      SSE_KMS_KEY_ID          = var.kms_key_arn
      EXPECTED_BUCKET_OWNER   = coalesce(var.existing_bucket_owner, data.aws_caller_identity.current.account_id)
      STRATEGY                = var.strategy
      MAX_REPORT_AGE          = var.max_report_age
      OUTPUT_COLUMNS          = var.columns
      OUTPUT_FORMAT           = var.output_format
      SSH_KEYS                = var.ssh_public_keys
      ACCOUNTS_FILE           = var.accounts_file
      LOG_LEVEL               = var.log_level
    }
  }

  logging_config {
    log_format = "Text"
    log_group  = aws_cloudwatch_log_group.function.name
  }

  depends_on = [aws_iam_role_policy.logs]

  lifecycle {
    precondition {
      condition     = var.ask_organizations || var.organization_id != ""
      error_message = "ask_organizations = false needs organization_id, because AWS Organizations is not asked for it then."
    }

    precondition {
      condition     = var.output_format != "sqlite" || !var.fan_out
      error_message = "output_format = sqlite can't be combined with fan_out, because batches can't write a database."
    }

    precondition {
      condition     = var.sse != "AES256" || var.kms_key_arn == ""
      error_message = "sse = AES256 is encryption by a key of S3; it takes no kms_key_arn."
    }

    precondition {
      condition     = var.existing_bucket != "" || var.existing_bucket_owner == ""
      error_message = "existing_bucket_owner is of an existing_bucket; one that is made belongs to this account."
    }

    precondition {
      condition     = var.findings != "no" || var.schedule_input != "" || var.suppress_key == ""
      error_message = "suppress_key needs findings, because suppressions apply to findings."
    }

    precondition {
      condition     = var.schedule_input == "" || var.findings == "no"
      error_message = "schedule_input is the whole event, so it can't be combined with findings; write findings and findings_format into it."
    }

    precondition {
      condition     = var.result_messages != "no" || var.result_mail == ""
      error_message = "result_mail needs result_messages = text or chat, because there are no messages otherwise."
    }

    precondition {
      condition     = var.result_messages == "no" || var.existing_bucket_owner == ""
      error_message = "result_messages can't be combined with existing_bucket_owner, because S3 sends a bucket's events to the account that it belongs to; make the rule and the topic there."
    }
  }
}

resource "aws_cloudwatch_log_group" "function" {
  name              = "/aws/lambda/${var.name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.log_kms_key_arn != "" ? var.log_kms_key_arn : null
  tags              = var.tags
}

# Events that the schedule could not deliver, and invocations that failed for good.
resource "aws_sqs_queue" "failed_invocations" {
  name                      = "${var.name}-failed-invocations"
  message_retention_seconds = 1209600
  sqs_managed_sse_enabled   = true
  tags                      = var.tags
}

# Once more after a crash: a census only reads, and a second one writes a file of its own.
resource "aws_lambda_function_event_invoke_config" "census" {
  function_name                = aws_lambda_function.census.function_name
  maximum_retry_attempts       = 1
  maximum_event_age_in_seconds = 3600

  destination_config {
    on_failure {
      destination = aws_sqs_queue.failed_invocations.arn
    }
  }

  depends_on = [aws_iam_role_policy.failed_invocations]
}

resource "aws_scheduler_schedule" "census" {
  name                         = var.name
  description                  = "Starts the census"
  schedule_expression          = var.schedule_expression
  schedule_expression_timezone = "UTC"
  state                        = var.schedule_enabled ? "ENABLED" : "DISABLED"

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = aws_lambda_function.census.arn
    role_arn = aws_iam_role.schedule.arn
    input = var.schedule_input != "" ? var.schedule_input : var.findings == "no" ? "{}" : jsonencode(merge(
      { findings = true, findings_format = var.findings },
      var.suppress_key != "" ? { suppress_key = var.suppress_key } : {},
    ))

    retry_policy {
      maximum_retry_attempts       = 3
      maximum_event_age_in_seconds = 3600
    }

    dead_letter_config {
      arn = aws_sqs_queue.failed_invocations.arn
    }
  }
}
