"""What was armed or scheduled with an older runbook: it goes on as it was pinned, whatever the file says now."""

from temporalio.client import Client

from activities.clients import executions
from runbooks.load import LoadedRunbook
from runbooks.runs import WatchInput
from runbooks.timetable_changes import Change, Difference, differences
from triggers import names
from triggers.doctor.findings import Case, Finding, ok, warn
from triggers.schedules import schedules


async def detectors(case: Case, client: Client) -> list[Finding]:
    """Each runbook is watched, as its file is now."""
    found = []
    for book in case.books:
        name = book.runbook.name
        info = await executions.newest(client, names.watch_id_of(name))
        if info is None or not executions.is_open(info):
            told = f"No detector of {name} is armed: a dead region is left only when somebody says so."
            found.append(warn("detector", told, f"evac detect {book.path}"))
            continue
        armed = await executions.input_of(client, info, WatchInput)
        if armed is not None and armed.runbook == book.runbook:
            found.append(ok("detector", f"The detector of {name} is armed, with the runbook as it is now."))
        else:
            advice = f"evac detect --stop {name}\nevac detect {book.path}"
            found.append(warn("detector", f"The detector of {name} was armed with an older runbook.", advice))
    return found


async def timetables(case: Case, client: Client) -> list[Finding]:
    """What is on a schedule is what the runbook declares, and is done with the runbook as it is now."""
    found = []
    for book in case.books:
        told = differences(book.runbook, await schedules(client, book.runbook.name))
        wrong = [one for one in told if one.change in (Change.ADD, Change.CHANGE) or _is_old(one, book)]
        if wrong:
            words = ", ".join(f"{one.procedure} ({_word(one)})" for one in wrong)
            declared = any(one.declared is not None for one in wrong)
            advice = f"evac schedule sync {book.path}" if declared else f"evac schedule list {book.runbook.name}"
            found.append(warn("schedules", f"Not on their schedules as {book.runbook.name} is now: {words}.", advice))
        elif told:
            words = ", ".join(one.procedure.value for one in told)
            found.append(ok("schedules", f"{book.runbook.name} is on its schedules as it is now: {words}."))
    return found


def _is_old(one: Difference, book: LoadedRunbook) -> bool:
    """It was put by hand, with what is no longer the runbook."""
    return one.change is Change.ORPHAN and one.kept is not None and one.kept.pinned != book.runbook


def _word(one: Difference) -> str:
    return {Change.ADD: "missing", Change.CHANGE: "changed"}.get(one.change, "made with an older runbook")
