"""`verify.tcp`: a port opens."""

from activities.contract import Job
from activities.detect.tcp import TcpSettings, look_at_tcp
from activities.observing import Sight, Verifier


class VerifyTcp(Verifier[TcpSettings]):
    """As `detect.tcp`."""

    uses = "verify.tcp"
    permissions = ("a route to the port",)
    Settings = TcpSettings

    async def _look(self, job: Job[TcpSettings]) -> Sight:
        return await look_at_tcp(job)
