variable "bucket" {
  description = "The name of the bucket, in a region that is neither the active one nor its standby."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.bucket))
    error_message = "bucket is 3 to 63 lower-case letters, digits, dots and hyphens."
  }
}

variable "lock_table" {
  description = "The name of a DynamoDB table for locks; null: use_lockfile keeps them in the bucket."
  type        = string
  default     = null
}

variable "kms_key_arn" {
  description = "The key that encrypts the state; null for AWS's own."
  type        = string
  default     = null
}

variable "keep_versions_days" {
  description = "How long older versions of the state are kept."
  type        = number
  default     = 365

  validation {
    condition     = var.keep_versions_days >= 1
    error_message = "keep_versions_days is 1 or more."
  }
}

variable "tags" {
  description = "Tags of everything that is made here."
  type        = map(string)
  default     = {}
}
