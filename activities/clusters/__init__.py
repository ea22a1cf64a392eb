"""Global clusters of Aurora, DocumentDB and Neptune: one implementation of each verb for all three."""
