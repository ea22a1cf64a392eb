"""The kinds of resource: what holds data on AWS."""

from runbooks.aws import dynamodb, elasticache, s3
from runbooks.kind import Kind

KINDS: tuple[Kind, ...] = (dynamodb.KIND, elasticache.KIND, s3.KIND)
