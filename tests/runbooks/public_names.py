"""A system whose public name is of one kind or another, for tests of plans and of advice."""

from typing import Any

from runbooks.facts import Facts
from runbooks.load import LoadedRunbook, loads
from runbooks.models import Procedure
from runbooks.plan import Plan, Step
from runbooks.planner import Request, make_plan
from runbooks.steps import Reading, Verb

REGIONS = ("us-east-1", "eu-west-1", "ap-southeast-2")
NOW = 1_000_000.0

_BOOK = """\
evac: 1
name: shop
objectives: {{rto: 5m, rpo: 10s}}
regions:
{regions}
resources:
  public:
    kind: {kind}
    common: {common}
    settings:
{settings}
checks:
  - {{kind: http, url: "http://{{region}}.example.com/healthz"}}
{checks}
"""


def book(kind: str, common: str, settings: dict[str, str], shares: dict[str, int], checks: str = "") -> LoadedRunbook:
    """The system; `common` and each region's `settings` are YAML in one line."""
    roles = {name: "active" if share else "standby" for name, share in shares.items()}
    return loads(
        _BOOK.format(
            kind=kind,
            common=common,
            regions="\n".join(f"  {name}: {{role: {roles[name]}, traffic: {share}}}" for name, share in shares.items()),
            settings="\n".join(f"      {name}: {settings[name]}" for name in shares),
            checks=checks,
        )
    )


def leading(*regions: str, **more: Any) -> Reading:
    """The public name leads there now."""
    values = {"regions": list(regions), "addresses": [], "ttl": 60, **more}
    return Reading(resource="public", region="public", state="healthy", reason="", values=values, observed_at=NOW - 1)


def failover(loaded: LoadedRunbook, *readings: Reading, source: str = REGIONS[0]) -> Plan:
    """The plan out of that region."""
    return make_plan(loaded.runbook, Procedure.FAILOVER, Request(source=source), Facts(at=NOW, readings=readings))


def cut_overs(plan: Plan) -> list[Step]:
    """In their order."""
    return [step for step in plan.steps if step.verb is Verb.CUT_OVER]
