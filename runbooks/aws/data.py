"""The kinds of resource: what holds data on AWS."""

from runbooks.aws import dynamodb, elasticache, event_sources, rds, s3
from runbooks.kind import Kind

KINDS: tuple[Kind, ...] = (*rds.KINDS, dynamodb.KIND, elasticache.KIND, event_sources.KIND, s3.KIND)
