"""What differs between the schedules that a runbook declares and those that Temporal keeps. Pure."""

from collections.abc import Iterator, Sequence
from enum import StrEnum

from runbooks.models import Procedure, Runbook, ScheduleRule
from runbooks.plan import declared_checksum
from runbooks.timetable import SCHEDULED, ScheduleState, option_words, options_of, timetable_of
from runbooks.values import Model

_SHOWN = 12


class Change(StrEnum):
    """What is to be done about one of them."""

    ADD = "add"
    CHANGE = "change"
    SAME = "same"
    ORPHAN = "orphan"
    """Temporal keeps it, and the runbook does not declare it: only `--prune` removes it."""


class Difference(Model):
    """One procedure of one runbook: as declared, as kept, and in sentences what differs."""

    change: Change
    runbook: str
    procedure: Procedure
    declared: ScheduleRule | None = None
    kept: ScheduleState | None = None
    differs: tuple[str, ...] = ()


def differences(book: Runbook, kept: Sequence[ScheduleState]) -> tuple[Difference, ...]:
    """One for each procedure that is declared or kept."""
    declared = {rule.procedure: rule for rule in book.schedules}
    found = {state.procedure: state for state in kept if state.runbook == book.name}
    made = (_difference(book, procedure, declared.get(procedure), found.get(procedure)) for procedure in SCHEDULED)
    return tuple(one for one in made if one is not None)


def _difference(
    book: Runbook, procedure: Procedure, rule: ScheduleRule | None, state: ScheduleState | None
) -> Difference | None:
    if rule is None and state is None:
        return None
    told = Difference(change=Change.SAME, runbook=book.name, procedure=procedure, declared=rule, kept=state)
    if state is None:
        return told.model_copy(update={"change": Change.ADD})
    if rule is None:
        by = f"put by {state.by}" if state.by else "put by nobody knows whom"
        return told.model_copy(update={"change": Change.ORPHAN, "differs": (f"the runbook does not declare it; {by}",)})
    differs = tuple(_differs(book, rule, state))
    return told.model_copy(update={"change": Change.CHANGE, "differs": differs}) if differs else told


def _differs(book: Runbook, rule: ScheduleRule, state: ScheduleState) -> Iterator[str]:
    if state.timetable is None or state.pinned is None:
        yield "it was put by another release of Evac, and cannot be read whole"
        return
    wanted, options = timetable_of(rule), options_of(rule)
    if wanted != state.timetable:
        yield f"times: {state.timetable.words} -> {wanted.words}"
    elif state.edited:
        yield f"times: changed in Temporal itself -> {wanted.words}"
    for name in sorted({*options, *state.options}):
        old, new = state.options.get(name), options.get(name)
        if old != new:
            yield f"{name}: {option_words(name, old)} -> {option_words(name, new)}"
    if state.pinned != book:
        parts = ", ".join(changed_parts(state.pinned, book))
        checksums = f"{state.checksum[:_SHOWN]} -> {declared_checksum(book)[:_SHOWN]}"
        yield f"made with another text of the runbook ({checksums}): {parts}"


def changed_parts(old: Runbook, new: Runbook) -> tuple[str, ...]:
    """The sections of the runbook that are not the same."""
    return tuple(name for name in Runbook.model_fields if getattr(old, name) != getattr(new, name))
