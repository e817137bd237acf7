# iam-census for a whole organization: the function, the role in the management account, and a StackSet with the role of all
# other accounts. Apply it in the management account, or in a delegated administrator of StackSets.

data "aws_caller_identity" "current" {}
data "aws_organizations_organization" "current" {}

locals {
  organization_id = data.aws_organizations_organization.current.id
  in_management   = data.aws_organizations_organization.current.master_account_id == data.aws_caller_identity.current.account_id
  units           = length(var.organizational_unit_ids) > 0 ? var.organizational_unit_ids : [data.aws_organizations_organization.current.roots[0].id]
  needs_findings  = var.columns == "full" || var.accounts_file == true || var.output_format == "sqlite" || coalesce(var.findings, "no") != "no"
}

module "function" {
  source = "../function"

  package                   = var.package
  external_id               = var.external_id
  role_name                 = var.role_name
  organizational_unit_ids   = var.organizational_unit_ids
  name                      = var.name
  architecture              = var.architecture
  child_account_ids         = var.child_account_ids
  exclude_account_ids       = var.exclude_account_ids
  strategy                  = var.strategy
  max_report_age            = var.max_report_age
  columns                   = var.columns
  ssh_public_keys           = var.ssh_public_keys
  accounts_file             = var.accounts_file
  output_format             = var.output_format
  bucket_name               = var.bucket_name
  existing_bucket           = var.existing_bucket
  existing_bucket_owner     = var.existing_bucket_owner
  s3_prefix                 = var.s3_prefix
  kms_key_arn               = var.kms_key_arn
  sse                       = var.sse
  result_retention_days     = var.result_retention_days
  schedule_expression       = var.schedule_expression
  findings                  = var.findings
  suppress_key              = var.suppress_key
  schedule_input            = var.schedule_input
  schedule_enabled          = var.schedule_enabled
  memory_size               = var.memory_size
  reserved_concurrency      = var.reserved_concurrency
  log_level                 = var.log_level
  log_retention_days        = var.log_retention_days
  log_kms_key_arn           = var.log_kms_key_arn
  alarm_topic_arn           = var.alarm_topic_arn
  alarm_on_partial          = var.alarm_on_partial
  alarm_on_findings         = var.alarm_on_findings
  alarm_on_unknown_findings = var.alarm_on_unknown_findings
  result_messages           = var.result_messages
  result_mail               = var.result_mail
  hours_without_census      = var.hours_without_census
  tags                      = var.tags
  organization_id           = local.organization_id
}

# A StackSet leaves out the management account. It does not leave out a delegated administrator, whose role would be in its way.
module "management_role" {
  source = "../child-role"
  count  = local.in_management ? 1 : 0

  function_role_arn = module.function.function_role_arn
  external_id       = var.external_id
  organization_id   = local.organization_id
  role_name         = var.role_name
  permissions       = var.permissions
  ssh_public_keys   = var.ssh_public_keys
  tags              = var.tags
}

resource "aws_cloudformation_stack_set" "member_roles" {
  name             = "${module.function.function_name}-role"
  description      = "The role that iam-census assumes in an account"
  permission_model = "SERVICE_MANAGED"
  call_as          = local.in_management ? "SELF" : "DELEGATED_ADMIN"
  capabilities     = ["CAPABILITY_NAMED_IAM"]
  template_body    = file("${path.module}/../../stackset/child-role.yaml")
  tags             = var.tags

  parameters = {
    FunctionRoleArn = module.function.function_role_arn
    ExternalId      = var.external_id
    OrganizationId  = local.organization_id
    RoleName        = var.role_name
    Permissions     = var.permissions
    SshPublicKeys   = coalesce(var.ssh_public_keys, false) ? "true" : "false"
  }

  auto_deployment {
    enabled                          = true
    retain_stacks_on_account_removal = false
  }

  managed_execution {
    active = true
  }

  lifecycle {
    # AWS fills this in for a StackSet with service-managed permissions.
    ignore_changes = [administration_role_arn]

    precondition {
      condition     = !local.needs_findings || var.permissions == "findings"
      error_message = "columns = full, accounts_file, output_format = sqlite and findings need permissions = findings."
    }
  }
}

# One region is enough, because IAM is the same in all of them. An account in which the role can't be made does not keep the
# others from having it.
resource "aws_cloudformation_stack_set_instance" "member_roles" {
  stack_set_name = aws_cloudformation_stack_set.member_roles.name
  call_as        = aws_cloudformation_stack_set.member_roles.call_as

  deployment_targets {
    organizational_unit_ids = local.units
  }

  operation_preferences {
    failure_tolerance_percentage = 100
    max_concurrent_percentage    = 100
  }
}
