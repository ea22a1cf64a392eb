"""`verify.postgres`: a server accepts a connection and answers a query."""

from activities.contract import Job
from activities.detect.postgres import look_at_postgres
from activities.observing import Sight, Verifier
from runbooks.kinds import PostgresSettings


class VerifyPostgres(Verifier[PostgresSettings]):
    """As `detect.postgres`."""

    uses = "verify.postgres"
    permissions = ("LOGIN", "pg_read_all_stats: pg_stat_wal_receiver, pg_stat_replication", "pg_control_checkpoint()")
    Settings = PostgresSettings

    async def _look(self, job: Job[PostgresSettings]) -> Sight:
        return await look_at_postgres(job)
