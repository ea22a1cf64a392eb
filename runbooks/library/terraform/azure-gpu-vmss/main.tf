resource "azurerm_linux_virtual_machine_scale_set" "this" {
  name                            = var.name
  resource_group_name             = var.resource_group
  location                        = var.location
  sku                             = var.vm_size
  instances                       = var.standby_size
  zones                           = var.zones
  source_image_id                 = var.image_id
  admin_username                  = var.admin_username
  disable_password_authentication = true
  health_probe_id                 = var.health_probe_id
  overprovision                   = false
  tags                            = var.tags

  admin_ssh_key {
    username   = var.admin_username
    public_key = var.ssh_public_key
  }

  os_disk {
    caching              = "ReadOnly"
    storage_account_type = "Premium_LRS"
    disk_size_gb         = var.disk_gb
  }

  network_interface {
    name    = "main"
    primary = true

    ip_configuration {
      name                                   = "main"
      primary                                = true
      subnet_id                              = var.subnet_id
      load_balancer_backend_address_pool_ids = var.backend_pool_ids
    }
  }

  identity {
    type = "SystemAssigned"
  }

  lifecycle {
    precondition {
      condition     = var.standby_size <= var.max_size
      error_message = "standby_size is larger than max_size."
    }
  }
}
