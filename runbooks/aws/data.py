"""The kinds of resource: what holds data on AWS."""

from runbooks.aws import global_clusters, rds
from runbooks.kind import Kind

KINDS: tuple[Kind, ...] = (*global_clusters.KINDS, *rds.KINDS)
