"""The facts that a document's plans are derived from: a system that is well, and as it is after a plan."""

import pytest

from runbooks.candidates import follows, writers
from runbooks.kinds import KINDS
from runbooks.models import Procedure
from runbooks.paper.cases import cases
from runbooks.paper.sight import afterwards, facts, well
from runbooks.planner import Request, make_plan
from runbooks.traffic import before, size
from tests.checker.books import book, names
from tests.workflows.world import SOURCE, TARGET, runbook


@pytest.mark.parametrize("name", names())
def test_nothing_is_refused_when_all_is_well(name: str) -> None:
    """Every case of every shipped runbook has a plan, and none of them refuses itself.

    But where nothing can switch a silent server off: that its fence cannot be proved is then true, and is said.
    """
    found = cases(book(name))
    stores = {store: KINDS[resource.kind] for store, resource in book(name).resources.items()}
    unswitched = {f"unproved-fence:{s}" for s, kind in stores.items() if "power" not in kind.settings.model_fields}
    assert {case.procedure for case in found} == {
        Procedure.FAILOVER,
        Procedure.SWITCHOVER,
        Procedure.FAILBACK,
        Procedure.DRILL,
    }
    assert [case.why_not for case in found if case.plan is None] == []
    refusals = [refusal for case in found if case.plan for refusal in case.plan.refusals]
    assert [refusal.sentence for refusal in refusals if refusal.name not in unswitched] == []
    assert len({case.title for case in found}) == len(found)


def test_well_is_as_declared() -> None:
    """The writer is at home and followed, groups have their size, and clients are led where the traffic is."""
    book_ = runbook()
    seen = facts(book_, well(book_))
    assert writers(book_, "vector-db", seen) == (SOURCE,)
    assert follows(book_, "vector-db", TARGET, SOURCE, seen)
    assert (size(seen, "service", SOURCE), size(seen, "service", TARGET)) == (2, 1)
    assert before(book_, seen) == {SOURCE: 100, TARGET: 0}


def test_after_a_failover_the_former_primary_is_fenced_and_follows_nobody() -> None:
    """So the failback that the document shows saves, rebuilds and compares."""
    book_ = runbook()
    plan = make_plan(book_, Procedure.FAILOVER, Request(source=SOURCE), facts(book_, well(book_), dark=SOURCE))
    seen = facts(book_, afterwards(well(book_), plan))
    assert writers(book_, "vector-db", seen) == (TARGET,)
    assert not follows(book_, "vector-db", SOURCE, TARGET, seen)
    assert (size(seen, "service", TARGET), before(book_, seen)) == (2, {SOURCE: 0, TARGET: 100})


def test_what_was_built_without_a_power_controller_is_a_limit() -> None:
    """A dead primary that nobody can switch off: the plan refuses itself on the best of days."""
    resources = runbook().model_dump(mode="json")["resources"]
    resources["vector-db"]["common"] = {}
    failover = cases(runbook(resources=resources))[0]
    assert failover.plan is not None
    assert [refusal.name for refusal in failover.plan.refusals] == ["unproved-fence:vector-db"]
