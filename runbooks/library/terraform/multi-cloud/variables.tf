variable "name" {
  description = "The name of everything that is made here."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{0,10}$", var.name))
    error_message = "name is 1 to 11 lower-case letters and digits, a letter first."
  }
}

variable "standby_size" {
  description = "How many GPU hosts in both clouds together there are: the number that scale.terraform drives."
  type        = number
  default     = 0

  validation {
    condition     = var.standby_size >= 0 && floor(var.standby_size) == var.standby_size
    error_message = "standby_size is a whole number, 0 or more."
  }
}

variable "aws_share" {
  description = "How many per cent of them are on AWS, rounded up; the rest is on Azure."
  type        = number
  default     = 100

  validation {
    condition     = var.aws_share >= 0 && var.aws_share <= 100
    error_message = "aws_share is 0 to 100."
  }
}

variable "aws_region" {
  description = "The region of AWS."
  type        = string
}

variable "aws_ami" {
  description = "The image on AWS."
  type        = string
}

variable "aws_subnet_ids" {
  description = "Subnets on AWS."
  type        = list(string)
}

variable "aws_target_group_arns" {
  description = "Target groups of the load balancer on AWS."
  type        = list(string)
  default     = []
}

variable "azure_subscription" {
  description = "The id of the subscription of Azure."
  type        = string
}

variable "azure_cluster_id" {
  description = "The id of the AKS cluster."
  type        = string
}

variable "tags" {
  description = "Tags of everything that is made here."
  type        = map(string)
  default     = {}
}
