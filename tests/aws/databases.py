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


ENGINES = {"aurora": "aurora-postgresql", "docdb": "docdb", "neptune": "neptune"}
_SPACES = {
    "aurora": ("AWS/RDS", "AuroraGlobalDBReplicationLag"),
    "docdb": ("AWS/DocDB", "GlobalClusterReplicationLag"),
    "neptune": ("AWS/Neptune", "GlobalDbProgressLag"),
}


def cluster(aws: World, name: str, region: str, **more: Any) -> dict[str, Any]:
    """The settings of a member of the global cluster `name`."""
    given = {"global_cluster": name, "cluster": f"{name}-{region}", "fenced_group": fenced_group(aws, region)}
    return aws.settings(region, **given, **more)


def stand_clusters(aws: World, kind: str, name: str, regions: tuple[str, ...] = (HERE, THERE)) -> None:
    """A global cluster; the first region's member is its primary. Each has an instance."""
    # Moto knows no engine `docdb`: the clusters are Aurora's, and are called DocumentDB's afterwards.
    engine = "neptune" if kind == "neptune" else "aurora-postgresql"
    aws.client("rds", regions[0]).create_global_cluster(GlobalClusterIdentifier=name, Engine=engine)
    for number, region in enumerate(regions):
        client = aws.client("rds", region)
        vpc = aws.client("ec2", region).describe_security_groups(
            Filters=[{"Name": "group-name", "Values": ["default"]}]
        )
        asked = {"MasterUsername": "llm", "MasterUserPassword": "made-up-1"} if not number else {}
        client.create_db_cluster(
            DBClusterIdentifier=f"{name}-{region}",
            GlobalClusterIdentifier=name,
            Engine=engine,
            VpcSecurityGroupIds=[vpc["SecurityGroups"][0]["GroupId"]],
            **asked,
        )
        client.create_db_instance(
            DBInstanceIdentifier=f"{name}-{region}-1",
            DBClusterIdentifier=f"{name}-{region}",
            DBInstanceClass="db.r6g.large",
            Engine=engine,
        )
        client.describe_db_clusters()  # moto: only a cluster that was looked at is available
        aws.tell(
            "rds", region=region, cluster=f"{name}-{region}", put={"engine": ENGINES[kind], "_status": "available"}
        )


def member(aws: World, name: str, region: str) -> dict[str, Any]:
    """A cluster as boto3 shows it, and what the global one says of it."""
    client = aws.client("rds", region)
    found: dict[str, Any] = client.describe_db_clusters(DBClusterIdentifier=f"{name}-{region}")["DBClusters"][0]
    whole = client.describe_global_clusters(GlobalClusterIdentifier=name)["GlobalClusters"][0]
    own = [one for one in whole["GlobalClusterMembers"] if one["DBClusterArn"] == found["DBClusterArn"]]
    return {**found, "writes": own[0]["IsWriter"] if own else None}


def tell_cluster_lag(  # noqa: PLR0913
    aws: World, kind: str, name: str, milliseconds: float, *, region: str = THERE, ago: float = 0.0
) -> None:
    """CloudWatch gets a value of a secondary cluster's lag, so many seconds ago."""
    space, metric = _SPACES[kind]
    told = {
        "MetricName": metric,
        "Dimensions": [
            {"Name": "DBClusterIdentifier", "Value": f"{name}-{region}"},
            {"Name": "SourceRegion", "Value": HERE},
        ],
        "Timestamp": time.time() - ago,
        "Value": milliseconds,
        "Unit": "Milliseconds",
    }
    aws.client("cloudwatch", region).put_metric_data(Namespace=space, MetricData=[told])
