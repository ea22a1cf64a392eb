"""What is lost of each data resource: measured when the plan is made, when it is approved, and again afterwards."""

from typing import Literal

from runbooks.plan import Loss
from runbooks.values import Model, UnixTime

Moment = Literal["planned", "approved", "after"]


class LossReport(Model):
    """One measurement of one resource, and why it differs from the one before (empty: it does not, or is the first)."""

    moment: Moment
    at: UnixTime
    loss: Loss
    difference: str = ""


def compare(before: LossReport, now: Loss) -> str:
    """Why the measurement differs from the one before; empty when it does not."""
    return "" if before.loss.sentence == now.sentence else f"before: {before.loss.sentence}"


def worse(stated: Loss, now: Loss, rpo: float) -> str | None:
    """Why what was approved must be asked anew, or None."""
    if now.seconds is None and stated.seconds is not None:
        return now.sentence
    grown = now.seconds is not None and (stated.seconds or 0.0) < now.seconds > rpo
    return now.sentence if grown else None
