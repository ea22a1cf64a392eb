"""What only scales may be of another kind in another cloud: every step, look and permission is that of its region."""

import pytest
from ruamel.yaml import YAML

from runbooks.facts import Facts
from runbooks.faults import RunbookError
from runbooks.load import loads
from runbooks.models import Procedure, Runbook
from runbooks.planner import Request, make_plan
from runbooks.probes import observations
from runbooks.reach import reach
from runbooks.schema import runbook_schema
from runbooks.steps import Reading
from tests.runbooks.documents import spoilt
from tests.runbooks.json_schema import Judge

HERE, THERE = "us-east-1", "eu-west-1"
GROUP = "11111111-2222-3333-4444-555555555555"
ACROSS = (
    ("kind: process", "kind: autoscaling\n    kinds: {eu-west-1: vmss}"),
    ('{agent: "http://use1:1"}', "{aws_region: us-east-1, group: web}"),
    (
        '{agent: "http://euw1:1"}',
        f'{{subscription: "{GROUP}", resource_group: web, azure_region: westeurope, scale_set: web}}',
    ),
)


def book(*more: tuple[str, str]) -> Runbook:
    """The small system, on EC2 here and on Azure there."""
    return loads(spoilt(*ACROSS, *more)).runbook


def scaled(source: str, target: str) -> list[str]:
    """The technologies that scale in a failover out of `source`."""
    seen = [
        {"resource": "db", "region": target, "values": {"role": "standby", "position": 1, "timeline": 1}},
        {"resource": "web", "region": target, "values": {"desired": 1, "ready": 1}},
        {"resource": "name", "region": "public", "values": {"regions": [source], "addresses": [], "ttl": 1}},
    ]
    usual = {"state": "healthy", "reason": "", "observed_at": 1000.0}
    readings = tuple(Reading.model_validate({**usual, **one}) for one in seen)
    plan = make_plan(book(), Procedure.FAILOVER, Request(source=source), Facts(at=1000.0, readings=readings))
    return [step.uses for step in plan.steps if step.verb == "scale"]


def test_each_region_is_scaled_by_its_own_kind() -> None:
    """Out of AWS a scale set grows, and out of Azure an Auto Scaling group."""
    assert (scaled(HERE, THERE), scaled(THERE, HERE)) == (["scale.vmss"], ["scale.autoscaling"])


def test_each_region_is_looked_at_by_its_own_kind() -> None:
    """A look by the other cloud's technology could not even read the settings."""
    found = {probe.region: probe.technology for probe in observations(book()) if probe.name == "web"}
    assert found == {HERE: "autoscaling", THERE: "vmss"}


def test_permissions_are_counted_for_both() -> None:
    """What asks AWS is never given the settings of Azure, and the other way round."""
    found = {(one.uses, "scale_set" in one.settings) for one in reach(book()) if one.uses.startswith("scale.")}
    assert found == {("scale.autoscaling", False), ("scale.vmss", True)}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (("kinds: {eu-west-1: vmss}", "kinds: {eu-west-1: vms}"), "the kind `vms` is unknown; did you mean `vmss`?"),
        (
            ("kinds: {eu-west-1: vmss}", "kinds: {eu-west-1: vmss, eu-west-9: vmss}"),
            "`eu-west-9` is no region; did you mean `eu-west-1`?",
        ),
        (
            ("kinds: {eu-west-1: vmss}", "kinds: {eu-west-1: postgres}"),
            "web is of kind autoscaling, and cannot be of kind postgres in eu-west-1",
        ),
        (
            ("group: web}", "group: web, match: {percent: 50}}"),
            "web is of several kinds, and `match` measures only what is of the same: take it away",
        ),
        (("scale_set: web}", "group: web}"), "scale_set"),
    ],
)
def test_what_cannot_be_is_said(change: tuple[str, str], sentence: str) -> None:
    """With the place, as every other mistake."""
    with pytest.raises(RunbookError) as caught:
        book(change)
    assert sentence in str(caught.value)


def test_an_editor_takes_it() -> None:
    """The JSON Schema knows several kinds, and refuses them where they cannot be."""
    judge = Judge(runbook_schema())
    of_several_data = spoilt(("kind: postgres", "kind: postgres\n    kinds: {eu-west-1: rds}"))
    accepted = [judge.accepts(YAML(typ="safe").load(text)) for text in (spoilt(*ACROSS), of_several_data)]
    assert accepted == [True, False]
