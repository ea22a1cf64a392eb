"""What a first runbook says of each kind of resource on AWS; `starter_parts.py` says what the words in it stand for."""

from runbooks.starter_part import Part, What

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

PARTS = (
    _AWS_LAMBDA,
    _ECS,
    _EKS_NODEGROUP,
)
"""Every kind on AWS that a first runbook can have."""
