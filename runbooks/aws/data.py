"""The kinds of resource: what holds data on AWS."""

from runbooks.aws import dynamodb, elasticache, event_sources, global_clusters, opensearch, rds, s3
from runbooks.kind import Kind

KINDS: tuple[Kind, ...] = (
    *(*global_clusters.KINDS, *rds.KINDS),
    *(dynamodb.KIND, elasticache.KIND, event_sources.KIND, opensearch.KIND, s3.KIND),
)
