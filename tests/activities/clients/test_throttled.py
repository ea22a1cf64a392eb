"""Being throttled is waited out, for a while; nothing else is."""

import pytest

from activities.clients.throttled import patiently
from activities.errors import StepError
from runbooks.steps import ErrorType


class Cloud:
    """Refuses so often, by that kind, and then answers."""

    def __init__(self, refusals: int, kind: ErrorType = ErrorType.BUSY) -> None:
        self.asked = 0
        self._refusals, self._kind = refusals, kind

    async def ask(self) -> str:
        """One question."""
        self.asked += 1
        if self.asked <= self._refusals:
            raise StepError(self._kind, "Not now.")
        return "yes"


def _busy(error: StepError) -> bool:
    return error.kind is ErrorType.BUSY


async def test_a_throttling_is_waited_out() -> None:
    """Asked again until it is answered."""
    cloud = Cloud(3)
    assert (await patiently(cloud.ask, _busy, 0.001), cloud.asked) == ("yes", 4)


@pytest.mark.parametrize(("kind", "asked"), [(ErrorType.BUSY, 5), (ErrorType.UNREACHABLE, 1)])
async def test_there_is_an_end(kind: ErrorType, asked: int) -> None:
    """What does not end is raised after five times; what is no throttling at once."""
    cloud = Cloud(99, kind)
    with pytest.raises(StepError) as caught:
        await patiently(cloud.ask, _busy, 0.001)
    assert (caught.value.kind, cloud.asked) == (kind, asked)
