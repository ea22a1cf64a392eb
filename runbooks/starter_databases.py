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

PARTS = (_RDS,)
"""Every database on AWS that a first runbook can have."""
