"""`detect.tcp`: does a port open?"""

import asyncio

from activities.clients.hosts import known
from activities.contract import Job
from activities.errors import StepError
from activities.observing import Detector, Sight
from runbooks.steps import ErrorType
from runbooks.values import Model, Port, Seconds


class TcpSettings(Model):
    """Where to connect; texts are filled in already."""

    host: str
    port: Port
    timeout: Seconds = 2.0


async def look_at_tcp(job: Job[TcpSettings]) -> Sight:
    """Connect, and hang up. Raises StepError."""
    settings = job.settings
    where = f"{settings.host}:{settings.port}"
    left = await known(settings.host, settings.timeout)
    try:
        async with asyncio.timeout(left):
            _, writer = await asyncio.open_connection(settings.host, settings.port)
    except TimeoutError:
        raise StepError(ErrorType.UNREACHABLE, f"{where} gave no answer within {settings.timeout:g} s.") from None
    except ConnectionRefusedError:
        raise StepError(ErrorType.UNREACHABLE, f"{where} refuses connections.") from None
    except OSError as error:
        words = error.strerror or type(error).__name__
        raise StepError(ErrorType.UNREACHABLE, f"{where} cannot be reached ({words}).") from None
    # Aborted, not closed: nothing was sent that should still arrive, and no socket is left waiting.
    writer.transport.abort()
    return Sight(good=True, reason=f"{where} accepts connections.")


class DetectTcp(Detector[TcpSettings]):
    """Healthy when the connection opens."""

    uses = "detect.tcp"
    permissions = ("a route to the port",)
    Settings = TcpSettings

    async def _look(self, job: Job[TcpSettings]) -> Sight:
        return await look_at_tcp(job)
