"""The least IAM policy for a runbook, which IAM itself takes."""

import json
from typing import Any

import pytest
from pydantic import ValidationError

from activities.aws import OnAws
from activities.catalog import CATALOG
from activities.least_policy import MOST, policies
from runbooks.aws.access import AwsSettings
from runbooks.kinds import KINDS
from runbooks.load import loads
from runbooks.models import Runbook
from runbooks.starter import Answers, Store, first_runbook
from runbooks.starter_part import What
from runbooks.starter_parts import kinds_of
from runbooks.steps import Verb
from tests.aws.world import World
from tests.runbooks.documents import SMALL, spoilt

ROLE = "arn:aws:iam::210987654321:role/evac"
ECS = """\
  llm:
    kind: ecs
    replicas: {us-east-1: 5, eu-west-1: 2}
    common: {cluster: llm, service: api}
    settings:
      us-east-1: {aws_region: us-east-1}
      eu-west-1: {aws_region: eu-west-1, role: "ROLE", external_id: "aws-ssm://eu-west-1/evac/external"}
checks:"""
STEP = """\
steps:
  - name: drain
    uses: run.aws_lambda
    before: cut_over
    settings: {aws_region: "{region}", function: drain}
checks:"""


def book(*changes: tuple[str, str]) -> Runbook:
    """The small runbook with a service of ECS in two accounts."""
    return loads(spoilt(("checks:", ECS.replace("ROLE", ROLE)), *changes)).runbook


def statements(document: dict[str, Any]) -> dict[str, tuple[list[str], list[str]]]:
    """Actions and resources by what each statement is for."""
    return {one["Sid"]: (one["Action"], one["Resource"]) for one in document["Statement"]}


def test_each_identity_gets_what_its_part_of_the_runbook_needs() -> None:
    """The worker its own account's service, the role, the function, and the secret; the role the other service."""
    own, role = policies(book(("checks:", STEP)))
    assert (own.role, role.role, role.external_id) == (None, ROLE, "aws-ssm://eu-west-1/evac/external")
    found = statements(own.document)
    ecs, services = found.pop("DetectEcsScaleEcs")
    assert (ecs, services) == (narrowed("detect.ecs", "scale.ecs"), ["arn:aws:ecs:us-east-1:*:service/llm/api"])
    assert {name: one for name, one in found.items() if not name.endswith("Anywhere")} == {
        "TakeOnRoles": (["sts:AssumeRole"], [ROLE]),
        "RunAwsLambda": (
            ["lambda:GetFunctionConfiguration", "lambda:InvokeFunction"],
            [f"arn:aws:lambda:{region}:*:function:drain" for region in ("eu-west-1", "us-east-1")],
        ),
        "ReadSecrets": (["ssm:GetParameter"], ["arn:aws:ssm:eu-west-1:*:parameter/evac/external"]),
    }
    theirs = {name: one for name, one in statements(role.document).items() if not name.endswith("Anywhere")}
    assert theirs == {"DetectEcsScaleEcs": (ecs, ["arn:aws:ecs:eu-west-1:210987654321:service/llm/api"])}


def narrowed(*uses: str) -> list[str]:
    """The actions of these technologies that IAM can narrow."""
    rows: list[Any] = [CATALOG[one].technology for one in uses]
    return sorted({action for row in rows for action in row.permissions if action not in row.unscoped})


def test_what_cannot_be_narrowed_is_apart() -> None:
    """And is not said again where it is narrowed."""
    step = STEP.replace("run.aws_lambda", "run.ssm_command").replace("function: drain", "document: d, instances: [i-1]")
    found = statements(policies(book(("checks:", step)))[0].document)
    (anywhere,) = (actions for actions, resources in found.values() if resources == ["*"])
    assert {"ssm:ListCommandInvocations", "ssm:ListCommands"} <= set(anywhere)
    actions, _ = found["RunSsmCommand"]
    assert actions == ["ssm:DescribeDocument", "ssm:SendCommand"]


def test_only_a_ladder_may_launch_instances() -> None:
    """What a group's settings do without is not asked for: a role that can launch anything is worth stealing."""
    group = ECS.replace("kind: ecs", "kind: autoscaling").replace("{cluster: llm, service: api}", "{group: llm}")
    ladder = group.replace("{group: llm}", "{group: llm, ladder: [{market: spot}]}")
    plain, laddered = (
        {
            action
            for actions, _ in statements(policies(loads(spoilt(("checks:", text))).runbook)[0].document).values()
            for action in actions
        }
        for text in (group.replace("ROLE", ROLE), ladder.replace("ROLE", ROLE))
    )
    assert laddered - plain == {"ec2:DescribeSubnets", "ec2:RunInstances"}
    assert not plain & {"cloudwatch:GetMetricStatistics", "elasticloadbalancing:DescribeTargetHealth"}


def test_a_runbook_without_aws_needs_nothing_of_it() -> None:
    """Its own servers have their own passwords."""
    assert policies(loads(SMALL).runbook) == ()


def test_iam_takes_them(aws: World) -> None:
    """Policies and trust, by IAM's own checks, as far as moto makes them; names of statements are unique."""
    iam = aws.client("iam")
    for number, policy in enumerate(policies(book(("checks:", STEP)))):
        assert policy.size <= MOST
        iam.create_policy(PolicyName=f"evac-{number}", PolicyDocument=json.dumps(policy.document))
        names = [one["Sid"] for one in policy.document["Statement"]]
        assert len(set(names)) == len(names)
        assert all(name.isalnum() for name in names)
    trust = policy.trust("arn:aws:iam::123456789012:role/worker")
    iam.create_role(RoleName="evac", AssumeRolePolicyDocument=json.dumps(trust))
    assert trust["Statement"][0]["Condition"] == {
        "StringLike": {"sts:RoleSessionName": "evac-*"},
        "StringEquals": {"sts:ExternalId": "<aws-ssm://eu-west-1/evac/external>"},
    }


@pytest.mark.parametrize("kind", sorted(kind.name for kind in KINDS.values() if issubclass(kind.settings, AwsSettings)))
def test_nothing_that_a_kind_can_do_is_forgotten(aws: World, kind: str) -> None:
    """Of a first runbook of that kind, every action that all of its verbs need is there, and IAM takes the policy."""
    text = first_runbook(asked(kind))
    if Verb.RESTORE in KINDS[kind].verbs:
        text = text.replace(f"    kind: {kind}\n", f"    kind: {kind}\n    backup: {{}}\n")
    made = loads(text).runbook
    (policy,) = policies(made)
    wanted = {action for verb in KINDS[kind].verbs for action in needed(f"{verb}.{kind}", made)}
    given = {action for one in policy.document["Statement"] for action in one["Action"]}
    assert wanted - given == set()
    assert policy.size <= MOST
    aws.client("iam").create_policy(PolicyName=f"evac-{kind}", PolicyDocument=json.dumps(policy.document))


def needed(uses: str, made: Runbook) -> set[str]:
    """What the technology says of the settings of its resource in each region; all, where a plan adds to those."""
    technology: Any = CATALOG[uses].technology
    name = next(name for name, one in made.resources.items() if one.kind == uses.partition(".")[2])
    found: set[str] = set()
    for region in made.regions:
        try:
            settings = technology.Settings.model_validate({"replicas": 0, **made.settings_of(name, region)})
        except ValidationError:
            return set(technology.permissions)
        found |= set(technology.needs(settings))
    return found


def asked(kind: str) -> Answers:
    """What a newcomer with that kind answers."""
    regions = ("us-east-1", "eu-west-1")
    if kind in kinds_of(What.SERVICE):
        return Answers(name="x", regions=regions, service=kind)
    if kind in kinds_of(What.PUBLIC_NAME):
        return Answers(name="x", regions=regions, public_name="api.example.com", public_kind=kind)
    return Answers(name="x", regions=regions, stores=(Store(kind=kind, name="store"),))


def test_every_technology_on_aws_says_what_it_is_narrowed_to() -> None:
    """Nothing is left at the base's, and what cannot be narrowed is one of its own permissions."""
    for row in CATALOG.values():
        if issubclass(row.technology, OnAws):
            assert row.technology.arns.__func__ is not OnAws.arns.__func__, row.uses  # type: ignore[attr-defined]
            assert row.technology.unscoped <= set(row.permissions), row.uses


def test_replicated_stores_get_what_each_region_needs() -> None:
    """Each bucket and the role that S3 is given, whatever a plan adds to the settings."""
    bucket = """\
  models:
    kind: s3
    common: {replication_role: "COPIES"}
    settings:
      us-east-1: {aws_region: us-east-1, bucket: models-here}
      eu-west-1: {aws_region: eu-west-1, bucket: models-there}
checks:"""
    copies = "arn:aws:iam::123456789012:role/copies"
    given = loads(spoilt(("checks:", bucket.replace("COPIES", copies)))).runbook
    (own,) = policies(given)
    allowed = {
        (action, resource) for actions, on in statements(own.document).values() for action in actions for resource in on
    }
    assert {
        ("iam:PassRole", copies),
        ("s3:PutBucketPolicy", "arn:aws:s3:::models-here"),
        ("s3:PutReplicationConfiguration", "arn:aws:s3:::models-there"),
        ("cloudwatch:GetMetricData", "*"),
    } <= allowed


CLUSTERS = """\
  gpu:
    kind: kubernetes
    replicas: {us-east-1: 5, eu-west-1: 2}
    common: {name: llm}
    settings:
      us-east-1: {eks: {aws_region: us-east-1, cluster: one}}
      eu-west-1: {eks: {aws_region: eu-west-1, cluster: two, role: "ROLE"}, server: "https://two.example"}
checks:"""


def test_a_cluster_of_eks_is_found_as_an_identity_of_aws() -> None:
    """Only one whose server is not said is looked up; the role is taken on for its tokens all the same."""
    own = policies(loads(spoilt(("checks:", CLUSTERS.replace("ROLE", ROLE)))).runbook)[0]
    found = statements(own.document)
    assert found["FindClusters"] == (["eks:DescribeCluster"], ["arn:aws:eks:us-east-1:*:cluster/one"])
    assert found["TakeOnRoles"] == (["sts:AssumeRole"], [ROLE])
