output "storage_account" {
  description = "backend.config.storage_account_name of the runbook; locks are leases of its blobs."
  value       = azurerm_storage_account.state.name
}

output "container" {
  description = "backend.config.container_name of the runbook."
  value       = azurerm_storage_container.state.name
}
