"""Alerts over HTTP: proved, understood, and handed to every runbook that has a rule for them."""
