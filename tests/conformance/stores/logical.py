"""Databases of logical replication, before a failover and after it: a new one whenever the last is not as it was."""

from typing import Any, Literal

from lab.topology import Lab
from tests.activities.calls import EPOCH, perform
from tests.conformance.bent import Way, Ways
from tests.conformance.wires import Postgres
from tests.postgres_logical.world import AWAY, HOME, Twins, new_twins

Name = Literal["home", "away"]
OLDER = EPOCH - 2
"""The decision of the failover that was before."""

_LOOK = """
SELECT (SELECT json_object_agg(rolname, rolcanlogin) FROM pg_roles WHERE rolname = current_database() || '_app'),
       (SELECT json_object_agg(subname, subenabled) FROM pg_subscription WHERE subname = current_database()),
       (SELECT json_agg(srsubstate) FROM pg_subscription_rel), (SELECT json_agg(pubname) FROM pg_publication),
       (SELECT json_agg(slot_name) FROM pg_replication_slots WHERE slot_name = current_database()),
       (SELECT json_agg(w ORDER BY id) FROM written w), (SELECT json_agg(last_value) FROM pg_sequences)
"""
_NOTE = "SELECT obj_description(to_regnamespace('evac'), 'pg_namespace')"


class Logical:
    """`home`: the writer is in HOME, AWAY follows. `away`: HOME was fenced, and AWAY promoted without its knowledge."""

    def __init__(self, lab: Lab, ways: Ways) -> None:
        self.ways: dict[str, Way] = {
            region.name: ways.to(region.address, region.postgres_port, Postgres) for region in lab.regions
        }
        self._lab = lab
        self._last: dict[Name, tuple[Twins, Any]] = {}

    async def at(self, name: Name) -> Twins:
        """A database that is so."""
        if name in self._last:
            twins, as_made = self._last[name]
            if await self.look(twins) == as_made:
                return twins
            await twins.retire()
        twins = new_twins(self._lab)
        await twins.create()
        if name == "away":
            await perform("fence.postgres_logical", twins.settings(HOME), epoch=OLDER, within=20)
            await perform("promote.postgres_logical", twins.settings(AWAY), epoch=OLDER, within=20)
        self._last[name] = twins, await self.look(twins)
        return twins

    async def look(self, twins: Twins, *, notes: bool = True) -> Any:
        """What both are; with or without the decisions that they keep."""
        seen = [await twins.ask(region, _LOOK) for region in (HOME, AWAY)]
        return seen, [await twins.ask(region, _NOTE) for region in (HOME, AWAY)] if notes else None
