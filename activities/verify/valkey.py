"""`verify.valkey`: a key can be written, and read back on a new connection."""

from activities.clients.valkey import connected
from activities.clients.valkey_state import described, read_state
from activities.contract import Job
from activities.observing import Sight, Verifier
from runbooks.kinds import ValkeySettings
from runbooks.steps import StepResult

_KEPT_SECONDS = 86400


class VerifyValkey(Verifier[ValkeySettings]):
    """Writes the step's name to `evac:probe:<runbook>`."""

    uses = "verify.valkey"
    permissions = ("+set +get +info +config|get, keys evac:*",)
    Settings = ValkeySettings

    async def _look(self, job: Job[ValkeySettings]) -> Sight:
        key, value = f"evac:probe:{job.call.runbook}", f"{job.call.run} {job.call.step}".encode()
        async with connected(job.settings, job.secrets) as server:
            state = await read_state(server, job.call.runbook)
            if state.standby or state.values.read_only:
                return Sight(good=False, reason=f"Valkey at {server.where} takes no writes: {described(state)}")
            await server.ask("SET", key, value, "EX", _KEPT_SECONDS)
        async with connected(job.settings, job.secrets) as server:
            found = await server.ask("GET", key)
        good = found == value
        reason = "and read back on a new connection." if good else "but a new connection does not see it."
        return Sight(good=good, reason=f"A key was written at {job.settings.where} {reason}", values={"key": key})

    async def _check(self, job: Job[ValkeySettings]) -> StepResult:
        """Reads only."""
        async with connected(job.settings, job.secrets) as server:
            state = await read_state(server, job.call.runbook)
        ready = not state.standby and not state.values.read_only
        return StepResult(changed=False, proved=ready, reason=described(state))
