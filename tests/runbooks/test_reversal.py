"""What an abort takes back, and until when, in words that can be checked by hand."""

from runbooks.plan import Plan, Reversibility, Step
from runbooks.reversal import last_safe_abort_point, past_return, point_of_no_return, prepared, undone_by_abort
from runbooks.steps import Verb
from tests.runbooks.test_render import plan

REVERSIBLE, FINAL = Reversibility.REVERSIBLE, Reversibility.FINAL


def step(step_id: str, *needs: str, can: Reversibility = Reversibility.COMPENSABLE) -> Step:
    """`verb.region`, of the database."""
    verb, _, region = step_id.partition(".")
    sentence = f"{verb} in {region}"
    return Step(
        id=step_id,
        verb=Verb(verb),
        uses=f"{verb}.postgres",
        resource="db",
        region=region,
        needs=needs,
        sentence=sentence,
        reversibility=can,
    )


SCALE = step("scale.b", can=REVERSIBLE)
FENCE = step("fence.a", "scale.b", can=REVERSIBLE)
PROMOTE = step("promote.b", "fence.a", can=FINAL)
CUT_OVER = step("cut_over.b", "promote.b", can=REVERSIBLE)
RESEED = step("reseed.b", can=FINAL)


def switchover() -> Plan:
    """Scale, fence, promote, lead there, rebuild the old one."""
    return plan(SCALE, FENCE, PROMOTE, CUT_OVER, step("reseed.a", "cut_over.b", can=FINAL))


def failback() -> Plan:
    """The same behind a rebuilt former primary."""
    return plan(RESEED, step("scale.b", "reseed.b", can=REVERSIBLE), FENCE, PROMOTE, CUT_OVER)


def test_an_abort_undoes_until_the_first_promotion() -> None:
    """Last first; what comes after the promotion is never undone, or clients would be led to a fenced server."""
    assert last_safe_abort_point(switchover()) == (
        "until step 3 begins, an abort undoes step 2 (fence in a), step 1 (scale in b); after that it stops and holds"
    )
    assert [s.id for s in undone_by_abort(switchover())] == ["fence.a", "scale.b"]
    assert point_of_no_return(switchover()) == "promote.b"


def test_what_was_rebuilt_stays_and_the_rest_is_undone() -> None:
    """A former primary is overwritten long before writes stop: the fence must be lifted all the same."""
    assert last_safe_abort_point(failback()) == (
        "until step 4 begins, an abort undoes step 3 (fence in a), step 2 (scale in b); "
        "what step 1 has overwritten stays so; after that it stops and holds"
    )
    assert point_of_no_return(failback()) == "promote.b"


def test_only_a_begun_promotion_is_past_return() -> None:
    """Whatever was heard of it."""
    assert not past_return(failback(), {"reseed.b", "scale.b", "fence.a"})
    assert past_return(failback(), {"reseed.b", "scale.b", "fence.a", "promote.b"})


def test_a_plan_without_promotion_can_be_undone_at_any_time() -> None:
    """Traffic alone has moved."""
    moved = plan(SCALE, step("cut_over.b", "scale.b", can=REVERSIBLE))
    assert last_safe_abort_point(moved) == "at any time an abort undoes step 2 (cut_over in b), step 1 (scale in b)"
    assert last_safe_abort_point(plan(step("verify.b"))) == "at any time an abort finds nothing to undo"


def test_what_an_earlier_step_prepares_cannot_be_asked_beforehand() -> None:
    """Could a server be promoted that is first rebuilt? Only where nothing is rebuilt the question has an answer."""
    assert prepared(plan(RESEED, step("promote.b", "reseed.b", can=FINAL)), step("promote.b", "reseed.b", can=FINAL))
    assert not prepared(switchover(), PROMOTE)
