"""Which procedure leads home after a drill."""

from runbooks.facts import Facts
from runbooks.homeward import way_home
from runbooks.models import Procedure
from runbooks.steps import Reading
from tests.workflows.world import SOURCE, TARGET, runbook


def seen(resource: str, region: str, **values: object) -> Reading:
    """What is seen there now."""
    made = {"resource": resource, "region": region, "state": "healthy", "reason": "", "observed_at": 0}
    return Reading.model_validate({**made, "values": values})


FOLLOWS = seen("vector-db", SOURCE, role="standby", streaming=True)


def leads(*readings: Reading, home: str = SOURCE, **changes: object) -> tuple[Procedure, str]:
    """The way home from there."""
    return way_home(runbook(**changes), home, Facts(at=0, readings=readings))


def test_a_system_that_has_only_moved_is_switched_home() -> None:
    """Its store follows, and nothing has grown."""
    assert leads(FOLLOWS, seen("service", TARGET, desired=1, ready=1))[0] == Procedure.SWITCHOVER


def test_a_store_that_does_not_follow_is_rebuilt_by_a_failback() -> None:
    """Whatever cannot be seen does not follow."""
    bad: tuple[dict[str, object], ...] = ({"role": "standby"}, {"role": "primary", "streaming": True}, {"nonsense": 1})
    for readings in ((), *((seen("vector-db", SOURCE, **values),) for values in bad)):
        procedure, why = leads(*readings)
        assert procedure == Procedure.FAILBACK
        assert why.startswith(f"vector-db in {SOURCE} ")


def test_what_has_grown_is_shrunk_by_a_failback() -> None:
    """A switchover would leave the standby as large as it was needed."""
    procedure, why = leads(FOLLOWS, seen("service", TARGET, desired=2, ready=2))
    assert (procedure, why) == (
        Procedure.FAILBACK,
        f"service in {TARGET} has grown, so a failback leads home and shrinks it again",
    )


def test_the_other_active_regions_keep_their_share() -> None:
    """A switchover home would empty them."""
    regions = {SOURCE: {"role": "active", "traffic": 60}, TARGET: {"role": "active", "traffic": 40}}
    assert leads(FOLLOWS, regions=regions)[0] == Procedure.FAILBACK


def test_a_standby_is_gone_back_to_by_a_switchover() -> None:
    """A failback only leads to an active region."""
    assert leads(home=TARGET)[0] == Procedure.SWITCHOVER
