"""What the runbooks need of this machine: their secrets, and that their resources know us."""

import asyncio
from pathlib import Path

from activities.asking import ask_twice, detectors_in
from activities.errors import StepError
from activities.secrets import resolve
from runbooks.durations import duration
from runbooks.faults import RunbookError
from runbooks.load import LoadedRunbook, load
from runbooks.models import Runbook
from runbooks.probes import Probe, observations
from runbooks.secret_refs import references
from runbooks.steps import Reading, Verb
from triggers.doctor.findings import Case, Finding, aside, bad, ok, unknown, warn

_PATIENCE = 2.0
"""Seconds for one secret: a file on a share that is gone would keep us waiting for ever."""
_NAMED = 3


def read(paths: list[Path]) -> tuple[list[LoadedRunbook], list[Finding]]:
    """The runbooks, and a finding for each file."""
    books, found = [], []
    for path in paths:
        try:
            book = load(path)
        except RunbookError as error:
            first = error.faults[0]
            more = f" (and {len(error.faults) - 1} more)" if len(error.faults) > 1 else ""
            found.append(bad("runbook", f"{first}{more}", f"evac validate {path}"))
        else:
            books.append(book)
            notes = len(book.notes)
            told = f"; {notes} note{'' if notes == 1 else 's'} (evac validate)" if notes else ""
            found.append(ok("runbook", f"{path} is valid: {book.runbook.name}{told}."))
    return books, found


async def secrets(case: Case) -> list[Finding]:
    """Every reference leads to a secret here. The values are never shown."""
    return [finding for book in case.books for finding in await _secrets_of(book.runbook)]


async def _secrets_of(book: Runbook) -> list[Finding]:
    wanted = references(book)
    if not wanted:
        return [ok("secrets", f"{book.name} refers to no secret.")]
    missing = await missing_secrets(wanted)
    if not missing:
        return [ok("secrets", f"{book.name}: all {len(wanted)} secrets can be read here.")]
    more = f" and {len(missing) - _NAMED} more" if len(missing) > _NAMED else ""
    names = ", ".join(list(missing)[:_NAMED]) + more
    told = f"{book.name}: {len(missing)} of {len(wanted)} secrets cannot be read here: {names}."
    return [warn("secrets", told, "Set them wherever a worker runs; `evac readiness` asks the workers themselves.")]


async def missing_secrets(wanted: tuple[str, ...]) -> dict[str, str]:
    """Those that cannot be read here, each with the sentence why."""
    told = await asyncio.gather(*(_why_missing(reference) for reference in wanted))
    return {reference: why for reference, why in zip(wanted, told, strict=True) if why is not None}


async def _why_missing(reference: str) -> str | None:
    try:
        async with asyncio.timeout(_PATIENCE):
            await aside(lambda: resolve(reference))
    except StepError as error:
        return error.sentence
    except TimeoutError:
        return f"{reference} gave nothing within {duration(_PATIENCE)}"
    return None


async def resources(case: Case) -> list[Finding]:
    """Each resource answers, and takes our word for who we are. Looked at from here, and only looked at."""
    return [finding for book in case.books for finding in await _resources_of(case, book.runbook)]


async def _resources_of(case: Case, book: Runbook) -> list[Finding]:
    missing = await missing_secrets(references(book))
    probes = [probe for probe in observations(book) if not any(name in str(probe.settings) for name in missing)]
    readings = await asyncio.gather(*(_look(case, book, probe) for probe in probes))
    denied = [reading for reading in readings if reading.state == "unknown"]
    silent = [reading for reading in readings if reading.state == "unhealthy"]
    good = len(readings) - len(denied) - len(silent)
    found = [bad("resources", f"{_where(one)}: {one.reason}", "Correct its settings or its secret.") for one in denied]
    found += [
        warn("resources", f"{_where(one)}: {one.reason}", "Mend it; or look from a machine that reaches it.")
        for one in silent
    ]
    untold = len(observations(book)) - len(probes)
    if untold:
        found.append(unknown("resources", f"{book.name}: {untold} were not asked, for want of a secret."))
    return [ok("resources", f"{book.name}: {good} of {len(readings) + untold} answer from here.")][not good :] + found


async def _look(case: Case, book: Runbook, probe: Probe) -> Reading:
    return await ask_twice(detectors_in(case.settings.home), probe.call(Verb.DETECT, book.name, "doctor"))


def _where(reading: Reading) -> str:
    return f"{reading.resource} ({reading.region})"
