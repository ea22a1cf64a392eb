"""What a first runbook says of each kind of replicated store on AWS; `starter_parts.py` says what its words mean."""

from runbooks.starter_part import Part, What

_DYNAMODB = Part(
    "dynamodb",
    What.DATABASE,
    "The table: a global one, which takes writes in one region at a time; elsewhere Evac's fence denies them.",
    """\
table: "$name-table" # the same in every region
read_timeout: 10s # how long AWS may take for one answer
# exempt: ["arn:aws:iam::123456789012:role/repair"] # may write in spite of a fence
# role: arn:aws:iam::123456789012:role/evac # taken on for each step, and named after the run
""",
    """\
aws_region: $aws_region # AWS's name of $region
""",
    '- {name: $name.answers, kind: tcp, host: "dynamodb.{region}.amazonaws.com", port: 443}\n',
)

_ELASTICACHE = Part(
    "elasticache",
    What.CACHE,
    "The cache: a Global Datastore; its primary moves, and what it had not copied is lost.",
    """\
datastore: "ldgnf-$name" # the GlobalReplicationGroupId
read_timeout: 10s # how long AWS may take for one answer
# role: arn:aws:iam::123456789012:role/evac # taken on for each step, and named after the run
""",
    """\
aws_region: $aws_region # AWS's name of $region
replication_group: "$place"
""",
    '- {name: $name.answers, kind: tcp, host: "$name.{region}.$zone", port: 6379} # a name of yours for each group\n',
)

_EVENT_SOURCES = Part(
    "event_sources",
    What.QUEUE,
    "The consumer: a Lambda function works a queue or stream off, in one region at a time.",
    """\
function: "$name"
read_timeout: 10s # how long AWS may take for one answer
# role: arn:aws:iam::123456789012:role/evac # taken on for each step, and named after the run
""",
    """\
aws_region: $aws_region # AWS's name of $region
# sources: ["arn:aws:sqs:$aws_region:123456789012:orders"] # only these of its event sources
""",
    '- {name: $name.answers, kind: tcp, host: "lambda.{region}.amazonaws.com", port: 443}\n',
)

_OPENSEARCH = Part(
    "opensearch",
    What.DATABASE,
    "The vector database: OpenSearch domains; indices are written in one region, and followed in the others.",
    """\
domain: "data-$short" # the same name in every region, or one in each
indices: ["$name"] # names, or patterns with *
read_timeout: 10s # how long AWS may take for one answer
# user: evac # of the domain's own, with its password; else requests are signed by AWS credentials
# password: env://OPENSEARCH_PASSWORD
# role: arn:aws:iam::123456789012:role/evac # taken on for each step, and named after the run
""",
    """\
aws_region: $aws_region # AWS's name of $region
# url: https://vectors.$region.example.com # the domain's own interface, where it is not asked at its AWS address
""",
    '- {name: $name.answers, kind: tcp, host: "es.{region}.amazonaws.com", port: 443}\n',
)

_S3 = Part(
    "s3",
    What.DATABASE,
    "The bucket: written in one region at a time, and copied to the others; elsewhere Evac's fence denies writes.",
    """\
replication_role: arn:aws:iam::123456789012:role/s3-replication # what S3 takes on to copy objects
read_timeout: 10s # how long AWS may take for one answer
# exempt: ["arn:aws:iam::123456789012:role/repair"] # may write in spite of a fence
# role: arn:aws:iam::123456789012:role/evac # taken on for each step, and named after the run
""",
    """\
aws_region: $aws_region # AWS's name of $region
bucket: "$place-data"
# replicas: ["the-other-bucket"] # gets this one's objects while it is the writer
""",
    '- {name: $name.answers, kind: tcp, host: "s3.{region}.amazonaws.com", port: 443}\n',
)

PARTS = (_DYNAMODB, _ELASTICACHE, _EVENT_SOURCES, _OPENSEARCH, _S3)
"""Every replicated store on AWS that a first runbook can have."""
