from lab.topology import Lab
from runbooks.steps import ErrorType
from tests.activities.calls import STANDBY, perform, postgres, refused


async def test_a_server_that_answers_is_verified(calm_pair: Lab) -> None:
    """Also a standby; its values are the evidence."""
    for _ in range(2):
        result = await perform("verify.postgres", postgres(calm_pair, STANDBY))
        assert (result.changed, result.proved, result.after["role"]) == (False, True, "standby")


async def test_a_server_that_is_down_is_not_yet(closed: int) -> None:
    """It may come back."""
    sentence = await refused("verify.postgres", {"host": "127.0.0.1", "port": closed}, ErrorType.NOT_YET)
    assert "nothing listens there" in sentence
