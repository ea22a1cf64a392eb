"""What was armed or scheduled with an older runbook: it goes on as it was pinned, whatever the file says now."""

from temporalio.client import Client

from activities.clients import executions
from runbooks.timetable_changes import Change, differences
from runbooks.watches import WatchInput
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
    """What is declared is on its schedule, and done by the text that the file has now."""
    found: list[Finding] = []
    for book in case.books:
        name, declared = book.runbook.name, bool(book.runbook.schedules)
        kept = await schedules(client, name)
        advice = f"evac schedule sync {book.path}" if declared else "Put them on their schedule again."
        old = [one.procedure for one in kept if one.pinned != book.runbook]
        owed = [
            one.procedure
            for one in differences(book.runbook, kept)
            if one.change in (Change.ADD, Change.CHANGE) and one.procedure not in old
        ]
        if old:
            found.append(warn("schedules", f"On a schedule with an older text of {name}: {', '.join(old)}.", advice))
        if owed:
            told = f"{name} declares schedules that Temporal does not keep, or not so: {', '.join(owed)}."
            found.append(warn("schedules", told, advice))
        elif kept and not old:
            told = ", ".join(one.procedure for one in kept)
            found.append(ok("schedules", f"{name} is on a schedule with the text as it is now: {told}."))
    return found
