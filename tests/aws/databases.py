"""Databases on the tests' AWS: stood up by boto3, and their replication told to CloudWatch as AWS would."""

import time
from typing import Any

from tests.aws.world import ACCOUNT, HERE, THERE, World


def fenced_group(aws: World, region: str) -> str:
    """A security group that lets nobody in: found, or made."""
    ec2 = aws.client("ec2", region)
    found = ec2.describe_security_groups(Filters=[{"Name": "group-name", "Values": ["fenced"]}])["SecurityGroups"]
    if found:
        return str(found[0]["GroupId"])
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    return str(ec2.create_security_group(GroupName="fenced", Description="nobody", VpcId=vpc)["GroupId"])


def rds(aws: World, name: str, region: str, **more: Any) -> dict[str, Any]:
    """The settings of an instance."""
    return aws.settings(region, instance=name, fenced_group=fenced_group(aws, region), **more)


def stand_primary(aws: World, name: str, region: str = HERE, **more: Any) -> None:
    """An instance that takes writes."""
    asked = {"Engine": "postgres", "DBInstanceClass": "db.r6g.large", "AllocatedStorage": 20, **more}
    given = {"MasterUsername": "llm", "MasterUserPassword": "made-up-1", "BackupRetentionPeriod": 7, **asked}
    aws.client("rds", region).create_db_instance(DBInstanceIdentifier=name, **given)


def stand_replica(aws: World, name: str, region: str = THERE, source: str = HERE) -> None:
    """A replica of the instance of the same name in another region."""
    arn = f"arn:aws:rds:{source}:{ACCOUNT}:db:{name}"
    aws.client("rds", region).create_db_instance_read_replica(
        DBInstanceIdentifier=name, SourceDBInstanceIdentifier=arn, SourceRegion=source
    )


def instance(aws: World, name: str, region: str) -> dict[str, Any]:
    """As boto3 shows it."""
    found: dict[str, Any] = aws.client("rds", region).describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]
    return found


def tell_lag(aws: World, name: str, seconds: float, region: str = THERE, ago: float = 0.0) -> None:
    """CloudWatch gets a value of a replica's lag, so many seconds ago."""
    told = {
        "MetricName": "ReplicaLag",
        "Dimensions": [{"Name": "DBInstanceIdentifier", "Value": name}],
        "Timestamp": time.time() - ago,
        "Value": seconds,
        "Unit": "Seconds",
    }
    aws.client("cloudwatch", region).put_metric_data(Namespace="AWS/RDS", MetricData=[told])
