"""`detect.postgres`: a server's role, position, lag and standbys."""

from activities.clients.postgres import connected
from activities.clients.postgres_state import described, read_state
from activities.contract import Job
from activities.observing import Detector, Sight
from runbooks.kinds import PostgresSettings


async def look_at_postgres(job: Job[PostgresSettings]) -> Sight:
    """Connect and ask. Raises StepError."""
    async with connected(job.settings, job.secrets) as server:
        values = await read_state(server, job.call.runbook)
    return Sight(good=True, reason=described(values), values=values.model_dump(mode="json"))


class DetectPostgres(Detector[PostgresSettings]):
    """A server that answers a query is healthy; its values say the rest."""

    uses = "detect.postgres"
    permissions = ("LOGIN", "pg_read_all_stats: pg_stat_wal_receiver, pg_stat_replication", "pg_control_checkpoint()")
    Settings = PostgresSettings

    async def _look(self, job: Job[PostgresSettings]) -> Sight:
        return await look_at_postgres(job)
