"""The decision of the person at this command line, and what the run made of it, told."""

import time
from collections.abc import Sequence
from uuid import uuid4

from runbooks.runs import Decision, DecisionKind, Judged, Shown
from triggers.cli.exits import Exit
from triggers.cli.out import Format, Refusal, conclude, document
from triggers.identity import who
from triggers.judgement import Steered, counts, refused
from worker.settings import Settings


def decision_of(
    settings: Settings,
    kind: DecisionKind,
    *,
    checksum: str = "",
    step: str = "",
    reason: str = "",
    shown: Shown | None = None,
) -> Decision:
    """The decision of the person at this command line. Its id makes it count once, however often it arrives."""
    actor = who(settings)
    return Decision(
        id=uuid4().hex,
        kind=kind,
        by=actor.name,
        proof=actor.proof,
        at=time.time(),
        checksum=checksum,
        step=step,
        reason=reason,
        shown=shown,
    )


def tell(judged: Sequence[tuple[Judged, Steered]], output: Format) -> None:
    """Say what was made of the decisions; one that was refused ends the command with its sentence."""
    state = judged[-1][1]
    if output is Format.JSON:
        kept = [one.model_dump(mode="json") for one, _ in judged]
        document(judged=kept[-1], decisions=kept, phase=state.phase.value, message=state.message)
    elif any(one.refused is None for one, _ in judged):
        conclude(counts([one.decision for one, _ in judged if one.refused is None], state))
    why_not = [sentence for one, _ in judged if (sentence := refused(one)) is not None]
    if why_not:
        raise Refusal(Exit.REFUSED, "; ".join(why_not))
