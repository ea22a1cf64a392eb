"""`verify.http`: a URL answers as it should."""

from activities.contract import Job
from activities.detect.http import HttpSettings, look_at_http
from activities.observing import Sight, Verifier


class VerifyHttp(Verifier[HttpSettings]):
    """As `detect.http`."""

    uses = "verify.http"
    permissions = ("a route to the URL",)
    Settings = HttpSettings

    async def _look(self, job: Job[HttpSettings]) -> Sight:
        return await look_at_http(job)
