"""`rehearse`: promote a copy of a standby aside, and remove it."""
