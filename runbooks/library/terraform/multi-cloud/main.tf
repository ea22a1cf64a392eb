locals {
  aws_size   = ceil(var.standby_size * var.aws_share / 100)
  azure_size = var.standby_size - local.aws_size
}

module "aws" {
  source = "../ec2-gpu-asg"

  name              = var.name
  standby_size      = local.aws_size
  ami               = var.aws_ami
  subnet_ids        = var.aws_subnet_ids
  target_group_arns = var.aws_target_group_arns
  tags              = var.tags
}

module "azure" {
  source = "../aks-gpu"

  name         = var.name
  standby_size = local.azure_size
  cluster_id   = var.azure_cluster_id
  tags         = var.tags
}
