"""How a former primary is emptied and made a subscriber of its successor."""

from dataclasses import dataclass

from psycopg import sql
from pydantic import JsonValue

from activities.clients.postgres import Server
from activities.clients.postgres_logical import LogicalState, named
from activities.clients.postgres_logical_note import Note, at_once, keep_note
from activities.clients.postgres_logical_pair import FollowerSettings, identity
from activities.clients.postgres_logical_shape import Shape, read_shapes, stoppers
from activities.clients.postgres_logical_slots import Slot, drop_slot, free_slot, read_slots
from activities.clients.postgres_logical_subscription import subscribe, unsubscribe
from activities.contract import Job
from activities.errors import StepError
from runbooks.postgres_logical import PostgresLogicalSettings
from runbooks.steps import ErrorType


def is_equal(here: LogicalState, there: LogicalState, settings: PostgresLogicalSettings) -> bool:
    """Both had the same rows when the other one became the primary, and nobody was let in here since."""
    by = there.note.equal_by
    kept_out = here.shut and here.note.fenced == by and here.note.lifted != by
    return by is not None and kept_out and there.note.equal == identity(settings)


@dataclass(frozen=True)
class Rejoining:
    """The database that is to follow, and its slot at the upstream, on open connections."""

    server: Server
    upstream: Server
    here: LogicalState
    there: LogicalState
    slot: Slot | None
    follows: str
    """Whom it is to follow, as the note says it."""

    @property
    def stands(self) -> bool:
        """Its subscription is to that upstream, and can go on."""
        here, slot = self.here, self.slot
        if not (here.follows and here.enabled) or slot is None or slot.lost:
            return False
        return here.note.follows == self.follows or (here.note.follows is None and slot.active)

    @property
    def streaming(self) -> bool:
        """Both ends say so."""
        return self.stands and self.here.streaming and self.slot is not None and self.slot.active

    def sound(self, epoch: int) -> bool:
        """It is to be left as it is: it was made by this decision, or is at work without any failure."""
        here = self.here
        return self.stands and (here.note.epoch == epoch or (here.working and not here.apply_errors + here.sync_errors))

    def evidence(self) -> dict[str, JsonValue]:
        """What each said."""
        slot = None if self.slot is None else self.slot.evidence()
        return {"own": self.here.evidence(), "upstream": self.there.evidence(), "slot": slot}


async def go_on(job: Job[FollowerSettings], seen: Rejoining) -> bool:
    """Follow from where both had the same rows, without a copy; False where that cannot be. Raises StepError.

    Within `deciding`; in one transaction, after which the same can never be done again.
    """
    equal = is_equal(seen.here, seen.there, job.settings) and not seen.here.follows
    if not equal or seen.slot is None or seen.slot.active or seen.slot.lost:
        return False
    await _copied(job, seen)
    await _nobody_follows(seen.server)
    async with at_once(seen.server):
        await subscribe(job, seen.server, seen.here.version, copy=False)
        await keep_note(seen.server, job.call, _follower(seen))
    return True


def _follower(seen: Rejoining) -> Note:
    """To undo its fence would now let writers into a database that follows, or is empty."""
    undecided = {"follows": seen.follows, "promoting": None, "fenced": None, "took": ()}
    return seen.here.note.model_copy(update=undecided)


async def rejoin(job: Job[FollowerSettings], seen: Rejoining) -> int:
    """Empty the tables that the upstream offers, and follow it; how many these are. Raises StepError.

    Within `deciding`. Killed before the subscription is there, it is begun anew: the tables are empty, or are to be.
    """
    settings, above = job.settings, job.settings.upstream
    copied = await _copied(job, seen)
    await _nobody_follows(seen.server)
    async with at_once(seen.server):
        if seen.here.follows:
            await unsubscribe(seen.server, settings)
        names = sql.SQL(", ").join(one.identifier for one in copied)
        await seen.server.rows("SET LOCAL lock_timeout = '20s'")  # somebody may read them for hours
        await seen.server.rows(sql.SQL("TRUNCATE {}").format(names), within=job.allowed)
        await keep_note(seen.server, job.call, _follower(seen))
    await drop_slot(seen.server, above.subscription)
    await free_slot(seen.upstream, settings.subscription)
    await subscribe(job, seen.server, seen.here.version, copy=True)
    return len(copied)


async def _copied(job: Job[FollowerSettings], seen: Rejoining) -> list[Shape]:
    """What the upstream publishes, and can be taken here. Raises StepError."""
    here = await read_shapes(seen.server, job.settings)
    there = await read_shapes(seen.upstream, job.settings.upstream)
    copied = [one for one in there.values() if one.published]
    if not copied:
        sentence = f"{seen.upstream.where} publishes no table by {job.settings.upstream.publication}: make it there."
        raise StepError(ErrorType.WRONG_STATE, sentence)
    if stops := stoppers(copied, here):
        raise StepError(ErrorType.WRONG_STATE, f"{seen.server.where} cannot follow. {' '.join(stops)}")
    return copied


async def _nobody_follows(server: Server) -> None:
    """Whoever still does would be emptied, too. Raises StepError."""
    readers = tuple(slot.name for slot in (await read_slots(server)).values() if slot.active)
    if readers:
        sentence = f"{server.where} is still followed, by {named(readers)}: it is emptied when nobody follows any more."
        raise StepError(ErrorType.NOT_YET, sentence)
