"""Reading what was filled in: what is asked for, or what is wrong with which field. Pure."""

import re
from dataclasses import dataclass

from runbooks.drills import Mode
from runbooks.models import Procedure, Runbook
from triggers.asking import homes
from triggers.slack.forms import RISKY, Form

_NAME = re.compile(r"[a-z-]+:[A-Za-z0-9_.-]+")

Wrong = dict[str, str]
"""What is wrong, by field."""


@dataclass(frozen=True)
class Filled:
    """What was asked for in a modal."""

    source: str | None = None
    target: str | None = None
    mode: Mode | None = None
    reason: str = ""
    accept: tuple[str, ...] = ()
    force: bool = False


def procedure(form: Form, book: Runbook, given: dict[str, str]) -> tuple[Filled, Wrong]:
    """What was asked for, and what is wrong with it."""
    source, target = given.get("source") or None, given.get("target") or None
    accept = tuple(given.get("accept", "").replace(",", " ").split())
    mode: Mode | None = "isolated" if given.get("mode") == "isolated" else "full" if given.get("mode") else None
    filled = Filled(source, target, mode, given.get("reason", ""), accept, force=bool(given.get("force")))
    wrong: Wrong = {}
    if target is not None and target == source:
        wrong["target"] = f"{target} is the region that is left: choose another, or none"
    strange = [name for name in accept if not _NAME.fullmatch(name)]
    if strange:
        wrong["accept"] = f"{strange[0]} is not the name of a risk; one is written like loss:vector-db"
    if form.procedure in RISKY:
        wrong |= _typed(given.get("typed", ""), _meant(form, book, filled))
    return filled, wrong


def evacuation(form: Form, given: dict[str, str]) -> tuple[Filled, Wrong]:
    """The same for a region that is evacuated."""
    filled = Filled(source=form.region, reason=given.get("reason", ""), force=bool(given.get("force")))
    return filled, _typed(given.get("typed", ""), [form.region])


def _meant(form: Form, book: Runbook, filled: Filled) -> list[str]:
    """The names of which one must have been typed."""
    if form.procedure is Procedure.FAILOVER:
        return [filled.source or ""]
    return [filled.target] if filled.target else homes(book)


def _typed(typed: str, meant: list[str]) -> Wrong:
    if typed in meant:
        return {}
    return {"typed": f"that is not {' or '.join(meant)}: nothing was started"}
