"""The stream of a run's page: a fragment at each change, none in between, and an end."""

import time
from pathlib import Path

from runbooks.runs import RunState
from tests.triggers import samples
from tests.triggers.console.seen import NAME, Stage, looking, stage
from triggers.errors import NoAnswerError


class Moving(Stage):
    """Each look sees the next of these; a sentence is a worker that does not answer."""

    def through(self, *moments: RunState | str) -> "Moving":
        """What is seen one after the other."""
        self.moments = list(moments)
        return self

    async def run(self, name: str) -> RunState:  # noqa: ARG002
        """The next."""
        now = self.moments.pop(0) if len(self.moments) > 1 else self.moments[0]
        if isinstance(now, str):
            raise NoAnswerError(now)
        return now


def moving(home: Path, *moments: RunState | str) -> Moving:
    """Such a sight."""
    made = stage(home)
    return Moving(made.settings, made.library, made.link, pause=0.01).through(*moments)


async def heard(at: Stage, until: int | None = None) -> list[tuple[str, str]]:
    """The events with their data, until the stream ends."""
    found: list[tuple[str, str]] = []
    async with looking(at, until=until) as http:
        text = (await http.get(f"/runs/{NAME}/events")).text
    for block in text.split("\n\n"):
        lines = block.split("\n")
        kind = next((line.removeprefix("event: ") for line in lines if line.startswith("event: ")), "")
        if kind:
            found.append((kind, "\n".join(line.removeprefix("data: ") for line in lines if line.startswith("data: "))))
    return found


async def test_a_change_brings_a_fragment_and_the_end_ends_it(tmp_path: Path) -> None:
    """What did not change is not sent again."""
    same = samples.waiting_run()
    events = await heard(moving(tmp_path, samples.approving_run(), same, same, samples.recovered_run()))
    assert [kind for kind, _ in events] == ["state", "state", "over"]
    assert "AWAITING APPROVAL" in events[0][1]
    assert "WAITING FOR PERSON" in events[1][1]
    assert "RECOVERED" in events[2][1]
    assert 'data-part="asks"' in events[1][1]


async def test_a_silent_worker_is_said_once_and_waited_for(tmp_path: Path) -> None:
    """The page stays as it is meanwhile."""
    silent = "no worker answers"
    events = await heard(moving(tmp_path, silent, silent, samples.recovered_run()))
    assert [kind for kind, _ in events] == ["trouble", "over"]
    assert events[0][1] == silent


async def test_a_server_that_ends_ends_its_streams(tmp_path: Path) -> None:
    """Nobody who looks on keeps it from stopping."""
    at = moving(tmp_path, samples.waiting_run())
    at.ending.set()
    assert await heard(at) == []


async def test_a_login_that_ends_ends_the_stream(tmp_path: Path) -> None:
    """Whoever is logged out sees nothing new."""
    events = await heard(moving(tmp_path, samples.approving_run(), samples.waiting_run()), until=2)
    assert [kind for kind, _ in events] == ["state", "trouble"]
    assert events[1][1] == "Nobody is logged in here."


async def test_the_end_waits_for_the_record(tmp_path: Path) -> None:
    """A run writes its record after its end, and its link must come without a reload."""
    ended = samples.recovered_run().model_copy(update={"record": "", "ended_at": time.time()})
    events = await heard(moving(tmp_path, ended, ended.model_copy(update={"record": "records/llm/0198a7c2"})))
    assert [(kind, "/records/0198a7c2" in data) for kind, data in events] == [("state", False), ("over", True)]
