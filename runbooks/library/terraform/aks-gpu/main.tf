resource "azurerm_kubernetes_cluster_node_pool" "this" {
  name                  = var.name
  kubernetes_cluster_id = var.cluster_id
  vm_size               = var.vm_size
  node_count            = var.standby_size
  vnet_subnet_id        = var.subnet_id
  zones                 = var.zones
  os_disk_size_gb       = var.disk_gb
  mode                  = "User"
  tags                  = var.tags

  # Only what asks for a GPU is placed here.
  node_taints = ["nvidia.com/gpu=present:NoSchedule"]

  node_labels = {
    "evac.io/capacity" = "standby"
  }

  upgrade_settings {
    max_surge = "33%"
  }

  lifecycle {
    precondition {
      condition     = var.standby_size <= var.max_size
      error_message = "standby_size is larger than max_size."
    }
  }
}
