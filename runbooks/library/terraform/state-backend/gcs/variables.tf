variable "bucket" {
  description = "The name of the bucket."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9_.-]{1,61}[a-z0-9]$", var.bucket))
    error_message = "bucket is 3 to 63 lower-case letters, digits, dots, underscores and hyphens."
  }
}

variable "location" {
  description = "A dual- or multi-region, such as EU: the state outlives any single region."
  type        = string
  default     = "EU"
}

variable "keep_versions" {
  description = "How many older versions of the state are kept."
  type        = number
  default     = 100

  validation {
    condition     = var.keep_versions >= 1
    error_message = "keep_versions is 1 or more."
  }
}

variable "labels" {
  description = "Labels of the bucket."
  type        = map(string)
  default     = {}
}
