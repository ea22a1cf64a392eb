output "standby_size" {
  description = "How many instances are wanted: scale.terraform reads it."
  value       = aws_autoscaling_group.this.desired_capacity
}

output "running" {
  description = "How many instances run: name it as ready_output."
  value       = length(data.aws_instances.running.ids)
}

output "group" {
  description = "The name of the Auto Scaling group."
  value       = aws_autoscaling_group.this.name
}
