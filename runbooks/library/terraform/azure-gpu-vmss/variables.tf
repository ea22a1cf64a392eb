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

variable "resource_group" {
  description = "The resource group, which is there already."
  type        = string
}

variable "location" {
  description = "The region of Azure, such as westeurope."
  type        = string
}

variable "subnet_id" {
  description = "The subnet of the instances."
  type        = string
}

variable "image_id" {
  description = "The image: one with the GPU's driver and the model server, replicated to this region beforehand."
  type        = string
}

variable "vm_size" {
  description = "The size of an instance, with its GPUs."
  type        = string
  default     = "Standard_NC24ads_A100_v4"
}

variable "zones" {
  description = "The zones of the instances; empty for any."
  type        = list(string)
  default     = []
}

variable "admin_username" {
  description = "Who may log in, by key."
  type        = string
  default     = "evac"
}

variable "ssh_public_key" {
  description = "The key of that user; there is no password."
  type        = string

  validation {
    condition     = startswith(var.ssh_public_key, "ssh-")
    error_message = "ssh_public_key is a public key, as OpenSSH writes it."
  }
}

variable "backend_pool_ids" {
  description = "Backend pools of the load balancer."
  type        = list(string)
  default     = []
}

variable "health_probe_id" {
  description = "The load balancer's probe, which decides what is healthy; null for none."
  type        = string
  default     = null
}

variable "disk_gb" {
  description = "Size of the system disk: the models lie on it."
  type        = number
  default     = 200
}

variable "tags" {
  description = "Tags of everything that is made here."
  type        = map(string)
  default     = {}
}
