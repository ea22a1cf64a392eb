"""Calls as a plan would make them of a lab, and how a test performs them: as Temporal does, in an activity."""

import asyncio
from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.aws import OnAws
from activities.azure import OnAzure
from activities.catalog import CATALOG, Row, activities_of
from activities.clients.valkey import connected
from activities.secrets import Secrets
from lab.cache import settings_of
from lab.topology import ADMIN, DBNAME, PROBE, QUEUE_ADMIN, STREAM, SUBJECTS, Lab
from runbooks.steps import ErrorType, StepCall, StepResult

ACTIVE, STANDBY = "us-east-1", "eu-west-1"
EPOCH = 7
_TRIES = 5
_PATIENT = 5.0
"""Seconds for a server to answer: it shares a busy machine with other tests."""
_PACE = {"every": 0.1, "patience": 1.0}
"""Seconds, at most: between two looks at AWS, and of looking until it is good."""


def call(uses: str, settings: dict[str, Any], *, epoch: int = EPOCH, step: str = "step-1", **more: Any) -> StepCall:
    """A call of that technology; more: `before`, what the act saw that is to be undone."""
    given = {"uses": uses, "settings": settings, "epoch": epoch, "step": step, **more}
    return StepCall.model_validate({"runbook": "book", "run": "run-1", "resource": "it", "region": STANDBY, **given})


async def perform(
    uses: str,
    settings: dict[str, Any],
    *,
    home: Path = Path("nowhere"),
    within: float = 8.0,
    again: Collection[ErrorType] = (ErrorType.BUSY,),
    **more: Any,
) -> StepResult:
    """The registered activity's answer; `uses` may end in `.check` or `.undo`. More: as for `call`.

    What is busy, or what else is to be tried `again`, is asked again, as Temporal would. Raises ApplicationError.
    """
    named = uses.removesuffix(".check").removesuffix(".undo")
    row = CATALOG[named]
    activity = dict(zip(row.names, activities_of(_brisk(row), home), strict=True))[uses]
    made = call(named, settings, **more)
    environment = ActivityEnvironment()
    environment.info = replace(environment.info, start_to_close_timeout=timedelta(seconds=within))
    for tries_left in reversed(range(_TRIES)):
        try:
            result = await environment.run(activity, made)
            break
        except ApplicationError as error:
            if error.type not in again or not tries_left:
                raise
            await asyncio.sleep(0.2)
    assert isinstance(result, StepResult)
    return result


def _brisk(row: Row) -> Row:
    """The same technology, looking at a cloud more often than it would like: what is there in tests answers at once."""
    kind = row.technology
    own = {name: min(getattr(kind, name), most) for name, most in _PACE.items() if hasattr(kind, name)}
    return Row(type(kind.__name__, (kind,), own)) if own and issubclass(kind, (OnAws, OnAzure)) else row


async def refused(uses: str, settings: dict[str, Any], kind: ErrorType, **more: Any) -> str:
    """The sentence of the error that the call must end in."""
    with pytest.raises(ApplicationError) as caught:
        await perform(uses, settings, **more)
    assert caught.value.type == kind.value
    return caught.value.message


def secret(lab: Lab, name: str) -> str:
    """A reference to one of the lab's secrets."""
    return f"file://{lab.secret(name)}"


def postgres(lab: Lab, region: str, **more: Any) -> dict[str, Any]:
    """The settings of a region's database."""
    place = lab.region(region)
    return {
        "host": place.address,
        "port": place.postgres_port,
        "dbname": DBNAME,
        "user": ADMIN,
        "password": secret(lab, f"{ADMIN}.password"),
        "application_name": place.database,
        "connect_timeout": _PATIENT,
        **more,
    }


def powered(lab: Lab, region: str, **more: Any) -> dict[str, Any]:
    """The same, with the power controller that can switch it off."""
    return postgres(lab, region, power=lab.power, power_token=secret(lab, "power.token"), **more)


def queue(lab: Lab, region: str, **more: Any) -> dict[str, Any]:
    """The settings of a region's stream; `follows` names the region of its upstream, `power` adds its controller."""
    place = lab.region(region)
    settings: dict[str, Any] = {
        "host": place.address,
        "port": place.queue_port,
        "domain": region,
        "stream": STREAM,
        "subjects": list(SUBJECTS),
        "domains": [other.name for other in lab.regions],
        "probe": PROBE,
        "user": QUEUE_ADMIN,
        "password": secret(lab, f"{QUEUE_ADMIN}.password"),
        "server": place.queue,
        "connect_timeout": _PATIENT,
    }
    if more.pop("power", False):
        settings |= {"power": lab.power, "power_token": secret(lab, "power.token")}
    if (upstream := more.pop("follows", None)) is not None:
        settings["upstream"] = queue(lab, upstream)
    return {**settings, **more}


def valkey(lab: Lab, region: str, **more: Any) -> dict[str, Any]:
    """The settings of a region's cache, without its power controller."""
    settings = settings_of(lab, lab.region(region)).model_dump(mode="json")
    return {**settings, "power": None, "power_token": None, "connect_timeout": _PATIENT, **more}


def powered_valkey(lab: Lab, region: str, **more: Any) -> dict[str, Any]:
    """The same, with the power controller that can switch it off."""
    return {**settings_of(lab, lab.region(region)).model_dump(mode="json"), "connect_timeout": _PATIENT, **more}


def following(lab: Lab, region: str, upstream: str, **more: Any) -> dict[str, Any]:
    """The settings of a region's cache, and of the one that it follows."""
    return valkey(lab, region, upstream=valkey(lab, upstream), **more)


async def valkey_ask(lab: Lab, region: str, *command: str | int, db: int = 0) -> Any:
    """One command as the administrator. Raises StepError."""
    async with connected(settings_of(lab, lab.region(region)), Secrets(), db) as server:
        return await server.ask(*command)


def group(lab: Lab, region: str, **more: Any) -> dict[str, Any]:
    """The settings of a region's group of replicas."""
    return {"agent": lab.region(region).agent, "token": secret(lab, "agent.token"), **more}


def public_name(lab: Lab, to: str, before: list[str] | None = None, **more: Any) -> dict[str, Any]:
    """The settings that lead the lab's public name to a region."""
    return {
        "zone": lab.zone,
        "name": lab.public_name,
        "servers": [f"{lab.dns_address}:{lab.dns_port}"],
        "ttl": 1,
        "key_name": lab.tsig_key,
        "key_secret": secret(lab, "tsig.key"),
        "addresses": {region.name: region.address for region in lab.regions},
        "weights": {region.name: 100 if region.name == to else 0 for region in lab.regions},
        "before": before,
        **more,
    }
