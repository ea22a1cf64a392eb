"""What a first runbook says of each kind of resource on AWS; `starter_parts.py` says what the words in it stand for."""

from runbooks import starter_databases, starter_stores
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
cluster: "a-$place" # of Aurora Serverless v2
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
cluster: "a-$place"
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
group: "$place"
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

_EC2 = Part(
    "ec2",
    What.SERVICE,
    "The service: its instances are started in the region that gains the traffic.",
    """\
read_timeout: 10s # how long AWS may take for one answer
# role: arn:aws:iam::123456789012:role/evac # taken on for each step, and named after the run
""",
    """\
aws_region: $aws_region # AWS's name of $region
tags: {service: "$place"} # every instance that has these tags; or `instances`, by id
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
cluster: "$place"
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
cluster: "$place"
nodegroup: "$name" # a managed node group
""",
)

_ROUTE53 = Part(
    "route53",
    What.PUBLIC_NAME,
    "The public name: one batch changes the records, if they are still as they were read. Its control plane is in "
    "us-east-1.",
    """\
zone_id: Z0123456789ABCDEFGHIJ # the hosted zone of $zone
name: $public
routing: weighted # or simple, or failover
ttl: 60
# servers: ["ns-1.awsdns-01.com"] # asked whether they lead there: without them AWS is asked which they are
# stages: [10, 50] # percentages that the traffic is moved by, each a step of its own
# role: arn:aws:iam::123456789012:role/evac # taken on for each step, and named after the run
""",
    """\
to: ["$address"] # or the name of a load balancer, with its alias_zone
# alias_zone: Z35SXDOTRQ7X7K # the load balancer's CanonicalHostedZoneId
""",
    """\
- {name: public.servers, kind: dns, resource: $key}
- name: public.health # as a client sees it
  kind: http
  through: public
  url: "https://$public/healthz"
  use: [verify]
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

_PUBLIC_CHECK = """\
- name: public.health # as a client sees it
  kind: http
  through: public
  url: "https://$public/healthz"
  use: [verify]
"""

_ROUTING_CONTROL = Part(
    "routing_control",
    What.PUBLIC_NAME,
    "The public name: switches of Application Recovery Controller, in five regions; its health checks follow them.",
    """\
cluster: # all five, as `aws route53-recovery-control-config describe-cluster` shows them
  us-east-1: https://host-aaaaaa.us-east-1.example.com/v1
  us-west-2: https://host-bbbbbb.us-west-2.example.com/v1
  eu-west-1: https://host-cccccc.eu-west-1.example.com/v1
  ap-northeast-1: https://host-dddddd.ap-northeast-1.example.com/v1
  ap-southeast-2: https://host-eeeeee.ap-southeast-2.example.com/v1
# role: arn:aws:iam::123456789012:role/evac # taken on for each step, and named after the run
""",
    """\
control: arn:aws:route53-recovery-control::123456789012:controlpanel/0abc/routingcontrol/0def$number
""",
    _PUBLIC_CHECK,
)

_ROLE = "# role: arn:aws:iam::123456789012:role/evac # taken on for each step, and named after the run\n"

_CLOUDFRONT = Part(
    "cloudfront",
    What.PUBLIC_NAME,
    "The public name: a CloudFront distribution, whose behaviours are led to another origin. Its control plane is in "
    "us-east-1.",
    f"distribution: E0123456789ABC\n{_ROLE}",
    'origin: "$region" # the id of the origin in the distribution\n',
    _PUBLIC_CHECK,
)

_GLOBAL_ACCELERATOR = Part(
    "global_accelerator",
    What.PUBLIC_NAME,
    "The public name: the traffic dials of Global Accelerator. Its control plane is in us-west-2.",
    f"read_timeout: 10s # how long AWS may take for one answer\n{_ROLE}",
    "endpoint_group: arn:aws:globalaccelerator::123456789012:accelerator/abc/listener/def/endpoint-group/$number\n",
    _PUBLIC_CHECK,
)

_ROUTE53_HEALTH = Part(
    "route53_health",
    What.PUBLIC_NAME,
    "The public name: health checks of Route 53, on which its records depend. Their control plane is in us-east-1.",
    f"read_timeout: 10s # how long AWS may take for one answer\n{_ROLE}",
    "health_check: 00000000-0000-0000-0000-00000000000$number # off: disabled and inverted, so unhealthy\n",
    _PUBLIC_CHECK,
)

PARTS = (
    _AURORA_CAPACITY,
    _AURORA_READERS,
    _AUTOSCALING,
    _AWS_LAMBDA,
    _CLOUDFRONT,
    _EC2,
    _ECS,
    _EKS_NODEGROUP,
    _GLOBAL_ACCELERATOR,
    _ROUTE53,
    _SAGEMAKER,
    _ROUTE53_HEALTH,
    _ROUTING_CONTROL,
    *starter_databases.PARTS,
    *starter_stores.PARTS,
)
"""Every kind on AWS that a first runbook can have."""
