variable "prefix" {
  description = "What all names begin with."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9/_+=.@-]{1,64}$", var.prefix))
    error_message = "prefix is 1 to 64 of the letters that Secrets Manager takes."
  }
}

variable "names" {
  description = "The secrets. Their values are never in Terraform: whoever owns one puts it there."
  type        = set(string)

  validation {
    condition     = length(var.names) > 0
    error_message = "names has at least one."
  }
}

variable "replica_regions" {
  description = "The regions that have a copy: every one that may have to take over."
  type        = set(string)
  default     = []
}

variable "kms_key_arn" {
  description = "The key that encrypts them; null for AWS's own."
  type        = string
  default     = null
}

variable "recovery_days" {
  description = "How long a deleted secret can be brought back; 0 deletes at once."
  type        = number
  default     = 30

  validation {
    condition     = var.recovery_days == 0 || (var.recovery_days >= 7 && var.recovery_days <= 30)
    error_message = "recovery_days is 0, or 7 to 30."
  }
}

variable "tags" {
  description = "Tags of everything that is made here."
  type        = map(string)
  default     = {}
}
