variable "resource_group" {
  description = "The resource group, which is there already."
  type        = string
}

variable "location" {
  description = "A region that is neither the active one nor its standby."
  type        = string
}

variable "storage_account" {
  description = "The name of the storage account."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9]{3,24}$", var.storage_account))
    error_message = "storage_account is 3 to 24 lower-case letters and digits."
  }
}

variable "container" {
  description = "The name of the container."
  type        = string
  default     = "tfstate"
}

variable "keep_versions_days" {
  description = "How long what was deleted can be brought back."
  type        = number
  default     = 90

  validation {
    condition     = var.keep_versions_days >= 1 && var.keep_versions_days <= 365
    error_message = "keep_versions_days is 1 to 365."
  }
}

variable "tags" {
  description = "Tags of everything that is made here."
  type        = map(string)
  default     = {}
}
