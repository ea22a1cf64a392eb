"""The kinds of resource: what holds data on AWS."""

from runbooks.aws import dynamodb, elasticache
from runbooks.kind import Kind

KINDS: tuple[Kind, ...] = (dynamodb.KIND, elasticache.KIND)
