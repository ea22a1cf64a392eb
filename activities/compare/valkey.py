"""`compare.valkey`: a replica holds the same keys, values and expiries as its primary."""

from contextlib import AsyncExitStack

from activities.acting import Look, View
from activities.clients.valkey import connected
from activities.clients.valkey_data import Key, databases, differing, keys, values
from activities.clients.valkey_follow import FollowerSettings, Wires, wired
from activities.contract import Job
from activities.errors import StepError
from activities.lifeline import poll
from runbooks.steps import ErrorType

_EVERY = 0.02
_LOOKS = 20
"""How often a key that is being written is looked at again."""
_MOST_NAMED = 20
_CAUGHT_UP_WITHIN = 5.0


class Comparison(View):
    """What was compared, and what differs."""

    upstream: str
    compared: int
    differing: int
    names: tuple[str, ...] = ()
    """The first of those that differ, as `database/key`."""


class CompareValkey(Look[FollowerSettings, Comparison]):
    """Reads every key on both sides, while they are in use. `proved=False` when some differ: it names them."""

    uses = "compare.valkey"
    permissions = ("+info +scan +dump +@read on both, every key",)
    Settings = FollowerSettings

    async def _observe(self, job: Job[FollowerSettings]) -> Comparison:
        async with AsyncExitStack() as stack:
            wires = await wired(job, stack)
            now = await wires.look(job)
            if now.why_apart:
                raise StepError(ErrorType.WRONG_STATE, f"{now.why_apart} There is nothing to compare.", now.evidence())
            numbers = sorted({*await databases(wires.upstream), *await databases(wires.standby)})
        compared, different = 0, []
        for number in numbers:
            count, found = await _database(job, number)
            compared += count
            different += [f"{number}/{key.decode(errors='backslashreplace')}" for key in found]
        return Comparison(
            upstream=job.settings.upstream.where,
            compared=compared,
            differing=len(different),
            names=tuple(different[:_MOST_NAMED]),
        )

    def _found(self, job: Job[FollowerSettings], seen: Comparison) -> str:
        del job
        if not seen.differing:
            return f"All {seen.compared} keys are the same as in {seen.upstream}."
        named = ", ".join(seen.names)
        return f"{seen.differing} of {seen.compared} keys differ from those in {seen.upstream}: {named}."

    def _proved(self, seen: Comparison) -> bool:
        return seen.differing == 0


async def _database(job: Job[FollowerSettings], number: int) -> tuple[int, list[Key]]:
    """How many keys one database has, on either side, and which of them differ. Raises StepError."""
    async with (
        connected(job.settings.upstream, job.secrets, number) as upstream,
        connected(job.settings, job.secrets, number) as standby,
    ):
        wires = Wires(standby, upstream)
        seen: set[Key] = set()
        suspects: set[Key] = set()
        for server in (upstream, standby):
            async for batch in keys(server):
                new = [key for key in dict.fromkeys(batch) if key not in seen]
                seen.update(new)
                suspects.update(await differing(upstream, standby, new))
        return len(seen), await _really(job, wires, sorted(suspects))


async def _really(job: Job[FollowerSettings], wires: Wires, suspects: list[Key]) -> list[Key]:
    """Those that differ at every look although the standby has applied what the upstream had just before it."""
    steady: list[Key] = []
    for _ in range(_LOOKS):
        if not suspects:
            return []
        first = await values(wires.upstream, suspects)
        await _caught_up(job, wires)
        theirs = await values(wires.standby, suspects)
        last = await values(wires.upstream, suspects)
        seen = list(zip(suspects, first, theirs, last, strict=True))
        suspects = [key for key, before, there, _ in seen if there != before]
        steady = [key for key, before, there, after in seen if there != before == after]
    return steady  # the others are being written just now, so often that no two looks can be compared


async def _caught_up(job: Job[FollowerSettings], wires: Wires) -> None:
    goal = (await wires.look(job)).upstream.values.position
    now, done = await poll(
        lambda: wires.look(job), lambda now: now.standby.values.position >= goal, every=_EVERY, within=_CAUGHT_UP_WITHIN
    )
    if not done:
        raise StepError(ErrorType.NOT_YET, f"The replica is {now.behind} bytes behind: compare later.", now.evidence())
