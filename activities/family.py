"""A group and those of its ladder, as they are.

Member      one group as it is, and why it does not grow
Family      all of them, the first one first
"""

from pydantic import JsonValue

from activities.acting import View
from runbooks.values import Model


class Member(Model):
    """One group."""

    name: str
    desired: int = 0
    ready: int = 0
    """So many serve."""
    epoch: int | None = None
    """The newest decision that it keeps."""
    failed: bool = False
    """Its last change ended badly."""
    why: str = ""
    """What the cloud says of that."""
    full: bool = False
    """It is for want of capacity."""
    busy: bool = False
    """A change is under way, and it takes no other until that has ended."""
    absent: str = ""
    """The sentence that it is not there."""

    def in_vain(self, epoch: int) -> bool:
        """It was tried under that decision, and there was no capacity for it."""
        return self.failed and self.full and self.epoch == epoch


class Family(View):
    """Immutable."""

    members: tuple[Member, ...]

    @property
    def desired(self) -> int:
        """Of all together."""
        return sum(one.desired for one in self.members)

    @property
    def ready(self) -> int:
        """Of all together."""
        return sum(one.ready for one in self.members)

    @property
    def epoch(self) -> int | None:
        """The newest decision that any of them keeps."""
        return max((one.epoch for one in self.members if one.epoch is not None), default=None)

    def evidence(self) -> dict[str, JsonValue]:
        """The sums, and each of them."""
        return {"desired": self.desired, "ready": self.ready, **super().evidence()}

    def share(self, rung: int, needed: int) -> int:
        """How large that one must be, with what the others have or will have."""
        others = (one for place, one in enumerate(self.members) if place != rung)
        return max(0, needed - sum(one.ready if one.failed else max(one.desired, one.ready) for one in others))
