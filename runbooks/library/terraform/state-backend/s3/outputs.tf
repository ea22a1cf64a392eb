output "bucket" {
  description = "The bucket: backend.config.bucket of the runbook."
  value       = aws_s3_bucket.state.bucket
}

output "lock_table" {
  description = "The table of locks: backend.config.dynamodb_table; null when there is none."
  value       = one(aws_dynamodb_table.lock[*].name)
}
