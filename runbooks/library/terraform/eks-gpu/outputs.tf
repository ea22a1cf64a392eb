output "standby_size" {
  description = "How many nodes are wanted: scale.terraform reads it."
  value       = aws_eks_node_group.this.scaling_config[0].desired_size
}

output "node_group" {
  description = "The name of the node group."
  value       = aws_eks_node_group.this.node_group_name
}

output "role_arn" {
  description = "The role of the nodes."
  value       = aws_iam_role.node.arn
}
