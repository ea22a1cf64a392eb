"""What a first runbook says of a workload of Kubernetes; `starter_parts.py` says what the words in it stand for."""

from runbooks.starter_part import Part, What

_KUBERNETES = Part(
    "kubernetes",
    What.SERVICE,
    "The service: its workload in the region that gains the traffic is scaled to what the lost one ran.",
    """\
kubeconfig: /etc/evac/kubeconfig # on the worker's machine; or `server`, `ca` and `token`; or `eks`
namespace: default
resource: deployments # or statefulsets; others with their `api`
""",
    """\
context: "$region" # of the kubeconfig
name: "$name"
""",
)

PARTS = (_KUBERNETES,)
"""Every kind on Kubernetes that a first runbook can have."""
