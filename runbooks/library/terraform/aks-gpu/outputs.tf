output "standby_size" {
  description = "How many nodes are wanted: scale.terraform reads it."
  value       = azurerm_kubernetes_cluster_node_pool.this.node_count
}

output "node_pool" {
  description = "The name of the node pool."
  value       = azurerm_kubernetes_cluster_node_pool.this.name
}
