output "standby_size" {
  description = "How many instances are wanted: scale.terraform reads it."
  value       = azurerm_linux_virtual_machine_scale_set.this.instances
}

output "scale_set_id" {
  description = "The id of the scale set."
  value       = azurerm_linux_virtual_machine_scale_set.this.id
}
