resource "aws_secretsmanager_secret" "this" {
  for_each = var.names

  name                    = "${var.prefix}/${each.value}"
  kms_key_id              = var.kms_key_arn
  recovery_window_in_days = var.recovery_days
  tags                    = var.tags

  dynamic "replica" {
    for_each = var.replica_regions

    content {
      region = replica.value
    }
  }
}
