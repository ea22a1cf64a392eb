"""Plans whose public name is led by switches: who is on, and who is off."""

from typing import Any

import pytest

from activities.catalog import CATALOG
from activities.switching import Switched
from tests.runbooks.public_names import REGIONS, book, cut_overs, failover, leading

FIRST, SECOND, THIRD = REGIONS
_CONTROL = "arn:aws:route53-recovery-control::123456789012:controlpanel/a/routingcontrol"
_GROUP = "arn:aws:globalaccelerator::123456789012:accelerator/a/listener/b/endpoint-group"
KINDS = {
    "cloudfront": ("{distribution: E1}", "{{origin: o{}}}"),
    "global_accelerator": ("{}", f"{{{{endpoint_group: '{_GROUP}/{{}}'}}}}"),
    "route53_health": ("{}", "{{health_check: check-{}}}"),
    "routing_control": ("{cluster: {eu-west-1: 'https://a.example.com'}}", f"{{{{control: '{_CONTROL}/{{}}'}}}}"),
}


def told(kind: str, shares: dict[str, int], *led: str) -> tuple[Any, Switched]:
    """The plan out of the first region, and what its cut-over is told, as the technology reads it."""
    common, place = KINDS[kind]
    loaded = book(kind, common, {name: place.format(n) for n, name in enumerate(shares)}, shares)
    plan = failover(loaded, leading(*led))
    (step,) = cut_overs(plan)
    settings = CATALOG[step.uses].technology.Settings.model_validate(step.settings)
    assert isinstance(settings, Switched)
    assert list(getattr(settings, "places")) == list(shares)  # noqa: B009 - each has places of its own
    return plan, settings


@pytest.mark.parametrize("kind", KINDS)
def test_active_passive(kind: str) -> None:
    """The standby is to be on, and nothing else."""
    plan, settings = told(kind, {FIRST: 100, SECOND: 0}, FIRST)
    assert (settings.serving, settings.before) == ((SECOND,), (FIRST,))
    assert plan.refusals == ()


@pytest.mark.parametrize("kind", KINDS)
def test_half_and_half_with_a_standby(kind: str) -> None:
    """The survivor stays on, and the standby off."""
    _, settings = told(kind, {FIRST: 50, SECOND: 50, THIRD: 0}, FIRST, SECOND)
    assert (settings.serving, settings.before) == ((SECOND,), (FIRST, SECOND))
