output "function_arn" {
  value = aws_lambda_function.census.arn
}

output "function_name" {
  value = aws_lambda_function.census.function_name
}

output "function_role_arn" {
  description = "Value for the variable function_role_arn of the role in the accounts."
  value       = aws_iam_role.function.arn
}

output "bucket_name" {
  value = local.bucket
}

output "log_group_name" {
  value = aws_cloudwatch_log_group.function.name
}

output "result_topic_arn" {
  description = "The topic that gets a message at the end of each census; empty if there is none."
  value       = local.with_messages ? aws_sns_topic.result[0].arn : ""
}
