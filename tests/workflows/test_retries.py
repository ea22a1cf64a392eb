"""The table of bounds."""

from datetime import timedelta

import pytest
from pydantic import JsonValue

from runbooks.plan import Reversibility, Step
from runbooks.steps import Verb
from workflows.retries import METERED, METERED_WRITES_STOPPED, PATIENCE, WRITES_STOPPED, Patience, patience


def test_every_verb_has_its_bounds() -> None:
    """A verb without bounds would fail the workflow task again and again."""
    assert set(Verb) == set(PATIENCE)


def test_a_clouds_database_has_the_minutes_that_it_needs() -> None:
    """Its fence restarts it, and that a replica has everything is told once a minute; others are as before."""

    def of(verb: Verb, kind: str, **settings: JsonValue) -> Patience:
        step = Step(
            id="s",
            verb=verb,
            uses=f"{verb}.{kind}",
            resource="db",
            region="a",
            settings=settings,
            sentence="",
            reversibility=Reversibility.FINAL,
        )
        return patience(step)

    assert of(Verb.FENCE, "rds") == METERED[Verb.FENCE]
    assert of(Verb.CATCH_UP, "rds", exact=True) == METERED_WRITES_STOPPED
    assert of(Verb.CATCH_UP, "aurora") == PATIENCE[Verb.CATCH_UP]
    assert of(Verb.CATCH_UP, "postgres", exact=True) == WRITES_STOPPED
    assert of(Verb.FENCE, "postgres") == PATIENCE[Verb.FENCE]


@pytest.mark.parametrize("verb", [Verb.SALVAGE, Verb.RESEED, Verb.COMPARE, Verb.RESTORE, Verb.REHEARSE])
def test_where_nobody_waits_a_glitch_of_seconds_wakes_nobody(verb: Verb) -> None:
    """A server that does not answer for five seconds is tried again after that, before a person is asked."""
    bounds = PATIENCE[verb]
    waits = [min(bounds.first * 2**number, bounds.longest) for number in range(bounds.tries - 1)]
    assert sum(waits, timedelta()) > timedelta(seconds=5)
