"""Why a plan refuses itself: the sentence says what is true of that kind of resource."""

from pathlib import Path

import pytest

from runbooks.facts import Facts
from runbooks.load import load
from runbooks.safety import cut_over_refusals, fence_refusals

LIBRARY = Path(__file__).parents[2] / "runbooks" / "library"
NOTHING_SEEN = Facts(at=1.0)


@pytest.mark.parametrize(
    ("book", "beside"),
    [("aws-to-azure", "nothing else can shut it off from here"), ("active-passive", None)],
)
def test_who_could_shut_it_off(book: str, beside: str | None) -> None:
    """No power controller is missed where there can be none; where there is one, the plan uses it."""
    found = fence_refusals(load(LIBRARY / f"{book}.yaml").runbook, "vector-db", "us-east-1", NOTHING_SEEN)
    said = f"vector-db in us-east-1 does not answer and {beside}: nobody can prove that it takes no more writes"
    assert [one.sentence for one in found] == ([said] if beside else [])


@pytest.mark.parametrize(
    ("book", "unread"),
    [
        ("aws-to-azure", "public-name leads cannot be read from its name servers"),
        ("azure-aks-postgres", "front-door leads cannot be read"),
    ],
)
def test_who_could_not_be_asked_where_clients_are_led(book: str, unread: str) -> None:
    """Not all that leads clients has name servers."""
    found = cut_over_refusals(load(LIBRARY / f"{book}.yaml").runbook, NOTHING_SEEN)
    assert [one.sentence for one in found] == [f"where {unread}, so it cannot be cut over"]
