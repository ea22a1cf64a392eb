"""All checks at once: those of this machine, and, as soon as Temporal answers, those of Temporal."""

import asyncio

from temporalio.client import Client

from triggers.doctor import books, evidence, here, pinned, place, temporal, workers
from triggers.doctor.findings import Case, Finding, Here, There, bad, made
from worker.connect import CannotReachTemporalError, connect

BOUND = 8.0
"""Seconds for each check."""

HERE: dict[str, Here] = {
    "records": here.records,
    "signing": evidence.signing,
    "copies": evidence.copies,
    "store": here.store,
    "extras": here.extras,
    "place": place.temporals_region,
    "secrets": books.secrets,
    "resources": books.resources,
}
THERE: dict[str, There] = {
    "temporal": temporal.connection,
    "attributes": temporal.attributes,
    "retention": temporal.retention,
    "clock": temporal.clock,
    "workers": workers.polling,
    "release": workers.releases,
    "vantage": workers.vantages,
    "detector": pinned.detectors,
    "schedules": pinned.timetables,
    "kill switch": temporal.kill_switches,
}


async def visit(case: Case) -> tuple[list[Finding], bool]:
    """Everything found, Temporal's first; and whether Temporal answered."""
    (there, reached), found = await asyncio.gather(
        _temporal(case), made(((name, check(case)) for name, check in HERE.items()), BOUND)
    )
    return [*there, *found], reached


async def _temporal(case: Case) -> tuple[list[Finding], bool]:
    try:
        async with asyncio.timeout(BOUND):
            client: Client = await connect(case.settings)
    except CannotReachTemporalError as error:
        told, _, advice = str(error).partition(". ")
        return [bad("temporal", f"{told}.", advice)], False
    except TimeoutError:
        return [bad("temporal", f"Temporal gave no answer within {BOUND:g} s.", "Look at TEMPORAL_ADDRESS.")], False
    return await made(((name, check(case, client)) for name, check in THERE.items()), BOUND), True
