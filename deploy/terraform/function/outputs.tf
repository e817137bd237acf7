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
