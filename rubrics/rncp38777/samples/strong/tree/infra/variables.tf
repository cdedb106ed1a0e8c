variable "region" {
  type    = string
  default = "eu-west-3"
}

variable "image" {
  type = string
}

variable "role" {
  type = string
}

variable "subnets" {
  type = list(string)
}
