"""`detect.ec2`: how many of a list of EC2 instances run."""

from activities.aws import OnAws
from activities.clients.aws import aws
from activities.clients.ec2 import read_instances
from activities.contract import Job
from activities.observing import Detector, Sight
from activities.scale.ec2 import ScaleEc2
from runbooks.aws.groups import Ec2Settings
from runbooks.facts import ProcessValues


class DetectEc2(OnAws, Detector[Ec2Settings]):
    """Instances that EC2 shows can be started, unless one that runs fails its checks; the values say how many."""

    uses = "detect.ec2"
    tested_against = "moto + fake (status checks)"
    permissions = ("ec2:DescribeInstanceStatus", "ec2:DescribeInstances")
    unscoped = frozenset(permissions)
    Settings = Ec2Settings
    arns = ScaleEc2.arns

    async def _look(self, job: Job[Ec2Settings]) -> Sight:
        seen = await read_instances(aws(job), job.settings, job.call.epoch)
        reason = f"{seen.ready} of {len(seen.known)} instances run and pass their status checks."
        if seen.ready < seen.desired:
            reason = f"{reason[:-1]}; {seen.desired - seen.ready} more run and do not (yet)."
        values = ProcessValues(desired=seen.desired, ready=seen.ready).model_dump(mode="json")
        return Sight(good=seen.ready >= seen.desired, reason=reason, values=values)
