output "standby_size" {
  description = "How many hosts are wanted in both clouds: scale.terraform reads it."
  value       = module.aws.standby_size + module.azure.standby_size
}

output "aws_group" {
  description = "The Auto Scaling group on AWS."
  value       = module.aws.group
}

output "azure_node_pool" {
  description = "The node pool on Azure."
  value       = module.azure.node_pool
}
