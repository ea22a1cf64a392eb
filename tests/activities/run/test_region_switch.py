from typing import Any

from runbooks.steps import ErrorType
from tests.activities.calls import perform, refused
from tests.aws.world import THERE, World
from tests.conformance.specimens.aws_runs import PLAN


def stood(aws: World, steps: list[str], ends: str = "completed", **more: Any) -> dict[str, Any]:
    """The settings for a plan of these steps."""
    aws.tell("arc-region-switch", plan=PLAN, steps=steps, ends=ends)
    return aws.settings(THERE, plan=PLAN, switch="eu-west-1", **more)


async def test_it_is_executed_as_the_settings_say(aws: World) -> None:
    """Region, action and mode; asked in the region that is moved to."""
    settings = stood(aws, ["scale"], action="deactivate", mode="ungraceful") | {"switch": "us-east-1"}
    await perform("run.region_switch", settings, within=20.0)
    (one,) = aws.tell("arc-region-switch", executions=True)
    assert (one["executionRegion"], one["executionAction"], one["mode"]) == ("us-east-1", "deactivate", "ungraceful")
    assert one["executionState"] == "completed"
    assert {call["region"] for call in aws.calls()} == {THERE}


async def test_the_steps_that_the_settings_name_are_approved(aws: World) -> None:
    """This run has been approved, which stands for these."""
    settings = stood(aws, ["approve-dns", "scale"], approve=["approve-dns"])
    result = await perform("run.region_switch", settings, within=20.0)
    assert result.changed is True
    assert aws.tell("arc-region-switch", executions=True)[0]["approved"] == ["approve-dns"]


async def test_other_steps_wait_for_their_own_approval(aws: World) -> None:
    """When its time is over the step says where it stands, and the next attempt goes on following it."""
    settings = stood(aws, ["approve-dns"])
    sentence = await refused("run.region_switch", settings, ErrorType.NOT_YET, within=3.0)
    assert sentence.startswith("The plan of ARC Region switch is pendingManualApproval (activate eu-west-1, graceful)")
    again = await perform("run.region_switch", {**settings, "approve": ["approve-dns"]}, within=20.0)
    assert again.changed is True
    assert len(aws.tell("arc-region-switch", executions=True)) == 1


async def test_a_pause_is_told_at_once(aws: World) -> None:
    """Somebody must see to it there; then a retry here goes on with the same execution."""
    settings = stood(aws, ["scale"], ends="pausedByFailedStep")
    sentence = await refused("run.region_switch", settings, ErrorType.WRONG_STATE, within=20.0)
    assert sentence == (
        "The plan of ARC Region switch is pausedByFailedStep at scale: see to it in ARC Region switch "
        "(retry, skip or resume), then say retry here."
    )
    aws.tell("arc-region-switch", resumed=True)
    assert (await perform("run.region_switch", settings, within=20.0)).changed is True
    assert len(aws.tell("arc-region-switch", executions=True)) == 1


async def test_an_end_with_exceptions_is_no_proof(aws: World) -> None:
    """Steps were skipped, or went wrong: a person or the policy decides."""
    result = await perform("run.region_switch", stood(aws, [], ends="completedWithExceptions"), within=20.0)
    assert (result.changed, result.proved) == (True, False)


async def test_another_execution_is_not_disturbed(aws: World) -> None:
    """One that Evac did not start goes on: nothing is started."""
    settings = stood(aws, ["approve-dns"])
    client = aws.client("arc-region-switch", THERE)
    client.start_plan_execution(planArn=PLAN, targetRegion="eu-west-1", action="activate", comment="by hand")
    sentence = await refused("run.region_switch", settings, ErrorType.WRONG_STATE, within=20.0)
    assert sentence.startswith("Another execution of the plan llm is ")
    assert len(aws.tell("arc-region-switch", executions=True)) == 1
