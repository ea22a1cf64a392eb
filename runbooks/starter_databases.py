"""What a first runbook says of each kind of database on AWS, and of one that is copied between clouds.

`starter_parts.py` says what the words in it stand for.
"""

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
instance: "db-$place"
fenced_group: sg-0123456789abcdef0 # a security group without inbound rules: a fenced instance has it alone
# kms_key: "alias/$name" # a key of this region, for a replica of an encrypted instance
""",
    """\
- {name: $name.answers, kind: tcp, host: "$name.{region}.$zone", port: 5432} # a name of yours for each instance
""",
)

_REGION = """\
aws_region: $aws_region # AWS's name of $region
cluster: "db-$place" # the member of the global cluster
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


_LOGICAL = Part(
    "postgres_logical",
    What.DATABASE,
    "The data, in PostgreSQL of any cloud, copied by SQL: the writers' logins move, and the subscription turns round.",
    """\
dbname: app
user: evac_admin # an administrator with a cloud's rights: CREATEROLE, REPLICATION, member of the tables' owner
password: env://${env}_PASSWORD # where a worker finds it; never the secret itself
writers: [app] # the roles that applications log in with, for this database alone
publication: evac
replication_user: evac_copier # whom the other region's server logs in as, to follow
replication_password: env://${env}_COPIER_PASSWORD
# admins: [alice] # people who may write besides: the fence leaves them
# not_copied: [public.cache] # tables that are left out on purpose
""",
    """\
host: $name.$region.$zone
subscription: evac_$number # by what this server follows, and its slot at the primary
""",
    '- {name: $name.answers, kind: tcp, host: "$name.{region}.$zone", port: 5432}\n',
)

PARTS = (
    _global("aurora", "Aurora", 5432),
    _global("docdb", "DocumentDB", 27017),
    _global("neptune", "Neptune", 8182),
    _RDS,
    _LOGICAL,
)
"""Every database of these that a first runbook can have."""
