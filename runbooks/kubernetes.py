"""What runs on Kubernetes, on whatever cloud: how a cluster is reached, and a workload that scales in it."""

from typing import Self

from pydantic import Field, model_validator

from runbooks.aws.access import AwsSettings, Endpoint
from runbooks.kind import Kind
from runbooks.matching import Matching
from runbooks.steps import Verb
from runbooks.values import Model, Seconds, SecretRef

_NAME = r"^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$"


class EksAccess(AwsSettings):
    """A cluster of Amazon EKS: it is found, and asked, as the AWS identity that these settings give."""

    cluster: str = Field(min_length=1)


class KubernetesAccess(Model):
    """How the API server of a cluster is reached, in exactly one of three ways.

    A `kubeconfig` on the worker's machine (its `exec` plugins serve AKS and GKE); a `server` with `ca` and `token`; or
    `eks`. With `eks` and `server` together, nothing is asked of the control plane of EKS: only the token is made.
    """

    kubeconfig: str | None = None
    """The path of a file on the worker's machine."""
    context: str | None = None
    """Of the kubeconfig; None: its current one."""
    server: Endpoint | None = None
    ca: SecretRef | None = None
    """The authority that has signed the server's certificate, as PEM; None: those that the machine trusts."""
    token: SecretRef | None = None
    """Sent as bearer token, with `server`."""
    eks: EksAccess | None = None
    connect_timeout: Seconds = Field(default=2.0, gt=0)
    read_timeout: Seconds = Field(default=10.0, gt=0)

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if sum((self.kubeconfig is not None, self.server is not None or self.eks is not None)) != 1:
            message = "give one of `kubeconfig`, `server` and `eks`: how the cluster is reached"
            raise ValueError(message)
        if self.context is not None and self.kubeconfig is None:
            message = "`context` is one of a `kubeconfig`, which is not given"
            raise ValueError(message)
        if (self.token is not None or self.ca is not None) and self.server is None:
            message = "`token` and `ca` go with `server`, which is not given"
            raise ValueError(message)
        if self.server is not None and (self.token is None) == (self.eks is None):
            message = "`server` needs `token`, or `eks` to make one"
            raise ValueError(message)
        return self


class KubernetesSettings(KubernetesAccess, Matching):
    """A workload with the subresource `scale`: a Deployment, a StatefulSet, a LeaderWorkerSet, or whatever has one."""

    namespace: str = Field(default="default", pattern=_NAME)
    name: str = Field(pattern=_NAME)
    api: str = Field(default="apps/v1", pattern=r"^[a-z0-9.-]+/v[0-9a-z]+$")
    """Group and version, such as `leaderworkerset.x-k8s.io/v1`."""
    resource: str = Field(default="deployments", pattern=r"^[a-z0-9]+$")
    """The plural name, such as `statefulsets` or `leaderworkersets`."""
    unschedulable: Seconds = 300.0
    """So long may a pod find no node before nobody waits for it: as long as new nodes take to come."""


KINDS: tuple[Kind, ...] = (
    Kind(
        "kubernetes",
        frozenset({Verb.DETECT, Verb.SCALE}),
        KubernetesSettings,
        identity=("name", "namespace", "api", "resource", "kubeconfig", "context", "server", "eks"),
        undoes=frozenset({Verb.SCALE}),
    ),
)
