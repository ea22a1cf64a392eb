"""`detect.valkey`: a server's role, offset and replicas."""

from activities.clients.valkey import connected
from activities.clients.valkey_state import described, read_state
from activities.contract import Job
from activities.observing import Detector, Sight
from runbooks.kinds import ValkeySettings


class DetectValkey(Detector[ValkeySettings]):
    """A server that answers is healthy; its values say the rest."""

    uses = "detect.valkey"
    permissions = ("+info +config|get +hmget, keys evac:*",)
    Settings = ValkeySettings

    async def _look(self, job: Job[ValkeySettings]) -> Sight:
        async with connected(job.settings, job.secrets) as server:
            state = await read_state(server, job.call.runbook)
        return Sight(good=True, reason=described(state), values=state.values.model_dump(mode="json"))
