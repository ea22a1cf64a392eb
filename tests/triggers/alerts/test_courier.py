"""Alerts on their way: together when many come, and given back when Temporal does not take them."""

import asyncio

import pytest

from runbooks.alerts import Alert, AlertSignal
from runbooks.load import LoadedRunbook
from tests.workflows.world import runbook
from triggers.alerts.courier import Courier, UndeliveredError

BOOK = LoadedRunbook(runbook(), "", "llm.yaml")
PROOF = "bearer token of alertmanager/prod"


def alert(key: str) -> Alert:
    """An alert."""
    times = {"at": 0.0, "received_at": 0.0}
    return Alert(source="alertmanager", name="prod", key=key, delivery=key, status="firing", **times)


class Temporal:
    """Takes signals once it is let; refuses when told so."""

    def __init__(self) -> None:
        self.taken: list[list[str]] = []
        self.open = asyncio.Event()
        self.error: Exception | None = None

    async def take(self, _read: LoadedRunbook, signal: AlertSignal) -> None:
        """Keep it."""
        await self.open.wait()
        if self.error is not None:
            raise self.error
        self.taken.append([one.key for one in signal.alerts])


async def test_what_comes_meanwhile_goes_together() -> None:
    """One signal is under way; the next takes everything that waits, what is the same once."""
    temporal = Temporal()
    courier = Courier(temporal.take)
    first = asyncio.create_task(courier.deliver(BOOK, [alert("first")], PROOF))
    await asyncio.sleep(0)
    await asyncio.sleep(0)  # it is under way now
    keys = [f"k{number % 50}" for number in range(100)]
    waiting = [asyncio.create_task(courier.deliver(BOOK, [alert(key)], PROOF)) for key in keys]
    await asyncio.sleep(0)
    temporal.open.set()
    await asyncio.gather(first, *waiting)
    assert temporal.taken == [["first"], keys[:50]]


async def test_together_they_stay_small_enough() -> None:
    """Temporal refuses a signal that is too large, and with it everything that went together."""
    temporal = Temporal()
    temporal.open.set()
    courier = Courier(temporal.take)
    labels = {f"label{number}": "x" * 300 for number in range(64)}
    heavy = [alert(str(number)).model_copy(update={"labels": labels}) for number in range(60)]
    await asyncio.gather(*(courier.deliver(BOOK, [one], PROOF) for one in heavy))
    assert [key for keys in temporal.taken for key in keys] == [str(number) for number in range(60)]
    assert max(len(keys) for keys in temporal.taken) * len(heavy[0].model_dump_json()) < 500_000


async def test_who_waits_too_long_is_told_and_forgotten() -> None:
    """A Temporal that hangs keeps nobody; what nobody waits for any more is not sent later."""
    temporal = Temporal()
    courier = Courier(temporal.take, patience=0.05)
    with pytest.raises(UndeliveredError, match="does not answer in time"):
        await asyncio.gather(*(courier.deliver(BOOK, [alert(key)], PROOF) for key in ("a", "b")))
    temporal.open.set()
    await courier.deliver(BOOK, [alert("c")], PROOF)
    assert temporal.taken[-1] == ["c"]
    assert ["b"] not in temporal.taken


@pytest.mark.parametrize("error", [UndeliveredError("away"), RuntimeError("a fault of ours")])
async def test_whatever_goes_wrong_the_sender_comes_again(error: Exception) -> None:
    """Every one of those that went together is told, and the next is tried anew."""
    temporal = Temporal()
    temporal.error = error
    temporal.open.set()
    courier = Courier(temporal.take)
    answers = await asyncio.gather(
        *(courier.deliver(BOOK, [alert(key)], PROOF) for key in ("a", "b", "c")), return_exceptions=True
    )
    assert [type(answer) for answer in answers] == [UndeliveredError] * 3
    temporal.error = None
    await courier.deliver(BOOK, [alert("a")], PROOF)
    assert temporal.taken == [["a"]]


async def test_closing_gives_up_what_is_under_way() -> None:
    """The server ends though Temporal hangs."""
    temporal = Temporal()
    courier = Courier(temporal.take, patience=0.05)
    waiting = asyncio.create_task(courier.deliver(BOOK, [alert("a")], PROOF))
    await asyncio.sleep(0)
    await courier.close()
    with pytest.raises(UndeliveredError):
        await waiting
