variable "name" {
  description = "The name of everything that is made here."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{0,10}$", var.name))
    error_message = "name is 1 to 11 lower-case letters and digits, a letter first."
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

variable "cluster_id" {
  description = "The id of the AKS cluster, which is there already."
  type        = string

  validation {
    condition     = can(regex("/managedClusters/", var.cluster_id))
    error_message = "cluster_id is the resource id of a managed cluster."
  }
}

variable "vm_size" {
  description = "The size of a node, with its GPUs."
  type        = string
  default     = "Standard_NC24ads_A100_v4"
}

variable "subnet_id" {
  description = "The subnet of the nodes; null for the cluster's own."
  type        = string
  default     = null
}

variable "zones" {
  description = "The zones of the nodes; empty for any."
  type        = list(string)
  default     = []
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
