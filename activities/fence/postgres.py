"""`fence.postgres`: no more writes on the old primary, proved: by SQL when it answers, else by its power."""

from activities.clients.postgres import connected
from activities.clients.postgres_fence import FenceState, read_fence, write_fence
from activities.contract import Job
from activities.fencing import POWER_PERMISSION, Fence
from runbooks.kinds import PostgresSettings


class FencePostgres(Fence[PostgresSettings, FenceState]):
    """Fences by SQL or by power. Without either it answers `proved=False`: a person or a policy decides."""

    uses = "fence.postgres"
    permissions = ("SUPERUSER (writes pg_hba.conf, ALTER SYSTEM, pg_terminate_backend)", POWER_PERMISSION)
    Settings = PostgresSettings
    by = "SQL"

    async def _read(self, job: Job[PostgresSettings]) -> FenceState:
        async with connected(job.settings, job.secrets) as server:
            return await read_fence(server)

    async def _write(self, job: Job[PostgresSettings]) -> str:
        return await write_fence(lambda: connected(job.settings, job.secrets), job.call.epoch)

    def _unable(self, job: Job[PostgresSettings]) -> str:
        return f"{job.settings.user} is no superuser, so it cannot fence: grant it, or set `power`."
