"""WHAT: runbook models, loading, checks and the planner. Pure thought: no clock, no network, no Temporal."""
