resource "azurerm_storage_account" "state" {
  name                            = var.storage_account
  resource_group_name             = var.resource_group
  location                        = var.location
  account_tier                    = "Standard"
  account_replication_type        = "GZRS"
  min_tls_version                 = "TLS1_2"
  allow_nested_items_to_be_public = false
  shared_access_key_enabled       = false
  tags                            = var.tags

  blob_properties {
    versioning_enabled = true

    delete_retention_policy {
      days = var.keep_versions_days
    }

    container_delete_retention_policy {
      days = var.keep_versions_days
    }
  }

  lifecycle {
    prevent_destroy = true
  }
}

resource "azurerm_storage_container" "state" {
  name               = var.container
  storage_account_id = azurerm_storage_account.state.id
}
