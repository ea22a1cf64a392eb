"""Where else capacity comes from when a cloud has no more of what a group asks for: one declaration on every cloud.

`ladder: [{...}, {..., market: spot}]`: rungs are tried in their order. What a rung names is each cloud's own.
"""

from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator

from runbooks.values import Model


class Rung(Model):
    """One of them. Each cloud's own says what is different there, and gives itself in words."""

    market: Literal["on-demand", "spot", "capacity-block"] = "on-demand"


R = TypeVar("R", bound=Rung)


def _spot_last(ladder: tuple[R, ...]) -> tuple[R, ...]:
    markets = [rung.market == "spot" for rung in ladder]
    if markets != sorted(markets):
        message = "spot comes last in a ladder: the cloud takes it back when somebody else pays more"
        raise ValueError(message)
    return ladder


Ladder = Annotated[tuple[R, ...], AfterValidator(_spot_last)]
"""What is tried, in this order, when there is not enough for the group as it is: spot last."""
