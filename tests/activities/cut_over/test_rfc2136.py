import asyncio
import base64
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Literal

import dns.asyncquery
import dns.tsig
import dns.update
import pytest
import pytest_asyncio

from lab import bind
from lab.manager import running
from lab.processes import Processes
from lab.topology import OUTSIDE, Lab, LabSpec
from runbooks.steps import ErrorType
from tests.activities.calls import ACTIVE, EPOCH, STANDBY, perform, public_name, refused

SERVERS = [
    "dnspython",
    pytest.param("bind", marks=pytest.mark.skipif(bind.available() is not None, reason=str(bind.available()))),
]


@pytest_asyncio.fixture(params=SERVERS)
async def named(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Lab]:
    """A name server alone: ours, and BIND where it is installed."""
    server: Literal["dnspython", "bind"] = request.param
    async with running(LabSpec(home=tmp_path / "lab", parts=frozenset({"dns"}), dns=server)) as lab:
        yield lab


async def now(lab: Lab) -> tuple[list[str], int | None]:
    """Addresses and epoch as they are."""
    seen = (await perform("cut_over.rfc2136.check", public_name(lab, ACTIVE), epoch=10**6)).before
    return seen["addresses"], seen["epoch"]  # type: ignore[return-value]  # plain JSON, as it was dumped


async def change(lab: Lab, kind: str, *values: str, name: str | None = None) -> None:
    """Somebody else's update."""
    update = dns.update.UpdateMessage(
        lab.zone, keyring=dns.tsig.Key(lab.tsig_key, lab.secret("tsig.key").read_text().strip(), "hmac-sha256")
    )
    update.delete(name or lab.public_name, kind)
    for value in values:
        update.add(name or lab.public_name, 1, kind, value)
    answer = await dns.asyncquery.tcp(update, lab.dns_address, port=lab.dns_port)
    assert answer.rcode() == 0


async def test_the_name_leads_to_the_new_region(named: Lab) -> None:
    """At once, with the decision's epoch beside it; the evidence has before and after."""
    began = time.monotonic()
    result = await perform("cut_over.rfc2136", public_name(named, STANDBY, [ACTIVE]))
    assert time.monotonic() - began < 1.0
    assert (result.changed, result.after["epoch"]) == (True, EPOCH)
    old, new = named.region(ACTIVE).address, named.region(STANDBY).address
    assert (result.before["addresses"], result.after["addresses"]) == ([old], [new])
    assert await now(named) == ([new], EPOCH)


async def test_cut_overs_at_once_agree(named: Lab) -> None:
    """Compare-and-set lets exactly one of eight change the name; the others find it done."""
    results = await asyncio.gather(
        *(perform("cut_over.rfc2136", public_name(named, STANDBY, [ACTIVE])) for _ in range(8))
    )
    assert sum(result.changed for result in results) == 1
    assert await now(named) == ([named.region(STANDBY).address], EPOCH)


async def test_of_two_decisions_at_once_the_newer_stays(named: Lab) -> None:
    """Whatever the order, the older one is refused or overwritten, never the last."""
    await asyncio.gather(
        *(
            perform("cut_over.rfc2136", public_name(named, to), epoch=epoch)
            for to, epoch in ((ACTIVE, 1), (STANDBY, 2), (ACTIVE, 3), (STANDBY, 4))
        ),
        return_exceptions=True,
    )
    assert await now(named) == ([named.region(STANDBY).address], 4)


async def test_a_stale_decision_is_refused(named: Lab) -> None:
    """Also one that wants what is there already."""
    await perform("cut_over.rfc2136", public_name(named, STANDBY))
    for region in (ACTIVE, STANDBY):
        settings = public_name(named, region)
        sentence = await refused("cut_over.rfc2136", settings, ErrorType.STALE_EPOCH, epoch=EPOCH - 1)
        assert f"decision {EPOCH}, which is newer than this run's {EPOCH - 1}" in sentence
    assert await now(named) == ([named.region(STANDBY).address], EPOCH)


async def test_a_newer_decision_is_noted_even_when_nothing_moves(named: Lab) -> None:
    """Else an older one could still undo it."""
    result = await perform("cut_over.rfc2136", public_name(named, ACTIVE))
    assert (result.changed, await now(named)) == (True, ([named.region(ACTIVE).address], EPOCH))
    assert "already" in result.reason


async def test_undo_leads_the_name_back(named: Lab) -> None:
    """To where it led before, under the same decision; the second time nothing is to do."""
    there = public_name(named, STANDBY, [ACTIVE])
    done = await perform("cut_over.rfc2136", there)
    undone = await perform("cut_over.rfc2136.undo", there, before=done.before)
    old, new = named.region(ACTIVE).address, named.region(STANDBY).address
    assert (undone.changed, undone.before["addresses"], undone.after["addresses"]) == (True, [new], [old])
    assert await now(named) == ([old], EPOCH)
    again = await perform("cut_over.rfc2136.undo", there, before=done.before)
    assert (again.changed, again.reason) == (False, f"{named.public_name} leads to {old} already.")


async def test_undo_of_an_act_that_ran_twice_leads_back_all_the_same(named: Lab) -> None:
    """The second one saw the first one's work; the plan knows where the name led."""
    there = public_name(named, STANDBY, [ACTIVE])
    await perform("cut_over.rfc2136", there)
    again = await perform("cut_over.rfc2136", there)
    for before in (again.before, {}):
        undone = await perform("cut_over.rfc2136.undo", there, before=before)
        assert undone.after["addresses"] == [named.region(ACTIVE).address]


async def test_undo_at_once_agrees(named: Lab) -> None:
    """Compare-and-set lets exactly one of four change the name."""
    there = public_name(named, STANDBY, [ACTIVE])
    done = await perform("cut_over.rfc2136", there)
    results = await asyncio.gather(
        *(perform("cut_over.rfc2136.undo", there, before=done.before) for _ in range(4)),
    )
    assert sum(result.changed for result in results) == 1


async def test_undo_leaves_what_another_has_led_elsewhere(named: Lab) -> None:
    """A newer decision, and a change by hand; nor does it lead to nothing."""
    there = public_name(named, STANDBY)
    done = await perform("cut_over.rfc2136", there)
    await perform("cut_over.rfc2136", there, epoch=EPOCH + 1)
    await refused("cut_over.rfc2136.undo", there, ErrorType.STALE_EPOCH, before=done.before)
    await change(named, "A", "192.0.2.77")
    more: dict[str, Any] = {"before": done.before, "epoch": EPOCH + 1}
    sentence = await refused("cut_over.rfc2136.undo", there, ErrorType.WRONG_STATE, **more)
    assert "leads to 192.0.2.77, which is not where this step led it" in sentence
    nothing = await refused("cut_over.rfc2136.undo", there, ErrorType.WRONG_STATE, epoch=EPOCH + 1)
    assert "is not known, or it led nowhere" in nothing
    assert (await now(named))[0] == ["192.0.2.77"]


async def test_an_empty_answer_is_never_written(named: Lab) -> None:
    """Weights of nothing would take the system away from everybody."""
    settings = public_name(named, ACTIVE) | {"weights": {ACTIVE: 0, STANDBY: 0}}
    assert "lead nowhere" in await refused("cut_over.rfc2136", settings, ErrorType.BAD_SETTINGS)
    settings = public_name(named, ACTIVE) | {"weights": {"mars": 1}}
    assert "mars has no address" in await refused("cut_over.rfc2136", settings, ErrorType.BAD_SETTINGS)


async def test_several_regions_and_both_families(named: Lab) -> None:
    """Equal parts of IPv4 and IPv6; a family that is no longer wanted goes."""
    addresses = {"a": "192.0.2.1", "b": "2001:DB8::1", "c": "192.0.2.3"}
    both = public_name(named, ACTIVE) | {"addresses": addresses, "weights": {"a": 50, "b": 30, "c": 20}}
    result = await perform("cut_over.rfc2136", both)
    assert result.after["addresses"] == ["192.0.2.1", "192.0.2.3", "2001:db8::1"]
    result = await perform("cut_over.rfc2136", both | {"weights": {"b": 1}, "before": ["a", "b", "c"]}, epoch=EPOCH + 1)
    assert result.after["addresses"] == ["2001:db8::1"]
    assert (await perform("cut_over.rfc2136", both | {"weights": {"b": 1}}, epoch=EPOCH + 1)).changed is False


async def test_a_strange_note_is_replaced(named: Lab) -> None:
    """A TXT record that is no epoch of ours is no obstacle."""
    await change(named, "TXT", '"hello world"', name=f"_evac.{named.public_name}")
    await perform("cut_over.rfc2136", public_name(named, STANDBY))
    assert await now(named) == ([named.region(STANDBY).address], EPOCH)


async def test_a_wrong_secret_is_denied(named: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """Final, and the secret is not in the sentence."""
    wrong = base64.b64encode(b"wrong" * 7).decode()
    monkeypatch.setenv("WRONG_KEY", wrong)
    settings = public_name(named, STANDBY) | {"key_secret": "env://WRONG_KEY"}
    sentence = await refused("cut_over.rfc2136", settings, ErrorType.DENIED)
    assert "the key or its secret is wrong" in sentence
    assert wrong not in sentence
    await refused("cut_over.rfc2136", public_name(named, STANDBY) | {"key_name": "other."}, ErrorType.DENIED)


async def test_a_secret_that_is_not_base64_is_a_bad_setting(named: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """Named by its reference."""
    monkeypatch.setenv("WRONG_KEY", "not base64!")
    settings = public_name(named, STANDBY) | {"key_secret": "env://WRONG_KEY"}
    sentence = await refused("cut_over.rfc2136", settings, ErrorType.BAD_SETTINGS)
    assert sentence == "The secret env://WRONG_KEY is not base64, as a TSIG secret must be."


async def test_a_dead_server_is_unreachable_at_once(named: Lab) -> None:
    """Worth a retry, and no second is lost."""
    Processes(named).kill(OUTSIDE, "dns")
    began = time.monotonic()
    await refused("cut_over.rfc2136", public_name(named, STANDBY) | {"timeout": 30}, ErrorType.UNREACHABLE)
    assert time.monotonic() - began < 5.0


async def test_an_alias_is_not_overwritten(named: Lab) -> None:
    """A name that is a CNAME cannot have addresses; a person must look."""
    await change(named, "CNAME", "elsewhere.example.", name=f"alias.{named.zone}")
    settings = public_name(named, STANDBY) | {"name": f"alias.{named.zone}"}
    assert "is an alias" in await refused("cut_over.rfc2136", settings, ErrorType.WRONG_STATE)


async def test_check_says_why_not(named: Lab) -> None:
    """A name that does not lead where it led at planning; a key that is not known, which the question shows."""
    not_ready = await perform("cut_over.rfc2136.check", public_name(named, STANDBY, [STANDBY]))
    assert (not_ready.proved, not_ready.before["error"]) == (False, "wrong-state")
    other = await perform("cut_over.rfc2136.check", public_name(named, STANDBY, [ACTIVE]) | {"key_name": "other."})
    assert (other.proved, other.before["error"]) == (False, "denied")
