data "aws_partition" "current" {}

locals {
  usual    = ["AmazonEKSWorkerNodePolicy", "AmazonEKS_CNI_Policy", "AmazonEC2ContainerRegistryReadOnly"]
  policies = coalesce(var.policy_arns, [for name in local.usual : "arn:${data.aws_partition.current.partition}:iam::aws:policy/${name}"])
}

resource "aws_iam_role" "node" {
  name = "${var.name}-node"
  tags = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "ec2.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy_attachment" "node" {
  for_each = toset(local.policies)

  role       = aws_iam_role.node.name
  policy_arn = each.value
}

resource "aws_eks_node_group" "this" {
  cluster_name    = var.cluster
  node_group_name = var.name
  node_role_arn   = aws_iam_role.node.arn
  subnet_ids      = var.subnet_ids
  instance_types  = var.instance_types
  ami_type        = var.ami_type
  capacity_type   = var.capacity_type
  disk_size       = var.disk_gb
  tags            = var.tags

  labels = {
    "evac.io/capacity" = "standby"
  }

  scaling_config {
    desired_size = var.standby_size
    min_size     = 0
    max_size     = var.max_size
  }

  # Only what asks for a GPU is placed here.
  taint {
    key    = "nvidia.com/gpu"
    value  = "present"
    effect = "NO_SCHEDULE"
  }

  update_config {
    max_unavailable_percentage = 33
  }

  lifecycle {
    precondition {
      condition     = var.standby_size <= var.max_size
      error_message = "standby_size is larger than max_size."
    }
  }

  depends_on = [aws_iam_role_policy_attachment.node]
}
