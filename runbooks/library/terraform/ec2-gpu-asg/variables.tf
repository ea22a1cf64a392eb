variable "name" {
  description = "The name of everything that is made here."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,30}$", var.name))
    error_message = "name is 1 to 31 lower-case letters, digits and hyphens, a letter first."
  }
}

variable "standby_size" {
  description = "How many instances there are: the number that scale.terraform drives."
  type        = number
  default     = 0

  validation {
    condition     = var.standby_size >= 0 && floor(var.standby_size) == var.standby_size
    error_message = "standby_size is a whole number, 0 or more."
  }
}

variable "max_size" {
  description = "The most instances that anything may ask for: a limit against mistakes."
  type        = number
  default     = 20

  validation {
    condition     = var.max_size >= 1
    error_message = "max_size is 1 or more."
  }
}

variable "ami" {
  description = "The image: one with the GPU's driver and the model server, copied to this region beforehand."
  type        = string

  validation {
    condition     = startswith(var.ami, "ami-")
    error_message = "ami is the id of an image in this region, such as ami-0123456789abcdef0."
  }
}

variable "instance_types" {
  description = "Instance types in the order in which they are tried when there is no capacity."
  type        = list(string)
  default     = ["g6.12xlarge", "g5.12xlarge", "p4d.24xlarge"]

  validation {
    condition     = length(var.instance_types) > 0
    error_message = "instance_types names at least one."
  }
}

variable "subnet_ids" {
  description = "Subnets in as many zones as possible: GPUs are scarce in single ones."
  type        = list(string)

  validation {
    condition     = length(var.subnet_ids) > 0
    error_message = "subnet_ids names at least one."
  }
}

variable "security_group_ids" {
  description = "Security groups of the instances."
  type        = list(string)
  default     = []
}

variable "target_group_arns" {
  description = "Target groups of the load balancer; their health check then decides what is healthy."
  type        = list(string)
  default     = []
}

variable "instance_profile" {
  description = "The name of the instances' IAM profile; null for none."
  type        = string
  default     = null
}

variable "spot_percentage" {
  description = "How many per cent of the instances may be spot instances, which AWS takes back when it needs them."
  type        = number
  default     = 0

  validation {
    condition     = var.spot_percentage >= 0 && var.spot_percentage <= 100
    error_message = "spot_percentage is 0 to 100."
  }
}

variable "volume_gb" {
  description = "Size of the root volume: the models lie on it."
  type        = number
  default     = 200
}

variable "warm_up_seconds" {
  description = "How long a new instance loads its model before its health counts."
  type        = number
  default     = 300
}

variable "user_data" {
  description = "What an instance runs at its first start; null for none."
  type        = string
  default     = null
}

variable "tags" {
  description = "Tags of everything that is made here."
  type        = map(string)
  default     = {}
}
