"""The kinds of resource: what leads clients to a region on AWS."""

from runbooks.kind import Kind

KINDS: tuple[Kind, ...] = ()
