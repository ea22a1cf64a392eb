"""The least IAM policy for a runbook, which IAM itself takes."""

import json
from typing import Any

from activities.aws import OnAws
from activities.catalog import CATALOG
from activities.least_policy import MOST, policies
from runbooks.load import loads
from runbooks.models import Runbook
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
    services = ["arn:aws:ecs:us-east-1:*:service/llm/api"]
    assert (own.role, role.role, role.external_id) == (None, ROLE, "aws-ssm://eu-west-1/evac/external")
    ecs = ["ecs:DescribeServices", "ecs:TagResource", "ecs:UpdateService"]
    assert statements(own.document) == {
        "DetectEcsScaleEcs": (ecs, services),
        "TakeOnRoles": (["sts:AssumeRole"], [ROLE]),
        "RunAwsLambda": (
            ["lambda:GetFunctionConfiguration", "lambda:InvokeFunction"],
            [f"arn:aws:lambda:{region}:*:function:drain" for region in ("eu-west-1", "us-east-1")],
        ),
        "ReadSecrets": (["ssm:GetParameter"], ["arn:aws:ssm:eu-west-1:*:parameter/evac/external"]),
    }
    assert statements(role.document) == {
        "DetectEcsScaleEcs": (ecs, ["arn:aws:ecs:eu-west-1:210987654321:service/llm/api"]),
    }


def test_what_cannot_be_narrowed_is_apart() -> None:
    """And is not said again where it is narrowed."""
    step = STEP.replace("run.aws_lambda", "run.ssm_command").replace("function: drain", "document: d, instances: [i-1]")
    found = statements(policies(book(("checks:", step)))[0].document)
    assert found["RunSsmCommandAnywhere"] == (["ssm:ListCommandInvocations", "ssm:ListCommands"], ["*"])
    narrowed, _ = found["RunSsmCommand"]
    assert narrowed == ["ssm:DescribeDocument", "ssm:SendCommand"]


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


def test_every_technology_on_aws_says_what_it_is_narrowed_to() -> None:
    """Nothing is left at the base's, and what cannot be narrowed is one of its own permissions."""
    for row in CATALOG.values():
        if issubclass(row.technology, OnAws):
            assert row.technology.arns.__func__ is not OnAws.arns.__func__, row.uses  # type: ignore[attr-defined]
            assert row.technology.unscoped <= set(row.permissions), row.uses
