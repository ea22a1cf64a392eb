"""The kinds of resource: what holds data on AWS."""

from runbooks.kind import Kind

KINDS: tuple[Kind, ...] = ()
