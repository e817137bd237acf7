# The message at the end of each census: the bucket's events, a rule, a topic.

locals {
  with_messages = var.result_messages != "no"
  # For Amazon Q Developer in chat applications, in the form of its custom notifications; otherwise a sentence.
  message = var.result_messages == "chat" ? jsonencode({
    version = "1.0"
    source  = "custom"
    content = {
      textType    = "client-markdown"
      title       = "iam-census: a census has ended"
      description = "How it went is in s3://{bucket}/{key}"
    }
  }) : jsonencode("iam-census: a census has ended. How it went is in s3://{bucket}/{key}")
}

resource "aws_s3_bucket_notification" "results" {
  count       = local.make_bucket && local.with_messages ? 1 : 0
  bucket      = local.bucket
  eventbridge = true
}

# The result document is written last of all, so everything else is in the bucket when its event comes. Batches have no
# object whose name ends like this.
resource "aws_cloudwatch_event_rule" "result" {
  count       = local.with_messages ? 1 : 0
  name        = "${var.name}-result"
  description = "Tells that a census has ended"
  tags        = var.tags

  event_pattern = jsonencode({
    source        = ["aws.s3"]
    "detail-type" = ["Object Created"]
    detail = {
      bucket = { name = [local.bucket] }
      object = { key = [{ wildcard = "${var.s3_prefix}*.result.json" }] }
    }
  })
}

resource "aws_cloudwatch_event_target" "result" {
  count     = local.with_messages ? 1 : 0
  rule      = aws_cloudwatch_event_rule.result[0].name
  target_id = "topic"
  arn       = aws_sns_topic.result[0].arn

  input_transformer {
    input_paths = {
      bucket = "$.detail.bucket.name"
      key    = "$.detail.object.key"
    }
    # jsonencode would write '<' as an escape, which EventBridge does not take for the beginning of a name.
    input_template = replace(replace(local.message, "{bucket}", "<bucket>"), "{key}", "<key>")
  }
}

resource "aws_sns_topic" "result" {
  count = local.with_messages ? 1 : 0
  name  = "${var.name}-result"
  tags  = var.tags
}

resource "aws_sns_topic_subscription" "result" {
  count     = local.with_messages && var.result_mail != "" ? 1 : 0
  topic_arn = aws_sns_topic.result[0].arn
  protocol  = "email"
  endpoint  = var.result_mail
}

# Without a condition, because EventBridge gives SNS nothing that a condition could look at (EventBridge User Guide, "Amazon
# SNS permissions").
resource "aws_sns_topic_policy" "result" {
  count = local.with_messages ? 1 : 0
  arn   = aws_sns_topic.result[0].arn

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "EventBridge"
      Effect    = "Allow"
      Principal = { Service = "events.amazonaws.com" }
      Action    = "sns:Publish"
      Resource  = aws_sns_topic.result[0].arn
    }]
  })
}
