"""What a person says to a run, by a button, a command or a modal. The run alone judges it; the person hears how."""

import shlex

from activities.slack.ids import Asked
from activities.slack.words import upper
from runbooks.runs import DecisionKind, Shown
from triggers.judgement import counts, refused, send
from triggers.slack.reply import ours
from triggers.slack.room import Heard, Room


async def say(room: Room, heard: Heard, kind: DecisionKind, asked: Asked, reason: str = "") -> None:
    """Hand it over, and tell the person what was made of it. With `asked.run` only that run is meant.

    Raises RunEndedError, NoAnswerError, RPCError.
    """
    accepts = kind is DecisionKind.ACCEPT
    decision = await room.decision(
        heard.person,
        kind,
        heard.delivery,
        checksum=asked.checksum,
        step=asked.step,
        reason=asked.accept if accepts else reason,
        shown=Shown(loss=asked.loss) if kind is DecisionKind.APPROVE and asked.loss else None,
    )
    judged, state = await send(room.temporal, room.settings, asked.runbook, decision, asked.run)
    why_not = refused(judged)
    await heard.reply.alone(ours(upper(counts([decision], state) if why_not is None else _hint(why_not, asked))))


def _hint(why_not: str, asked: Asked) -> str:
    return f"{why_not}. See `/evac status {asked.runbook}`"


def instead(kind: DecisionKind, asked: Asked, reason: str = "") -> str:
    """The command that says the same."""
    said = f"evac {kind} {asked.runbook}"
    if kind is DecisionKind.ACCEPT:
        return f"{said} {asked.accept}".rstrip()
    said += f" --plan {asked.checksum[:8]}" if kind is DecisionKind.APPROVE and asked.checksum else ""
    said += f" --step {asked.step}" if asked.step else ""
    return said + (f" --reason {shlex.quote(reason)}" if reason else "")
