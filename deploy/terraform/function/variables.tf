variable "name" {
  description = "Name of the function, and part of the names of its other resources."
  type        = string
  default     = "iam-census"
  nullable    = false
}

variable "package" {
  description = "Path of the zip: dist/iam-census-lambda-arm64.zip or -x86_64.zip."
  type        = string
}

variable "architecture" {
  description = "Architecture of the package: arm64 or x86_64."
  type        = string
  default     = "arm64"
  nullable    = false

  validation {
    condition     = contains(["arm64", "x86_64"], var.architecture)
    error_message = "Allowed are arm64, x86_64."
  }
}

variable "role_name" {
  description = "The role to assume in each account (a name, or a path and name)."
  type        = string
  default     = "IamCensus"
  nullable    = false
}

variable "external_id" {
  description = "External id that the function gives when it assumes the role; the trust policies of the roles ask for it."
  type        = string
  sensitive   = true

  validation {
    condition     = length(var.external_id) >= 2
    error_message = "An external id has at least 2 characters."
  }
}

variable "organization_id" {
  description = "Id of the organization. It is part of the file's name, and the function may assume roles only in this organization. If empty, the function asks AWS Organizations for it, and may assume roles in its own organization."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = can(regex("^(o-[a-z0-9]{10,32})?$", var.organization_id))
    error_message = "This is not an organization id (o-...)."
  }
}

variable "child_account_ids" {
  description = "Accounts to read. If empty, all active accounts of the organization are read."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "organizational_unit_ids" {
  description = "Units to which the census is limited."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "exclude_account_ids" {
  description = "Accounts to leave out."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "ask_organizations" {
  description = "Whether the function may ask AWS Organizations. If false, set organization_id and child_account_ids (or name the accounts in the event)."
  type        = bool
  default     = true
  nullable    = false
}

variable "fan_out" {
  description = "Whether the function also works in batches, for deploy/stepfunctions."
  type        = bool
  default     = false
  nullable    = false
}

variable "strategy" {
  description = "Strategy: auto, bulk or per-user."
  type        = string
  default     = "auto"
  nullable    = false
}

variable "max_report_age" {
  description = "Age in minutes. An older credential report is not used, and its facts are read user by user. With 0 no report is used."
  type        = number
  default     = 300
  nullable    = false
}

variable "columns" {
  description = "Columns of the output: standard, extended or full; for full, the roles in the accounts need the permissions findings."
  type        = string
  default     = "standard"
  nullable    = false
}

variable "ssh_public_keys" {
  description = "Whether SSH public keys are read, for the columns of full; that is a call for each user, and the roles in the accounts need ssh_public_keys = true."
  type        = bool
  default     = false
  nullable    = false
}

variable "accounts_file" {
  description = "Whether the census also writes a row for every account, beside its output; the roles in the accounts need the permissions findings."
  type        = bool
  default     = false
  nullable    = false
}

variable "output_format" {
  description = "Format of the output: csv, jsonl or sqlite. With sqlite each run is a database of its own, and the roles in the accounts need the permissions findings."
  type        = string
  default     = "csv"
  nullable    = false

  validation {
    condition     = contains(["csv", "jsonl", "sqlite"], var.output_format)
    error_message = "Allowed are csv, jsonl, sqlite."
  }
}

variable "bucket_name" {
  description = "Name of the bucket that is made for the results. If empty, the name is generated."
  type        = string
  default     = ""
  nullable    = false
}

variable "existing_bucket" {
  description = "Name of a bucket of your own for the results; then the module makes none. You must set its encryption, life cycle and policy yourself."
  type        = string
  default     = ""
  nullable    = false
}

variable "existing_bucket_owner" {
  description = "The account that existing_bucket belongs to, if it is another one. Its bucket policy must admit the function's role."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = can(regex("^([0-9]{12})?$", var.existing_bucket_owner))
    error_message = "An account id has 12 digits."
  }
}

variable "s3_prefix" {
  description = "Prefix of the names of the results. It must end in a slash."
  type        = string
  default     = "iam-census/"
  nullable    = false
}

variable "kms_key_arn" {
  description = "KMS key for the results. If empty, S3's own key is used (SSE-S3). The key policy must admit the function's role."
  type        = string
  default     = ""
  nullable    = false
}

variable "sse" {
  description = "Encryption that the function asks S3 for with each result (AES256, aws:kms or aws:kms:dsse), for a bucket whose policy demands that header. If empty, the bucket's default is used."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = contains(["", "AES256", "aws:kms", "aws:kms:dsse"], var.sse)
    error_message = "Allowed are AES256, aws:kms, aws:kms:dsse, or nothing."
  }
}

variable "result_retention_days" {
  description = "Days after which results are removed (but not from an existing_bucket)."
  type        = number
  default     = 400
  nullable    = false
}

variable "schedule_expression" {
  description = "When the census runs, in UTC."
  type        = string
  default     = "cron(0 5 * * ? *)"
  nullable    = false
}

variable "findings" {
  description = "Format of the findings that the scheduled census writes beside its output: csv, jsonl or ocsf. no writes none. The roles in the accounts need the permissions findings."
  type        = string
  default     = "no"
  nullable    = false

  validation {
    condition     = contains(["no", "csv", "jsonl", "ocsf"], var.findings)
    error_message = "Allowed are no, csv, jsonl, ocsf."
  }
}

variable "suppress_key" {
  description = "Object of the results' bucket with suppressions, which the function may then read; the scheduled census applies them to its findings. If empty, there are none."
  type        = string
  default     = ""
  nullable    = false
}

variable "schedule_input" {
  description = "Event of the schedule, a JSON object; its fields override the settings. If empty, it is made of findings and suppress_key."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = var.schedule_input == "" || can(keys(jsondecode(var.schedule_input)))
    error_message = "This is not a JSON object."
  }
}

variable "schedule_enabled" {
  description = "false if only your own events, or deploy/stepfunctions, start the function."
  type        = bool
  default     = true
  nullable    = false
}

variable "memory_size" {
  description = "Memory in megabytes."
  type        = number
  default     = 512
  nullable    = false
}

variable "reserved_concurrency" {
  description = "Concurrent invocations reserved for the function, which can't have more. 1 keeps two censuses from overlapping; with fan_out it must be at least the state machine's max_concurrency. -1 reserves none (an account that may have only 10 can't reserve any)."
  type        = number
  default     = -1
  nullable    = false
}

variable "log_level" {
  description = "Log level: error, warn, info or debug. info has a line for every user."
  type        = string
  default     = "info"
  nullable    = false
}

variable "log_retention_days" {
  description = "Days for which the log is kept."
  type        = number
  default     = 90
  nullable    = false
}

variable "log_kms_key_arn" {
  description = "KMS key for the log. If empty, CloudWatch's own key is used. The key policy must admit logs.REGION.amazonaws.com."
  type        = string
  default     = ""
  nullable    = false
}

variable "alarm_topic_arn" {
  description = "SNS topic that the alarms notify. If empty, they only show in CloudWatch."
  type        = string
  default     = ""
  nullable    = false
}

variable "alarm_on_partial" {
  description = "false if the roles lack permissions on purpose, so that accounts are always partial."
  type        = bool
  default     = true
  nullable    = false
}

variable "alarm_on_findings" {
  description = "Whether findings raise an alarm: no, critical, or high (critical and high). They are counted if a census writes findings."
  type        = string
  default     = "no"
  nullable    = false

  validation {
    condition     = contains(["no", "critical", "high"], var.alarm_on_findings)
    error_message = "Allowed are no, critical, high."
  }
}

variable "alarm_on_unknown_findings" {
  description = "Whether there is an alarm if something could not be judged, because a fact is unknown or an account failed."
  type        = bool
  default     = false
  nullable    = false
}

variable "result_messages" {
  description = "Whether an SNS topic gets a message when the result document of a census is in the bucket: text for mail and programs; chat for Amazon Q Developer in chat applications (Slack, Microsoft Teams). An existing_bucket must be in this account and region, and send its events to EventBridge."
  type        = string
  default     = "no"
  nullable    = false

  validation {
    condition     = contains(["no", "text", "chat"], var.result_messages)
    error_message = "Allowed are no, text, chat."
  }
}

variable "result_mail" {
  description = "Address that gets these messages by mail, once it has confirmed that. If empty, subscribe to the topic (output result_topic_arn) yourself."
  type        = string
  default     = ""
  nullable    = false
}

variable "hours_without_census" {
  description = "Hours without a finished census after which there is an alarm. Set it to the hours between two runs plus at least two. 0 means no such alarm (CloudWatch can't look back further than a week, 168 hours)."
  type        = number
  default     = 26
  nullable    = false

  validation {
    condition     = var.hours_without_census >= 0 && var.hours_without_census <= 168 && floor(var.hours_without_census) == var.hours_without_census
    error_message = "Allowed is a whole number from 0 to 168."
  }
}

variable "tags" {
  description = "Tags for all resources that can have tags."
  type        = map(string)
  default     = {}
  nullable    = false
}
