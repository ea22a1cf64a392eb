"""The doors that stay open: one server for alerts over HTTP and for Slack."""
