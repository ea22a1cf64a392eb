from typing import Any

from runbooks.steps import ErrorType
from tests.activities.calls import perform, refused
from tests.aws.world import HERE, World
from tests.conformance.specimens.aws_runs import document


def stood(aws: World, **more: Any) -> dict[str, Any]:
    """The settings for an automation document."""
    document(aws, "drain", HERE, "Automation")
    return aws.settings(document="drain", **more)


async def test_it_is_followed_to_its_end(aws: World) -> None:
    """Its outputs are in the evidence."""
    settings = stood(aws)
    aws.tell("ssm", automation_looks=2)
    result = await perform("run.ssm_automation", settings, within=20.0)
    assert result.reason == "The automation ran, and ended well."
    assert result.after["execution"]["output"] == {"drain.Output": ["all drained"]}  # type: ignore[call-overload, index]


async def test_a_failure_is_told_and_final(aws: World) -> None:
    """Attempts of the same scheduling start no second one."""
    settings = stood(aws)
    aws.tell("ssm", automation_fails="Step drain failed: no such group.")
    for _ in range(2):
        sentence = await refused("run.ssm_automation", settings, ErrorType.WRONG_STATE, within=20.0)
        assert sentence == "The automation ended as Failed: Step drain failed: no such group."
    assert len(aws.tell("ssm", automations=True)) == 1


async def test_what_may_be_repeated_is_started_again(aws: World) -> None:
    """A failure is then no end."""
    settings = stood(aws, repeatable=True)
    aws.tell("ssm", automation_fails="no")
    await refused("run.ssm_automation", settings, ErrorType.NOT_YET, within=20.0)
    aws.tell("ssm", automation_fails="")
    assert (await perform("run.ssm_automation", settings, within=20.0)).changed is True
    assert len(aws.tell("ssm", automations=True)) == 2
