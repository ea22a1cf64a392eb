"""What a first runbook says of each kind of resource: YAML to be filled in, with the comments that a newcomer needs.

`$key` is the resource's name as a key, `$name` and `$region` are the bare names, `$zone` and `$public` DNS names,
`$place` both of them as long as a cloud takes them, `$short` the first alone, `$env` the beginning of environment
variables, `$address` and `$number` one for each region, `$regions` all of them.
"""

from runbooks import starter_aws, starter_azure, starter_azure_stores, starter_azure_traffic, starter_kubernetes
from runbooks.starter_part import Part, What

_POSTGRES = Part(
    "postgres",
    What.DATABASE,
    "The data: its lag is measured, the old primary is fenced, the standby that is the least behind is promoted.",
    """\
dbname: app
user: evac_admin # an administrator: it fences, promotes, and reads pg_stat_replication
password: env://${env}_PASSWORD # where a worker finds it; never the secret itself
# power_token: env://EVAC_POWER_TOKEN
# agent_token: env://EVAC_AGENT_TOKEN
""",
    """\
host: $name.$region.$zone
application_name: "$name.$region" # how this server calls itself when it follows its primary
# power: "https://power.$zone" # switches a silent server off: without it its fence cannot be proved
# agent: "https://agent.$region.$zone" # rebuilds, copies and restores it: for the way home
""",
    """\
- {name: $name.answers, kind: postgres, resource: $key}
- {name: $name.writes, kind: sql, resource: $key} # a row is written, committed and read back
""",
)

_VALKEY = Part(
    "valkey",
    What.CACHE,
    "The cache: a replica is promoted, and what it had not copied is lost.",
    """\
password: env://${env}_PASSWORD # of a user that may promote a replica
# power_token: env://EVAC_POWER_TOKEN
""",
    """\
host: $name.$region.$zone
port: 6379
# power: "https://power.$zone" # switches a silent server off: without it its fence cannot be proved
# name: "$name.$region" # what the power controller calls it
""",
    "- {name: $name.answers, kind: valkey, resource: $key, use: [detect, verify]}\n",
)

_NATS = Part(
    "nats",
    What.QUEUE,
    "The queue: a JetStream stream, written in one region and mirrored in the others.",
    """\
stream: "$name"
subjects: ["$name.>"] # what the stream takes while it is the primary
domains: [$regions]
user: evac
password: env://${env}_PASSWORD
# power_token: env://EVAC_POWER_TOKEN
""",
    """\
host: $name.$region.$zone
port: 4222
domain: "$region" # the JetStream domain of this region's server
# power: "https://power.$zone" # switches a silent server off: without it its fence cannot be proved
# server: "$name.$region" # what the power controller calls it
""",
    "- {name: $name.answers, kind: nats, resource: $key, use: [detect, verify]}\n",
)

_PROCESS = Part(
    "process",
    What.SERVICE,
    "The service: the region that gains the traffic is scaled to what the lost one ran.",
    "token: env://EVAC_AGENT_TOKEN\n",
    'agent: "https://agent.$name.$region.$zone" # starts and stops its processes\n',
)

_RFC2136 = Part(
    "rfc2136",
    What.PUBLIC_NAME,
    "The public name: one signed update of the zone leads clients to another region.",
    """\
zone: $zone.
name: $public.
servers: ["192.0.2.53:53"] # every authoritative server, outside the regions; the first one takes updates
ttl: 5
key_name: evac.
key_secret: file:///etc/evac/tsig.key
""",
    "address: $address\n",
    """\
- {name: public.servers, kind: dns, resource: $key}
- name: public.health # as a client sees it
  kind: http
  through: public
  url: "https://$public/healthz"
  resolve: $key
  use: [verify]
""",
)

_TERRAFORM = Part(
    "terraform",
    What.SERVICE,
    "The service: a variable of a Terraform module is its size. What would be changed is shown before the approval.",
    """\
directory: /etc/evac/infra/$name # the root module, on the worker's machine
size_variable: standby_size # an output of that name tells what is applied
# var_files: ["env/{region}.tfvars"]
# allow_delete: true # without it a plan that deletes or replaces anything is refused
""",
    """\
backend: # where its state is, which must outlive $region
  type: s3
  config: {bucket: "$name-state", key: "$region.tfstate", region: us-west-2, use_lockfile: true}
""",
)

PARTS: dict[str, Part] = {
    part.kind: part
    for part in (
        _POSTGRES,
        _VALKEY,
        _NATS,
        _PROCESS,
        _RFC2136,
        _TERRAFORM,
        *starter_aws.PARTS,
        *starter_azure.PARTS,
        *starter_azure_stores.PARTS,
        *starter_azure_traffic.PARTS,
        *starter_kubernetes.PARTS,
    )
}
"""Every kind that a first runbook can have, by name."""


def kinds_of(what: What) -> tuple[str, ...]:
    """The kinds that there are of it."""
    return tuple(part.kind for part in PARTS.values() if part.what is what)
