"""`fence.azure_postgres`: the old primary takes no more writes, and no session is left from when it did.

Azure promotes a replica only while its primary is Ready, so a primary that is left is not stopped. Firewall rules take
minutes, and end nothing that is open. What remains is the parameter `default_transaction_read_only`, and a restart
behind it. A client that says READ WRITE by itself is not kept out: Azure lets nobody write `pg_hba.conf`.

A promotion that swaps the roles makes a replica of it, which takes no writes whoever asks. With `standalone` nothing
does: then there is no proof, and a person or a policy decides.

https://learn.microsoft.com/azure/postgresql/read-replica/concepts-read-replicas-promote (server states)
https://learn.microsoft.com/azure/postgresql/parameters/concepts-parameters (dynamic parameters)
"""

import time
from dataclasses import dataclass
from typing import ClassVar

from pydantic import JsonValue

from activities.acting import Act
from activities.azure import OnAzure
from activities.clients import azure_locks as locks
from activities.clients.azure import azure
from activities.clients.azure_postgres import (
    FENCED_AT_TAG,
    LOOKS,
    READY,
    WRITES,
    Server,
    lift_fence,
    note,
    note_fence,
    read_server,
    restart,
    resume_changes,
    set_parameter,
)
from activities.contract import Job
from activities.errors import StepError
from activities.fencing import lifts
from activities.lagging import moment_of_fence
from activities.settling import until
from activities.stale import refuse_stale
from runbooks.azure.databases import AzurePostgresSettings
from runbooks.steps import ErrorType, StepResult

_SILENT = frozenset({ErrorType.UNREACHABLE, ErrorType.TIMED_OUT})


@dataclass(frozen=True)
class Suspect:
    """The server being left, or why nothing can be seen of it."""

    seen: Server | StepError
    standalone: bool = False
    """The promotion will not make a replica of it."""

    @property
    def proved(self) -> bool:
        """Whoever asks for writes is refused, now or from the promotion on."""
        seen = self.seen
        if isinstance(seen, StepError) or self.why_fenced is None:
            return False
        return not self.standalone or seen.role == "standby" or seen.status == "Stopped"

    @property
    def why_fenced(self) -> str | None:
        """The sentence why it can take no writes, or None."""
        seen = self.seen
        if isinstance(seen, StepError):
            return None
        if seen.role == "standby":
            return f"{seen.name} is a replica: it takes no writes."
        if seen.status == "Stopped":
            return f"{seen.name} is stopped: Azure may start it again after seven days."
        return f"{seen.name} is fenced: its transactions are read-only{self.but}." if seen.fenced else None

    @property
    def but(self) -> str:
        """What the fence cannot do, where nothing else does."""
        return ", but for a client that asks for READ WRITE itself" if self.standalone else ""

    def evidence(self) -> dict[str, JsonValue]:
        """What Azure said."""
        if isinstance(self.seen, StepError):
            return {"silence": self.seen.sentence}
        return {**self.seen.evidence(), "fenced": self.why_fenced is not None}


class FenceAzurePostgres(OnAzure, Act[AzurePostgresSettings, Suspect]):
    """Makes transactions read-only and restarts the server; undone, the parameter is as it was.

    A region whose control plane is silent is answered `proved=False`: a person or a policy decides.
    """

    uses = "fence.azure_postgres"
    permissions = (
        locks.READS,
        *LOOKS,
        *WRITES,
        "Microsoft.DBforPostgreSQL/flexibleServers/restart/action",
        "Microsoft.DBforPostgreSQL/locations/operationResults/read",
    )
    Settings = AzurePostgresSettings
    undoable = True
    every: ClassVar[float] = 1.0

    @classmethod
    def scopes(cls, settings: AzurePostgresSettings) -> tuple[str, ...]:
        """The server."""
        return (settings.server_id,)

    async def _observe(self, job: Job[AzurePostgresSettings]) -> Suspect:
        try:
            seen = await read_server(azure(job), job.settings)
        except StepError as error:
            if error.kind not in _SILENT:
                raise
            return Suspect(error)
        refuse_stale(job, seen.epoch, f"{seen.name} in {job.call.region}")
        if seen.role == "primary" and not seen.passing and seen.status != "Stopped":
            sentence = f"{seen.name} is {seen.status}: Azure changes nothing of it now; look at it."
            return Suspect(StepError(ErrorType.WRONG_STATE, sentence, seen.evidence()))
        return Suspect(seen, job.settings.standalone)

    def _settled(self, job: Job[AzurePostgresSettings], seen: Suspect) -> str | None:
        now = seen.seen
        if isinstance(now, StepError):
            return f"It could not be fenced in {job.call.region}, and may still take writes. {now.sentence}"
        known = now.role == "standby" or not now.passing or now.epoch == job.call.epoch
        return seen.why_fenced if known else None

    def _proved(self, seen: Suspect) -> bool:
        return seen.proved

    async def _check(self, job: Job[AzurePostgresSettings]) -> StepResult:
        seen = await self._observe(job)
        if isinstance(seen.seen, StepError):
            reason, ready = self._settled(job, seen) or "", False
        else:
            await locks.refuse_locked(azure(job), job.settings.server_id)
            reason, ready = seen.why_fenced or "It could be fenced by its parameters and a restart.", True
        return StepResult(changed=False, proved=ready, reason=reason, before=seen.evidence())

    async def _act(self, job: Job[AzurePostgresSettings], seen: Suspect) -> str:
        there, settings = azure(job), job.settings
        await resume_changes(there, settings)
        await locks.refuse_locked(there, settings.server_id)
        now = await self._until_ready(job)
        await note_fence(job, there, settings, now)
        now = await self._until_ready(job)
        if now.parameter != "on":
            await set_parameter(there, settings, "on")
            now = await self._until_ready(job)
        if now.fenced_at is None:
            await restart(there, settings)
            now = await self._until_ready(job)
            await note(there, settings, now, {FENCED_AT_TAG: str(moment_of_fence(time.time()))})
        return f"{now.name} is fenced: its transactions are read-only{seen.but}, and it was restarted behind that."

    async def _undo(self, job: Job[AzurePostgresSettings], before: dict[str, JsonValue]) -> StepResult:
        del before  # its own tags say what it had
        seen = await self._observe(job)
        now = seen.seen
        if isinstance(now, StepError):
            raise now
        if now.fence_of is None or not lifts(job, now.epoch, now.fenced_by):
            reason = "It has no fence of this decision."
            return self._result(job, seen, seen, reason, changed=False).model_copy(update={"proved": True})
        await resume_changes(azure(job), job.settings)
        await lift_fence(azure(job), job.settings, await self._until_ready(job))
        after = await self._observe(job)
        reason = f"{now.name} takes writes again: its parameter is as it was."
        return self._result(job, seen, after, reason, changed=True).model_copy(update={"proved": True})

    async def _until_ready(self, job: Job[AzurePostgresSettings]) -> Server:
        async def look() -> Server:
            now = await read_server(azure(job), job.settings)
            refuse_stale(job, now.epoch, f"{now.name} in {job.call.region}")
            return now

        return await until(job, look, lambda now: now.status == READY, every=self.every, wanted=READY)
