"""Node groups of Amazon EKS on moto, with the Auto Scaling groups that EKS would make (tests/aws/fakes/eks.py)."""

from typing import Any

from tests.aws.nodegroups import stand_nodegroup
from tests.conformance.specimen import OnAws, Settings


class _EksNodegroup(OnAws):
    async def stand(self) -> Settings:
        """Two nodes of at most three."""
        stand_nodegroup(self.aws, self.there, self.name, nodes=2, largest=3)
        return self.aws.settings(self.there, cluster=self.name, nodegroup="gpu")

    async def effect(self) -> Any:
        """The sizes that are set."""
        answer = self.aws.client("eks", self.there).describe_nodegroup(clusterName=self.name, nodegroupName="gpu")
        return answer["nodegroup"]["scalingConfig"]

    async def absent(self, settings: Settings) -> Settings:
        """Another node group."""
        return {**settings, "nodegroup": "none"}

    async def spoil(self, settings: Settings) -> Settings:
        """It is being deleted."""
        self.aws.tell("eks", status="DELETING")
        return settings


class ScaleEksNodegroup(_EksNodegroup):
    """From two nodes to five, which is beyond its largest size."""

    uses = "scale.eks_nodegroup"
    lost = "eks:UpdateNodegroupConfig"

    async def stand(self) -> Settings:
        """With the size that is wanted."""
        return {**await super().stand(), "replicas": 5}


class DetectEksNodegroup(_EksNodegroup):
    """A look at it."""

    uses = "detect.eks_nodegroup"
