"""`compare.postgres`: prove that a standby holds the same data as its upstream, table by table.

Both are read at the same moment (`clients/postgres_moment.py`), also while the application writes.
"""

from typing import ClassVar

from activities.acting import Look, View
from activities.clients.postgres import connected
from activities.clients.postgres_follow import read_standby, read_upstream
from activities.clients.postgres_moment import differing, same_moment
from activities.clients.postgres_pair import FollowerSettings
from activities.clients.postgres_tables import Digest
from activities.contract import Job
from runbooks.steps import StepResult

_NAMED = 5


class Comparison(View):
    """What was compared. `differences`: the tables that are not equal, each with both digests."""

    tables: int
    rows: int
    position: str
    writers_waited: float
    """Seconds for which the upstream's tables were locked."""
    differences: dict[str, tuple[Digest, Digest]] = {}


class ComparePostgres(Look[FollowerSettings, Comparison]):
    """Only looks; with `proved=False` when something differs: then a person decides."""

    uses = "compare.postgres"
    permissions: ClassVar[tuple[str, ...]] = (
        "SELECT on all tables of both servers (pg_read_all_data)",
        "upstream: UPDATE or MAINTAIN on all tables (LOCK TABLE ... IN SHARE MODE)",
    )
    Settings = FollowerSettings

    async def _observe(self, job: Job[FollowerSettings]) -> Comparison:
        async with same_moment(job.settings, job.secrets, job.allowed) as moment:
            rows, differences = await differing(job, moment)
            return Comparison(
                tables=len(moment.tables),
                rows=rows,
                position=moment.position,
                writers_waited=round(moment.held, 4),
                differences=differences,
            )

    def _found(self, job: Job[FollowerSettings], seen: Comparison) -> str:
        if seen.differences:
            named = ", ".join(list(seen.differences)[:_NAMED])
            more = len(seen.differences) - _NAMED
            others = f" and {more} more" if more > 0 else ""
            return f"It differs from its upstream at {seen.position} in {named}{others}: rebuild it before it is used."
        what = f"{seen.tables} tables with {seen.rows} rows"
        return f"{what} are the same in {job.call.region} as on its upstream, at {seen.position}."

    def _proved(self, seen: Comparison) -> bool:
        return not seen.differences

    async def _check(self, job: Job[FollowerSettings]) -> StepResult:
        """Both answer in their roles; the comparison itself would read everything."""
        async with connected(job.settings.upstream, job.secrets) as upstream:
            await read_upstream(upstream)
        async with connected(job.settings, job.secrets) as standby:
            here = await read_standby(standby)
        return StepResult(changed=False, reason="Both could be compared now.", before=here.evidence())
