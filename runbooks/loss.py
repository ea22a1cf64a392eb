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
