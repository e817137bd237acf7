output "function_arn" {
  value = module.function.function_arn
}

output "function_name" {
  value = module.function.function_name
}

output "function_role_arn" {
  value = module.function.function_role_arn
}

output "bucket_name" {
  value = module.function.bucket_name
}

output "log_group_name" {
  value = module.function.log_group_name
}

output "result_topic_arn" {
  value = module.function.result_topic_arn
}

output "stack_set_name" {
  value = aws_cloudformation_stack_set.member_roles.name
}
