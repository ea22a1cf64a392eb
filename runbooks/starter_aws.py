"""What a first runbook says of each kind of resource on AWS; `starter_parts.py` says what the words in it stand for."""

from runbooks import starter_databases
from runbooks.starter_part import Part, What

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
_EC2 = Part(
    "ec2",
    What.SERVICE,
    "The service: its instances are started in the region that gains the traffic.",
    """\
read_timeout: 10s # how long AWS may take for one answer
tags: {service: "$name"} # every instance that has these tags; or `instances`, by id, in each region
# role: arn:aws:iam::123456789012:role/evac # taken on for each step, and named after the run
""",
    """\
aws_region: $aws_region # AWS's name of $region
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

PARTS = (
    _AUTOSCALING,
    _EC2,
    _ECS,
    _EKS_NODEGROUP,
    _ROUTE53,
    *starter_databases.PARTS,
)
"""Every kind on AWS that a first runbook can have."""
