terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.0"
    }
  }
}

provider "aws" {
  region = var.region
}

resource "aws_instance" "entrainement" {
  ami           = var.image
  instance_type = "g5.xlarge"
  count         = 1

  root_block_device {
    volume_size = 200
    encrypted   = true
  }

  tags = { role = "entrainement" }
}

resource "aws_eks_cluster" "halles" {
  name     = "halles"
  role_arn = var.role

  vpc_config {
    subnet_ids = var.subnets
  }
}

resource "aws_eks_node_group" "calcul" {
  cluster_name    = aws_eks_cluster.halles.name
  node_group_name = "calcul"
  node_role_arn   = var.role
  subnet_ids      = var.subnets

  scaling_config {
    desired_size = 2
    min_size     = 1
    max_size     = 6
  }
}

resource "aws_cloudwatch_metric_alarm" "processeur" {
  alarm_name          = "entrainement-processeur"
  namespace           = "AWS/EC2"
  metric_name         = "CPUUtilization"
  statistic           = "Average"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 90
  period              = 300
  evaluation_periods  = 3
  alarm_actions       = [aws_sns_topic.astreinte.arn]
}

resource "aws_sns_topic" "astreinte" {
  name = "astreinte"
}
