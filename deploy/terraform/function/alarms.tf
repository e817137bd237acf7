locals {
  alarm_actions      = var.alarm_topic_arn != "" ? [var.alarm_topic_arn] : []
  function_dimension = { FunctionName = aws_lambda_function.census.function_name }

  alarms = merge(
    {
      runs-failed = {
        text       = "a run failed (settings, output, or no account could be read); the log says why"
        namespace  = "iam-census/${var.name}"
        metric     = "RunsFailed"
        statistic  = "Sum"
        dimensions = {}
      }
      function-errors = {
        text       = "the function crashed, ran out of time or memory, could not start, or failed in a step of the state machine"
        namespace  = "AWS/Lambda"
        metric     = "Errors"
        statistic  = "Sum"
        dimensions = local.function_dimension
      }
      accounts-failed = {
        text       = "accounts are missing from the census (role not assumed, users not listed, deadline)"
        namespace  = "iam-census"
        metric     = "AccountsFailed"
        statistic  = "Maximum"
        dimensions = local.function_dimension
      }
    },
    var.alarm_on_partial ? {
      accounts-partial = {
        text       = "accounts have facts that could not be read"
        namespace  = "iam-census"
        metric     = "AccountsPartial"
        statistic  = "Maximum"
        dimensions = local.function_dimension
      }
    } : {},
    var.alarm_on_findings != "no" ? {
      findings-critical = {
        text       = "there are critical findings that nothing suppresses"
        namespace  = "iam-census"
        metric     = "FindingsCritical"
        statistic  = "Maximum"
        dimensions = local.function_dimension
      }
    } : {},
    var.alarm_on_findings == "high" ? {
      findings-high = {
        text       = "there are findings of severity high that nothing suppresses"
        namespace  = "iam-census"
        metric     = "FindingsHigh"
        statistic  = "Maximum"
        dimensions = local.function_dimension
      }
    } : {},
    var.alarm_on_unknown_findings ? {
      findings-unknown = {
        text       = "something could not be judged, because a fact is unknown or an account failed"
        namespace  = "iam-census"
        metric     = "FindingsUnknown"
        statistic  = "Maximum"
        dimensions = local.function_dimension
      }
    } : {},
  )
}

# For Lambda, an invocation that answers 500 is not an error; the log shows it.
resource "aws_cloudwatch_log_metric_filter" "runs_failed" {
  name           = "${var.name}-runs-failed"
  log_group_name = aws_cloudwatch_log_group.function.name
  pattern        = "{ ($.event = \"run failed\") || ($.event = \"event loop failed\") }"

  metric_transformation {
    namespace = "iam-census/${var.name}"
    name      = "RunsFailed"
    value     = "1"
  }
}

resource "aws_cloudwatch_metric_alarm" "wrong" {
  for_each            = local.alarms
  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = "iam-census: ${each.value.text}"
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = each.value.statistic
  period              = 300
  evaluation_periods  = 1
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.alarm_actions
  tags                = var.tags
}

# An hour without a run has no data. CloudWatch would use older data in its place, and find some for days. FILL makes
# the hour a 0.
resource "aws_cloudwatch_metric_alarm" "no_census" {
  count               = var.schedule_enabled && var.hours_without_census > 0 ? 1 : 0
  alarm_name          = "${var.name}-no-census"
  alarm_description   = "iam-census: no census has been finished for longer than allowed"
  evaluation_periods  = var.hours_without_census
  datapoints_to_alarm = var.hours_without_census
  threshold           = 1
  comparison_operator = "LessThanThreshold"
  treat_missing_data  = "breaching"
  alarm_actions       = local.alarm_actions
  tags                = var.tags

  metric_query {
    id          = "finished"
    label       = "finished runs in an hour"
    expression  = "FILL(runs, 0)"
    return_data = true
  }

  metric_query {
    id          = "runs"
    return_data = false

    metric {
      namespace   = "iam-census"
      metric_name = "AccountsSucceeded"
      dimensions  = local.function_dimension
      stat        = "SampleCount"
      period      = 3600
    }
  }
}
