"""What a runbook says of resources on AWS: settings, and the kinds that have them."""
