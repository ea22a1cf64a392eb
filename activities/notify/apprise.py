"""`notify.apprise`: one sentence to Teams, by e-mail, to PagerDuty, a webhook, or what else apprise knows."""

from activities.acting import Act, View
from activities.clients.apprise import Service
from activities.clients.marker import MarkerFile
from activities.contract import Job
from runbooks.notices import AppriseNotice, Sentence


class AppriseSettings(AppriseNotice, Sentence):
    """Where, and what to say."""


class Sent(View):
    """Whether this worker has sent it, and by what."""

    service: str
    sent: bool


class NotifyApprise(Act[AppriseSettings, Sent]):
    """Sends each run's step once, as far as this worker knows: such a channel cannot be asked what it holds.

    A marker file in the worker's home says that it was sent. When the worker dies between the sending and the
    marker, or another worker without that home goes on, it is sent again: the text ends in `[run/step]`, so that
    a repetition is seen to be one.
    """

    uses = "notify.apprise"
    permissions = ("whatever the apprise URL holds",)
    Settings = AppriseSettings

    async def _observe(self, job: Job[AppriseSettings]) -> Sent:
        marker = self._file(job).read()
        return Sent(service=self._service(job).name, sent=marker is not None and marker.done)

    def _settled(self, job: Job[AppriseSettings], seen: Sent) -> str | None:
        del job
        return f"It was sent by {seen.service} before." if seen.sent else None

    async def _act(self, job: Job[AppriseSettings], seen: Sent) -> str:
        file, call = self._file(job), job.call
        file.begin(safe=True)  # told twice is better than not at all
        text = f"{job.settings.text}\n[{call.run[:13]}/{call.step}]"
        await self._service(job).send(f"Evac: {call.runbook}", text, job.allowed)
        file.end(0, "")
        return f"It was sent by {seen.service}."

    def _service(self, job: Job[AppriseSettings]) -> Service:
        return Service(job.secrets.reveal(job.settings.url), job.settings.url)

    def _file(self, job: Job[AppriseSettings]) -> MarkerFile:
        return MarkerFile(self.home, job.call.run, job.call.step)
