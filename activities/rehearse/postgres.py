"""`rehearse.postgres`: promote a copy of the standby aside, write a row in it, read it back, and remove it.

The same code promotes it as in a real failover. Nobody's traffic and nobody's primary is touched.
"""

import time

from pydantic import JsonValue

from activities.clients.postgres import connected
from activities.clients.postgres_recovery import end_recovery
from activities.clients.postgres_scratch import copied
from activities.clients.postgres_state import read_state
from activities.contract import Job, Technology
from activities.errors import StepError
from runbooks.kinds import PostgresSettings
from runbooks.steps import ErrorType, StepResult

_WRITE = """
CREATE SCHEMA IF NOT EXISTS evac;
CREATE TABLE evac.rehearsal AS SELECT current_timestamp AS at
"""


class RehearsePostgres(Technology[PostgresSettings]):
    """Leaves nothing behind; says how long each part took."""

    uses = "rehearse.postgres"
    permissions = ("database agent: GET, PUT and DELETE /scratch", "as promote.postgres, on the copy")
    Settings = PostgresSettings

    async def _run(self, job: Job[PostgresSettings]) -> StepResult:
        began = time.monotonic()
        async with connected(job.settings, job.secrets) as server:
            here = await read_state(server)
        if here.role != "standby":
            where = f"{job.settings.host}:{job.settings.port}"
            raise StepError(ErrorType.WRONG_STATE, f"{where} is no standby: there is no promotion to rehearse.")
        async with copied(job, "standby") as settings:
            copied_at = time.monotonic()
            async with connected(settings, job.secrets) as copy:
                await end_recovery(copy, job.allowed)
                promoted_at = time.monotonic()
                await copy.rows("SET default_transaction_read_only = off")
                await copy.rows(_WRITE)
            async with connected(settings, job.secrets) as copy:
                written = await copy.rows("SELECT at FROM evac.rehearsal")
                timeline = (await read_state(copy)).timeline
            written_at = time.monotonic()
        seconds: dict[str, JsonValue] = {
            "copied": round(copied_at - began, 3),
            "promoted": round(promoted_at - copied_at, 3),
            "written": round(written_at - promoted_at, 3),
        }
        reason = (
            f"A copy of the standby was promoted to timeline {timeline} in {seconds['promoted']} s, took a row "
            "that was read back on a new connection, and was removed."
        )
        after: dict[str, JsonValue] = {"timeline": timeline, "position": here.position, "seconds": seconds}
        return StepResult(changed=False, proved=len(written) == 1, reason=reason, before=here.model_dump(), after=after)

    async def _check(self, job: Job[PostgresSettings]) -> StepResult:
        """Is it a standby that could be copied?"""
        async with connected(job.settings, job.secrets) as server:
            here = await read_state(server)
        ready = here.role == "standby" and job.settings.agent is not None
        reason = (
            "Its promotion could be rehearsed now." if ready else "It is no standby with an agent that could copy it."
        )
        return StepResult(changed=False, proved=ready, reason=reason, before=here.model_dump())
