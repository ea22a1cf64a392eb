"""PostgreSQL 18, and what its regions' database agents do: copies aside, and a former primary after a failover."""

from typing import Any

from lab.disk import scratch_of
from tests.activities.calls import ACTIVE, STANDBY, perform
from tests.activities.machines import machine
from tests.conformance.specimen import Settings
from tests.conformance.specimens.lab_postgres import OnPair
from tests.conformance.stores.databases import OLDER
from tests.lab.machine import ask, processes_of


class _Aside(OnPair):
    within = 60.0

    async def effect(self) -> Any:
        """And what is left of the copy aside."""
        scratch = scratch_of(self.databases.lab.pgdata(self.region)).parent
        return await super().effect(), scratch.exists(), processes_of(scratch)


class RestorePostgres(_Aside):
    """The newest backup, in the standby's region."""

    uses = "restore.postgres"

    async def stand(self) -> Settings:
        """With a question for it."""
        queries = [{"sql": "SELECT count(*) FROM passages", "at_least": 3}]
        return {**await super().stand(), "queries": queries}

    async def absent(self, settings: Settings) -> Settings:
        """An agent that knows of no backups."""
        return {**settings, "agent": f"{settings['agent']}/nowhere"}

    async def spoil(self, settings: Settings) -> Settings:
        """There is none."""
        self.databases.hide_backups()
        return settings


class RehearsePostgres(_Aside):
    """A copy of the standby."""

    uses = "rehearse.postgres"

    async def spoil(self, settings: Settings) -> Settings:
        """There is only a primary."""
        del settings
        return self.settings(ACTIVE)


class _Former(OnPair):
    """The former primary, fenced, and its successor."""

    start = "away"
    region = ACTIVE
    upstream = STANDBY

    async def spoil(self, settings: Settings) -> Settings:
        """It takes writes again, since its fence was undone."""
        await perform("fence.postgres.undo", machine(self.databases.lab, ACTIVE), epoch=OLDER, within=self.within)
        return settings


class SalvagePostgres(_Former):
    """It has nothing that its successor has not."""

    uses = "salvage.postgres"

    async def effect(self) -> Any:
        """And the file of what was found."""
        found = [path.read_text() for path in sorted((self.home / "orphans").rglob("*")) if path.is_file()]
        return await super().effect(), found


class ReseedPostgres(_Former):
    """It becomes a standby of its successor."""

    uses = "reseed.postgres"
    within = 60.0
    lost = "PUT /database"

    async def stand(self) -> Settings:
        """It has committed something that nobody else has."""
        settings = await super().stand()
        await ask(self.databases.lab, self.region, "BEGIN READ WRITE; INSERT INTO written VALUES (55); COMMIT")
        return settings
