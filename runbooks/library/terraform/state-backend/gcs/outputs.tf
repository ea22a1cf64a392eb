output "bucket" {
  description = "backend.config.bucket of the runbook; locks are objects beside the state."
  value       = google_storage_bucket.state.name
}
