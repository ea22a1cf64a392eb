"""Would somebody take a message? Asked by publishing one that every stream must refuse."""

from activities.clients.nats import Jet
from activities.errors import StepError
from runbooks.kinds import NatsSettings
from runbooks.steps import ErrorType

_WITHIN = 1.0
_IMPOSSIBLE = {"Nats-Expected-Last-Sequence": str(2**63 - 1)}
"""No stream is there, so whoever has the subject answers that it will not take it; nothing is ever kept."""


async def tries_to_publish(jet: Jet, settings: NatsSettings) -> str | None:
    """What a stream answers that has the subject, in this region or behind a link; None: no stream has it.

    A plain subscriber hears the message and says nothing: silence is no stream either. Raises StepError when denied.
    """
    subject = settings.probe or concrete(settings.subjects[0])
    try:
        answer = await jet.request(subject, b"", headers=_IMPOSSIBLE, within=_WITHIN)
    except StepError as error:
        if error.kind is ErrorType.UNREACHABLE:
            return None
        raise
    return bytes(answer.data).decode(errors="replace")


def concrete(pattern: str) -> str:
    """A subject that the pattern matches."""
    return ".".join("evac-probe" if token in ("*", ">") else token for token in pattern.split("."))
