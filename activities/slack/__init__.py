"""Slack: what is said there, and the words that its buttons carry back."""
