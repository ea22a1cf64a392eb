"""`promote.postgres`: make a PostgreSQL standby the primary, able to commit.

Measured on 18.6, primary killed 0 to 5 s before: 29-42 ms, of which about 30 ms are the server's own work
between "received promote request" and "ready". One single request can be noticed as late as
`wal_retrieve_retry_interval` (5 s), when it comes just before the standby goes to sleep; repeating it makes
that impossible, and `pg_promote(wait => true)` itself looks only every 100 ms.
"""

from dataclasses import dataclass

from pydantic import JsonValue

from activities.acting import Act
from activities.clients.postgres import Server, connected
from activities.clients.postgres_epoch import keep_epoch, refuse_stale
from activities.clients.postgres_follow import has_everything
from activities.clients.postgres_pair import PromoteSettings
from activities.clients.postgres_recovery import end_recovery
from activities.clients.postgres_state import read_state
from activities.clients.postgres_synchrony import NAMES, override, standbys_needed
from activities.contract import Job
from runbooks.facts import DataValues

_SYNCHRONY = """
SELECT current_setting('synchronous_standby_names') AS names,
       coalesce(has_table_privilege(to_regclass('evac.epoch'), 'INSERT, UPDATE'),
                has_database_privilege(current_database(), 'CREATE')) AS keeps,
       (SELECT count(*) FROM pg_stat_replication
        WHERE state = 'streaming' AND sync_state IN ('sync', 'quorum'))::int AS present
"""


@dataclass(frozen=True)
class Candidate:
    """A server that is to take writes, on an open connection.

    `hangs` = commits would wait for absent standbys; `keeps` = we may keep the decision in its database.
    """

    server: Server
    values: DataValues
    names: str
    hangs: bool
    keeps: bool

    def evidence(self) -> dict[str, JsonValue]:
        """The values, and which standbys a commit waits for."""
        return {**self.values.model_dump(mode="json"), "synchronous_standby_names": self.names}


class PromotePostgres(Act[PromoteSettings, Candidate]):
    """Ends recovery, and removes inherited settings that would keep the new primary from committing.

    With an `upstream` (nothing may be lost) that answers, it is seen once more to take no writes, and to have nothing
    that this standby lacks. The decision is kept in the database: an older one is refused from then on.
    """

    uses = "promote.postgres"
    permissions = (
        "EXECUTE on pg_promote() and pg_reload_conf()",
        "ALTER SYSTEM on synchronous_standby_names and default_transaction_read_only (SUPERUSER has all of these)",
        "pg_read_all_stats: pg_stat_replication, pg_stat_wal_receiver",
        "CREATE on the database (evac.epoch; without it the decision is not kept there)",
    )
    Settings = PromoteSettings

    async def _observe(self, job: Job[PromoteSettings]) -> Candidate:
        server = await job.stack.enter_async_context(connected(job.settings, job.secrets))
        seen = await _look(server, job.call.runbook)
        refuse_stale(server.where, seen.values.epoch, job.call)
        return seen

    async def _observe_after(self, job: Job[PromoteSettings], seen: Candidate) -> Candidate:
        return await _look(seen.server, job.call.runbook)

    def _settled(self, job: Job[PromoteSettings], seen: Candidate) -> str | None:
        if seen.values.role == "standby" or seen.hangs or seen.values.read_only:
            return None
        if seen.keeps and seen.values.epoch != job.call.epoch:
            return None
        return f"It is primary already, on timeline {seen.values.timeline}."

    async def _act(self, job: Job[PromoteSettings], seen: Candidate) -> str:
        done = []
        if seen.values.role == "standby":
            if job.settings.upstream is not None:
                done.append(await has_everything(seen.server, job.settings.upstream, job.secrets))
            await end_recovery(seen.server, job.allowed)
            done.append("recovery was ended")
        now = await _look(seen.server, job.call.runbook)
        if now.hangs:
            await override(seen.server, NAMES, "")
            done.append(f"synchronous_standby_names ({now.names}) was cleared, since no such standby streams from here")
        if now.values.read_only:
            await override(seen.server, "default_transaction_read_only", "off")
            done.append("the inherited default_transaction_read_only was turned off")
        if await keep_epoch(seen.server, job.call):
            done.append(f"decision {job.call.epoch} is kept in its database")
        return f"It takes writes on timeline {now.values.timeline}: {'; '.join(done)}."


async def _look(server: Server, runbook: str) -> Candidate:
    values = await read_state(server, runbook)
    synchrony = await server.row(_SYNCHRONY)
    hangs = values.role == "primary" and synchrony["present"] < standbys_needed(synchrony["names"])
    return Candidate(server, values, synchrony["names"], hangs, synchrony["keeps"])
