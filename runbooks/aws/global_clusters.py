"""The kinds of resource: databases of AWS's whose clusters in several regions are one global cluster."""

from pydantic import Field

from runbooks.aws.rds import FencedSettings
from runbooks.kind import Kind
from runbooks.steps import Verb

_CLUSTER = r"^[A-Za-z][0-9A-Za-z-:._]*$"


class GlobalClusterSettings(FencedSettings):
    """The cluster of one region, and the global one that it belongs to (Aurora, DocumentDB or Neptune)."""

    global_cluster: str = Field(pattern=_CLUSTER, max_length=255)
    cluster: str = Field(pattern=_CLUSTER, max_length=63)
    unmanaged: bool = False
    """Promote by taking the cluster out of the global one: where AWS's own failover cannot be had.

    The former primary then stays apart: the global cluster must be built anew by hand.
    """


def _kind(name: str) -> Kind:
    return Kind(
        name,
        frozenset({Verb.DETECT, Verb.FENCE, Verb.CATCH_UP, Verb.PROMOTE, Verb.RESEED}),
        GlobalClusterSettings,
        abilities=frozenset({"metered"}),
        identity=("aws_region", "cluster"),
        name_of=("aws_region", "cluster"),
        undoes=frozenset({Verb.FENCE}),
    )


KINDS: tuple[Kind, ...] = (_kind("aurora"), _kind("docdb"), _kind("neptune"))
