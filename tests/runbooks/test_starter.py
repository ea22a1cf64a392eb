"""The first runbook: whatever is answered, it is valid, and says what was answered."""

import re
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runbooks.kinds import KINDS
from runbooks.load import loads
from runbooks.models import Role
from runbooks.starter import PUBLIC, SERVICE, Answers, Store, first_runbook
from runbooks.starter_part import STORES, What
from runbooks.starter_parts import PARTS, kinds_of
from runbooks.starter_questions import answers, questions

STORE_KINDS = [kind for what in STORES for kind in kinds_of(what)]
SLUGS = st.one_of(
    st.from_regex(r"[a-z0-9]([a-z0-9-]{0,12}[a-z0-9])?", fullmatch=True),
    st.from_regex(r"[a-z0-9][a-z0-9-]{40,61}[a-z0-9]", fullmatch=True),
    st.sampled_from(["null", "true", "no", "on", "1", "0x1f", "1e5", "2026-11-25", "12", "y"]),
)
RESERVED = {"witness", "source", "target", "public"}
PEOPLE = st.lists(st.sampled_from(["ann", "ben@host", "1", "null", "x:y", "#1", "Zoë", "[a"]), max_size=3, unique=True)


def test_every_kind_can_be_chosen() -> None:
    """A kind that is added is offered to newcomers, too."""
    assert set(PARTS) == set(KINDS)
    assert all(kinds_of(what) for what in What)


@pytest.mark.parametrize("serving", ["active-standby", "active-active"])
@pytest.mark.parametrize("count", [2, 3, 10])
def test_every_combination_is_valid(serving: Any, count: int) -> None:
    """Each service, public name and store by itself, beside one of the others, and beside all stores."""
    regions = tuple(f"region-{number}" for number in range(count))
    services, publics, everything = kinds_of(What.SERVICE), kinds_of(What.PUBLIC_NAME), tuple(STORE_KINDS)
    alone = [*product(services, ("",), ((),)), *product(("",), publics, ((),))]
    beside = [*product(services, publics[:1], (everything,)), *product(services[:1], publics, (everything[:1],))]
    stores_alone = [(service, public, (kind,)) for kind in everything for service, public in (("", ""), beside[0][:2])]
    for service, public, chosen in [*alone, *beside, *stores_alone]:
        stores = tuple(Store(kind=kind, name=f"s-{kind}".replace("_", "-")) for kind in chosen)
        name = {"public_name": "api.example.com", "public_kind": public} if public else {}
        asked = Answers(name="x", regions=regions, serving=serving, service=service, stores=stores, **name)
        book = loads(first_runbook(asked)).runbook
        kinds = {SERVICE: service, PUBLIC: public, **{each.name: each.kind for each in stores}}
        assert {name: kind for name, kind in kinds.items() if kind} == {n: r.kind for n, r in book.resources.items()}
        active = [name for name, region in book.regions.items() if region.role is Role.ACTIVE]
        assert active == list(regions if serving == "active-active" else regions[:1])


@settings(max_examples=40, deadline=None)
@given(
    name=SLUGS,
    regions=st.lists(SLUGS.filter(lambda name: name not in RESERVED), min_size=2, max_size=5, unique=True),
    stores=st.lists(
        st.tuples(st.sampled_from(STORE_KINDS), SLUGS.filter(lambda name: name not in {SERVICE, PUBLIC})),
        min_size=1,
        max_size=4,
        unique_by=lambda store: store[1],
    ),
    service=st.sampled_from(["", *kinds_of(What.SERVICE)]),
    serving=st.sampled_from(["active-standby", "active-active"]),
    owners=PEOPLE,
    approvers=PEOPLE,
)
def test_whatever_it_is_called_it_is_read_back_the_same(  # noqa: PLR0913, PLR0917 - one for each question
    name: str,
    regions: list[str],
    stores: list[tuple[str, str]],
    service: str,
    serving: Any,
    owners: Any,
    approvers: Any,
) -> None:
    """Names that YAML would take for numbers, dates or nothing are quoted, and those too long for a cloud are cut."""
    kept = tuple(Store(kind=kind, name=called) for kind, called in stores)
    asked = Answers(
        name=name,
        regions=tuple(regions),
        stores=kept,
        service=service,
        serving=serving,
        owners=tuple(owners),
        approvers=tuple(approvers),
    )
    book = loads(first_runbook(asked)).runbook
    resources = [called for _, called in stores] + [SERVICE] * bool(service)
    assert (book.name, list(book.regions), list(book.resources)) == (name, regions, resources)
    assert (book.owners, book.roles.get("approvers", ())) == (tuple(owners), tuple(approvers))


def test_names_that_are_cut_are_still_told_apart() -> None:
    """By a digest of the whole; the names differ only where they are cut."""
    stores = tuple(Store(kind="rds", name=f"{'x' * 60}{end}") for end in "ab")
    book = loads(first_runbook(Answers(name="x", regions=("us-east-1", "eu-west-1"), stores=stores))).runbook
    names = [place["instance"] for one in book.resources.values() for place in one.settings.values()]
    assert len({*names}) == 4
    assert {len(name) for name in names} == {47}


def test_the_defaults_make_a_runbook() -> None:
    """Who only presses Enter gets one, too; it asks whoever is there to approve."""
    known: dict[str, Any] = {}
    for question in questions("ann@here"):
        known[question.key] = question.parse(question.default(known), known)
    book = loads(first_runbook(answers(known))).runbook
    assert (book.name, book.owners, list(book.resources)) == (
        "my-system",
        ("ann@here",),
        ["database", "service", "public-name"],
    )
    assert (book.policy.failover.approval.by, book.policy.failover.approval.count) == ((), 1)


def test_the_public_name_may_be_of_another_kind() -> None:
    """As a store's: the kind before a colon."""
    known: dict[str, Any] = {}
    for question in questions("ann@here"):
        said = "route53:api.example.org" if question.key == "public_name" else question.default(known)
        known[question.key] = question.parse(said, known)
    name = loads(first_runbook(answers(known))).runbook.resources[PUBLIC]
    assert (name.kind, name.common["name"]) == ("route53", "api.example.org")


@pytest.mark.parametrize(
    ("key", "said", "sentence"),
    [
        ("name", "My System", "`My System` is no name"),
        ("regions", "us-east-1", "give 2 to 10 regions"),
        ("regions", "a, a", "a region is given twice"),
        ("regions", "witness, b", "a region cannot be called `witness`"),
        ("serving", "active-activ", "did you mean `active-active`?"),
        ("service", "procces", "did you mean `process`?"),
        ("database", "postgrse", "did you mean `postgres`?"),
        ("database", "postgres, postgres:database", "two resources are called database"),
        ("queue", "nats:service", "two resources are called service"),
        ("public_name", "localhost", "is no name that clients could ask for"),
        ("public_name", "rout53:api.example.com", "did you mean `route53`?"),
        ("public_name", "none", "nothing would have to be moved"),
        ("rto", "soon", "is not a duration"),
        ("rto", "0", "more than 0"),
        ("owners", "ann, ann", "ann is given twice"),
        ("approvers", "ann smith", "is no person's name"),
    ],
)
def test_what_is_wrong_is_said_at_the_question(key: str, said: str, sentence: str) -> None:
    """In a sentence that says what would be right."""
    (asked,) = (question for question in questions("ann") if question.key == key)
    with pytest.raises(ValueError, match=re.escape(sentence)):
        asked.parse(said, {"service": "", "name": "x"})
