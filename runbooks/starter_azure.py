"""What a first runbook says of each kind of resource on Azure; `starter_parts.py` says what its words mean."""

from runbooks.starter_part import Part, What

_COMMON = """\
subscription: 00000000-0000-0000-0000-000000000000
read_timeout: 10s # how long Azure may take for one answer
# identity: 00000000-0000-0000-0000-000000000000 # the client id of a managed identity, if the worker has several
"""
_REGIONAL = """\
azure_region: westeurope # Azure's name of $region
resource_group: "$place"
"""

_AKS_NODEPOOL = Part(
    "aks_nodepool",
    What.SERVICE,
    "The service: the nodes of its agent pool are brought to what the lost region ran.",
    f"{_COMMON}# match: {{percent: 100}} # never less than what the other region runs\n",
    f"""{_REGIONAL}cluster: "$place"
pool: gpu
# ladder: [{{pool: gpub}}, {{pool: gpuspot, market: spot}}] # pools that give what Azure has no more of for this one
""",
)

_AZURE_DEPLOYMENT = Part(
    "azure_deployment",
    What.SERVICE,
    "The service: a parameter of a template is its size. What would be changed is shown before the approval.",
    f"""{_COMMON}template: /etc/evac/infra/$name.json # on the worker's machine; written by `bicep build`
size_parameter: standbySize # an output of that name tells what is deployed
# mode: complete # with `allow_delete: true`, what is not in the template is deleted
""",
    f"""{_REGIONAL}deployment: "evac-$name"
""",
)

_CONTAINER_APP = Part(
    "container_app",
    What.SERVICE,
    "The service: it keeps its replicas in the region that gains the traffic before the requests come.",
    _COMMON,
    f"""{_REGIONAL}app: "$name"
""",
)

_VMSS = Part(
    "vmss",
    What.SERVICE,
    "The service: its instances in the region that gains the traffic are brought to what the lost one ran.",
    f"{_COMMON}# match: {{percent: 100}} # never less than what the other region runs\n",
    f"""{_REGIONAL}scale_set: "$place"
# ladder: [{{scale_set: other}}, {{scale_set: spot, market: spot}}] # what gives what Azure has no more of for this one
""",
)

PARTS = (_AKS_NODEPOOL, _AZURE_DEPLOYMENT, _CONTAINER_APP, _VMSS)
