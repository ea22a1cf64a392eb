variable "name" {
  description = "The name of everything that is made here."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,30}$", var.name))
    error_message = "name is 1 to 31 lower-case letters, digits and hyphens, a letter first."
  }
}

variable "standby_size" {
  description = "How many nodes there are: the number that scale.terraform drives."
  type        = number
  default     = 0

  validation {
    condition     = var.standby_size >= 0 && floor(var.standby_size) == var.standby_size
    error_message = "standby_size is a whole number, 0 or more."
  }
}

variable "max_size" {
  description = "The most nodes that anything may ask for: a limit against mistakes."
  type        = number
  default     = 20

  validation {
    condition     = var.max_size >= 1
    error_message = "max_size is 1 or more."
  }
}

variable "cluster" {
  description = "The name of the EKS cluster, which is there already."
  type        = string
}

variable "subnet_ids" {
  description = "Subnets of the nodes, in as many zones as possible."
  type        = list(string)

  validation {
    condition     = length(var.subnet_ids) > 0
    error_message = "subnet_ids names at least one."
  }
}

variable "instance_types" {
  description = "Instance types, all with the same number of GPUs."
  type        = list(string)
  default     = ["g6.12xlarge", "g5.12xlarge"]
}

variable "ami_type" {
  description = "The kind of image of the nodes: one with the GPU's driver."
  type        = string
  default     = "AL2023_x86_64_NVIDIA"
}

variable "capacity_type" {
  description = "ON_DEMAND, SPOT or CAPACITY_BLOCK."
  type        = string
  default     = "ON_DEMAND"

  validation {
    condition     = contains(["ON_DEMAND", "SPOT", "CAPACITY_BLOCK"], var.capacity_type)
    error_message = "capacity_type is ON_DEMAND, SPOT or CAPACITY_BLOCK."
  }
}

variable "policy_arns" {
  description = "The policies of the nodes' role; null for the three that EKS asks for."
  type        = list(string)
  default     = null
}

variable "disk_gb" {
  description = "Disk of each node: images and models lie on it."
  type        = number
  default     = 200
}

variable "tags" {
  description = "Tags of everything that is made here."
  type        = map(string)
  default     = {}
}
