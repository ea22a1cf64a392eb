"""What a first runbook says of what leads clients on Azure (`starter_parts.py`)."""

from runbooks.starter_part import Part, What

_WHERE = """\
subscription: 00000000-0000-0000-0000-000000000000
resource_group: "$name" # of its own, in a region that is not lost with any of these
"""
_IDENTITY = (
    "# identity: 00000000-0000-0000-0000-000000000000 # the managed identity to ask as; the worker's own without\n"
)
_PUBLIC_CHECK = """\
- name: public.health # as a client sees it
  kind: http
  through: public
  url: "https://$public/healthz"
  use: [verify]
"""

_AZURE_DNS = Part(
    "azure_dns",
    What.PUBLIC_NAME,
    "The public name: one record set, changed by one request if it is still as it was read.",
    f"""\
{_WHERE}zone: $zone
name: $public
ttl: 60
# servers: ["ns1-01.azure-dns.com"] # asked whether they lead there: without them Azure is asked which they are
{_IDENTITY}""",
    'to: ["$address"]\n',
    f"- {{name: public.servers, kind: dns, resource: $key}}\n{_PUBLIC_CHECK}",
)

_TRAFFIC_MANAGER = Part(
    "traffic_manager",
    What.PUBLIC_NAME,
    "The public name: the endpoints of a Traffic Manager profile, all changed by one request.",
    f"""\
{_WHERE}profile: "$name"
routing: weighted # or priority, as the profile says
# stages: [10, 50] # percentages that the traffic is moved by, each a step of its own
{_IDENTITY}""",
    'endpoint_name: "$region"\n',
    _PUBLIC_CHECK,
)

_FRONT_DOOR = Part(
    "front_door",
    What.PUBLIC_NAME,
    "The public name: the origins of an Azure Front Door (standard, premium), enabled before others are disabled.",
    f"""\
{_WHERE}profile: "$name"
origin_group: "$name"
{_IDENTITY}""",
    'origin: "$region"\n',
    _PUBLIC_CHECK,
)

PARTS = (_AZURE_DNS, _FRONT_DOOR, _TRAFFIC_MANAGER)
"""Every kind on Azure that leads clients."""
