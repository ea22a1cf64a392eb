"""`detect.http`: does a URL answer as it should?"""

import time

from activities.clients.dns import Resolver
from activities.clients.http import ask
from activities.contract import Job
from activities.observing import Detector, Sight
from runbooks.values import Model, Seconds


class HttpSettings(Model):
    """What to get and what to expect; texts are filled in already."""

    url: str
    status: int = 200
    contains: str | None = None
    timeout: Seconds = 2.0
    resolver: Resolver | None = None
    """Ask these name servers for the URL's host, instead of the system's resolver and its memory."""


async def look_at_http(job: Job[HttpSettings]) -> Sight:
    """One GET. Raises StepError when there is no answer."""
    settings = job.settings
    began = time.perf_counter()
    response = await ask("GET", settings.url, within=settings.timeout, resolver=settings.resolver)
    values = {"status": response.status_code, "seconds": round(time.perf_counter() - began, 4)}
    if response.status_code != settings.status:
        reason = f"{settings.url} answers HTTP {response.status_code}, not {settings.status}."
        return Sight(good=False, reason=reason, values={**values})
    if settings.contains is not None and settings.contains not in response.text:
        reason = f"{settings.url} answers without {settings.contains!r} in its text."
        return Sight(good=False, reason=reason, values={**values})
    return Sight(good=True, reason=f"{settings.url} answers as it should.", values={**values})


class DetectHttp(Detector[HttpSettings]):
    """Healthy when status and text are the expected ones."""

    uses = "detect.http"
    permissions = ("a route to the URL",)
    Settings = HttpSettings

    async def _look(self, job: Job[HttpSettings]) -> Sight:
        return await look_at_http(job)
