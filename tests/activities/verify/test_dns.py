from lab.topology import Lab
from runbooks.steps import ErrorType
from tests.activities.calls import ACTIVE, STANDBY, perform, public_name, refused


async def test_the_wanted_answer_is_verified(named: Lab) -> None:
    """What every server says is in the evidence."""
    for _ in range(2):
        result = await perform("verify.dns", public_name(named, ACTIVE))
        assert (result.changed, result.proved) == (False, True)
    assert result.after == {f"{named.dns_address}:{named.dns_port}": named.region(ACTIVE).address}


async def test_every_server_must_agree(named: Lab, closed: int) -> None:
    """One that does not answer is named."""
    servers = [f"{named.dns_address}:{named.dns_port}", f"127.0.0.1:{closed}"]
    settings = public_name(named, ACTIVE) | {"servers": servers}
    sentence = await refused("verify.dns", settings, ErrorType.NOT_YET)
    assert f"127.0.0.1:{closed}" in sentence
    assert servers[0] not in sentence


async def test_an_old_answer_is_not_yet(named: Lab) -> None:
    """The sentence has what is wanted and what is said."""
    sentence = await refused("verify.dns", public_name(named, STANDBY), ErrorType.NOT_YET)
    assert f"should lead to {named.region(STANDBY).address}" in sentence
    assert sentence.endswith(f": {named.region(ACTIVE).address}.")


async def test_wanting_nothing_is_a_bad_setting(named: Lab) -> None:
    """Without weights there is no right answer."""
    await refused("verify.dns", public_name(named, ACTIVE) | {"weights": {}}, ErrorType.BAD_SETTINGS)
