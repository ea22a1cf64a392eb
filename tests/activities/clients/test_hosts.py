import pytest

from activities.clients.hosts import known
from activities.errors import OwnError, StepError
from runbooks.steps import ErrorType

NOBODY = "no.such.host.invalid"


async def test_what_the_resolver_knows_leaves_the_rest_of_the_time() -> None:
    """An address of its own needs no name server."""
    assert 4.0 < await known("127.0.0.1", 5.0) < 5.0
    assert 4.0 < await known("::1", 5.0) < 5.0


async def test_a_mute_resolver_is_told_from_a_name_that_it_does_not_know() -> None:
    """Both speak of the worker."""
    with pytest.raises(OwnError, match=r"has no address of no\.such\.host\.invalid \("):
        await known(NOBODY, 5.0)
    with pytest.raises(OwnError, match=r"said nothing of no\.such\.host\.invalid within 0 s"):
        await known(NOBODY, 0.0)


@pytest.mark.parametrize("host", ["a..b", "x" * 64])
async def test_what_can_be_no_name_is_a_bad_setting(host: str) -> None:
    """Nobody is asked."""
    with pytest.raises(StepError) as caught:
        await known(host, 5.0)
    assert caught.value.kind is ErrorType.BAD_SETTINGS
