"""The kinds of resource: what scales on Azure."""

from abc import abstractmethod
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from runbooks.azure.access import AzureSettings
from runbooks.kind import Kind
from runbooks.ladder import Ladder, Rung
from runbooks.matching import Matching
from runbooks.steps import Verb

ScaleSet = Annotated[str, Field(pattern=r"^[A-Za-z0-9][\w.-]{0,63}$")]
Pool = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]{0,11}$")]


class AzureRung(Rung):
    """Another group beside the first one, of another size, in other zones, or of the spot market.

    It is a group of its own because Azure has no other way that leaves alone what serves: a scale set's size is part of
    its model, which upgrade policies other than Manual apply to the instances that run
    (https://learn.microsoft.com/azure/virtual-machine-scale-sets/virtual-machine-scale-sets-upgrade-policy), and the
    size of an agent pool never changes (https://learn.microsoft.com/azure/aks/resize-node-pool).
    """

    market: Literal["on-demand", "spot"] = "on-demand"

    @property
    @abstractmethod
    def group(self) -> str:
        """The other group's name."""

    def __str__(self) -> str:
        """In words, for operators."""
        return f"{self.market} {self.group}"


class Laddered(AzureSettings, Matching):
    """Settings of a group whose rungs are groups like itself: each is named once."""

    ladder: Ladder[AzureRung] = ()

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        if len({name.lower() for name in self.names}) != len(self.names):
            message = "the group itself, or the same one twice, is in its ladder: name each once"
            raise ValueError(message)
        return self

    @property
    @abstractmethod
    def group(self) -> str:
        """The name of the group itself."""

    @property
    def names(self) -> tuple[str, ...]:
        """The group, and those of its ladder."""
        return (self.group, *(rung.group for rung in self.ladder))

    @property
    def markets(self) -> tuple[str | None, ...]:
        """What the runbook says of each of them; nothing of the first."""
        return (None, *(rung.market for rung in self.ladder))


class VmssRung(AzureRung):
    """Another scale set in the same resource group, behind the same load balancer; it may be empty until then."""

    scale_set: ScaleSet

    @property
    def group(self) -> str:
        """The scale set."""
        return self.scale_set


class VmssSettings(Laddered):
    """A virtual machine scale set in one region, of either orchestration mode."""

    scale_set: ScaleSet
    ladder: Ladder[VmssRung] = ()
    """Scale sets that give what is missing when Azure has no more for this one: in this order, spot last."""

    @property
    def group(self) -> str:
        """The scale set."""
        return self.scale_set

    def scale_set_id(self, name: str) -> str:
        """As ARM knows it."""
        return self.id_of("Microsoft.Compute/virtualMachineScaleSets", name)


class PoolRung(AzureRung):
    """Another agent pool of the same cluster; it may be empty until then."""

    pool: Pool

    @property
    def group(self) -> str:
        """The pool."""
        return self.pool


class AksNodepoolSettings(Laddered):
    """An agent pool of Azure Kubernetes Service in one region."""

    cluster: str = Field(pattern=r"^[A-Za-z0-9]([\w-]{0,61}[A-Za-z0-9])?$")
    pool: Pool
    ladder: Ladder[PoolRung] = ()
    """Pools that give what is missing when Azure has no more for this one: in this order, spot last."""

    @property
    def group(self) -> str:
        """The pool."""
        return self.pool

    @property
    def cluster_id(self) -> str:
        """As ARM knows it."""
        return self.id_of("Microsoft.ContainerService/managedClusters", self.cluster)

    def pool_id(self, name: str) -> str:
        """As ARM knows it."""
        return self.id_of("Microsoft.ContainerService/managedClusters/agentPools", self.cluster, name)


class ContainerAppSettings(AzureSettings, Matching):
    """An Azure Container App in one region."""

    app: str = Field(pattern=r"^[a-z]([a-z0-9-]{0,30}[a-z0-9])?$")

    @property
    def app_id(self) -> str:
        """As ARM knows it."""
        return self.id_of("Microsoft.App/containerApps", self.app)


def _kind(name: str, settings: type[AzureSettings], *identity: str) -> Kind:
    """What only scales; in each region it is another one by its `identity`."""
    verbs, undoes = frozenset({Verb.DETECT, Verb.SCALE}), frozenset({Verb.SCALE})
    return Kind(name, verbs, settings, identity=("subscription", "resource_group", *identity), undoes=undoes)


KINDS: tuple[Kind, ...] = (
    _kind("vmss", VmssSettings, "scale_set"),
    _kind("aks_nodepool", AksNodepoolSettings, "cluster", "pool"),
    _kind("container_app", ContainerAppSettings, "app"),
)
