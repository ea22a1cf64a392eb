"""Commands as they are understood, whatever is written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runbooks.evacuation import Book
from tests.slack.blocks import faults_of_view
from tests.triggers import samples
from tests.triggers.samples import NOON
from tests.triggers.slack.test_home import read, seen
from tests.workflows.world import runbook
from triggers.asking import books_in
from triggers.errors import UnclearError
from triggers.overview import Overview
from triggers.slack.home import home
from triggers.slack.said import USAGES, Said, Word, understand

ONE, TWO = [runbook(name="llm")], [runbook(name="llm"), runbook(name="search")]
WORDS = st.sampled_from(
    [*Word, "llm", "search", "from", "to", "us-east-1", "eu-west-1", "loss:vector-db", "x", "`", "<!here>"]
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", Said(Word.HELP)),
        ("STATUS", Said(Word.STATUS, "llm")),
        ("failover", Said(Word.FAILOVER, "llm")),
        ("plan llm to eu-west-1 from us-east-1", Said(Word.PLAN, "llm", "us-east-1", "eu-west-1")),
        ("switchover from us-east-1", Said(Word.SWITCHOVER, "llm", "us-east-1")),
        ("reject the standby is cold", Said(Word.REJECT, "llm", rest=("the", "standby", "is", "cold"))),
        ("accept llm loss:vector-db loss:queue", Said(Word.ACCEPT, "llm", rest=("loss:vector-db", "loss:queue"))),
        ("evacuate us-east-1", Said(Word.EVACUATE, region="us-east-1")),
    ],
)
def test_it_is_understood(text: str, said: Said) -> None:
    """In any order, and without the runbook where there is only one."""
    assert understand(text, ONE) == said


@pytest.mark.parametrize(
    ("text", "why_not"),
    [
        ("failovr", "I do not know `failovr`: did you mean `failover`?"),
        ("hold serach", "there is no runbook `serach` here: did you mean `search`?"),
        ("drill llm now", "I do not understand `now`: write `/evac drill [RUNBOOK]`"),
        ("plan llm from", "a region must follow `from`: us-east-1, eu-west-1"),
        ("evacuate", "say which region is left: `/evac evacuate REGION`; there are us-east-1, eu-west-1"),
        ("readiness", "say which runbook: `/evac readiness [RUNBOOK]`; there are llm, search"),
    ],
)
def test_what_is_not_understood_is_told_with_what_to_write(text: str, why_not: str) -> None:
    """The sentence is the whole answer."""
    with pytest.raises(UnclearError) as caught:
        understand(text, TWO)
    assert str(caught.value) == why_not


@given(st.one_of(st.text(max_size=60), st.lists(WORDS, max_size=6).map(" ".join)), st.sampled_from([[], ONE, TWO]))
def test_anything_may_be_written(text: str, books: list[object]) -> None:
    """It is understood, or a sentence says why not; what is understood names only what there is."""
    try:
        said = understand(text, books)  # type: ignore[arg-type]
    except UnclearError:
        return
    assert said.word in USAGES
    assert said.runbook in {"", "llm", "search"}
    assert {said.source, said.target, said.region} <= {None, "", "us-east-1", "eu-west-1"}


def test_a_page_of_many_runbooks_stays_within_slacks_limits() -> None:
    """The last ones are left out, and that is said."""
    books = [read(runbook(name=f"llm-{number}")) for number in range(25)]
    busy = [Overview([seen("failover", samples.refusing_run(), book.runbook.name)], [], [], [], []) for book in books]
    page = home(books, busy, NOON)
    assert faults_of_view(page) == []
    assert "… and more; `/evac list` shows all" in str(page["blocks"])


def test_an_evacuation_takes_the_runbooks_that_have_the_region() -> None:
    """And no other."""
    book = runbook(name="llm")
    assert books_in("us-east-1", [read(book)]) == (Book(runbook=book),)
    assert books_in("ap-south-1", [read(book)]) == ()
