"""Technologies that scale on AWS, and those that look at what scales."""

from typing import Any

from activities.contract import Technology
from activities.detect.aurora_capacity import DetectAuroraCapacity
from activities.detect.aurora_readers import DetectAuroraReaders
from activities.detect.autoscaling import DetectAutoscaling
from activities.detect.aws_lambda import DetectAwsLambda
from activities.detect.ec2 import DetectEc2
from activities.detect.ecs import DetectEcs
from activities.detect.eks_nodegroup import DetectEksNodegroup
from activities.detect.sagemaker import DetectSagemaker
from activities.scale.aurora_capacity import ScaleAuroraCapacity
from activities.scale.aurora_readers import ScaleAuroraReaders
from activities.scale.autoscaling import ScaleAutoscaling
from activities.scale.aws_lambda import ScaleAwsLambda
from activities.scale.ec2 import ScaleEc2
from activities.scale.ecs import ScaleEcs
from activities.scale.eks_nodegroup import ScaleEksNodegroup
from activities.scale.sagemaker import ScaleSagemaker
from activities.verify.bedrock import VerifyBedrock
from activities.verify.sagemaker import VerifySagemaker

TECHNOLOGIES: tuple[type[Technology[Any]], ...] = (
    DetectAuroraCapacity,
    ScaleAuroraCapacity,
    DetectAuroraReaders,
    ScaleAuroraReaders,
    DetectAwsLambda,
    ScaleAwsLambda,
    DetectAutoscaling,
    ScaleAutoscaling,
    DetectEc2,
    ScaleEc2,
    DetectEcs,
    ScaleEcs,
    DetectEksNodegroup,
    ScaleEksNodegroup,
    DetectSagemaker,
    ScaleSagemaker,
    VerifyBedrock,
    VerifySagemaker,
)
