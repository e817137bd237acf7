variable "name" {
  description = "Name of the function and of what belongs to it."
  type        = string
  default     = "iam-census"
}

variable "package" {
  description = "Path of the zip: dist/iam-census-lambda-arm64.zip or -x86_64.zip."
  type        = string
}

variable "architecture" {
  description = "Of the package: arm64 or x86_64."
  type        = string
  default     = "arm64"

  validation {
    condition     = contains(["arm64", "x86_64"], var.architecture)
    error_message = "Allowed are arm64, x86_64."
  }
}

variable "role_name" {
  description = "The role to assume in each account (a name, or a path and name)."
  type        = string
  default     = "IamCensus"
}

variable "external_id" {
  description = "Given when the role is assumed; the trust policies of the roles ask for it."
  type        = string
  sensitive   = true

  validation {
    condition     = length(var.external_id) >= 2
    error_message = "An external id has at least 2 characters."
  }
}

variable "organization_id" {
  description = "Part of the file's name, and the only organization in which the function may assume roles. If empty, the name is asked of AWS Organizations, and roles may be assumed in the function's own organization."
  type        = string
  default     = ""

  validation {
    condition     = can(regex("^(o-[a-z0-9]{10,32})?$", var.organization_id))
    error_message = "This is not an organization id (o-...)."
  }
}

variable "child_account_ids" {
  description = "Accounts to read; empty, all active ones of the organization."
  type        = list(string)
  default     = []
}

variable "organizational_unit_ids" {
  description = "Units to which the census is limited."
  type        = list(string)
  default     = []
}

variable "exclude_account_ids" {
  description = "Accounts to leave out."
  type        = list(string)
  default     = []
}

variable "ask_organizations" {
  description = "Whether the function may ask AWS Organizations; false needs organization_id and child_account_ids (or an event that names the accounts)."
  type        = bool
  default     = true
}

variable "fan_out" {
  description = "Whether the function also works in batches, for deploy/stepfunctions."
  type        = bool
  default     = false
}

variable "strategy" {
  description = "auto, bulk or per-user."
  type        = string
  default     = "auto"
}

variable "max_report_age" {
  description = "Minutes. An older credential report is not used, and its facts are read user by user; 0 never uses one."
  type        = number
  default     = 300
}

variable "columns" {
  description = "standard or extended."
  type        = string
  default     = "standard"
}

variable "output_format" {
  description = "csv or jsonl."
  type        = string
  default     = "csv"
}

variable "bucket_name" {
  description = "Name of the bucket that is made for the results; empty, one is made up."
  type        = string
  default     = ""
}

variable "existing_bucket" {
  description = "Name of a bucket of your own for the results; then none is made. Its encryption, life cycle and policy are yours to set."
  type        = string
  default     = ""
}

variable "existing_bucket_owner" {
  description = "The account that existing_bucket belongs to, if it is another one. Its bucket policy must admit the function's role."
  type        = string
  default     = ""

  validation {
    condition     = can(regex("^([0-9]{12})?$", var.existing_bucket_owner))
    error_message = "An account id has 12 digits."
  }
}

variable "s3_prefix" {
  description = "Put before the names of the results; ends in a slash."
  type        = string
  default     = "iam-census/"
}

variable "kms_key_arn" {
  description = "Key for the results; empty, S3's own (SSE-S3). Its key policy must admit the function's role."
  type        = string
  default     = ""
}

variable "sse" {
  description = "Encryption that the function asks S3 for, with each result: AES256, aws:kms or aws:kms:dsse, for a bucket whose policy wants the header. If empty, it is the bucket's own."
  type        = string
  default     = ""

  validation {
    condition     = contains(["", "AES256", "aws:kms", "aws:kms:dsse"], var.sse)
    error_message = "Allowed are AES256, aws:kms, aws:kms:dsse, or nothing."
  }
}

variable "result_retention_days" {
  description = "Results are removed after so many days; not from an existing_bucket."
  type        = number
  default     = 400
}

variable "schedule_expression" {
  description = "When the census runs, UTC."
  type        = string
  default     = "cron(0 5 * * ? *)"
}

variable "schedule_enabled" {
  description = "false where only events of your own, or deploy/stepfunctions, start it."
  type        = bool
  default     = true
}

variable "memory_size" {
  description = "Megabytes."
  type        = number
  default     = 512
}

variable "reserved_concurrency" {
  description = "Invocations at once, of those that the account may have: 1 keeps two censuses from overlapping; with fan_out at least max_concurrency of the state machine. -1: none are reserved (an account that may have 10 can't reserve any)."
  type        = number
  default     = -1
}

variable "log_level" {
  description = "error, warn, info or debug. info has a line for every user."
  type        = string
  default     = "info"
}

variable "log_retention_days" {
  description = "Days that the log is kept."
  type        = number
  default     = 90
}

variable "log_kms_key_arn" {
  description = "Key for the log; empty, CloudWatch's own. Its key policy must admit logs.REGION.amazonaws.com."
  type        = string
  default     = ""
}

variable "alarm_topic_arn" {
  description = "SNS topic that the alarms tell; empty, they only show."
  type        = string
  default     = ""
}

variable "alarm_on_partial" {
  description = "false where roles lack permissions on purpose, so that accounts are always partial."
  type        = bool
  default     = true
}

variable "hours_without_census" {
  description = "After so many hours without a finished census there is an alarm: the hours between two runs and at least two more. 0: no such alarm (CloudWatch looks back over a week, 168 hours, and no further)."
  type        = number
  default     = 26

  validation {
    condition     = var.hours_without_census >= 0 && var.hours_without_census <= 168 && floor(var.hours_without_census) == var.hours_without_census
    error_message = "Allowed is a whole number from 0 to 168."
  }
}

variable "tags" {
  description = "Tags of everything that has tags."
  type        = map(string)
  default     = {}
}
