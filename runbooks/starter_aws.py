"""What a first runbook says of each kind of resource on AWS; `starter_parts.py` says what the words in it stand for."""

from runbooks.starter_part import Part, What

_AURORA_CAPACITY = Part(
    "aurora_capacity",
    What.SERVICE,
    "The database's capacity: it is raised in the region that gains the traffic before the traffic comes. In ACU.",
    """\
read_timeout: 10s # how long AWS may take for one answer
# match: {of: 24h-maximum} # never less than what the other region needed
# role: arn:aws:iam::123456789012:role/evac # taken on for each step, and named after the run
""",
    """\
aws_region: $aws_region # AWS's name of $region
cluster: "a-$name-$region" # of Aurora Serverless v2
""",
)

_AURORA_READERS = Part(
    "aurora_readers",
    What.SERVICE,
    "The database's readers: as many in the region that gains the traffic as the lost one had.",
    """\
read_timeout: 10s # how long AWS may take for one answer
# instance_class: db.r6g.xlarge # of readers that are added, when it is not the writer's
# role: arn:aws:iam::123456789012:role/evac # taken on for each step, and named after the run
""",
    """\
aws_region: $aws_region # AWS's name of $region
cluster: "a-$name-$region"
""",
)

_AUTOSCALING = Part(
    "autoscaling",
    What.SERVICE,
    "The service: its instances in the region that gains the traffic are brought to what the lost one ran.",
    """\
read_timeout: 10s # how long AWS may take for one answer
# match: {percent: 100} # never less than what the other region runs
# role: arn:aws:iam::123456789012:role/evac # taken on for each step, and named after the run
""",
    """\
aws_region: $aws_region # AWS's name of $region
group: "$name-$region"
# target_groups: [...] # ARNs: an instance is ready when they find it healthy
# ladder: [{instance_types: [p4d.24xlarge]}, {market: spot}] # when AWS has no more of the group's own
""",
)

_AWS_LAMBDA = Part(
    "aws_lambda",
    What.SERVICE,
    "The function: it gets its concurrency in the region that gains the traffic before the requests come.",
    """\
read_timeout: 10s # how long AWS may take for one answer
# role: arn:aws:iam::123456789012:role/evac # taken on for each step, and named after the run
""",
    """\
aws_region: $aws_region # AWS's name of $region
function: "$name"
alias: live # its provisioned concurrency; without an alias it is the function's reserved concurrency
""",
)

_ECS = Part(
    "ecs",
    What.SERVICE,
    "The service: its tasks in the region that gains the traffic are scaled to what the lost one ran.",
    """\
read_timeout: 10s # how long AWS may take for one answer
# role: arn:aws:iam::123456789012:role/evac # taken on for each step, and named after the run
""",
    """\
aws_region: $aws_region # AWS's name of $region
cluster: "$name-$region"
service: "$name"
""",
)

_EKS_NODEGROUP = Part(
    "eks_nodegroup",
    What.SERVICE,
    "The nodes: as many in the region that gains the traffic as the lost one ran.",
    """\
read_timeout: 10s # how long AWS may take for one answer
# role: arn:aws:iam::123456789012:role/evac # taken on for each step, and named after the run
""",
    """\
aws_region: $aws_region # AWS's name of $region
cluster: "$name-$region"
nodegroup: "$name" # a managed node group
""",
)

_SAGEMAKER = Part(
    "sagemaker",
    What.SERVICE,
    "The model: its instances in the region that gains the traffic are scaled to what the lost one ran.",
    """\
read_timeout: 10s # how long AWS may take for one answer
# role: arn:aws:iam::123456789012:role/evac # taken on for each step, and named after the run
""",
    """\
aws_region: $aws_region # AWS's name of $region
endpoint_name: "$name"
""",
)

PARTS = (
    _AURORA_CAPACITY,
    _AURORA_READERS,
    _AUTOSCALING,
    _AWS_LAMBDA,
    _ECS,
    _EKS_NODEGROUP,
    _SAGEMAKER,
)
"""Every kind on AWS that a first runbook can have."""
