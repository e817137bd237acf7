# Those down from "name" are described in ../function/variables.tf, which has their defaults and refuses wrong values.

variable "external_id" {
  description = "Any word that the function and the roles share; the trust policies of the roles ask for it."
  type        = string
  sensitive   = true
}

variable "package" {
  description = "Path of the zip: dist/iam-census-lambda-arm64.zip or -x86_64.zip."
  type        = string
}

variable "role_name" {
  description = "Name of the role in each account. A second function needs another one."
  type        = string
  default     = "IamCensus"
  nullable    = false

  validation {
    condition     = can(regex("^[\\w+=,.@-]{1,64}$", var.role_name))
    error_message = "This is not the name of a role; it can't have a path."
  }
}

variable "organizational_unit_ids" {
  description = "Units. If there are some, the roles are made only in accounts in and below them, and the census is limited to them. If empty, it is about the whole organization."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "permissions" {
  description = "What the roles allow; all of it only reads. findings is enough for all that the function can be asked for (except SSH public keys); auto, bulk, per-user and original are less."
  type        = string
  default     = "findings"
  nullable    = false
}

variable "tags" {
  description = "Tags for all resources that can have tags."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "name" {
  type    = string
  default = null
}

variable "architecture" {
  type    = string
  default = null
}

variable "child_account_ids" {
  type    = list(string)
  default = null
}

variable "exclude_account_ids" {
  type    = list(string)
  default = null
}

variable "strategy" {
  type    = string
  default = null
}

variable "max_report_age" {
  type    = number
  default = null
}

variable "columns" {
  type    = string
  default = null
}

variable "ssh_public_keys" {
  type    = bool
  default = null
}

variable "accounts_file" {
  type    = bool
  default = null
}

variable "output_format" {
  type    = string
  default = null
}

variable "bucket_name" {
  type    = string
  default = null
}

variable "existing_bucket" {
  type    = string
  default = null
}

variable "existing_bucket_owner" {
  type    = string
  default = null
}

variable "s3_prefix" {
  type    = string
  default = null
}

variable "kms_key_arn" {
  type    = string
  default = null
}

variable "sse" {
  type    = string
  default = null
}

variable "result_retention_days" {
  type    = number
  default = null
}

variable "schedule_expression" {
  type    = string
  default = null
}

variable "findings" {
  type    = string
  default = null
}

variable "suppress_key" {
  type    = string
  default = null
}

variable "schedule_input" {
  type    = string
  default = null
}

variable "schedule_enabled" {
  type    = bool
  default = null
}

variable "memory_size" {
  type    = number
  default = null
}

variable "reserved_concurrency" {
  type    = number
  default = null
}

variable "log_level" {
  type    = string
  default = null
}

variable "log_retention_days" {
  type    = number
  default = null
}

variable "log_kms_key_arn" {
  type    = string
  default = null
}

variable "alarm_topic_arn" {
  type    = string
  default = null
}

variable "alarm_on_partial" {
  type    = bool
  default = null
}

variable "alarm_on_findings" {
  type    = string
  default = null
}

variable "alarm_on_unknown_findings" {
  type    = bool
  default = null
}

variable "result_messages" {
  type    = string
  default = null
}

variable "result_mail" {
  type    = string
  default = null
}

variable "hours_without_census" {
  type    = number
  default = null
}
