"""The shipped modules of AWS, applied by the real provider on moto, and seen through boto3."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from runbooks.steps import ErrorType, StepResult
from tests.activities.calls import perform, refused
from tests.aws.world import HERE, THERE, World
from tests.terraform.library import LIBRARY
from tests.terraform.mirror import MIRRORED, cli_config
from tests.terraform.modules import NEEDED, PROGRAM

pytestmark = [NEEDED, MIRRORED, pytest.mark.timeout(300)]
Settings = dict[str, Any]


class Root:
    """A module of the library with its state in S3."""

    def __init__(self, aws: World, home: Path) -> None:
        self.aws = aws
        self.home = home
        aws.client("s3", HERE).create_bucket(Bucket="state")

    def settings(self, module: str, **variables: Any) -> Settings:
        """Of a step in the region there."""
        backend = {
            "bucket": "state",
            "key": f"{module}.tfstate",
            "region": HERE,
            "endpoints": {"s3": self.aws.url, "sts": self.aws.url, "iam": self.aws.url},
            "use_path_style": True,
            "use_lockfile": True,
        }
        return {
            "directory": str(LIBRARY / module),
            "program": PROGRAM,
            "backend": {"type": "s3", "config": backend},
            "variables": variables,
            "env": {
                "AWS_ENDPOINT_URL": self.aws.url,
                "AWS_REGION": THERE,
                "AWS_S3_USE_PATH_STYLE": "true",
                "TF_CLI_CONFIG_FILE": cli_config(self.home),
                "GOGC": "400",  # the provider has 700 MB, and is started for each command
            },
        }

    def stand(self, settings: Settings, **variables: Any) -> None:
        """As its team has made it: by Terraform alone, around Evac."""
        folder = self.home / "team"
        shutil.copytree(settings["directory"], folder, ignore=shutil.ignore_patterns(".terraform*"))
        backend = {"terraform": {"backend": {settings["backend"]["type"]: settings["backend"]["config"]}}}
        (folder / "team_override.tf.json").write_text(json.dumps(backend))
        (folder / "team.auto.tfvars.json").write_text(json.dumps({**settings["variables"], **variables}))
        environment = {**os.environ, **settings["env"], "CHECKPOINT_DISABLE": "1"}
        for words in (["init"], ["apply", "-auto-approve"]):
            argv = [PROGRAM, *words, "-input=false", "-no-color"]
            done = subprocess.run(argv, cwd=folder, env=environment, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr

    async def shown(self, uses: str, settings: Settings) -> tuple[Settings, tuple[str, ...]]:
        """As they are after the approval, and what the approver read."""
        checked = await perform(f"{uses}.check", settings, home=self.home, within=120)
        assert checked.preview is not None, checked.reason
        return {**settings, "approved": checked.preview.approved}, checked.preview.lines

    async def applied(self, uses: str, settings: Settings) -> StepResult:
        """Shown, and then done."""
        approved, _ = await self.shown(uses, settings)
        return await perform(uses, approved, home=self.home, within=240)


@pytest.fixture
def root(aws: World, tmp_path: Path) -> Root:
    """Nothing is there but the bucket of the state."""
    return Root(aws, tmp_path)


def network(aws: World) -> list[str]:
    """The subnets of the default VPC."""
    found = aws.client("ec2", THERE).describe_subnets()["Subnets"]
    return sorted(one["SubnetId"] for one in found)[:2]


async def test_a_group_of_instances_grows_in_place(root: Root) -> None:
    """From two to five: one attribute of one resource is shown and changed; what drifted is found and named."""
    image = root.aws.client("ec2", THERE).describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    given = root.settings("ec2-gpu-asg", name="llm", ami=image, subnet_ids=network(root.aws))
    capacity = {**given, "ready_output": "running"}
    root.stand(given, standby_size=2)
    settings, lines = await root.shown("scale.terraform", {**capacity, "replicas": 5})
    title, *changes = lines
    assert ": 1 to change, " in title
    assert changes[0].startswith("it: ~ aws_autoscaling_group.this: ")
    assert "; desired_capacity 2 -> 5" in changes[0]  # beside it what moto does not keep of a group
    done = await perform("scale.terraform", settings, home=root.home, within=240)
    group = root.aws.client("autoscaling", THERE).describe_auto_scaling_groups(AutoScalingGroupNames=["llm"])
    (found,) = group["AutoScalingGroups"]
    assert (found["DesiredCapacity"], len(found["Instances"])) == (5, 5)
    assert list(done.after["seconds"]) == ["aws_autoscaling_group.this"]  # type: ignore[arg-type]
    await _drift(root, capacity)


async def _drift(root: Root, capacity: Settings) -> None:
    root.aws.client("autoscaling", THERE).set_desired_capacity(AutoScalingGroupName="llm", DesiredCapacity=4)
    seen = await perform("detect.terraform_drift", capacity, home=root.home, within=120)
    assert seen.reading is not None
    assert seen.reading.state == "unhealthy"
    assert "~ aws_autoscaling_group.this: desired_capacity 5 -> 4" in seen.reason


async def test_a_node_group_is_made_of_the_size_that_is_needed(root: Root) -> None:
    """Everything that it needs is made with it; the fake of its growth keeps nothing but the size."""
    eks = root.aws.client("eks", THERE)
    role = "arn:aws:iam::123456789012:role/eks"
    eks.create_cluster(name="llm", roleArn=role, resourcesVpcConfig={"subnetIds": network(root.aws)})
    document = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"eks:*","Resource":"*"}]}'
    policy = root.aws.client("iam", THERE).create_policy(PolicyName="nodes", PolicyDocument=document)["Policy"]["Arn"]
    given = root.settings("eks-gpu", name="gpu", cluster="llm", subnet_ids=network(root.aws), policy_arns=[policy])
    done = await root.applied("scale.terraform", {**given, "replicas": 3})
    assert done.reason.endswith("3 are ready.")
    found = eks.describe_nodegroup(clusterName="llm", nodegroupName="gpu")["nodegroup"]
    assert found["scalingConfig"]["desiredSize"] == 3


async def test_a_size_beyond_the_limit_is_refused_before_anything_is_changed(root: Root) -> None:
    """The module's own words are told."""
    image = root.aws.client("ec2", THERE).describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    given = root.settings("ec2-gpu-asg", name="llm", ami=image, subnet_ids=network(root.aws), max_size=4)
    where = {"home": root.home, "within": 120}
    said = await refused("scale.terraform", {**given, "replicas": 9}, ErrorType.WRONG_STATE, **where)
    assert "standby_size is larger than max_size" in said
    assert root.aws.client("autoscaling", THERE).describe_auto_scaling_groups()["AutoScalingGroups"] == []


def test_a_bucket_for_states_has_versions_and_locks(root: Root) -> None:
    """Versions, encryption, no public access, a table of locks."""
    root.stand(root.settings("state-backend/s3", bucket="acme-state", lock_table="locks"))
    s3 = root.aws.client("s3", THERE)
    assert s3.get_bucket_versioning(Bucket="acme-state")["Status"] == "Enabled"
    access = s3.get_public_access_block(Bucket="acme-state")["PublicAccessBlockConfiguration"]
    assert all(access.values())
    table = root.aws.client("dynamodb", THERE).describe_table(TableName="locks")["Table"]
    assert table["KeySchema"] == [{"AttributeName": "LockID", "KeyType": "HASH"}]


async def test_secrets_are_empty_and_replicated(root: Root) -> None:
    """Their values are put there by somebody else."""
    given = root.settings("secrets", prefix="llm", names=["api-key", "db"], replica_regions=[HERE])
    done = await root.applied("run.terraform", given)
    found = root.aws.client("secretsmanager", THERE).list_secrets()["SecretList"]
    assert sorted(one["Name"] for one in found) == ["llm/api-key", "llm/db"]
    assert done.changed
