"""`fence.dynamodb`: what the conformance suite does not try."""

import json
from typing import Any

from runbooks.steps import ErrorType
from tests.activities.calls import EPOCH, perform, refused
from tests.aws.world import HERE, World
from tests.conformance.specimens.dynamodb import POLICY, arn, policy_of, stand_table

_REPLICATION = (
    "arn:aws*:iam::*:role/aws-service-role/replication.dynamodb.amazonaws.com/AWSServiceRoleForDynamoDBReplication"
)


def stood(aws: World, **more: Any) -> dict[str, Any]:
    """A table that is written here."""
    stand_table(aws, "orders")
    return aws.settings(HERE, table="orders", **more)


async def test_it_denies_writes_to_all_but_replication_and_the_exempt(aws: World) -> None:
    """The user's statements stay as they are; ours carries the decision, and spares whom it must."""
    repair = "arn:aws:iam::123456789012:role/repair"
    await perform("fence.dynamodb", stood(aws, exempt=[repair]), within=10.0)
    policy = policy_of(aws, "orders", HERE)
    kept, fence = policy["Statement"]
    assert {**policy, "Statement": [kept]} == POLICY
    assert fence.pop("Sid").startswith(f"EvacFence{EPOCH}At")
    assert fence == {
        "Effect": "Deny",
        "Principal": "*",
        "Action": [
            "dynamodb:BatchWriteItem",
            "dynamodb:DeleteItem",
            "dynamodb:PartiQLDelete",
            "dynamodb:PartiQLInsert",
            "dynamodb:PartiQLUpdate",
            "dynamodb:PutItem",
            "dynamodb:UpdateItem",
        ],
        "Resource": arn("orders", HERE),
        "Condition": {
            "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
            "ArnNotLike": {"aws:PrincipalArn": [_REPLICATION, repair]},
        },
    }


async def test_a_policy_that_changes_meanwhile_is_not_overwritten(aws: World) -> None:
    """Its revision tells: somebody else's change between look and act is looked at first."""
    settings = stood(aws)
    aws.bend("dynamodb:PutResourcePolicy", "lose", times=1)
    await refused("fence.dynamodb", settings, ErrorType.UNREACHABLE, within=5.0)
    aws.straighten()
    mine = {**POLICY, "Id": "changed-by-hand"}
    aws.client("dynamodb").put_resource_policy(ResourceArn=arn("orders", HERE), Policy=json.dumps(mine))
    await perform("fence.dynamodb", settings, within=10.0)
    assert policy_of(aws, "orders", HERE)["Id"] == "changed-by-hand"


async def test_a_block_after_a_change_is_waited_out(aws: World) -> None:
    """DynamoDB takes no second change of a policy within 15 s of the first."""
    settings = stood(aws)
    aws.tell("dynamodb", blocked=2)
    result = await perform("fence.dynamodb", settings, within=20.0)
    assert result.reason == f"It takes no more writes: decision {EPOCH} denies them in its policy."


async def test_a_table_without_a_policy_has_none_again(aws: World) -> None:
    """The undo deletes the policy when there is nothing in it but ours."""
    settings = stood(aws)
    aws.client("dynamodb").delete_resource_policy(ResourceArn=arn("orders", HERE))
    done = await perform("fence.dynamodb", settings, within=10.0)
    undone = await perform("fence.dynamodb.undo", settings, before=done.before, within=10.0)
    assert (undone.changed, undone.reason) == (True, "It takes writes again: its fence was lifted.")
    assert undone.after["policy"] is None


async def test_the_fence_of_an_older_decision_is_kept(aws: World) -> None:
    """It is fenced already: the decision is noted, and its undo leaves the older fence in place."""
    stand_table(aws, "orders", fenced=HERE)
    settings = aws.settings(HERE, table="orders")
    before = policy_of(aws, "orders", HERE)
    done = await perform("fence.dynamodb", settings, within=10.0)
    kept = f"denies them since decision 3; decision {EPOCH} was noted."
    assert done.reason == f"It takes no writes: its policy {kept}"
    undone = await perform("fence.dynamodb.undo", settings, before=done.before, within=10.0)
    assert undone.reason == "It has no fence of this decision."
    assert policy_of(aws, "orders", HERE) == before
