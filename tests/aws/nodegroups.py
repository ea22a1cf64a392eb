"""Node groups of EKS, made by boto3, with the Auto Scaling groups that EKS would make."""

from tests.aws.world import World

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
