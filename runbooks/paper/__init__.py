"""The procedures of a runbook as a document for people who audit them: made by the planner, never written by hand."""
