"""The kinds of resource: what holds data on AWS."""

from runbooks.aws import rds
from runbooks.kind import Kind

KINDS: tuple[Kind, ...] = (*rds.KINDS,)
