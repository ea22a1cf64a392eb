"""What a first runbook says of each kind of database on AWS; `starter_parts.py` says what the words in it stand for."""

from runbooks.starter_part import Part, What

_RDS = Part(
    "rds",
    What.DATABASE,
    "The data: the old primary is fenced, a read replica promoted, and a new replica made in the lost region.",
    """\
read_timeout: 10s # how long AWS may take for one answer
backup_retention: 7 # days, of a promoted replica: without backups nothing can replicate from it
# role: arn:aws:iam::123456789012:role/evac # taken on for each step, and named after the run
""",
    """\
aws_region: $aws_region # AWS's name of $region
instance: "db-$name-$region"
fenced_group: sg-0123456789abcdef0 # a security group without inbound rules: a fenced instance has it alone
# kms_key: "alias/$name" # a key of this region, for a replica of an encrypted instance
""",
    """\
- {name: $name.answers, kind: tcp, host: "$name.{region}.$zone", port: 5432} # a name of yours for each instance
""",
)

_REGION = """\
aws_region: $aws_region # AWS's name of $region
cluster: "db-$name-$region" # the member of the global cluster
fenced_group: sg-0123456789abcdef0 # a security group without inbound rules: a fenced cluster has it alone
"""


def _global(kind: str, what: str, port: int) -> Part:
    return Part(
        kind,
        What.DATABASE,
        f"The data, in a global cluster of {what}: AWS hands the writes over, and makes a secondary of the lost one.",
        """\
global_cluster: "db-$name"
read_timeout: 10s # how long AWS may take for one answer
# role: arn:aws:iam::123456789012:role/evac # taken on for each step, and named after the run
""",
        _REGION,
        f'- {{name: $name.answers, kind: tcp, host: "$name.{{region}}.$zone", port: {port}}} # a name of yours\n',
    )


PARTS = (
    _global("aurora", "Aurora", 5432),
    _global("docdb", "DocumentDB", 27017),
    _global("neptune", "Neptune", 8182),
    _RDS,
)
"""Every database on AWS that a first runbook can have."""
