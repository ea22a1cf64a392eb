"""`compare.postgres_logical`: prove that a subscriber holds the same rows as its upstream, and can take its place.

Both are read at the same moment, also while applications write. What is not copied at all is looked for besides: tables
that are left out, and columns that a sequence feeds on one side only.
"""

from activities.acting import Look, View
from activities.clients.postgres import Server
from activities.clients.postgres_logical import named
from activities.clients.postgres_logical_gap import open_pair, read_gap
from activities.clients.postgres_logical_moment import same_moment
from activities.clients.postgres_logical_pair import FollowerSettings
from activities.clients.postgres_logical_sequences import read_sequences, unfed
from activities.clients.postgres_logical_shape import faults, read_shapes
from activities.clients.postgres_moment import differing
from activities.clients.postgres_tables import Digest
from activities.contract import Job
from runbooks.steps import StepResult


class Comparison(View):
    """What was compared. `differences`: the tables that are not equal, each with both digests, its own first."""

    tables: int
    rows: int
    position: str
    writers_waited: float
    """Seconds for which the upstream's tables were locked."""
    differences: dict[str, tuple[Digest, Digest]] = {}
    faults: tuple[str, ...] = ()
    """What is not as it must be besides, a sentence each."""


class ComparePostgresLogical(Look[FollowerSettings, Comparison]):
    """Only looks; with `proved=False` when something differs: then a person decides."""

    uses = "compare.postgres_logical"
    permissions = (
        "SELECT on all tables of both servers (pg_read_all_data)",
        "upstream: UPDATE or MAINTAIN on all tables (LOCK TABLE ... IN SHARE MODE)",
        "upstream: EXECUTE on pg_logical_emit_message()",
    )
    Settings = FollowerSettings

    async def _observe(self, job: Job[FollowerSettings]) -> Comparison:
        standby, upstream = await open_pair(job, job.settings.upstream)
        async with same_moment(job) as moment:
            rows, differences = await differing(job, moment)
            return Comparison(
                tables=len(moment.tables),
                rows=rows,
                position=moment.position,
                writers_waited=round(moment.held, 4),
                differences=differences,
                faults=await _besides(job, standby, upstream),
            )

    def _found(self, job: Job[FollowerSettings], seen: Comparison) -> str:
        if seen.differences:
            tables = named(tuple(seen.differences))
            differ = f"It differs from its upstream at {seen.position} in {tables}: rebuild it before it is used."
            return " ".join((differ, *seen.faults))
        what = f"{seen.tables} tables with {seen.rows} rows"
        same = f"{what} are the same in {job.call.region} as on its upstream, at {seen.position}."
        return " ".join((same, *seen.faults))

    def _proved(self, seen: Comparison) -> bool:
        return not seen.differences and not seen.faults

    async def _check(self, job: Job[FollowerSettings]) -> StepResult:
        """Both answer in their roles; the comparison itself would read everything."""
        standby, upstream = await open_pair(job, job.settings.upstream)
        gap = await read_gap(standby, upstream, job, job.settings.upstream, exact=False)
        found = await _besides(job, standby, upstream)
        reason = " ".join(found) or "Both could be compared now."
        return StepResult(changed=False, proved=not found, reason=reason, before=gap.evidence())


async def _besides(job: Job[FollowerSettings], standby: Server, upstream: Server) -> tuple[str, ...]:
    """What a comparison of rows does not see. Raises StepError."""
    found = await faults(standby, upstream, job.settings, job.settings.upstream)
    copied = {title for title, one in (await read_shapes(upstream, job.settings.upstream)).items() if one.published}
    lacking = unfed(await read_sequences(standby, copied), await read_sequences(upstream, copied))
    return (*found, *((f"No sequence feeds {named(lacking)} here, as on its upstream.",) if lacking else ()))
