variable "function_role_arn" {
  description = "ARN of the role of the iam-census function. It must exist already."
  type        = string

  validation {
    condition     = can(regex("^arn:aws[a-z0-9-]*:iam::[0-9]{12}:role/", var.function_role_arn))
    error_message = "This is not the ARN of a role."
  }
}

variable "external_id" {
  description = "The external id that the function gives when it assumes the role."
  type        = string
  sensitive   = true

  validation {
    condition     = length(var.external_id) >= 2
    error_message = "An external id has at least 2 characters."
  }
}

variable "organization_id" {
  description = "The organization that the function's account belongs to."
  type        = string

  validation {
    condition     = can(regex("^o-[a-z0-9]{10,32}$", var.organization_id))
    error_message = "This is not an organization id (o-...)."
  }
}

variable "role_name" {
  description = "Name of the role."
  type        = string
  default     = "IamCensus"
  nullable    = false
}

variable "permissions" {
  description = "auto allows all calls of the standard and extended columns, so that the program can replace bulk calls that are denied; findings allows what findings, the columns of full, the accounts file and SQLite need as well; bulk and per-user allow the calls of that strategy; original has the permissions of the Python function, with which groups and account aliases are unknown."
  type        = string
  default     = "auto"
  nullable    = false

  validation {
    condition     = contains(["auto", "findings", "bulk", "per-user", "original"], var.permissions)
    error_message = "Allowed are auto, findings, bulk, per-user, original."
  }
}

variable "ssh_public_keys" {
  description = "Whether SSH public keys may be listed, which --ssh-keys asks for; that is a call for each user."
  type        = bool
  default     = false
  nullable    = false
}

variable "tags" {
  description = "Tags for the role."
  type        = map(string)
  default     = {}
  nullable    = false
}
