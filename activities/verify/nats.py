"""`verify.nats`: a message is published to the stream, and read back."""

import json

from activities.clients.nats import Jet, connected
from activities.clients.nats_publish import tries_to_publish
from activities.clients.nats_stream import StreamState, read_stream
from activities.contract import Job
from activities.errors import StepError
from activities.observing import Sight, Verifier
from runbooks.kinds import NatsSettings
from runbooks.steps import StepResult


class VerifyNats(Verifier[NatsSettings]):
    """Publishes one message a step to the `probe` subject; without one, a message that the stream must refuse."""

    uses = "verify.nats"
    permissions = ("publish to the stream's subjects", "$JS.API.STREAM.INFO and MSG.GET of the stream")
    Settings = NatsSettings

    async def _look(self, job: Job[NatsSettings]) -> Sight:
        async with connected(job.settings, job.secrets) as jet:
            state = await read_stream(jet, job.settings)
            if why_not := _why_not(state, jet.where):
                return Sight(good=False, reason=why_not)
            if not job.settings.probe:
                return await _without_a_trace(jet, job.settings)
            return await _published(jet, job)

    async def _check(self, job: Job[NatsSettings]) -> StepResult:
        """Publishes nothing: on a schedule that would fill the stream."""
        async with connected(job.settings, job.secrets) as jet:
            why_not = _why_not(await read_stream(jet, job.settings), jet.where)
        return StepResult(changed=False, proved=why_not is None, reason=why_not or f"{jet.where} takes messages.")


def _why_not(state: StreamState, where: str) -> str | None:
    if state.role == "standby":
        return f"The stream at {where} is a mirror: it takes no messages."
    return f"The stream at {where} is fenced: it takes no messages." if state.fenced else None


async def _without_a_trace(jet: Jet, settings: NatsSettings) -> Sight:
    answer = await tries_to_publish(jet, settings)
    if answer is None:
        return Sight(good=False, reason=f"No stream at {jet.where} takes {settings.subjects[0]}.")
    return Sight(good=True, reason=f"The stream at {jet.where} answers to {settings.subjects[0]}.")


async def _published(jet: Jet, job: Job[NatsSettings]) -> Sight:
    """Under an id of the step's own: tried again, it is known as the same message and not kept twice."""
    settings, id_ = job.settings, f"evac-{job.call.run}-{job.call.step}"
    headers = {"Nats-Msg-Id": id_, "Nats-Expected-Stream": settings.stream}
    answer = json.loads((await jet.request(settings.probe, id_.encode(), headers=headers)).data)
    if error := answer.get("error"):
        return Sight(good=False, reason=f"The stream at {jet.where} refused a message: {error.get('description')}.")
    if answer.get("domain") != settings.domain:
        # Published here and taken elsewhere: there is another stream with these subjects behind a link.
        return Sight(good=False, reason=f"A message published at {jet.where} was taken by domain {answer['domain']}.")
    try:
        await jet.api(f"STREAM.MSG.GET.{settings.stream}", {"seq": answer["seq"]})
    except StepError as error:
        return Sight(good=False, reason=f"A message was published at {jet.where}, but not read back. {error.sentence}")
    values = {"sequence": answer["seq"], "duplicate": bool(answer.get("duplicate"))}
    return Sight(good=True, reason=f"A message was published at {jet.where} and read back.", values=values)
