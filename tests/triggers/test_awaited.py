import shlex

import pytest

from runbooks.runs import Phase, RunState
from tests.triggers import samples
from triggers.cli.awaited import answers
from triggers.cli.commands import COMMANDS
from triggers.cli.live import code_of


def test_a_waiting_fence_may_be_retried_or_accepted_but_not_skipped() -> None:
    """The commands are those that the run would take, with the hold first."""
    assert answers(samples.waiting_run()) == (
        "evac resume llm-platform",
        "evac retry llm-platform --step fence.vector-db",
        "evac accept llm-platform unproved-fence:vector-db",
        "evac abort llm-platform",
    )


def test_a_plan_that_refuses_itself_says_what_can_be_accepted() -> None:
    """Only what has a name can be accepted; looking again and aborting are always there."""
    assert answers(samples.refusing_run()) == (
        "evac accept llm-platform loss:vector-db",
        "evac retry llm-platform",
        "evac abort llm-platform",
    )


@pytest.mark.parametrize("phase", [Phase.CONFIRMING, Phase.OBSERVING, Phase.PLANNING, Phase.RUNNING, Phase.ENDED])
def test_nobody_is_asked_while_nobody_is_awaited(phase: Phase) -> None:
    """No command is offered that would only be refused."""
    assert answers(samples.run(phase=phase)) == ()


@pytest.mark.parametrize("state", [samples.run(), samples.waiting_run(), samples.refusing_run()])
def test_every_offered_command_exists(state: RunState) -> None:
    """A command copied from the screen is one of ours, and the code of such a run is 8."""
    known = {listed.name for listed in COMMANDS}
    for command in answers(state):
        program, name, *_ = shlex.split(command)
        assert (program, name in known) == ("evac", True)
    assert code_of(state) == 8
