"""What was armed or scheduled with a runbook's older text: it goes on as it was pinned, whatever the file says now."""

from typing import Any

from temporalio.client import Client, ScheduleActionStartWorkflow

from activities.clients import executions
from runbooks.runs import WatchInput
from runbooks.timetable import ScheduledInput
from triggers import names
from triggers.doctor.findings import Case, Finding, ok, warn
from triggers.schedules import schedules


async def detectors(case: Case, client: Client) -> list[Finding]:
    """Each runbook is watched, by the text that its file has now."""
    found = []
    for book in case.books:
        name = book.runbook.name
        info = await executions.newest(client, names.watch_id_of(name))
        if info is None or not executions.is_open(info):
            told = f"No detector of {name} is armed: a dead region is left only when a person says so."
            found.append(warn("detector", told, f"evac detect {book.path}"))
            continue
        armed = await executions.input_of(client, info, WatchInput)
        if armed is not None and armed.text == book.text:
            found.append(ok("detector", f"The detector of {name} is armed, with the text as it is now."))
        else:
            advice = f"evac detect --stop {name}\nevac detect {book.path}"
            found.append(warn("detector", f"The detector of {name} was armed with an older text.", advice))
    return found


async def timetables(case: Case, client: Client) -> list[Finding]:
    """What is on a schedule is done by the text that the file has now."""
    found: list[Finding] = []
    for book in case.books:
        name = book.runbook.name
        kept = await schedules(client, name)
        old = [one.procedure.value for one in kept if await _text(client, one.id) not in (None, book.text)]
        if old:
            told = f"On a schedule with an older text of {name}: {', '.join(old)}."
            found.append(warn("schedules", told, "Put them on their schedule again."))
        elif kept:
            told = ", ".join(one.procedure.value for one in kept)
            found.append(ok("schedules", f"{name} is on a schedule with the text as it is now: {told}."))
    return found


async def _text(client: Client, schedule_id: str) -> str | None:
    """The text that the schedule pins; None when it does not say."""
    action = (await client.get_schedule_handle(schedule_id).describe()).schedule.action
    if not isinstance(action, ScheduleActionStartWorkflow) or not action.args:
        return None
    payloads: Any = action.args[:1]
    decoded = await client.data_converter.decode(payloads, [ScheduledInput])
    text = decoded[0].request.get("text")
    return text if isinstance(text, str) else None
