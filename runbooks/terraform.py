"""What a runbook says of Terraform: capacity that is applied, and steps of its own."""

from runbooks.kind import Kind
from runbooks.values import Model

KINDS: tuple[Kind, ...] = ()

STEPS: dict[str, type[Model]] = {}
