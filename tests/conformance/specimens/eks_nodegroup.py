"""Node groups of Amazon EKS on moto, with the Auto Scaling groups that EKS would make (tests/aws/fakes/eks.py)."""

from typing import Any

from tests.aws.world import World
from tests.conformance.specimen import OnAws, Settings

ROLE = "arn:aws:iam::123456789012:role/eks"


def stand_nodegroup(aws: World, region: str, name: str, nodes: int, largest: int) -> str:
    """A cluster and its node group `gpu`, with instances; the name of its Auto Scaling group."""
    ec2 = aws.client("ec2", region)
    zone = ec2.describe_availability_zones()["AvailabilityZones"][0]["ZoneName"]
    subnet = ec2.describe_subnets(Filters=[{"Name": "availability-zone", "Values": [zone]}])["Subnets"][0]["SubnetId"]
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    eks = aws.client("eks", region)
    eks.create_cluster(name=name, roleArn=ROLE, resourcesVpcConfig={"subnetIds": [subnet]})
    sizes = {"minSize": 0, "maxSize": largest, "desiredSize": nodes}
    where = {"clusterName": name, "nodegroupName": "gpu"}
    eks.create_nodegroup(**where, nodeRole=ROLE, subnets=[subnet], scalingConfig=sizes)
    group = eks.describe_nodegroup(**where)["nodegroup"]["resources"]["autoScalingGroups"][0]["name"]
    autoscaling = aws.client("autoscaling", region)
    autoscaling.create_launch_configuration(LaunchConfigurationName=name, ImageId=image, InstanceType="g5.xlarge")
    autoscaling.create_auto_scaling_group(
        AutoScalingGroupName=group,
        LaunchConfigurationName=name,
        MinSize=0,
        MaxSize=largest,
        DesiredCapacity=nodes,
        VPCZoneIdentifier=subnet,
    )
    return str(group)


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
