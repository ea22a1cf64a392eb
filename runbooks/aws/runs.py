"""The settings of a runbook's own steps on AWS, by technology."""

from runbooks.values import Model

STEPS: dict[str, type[Model]] = {}
