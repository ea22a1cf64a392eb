"""A readiness report and a restore test as pictures, as lines, and as exit codes. Pure."""

import time
from collections import Counter

from rich.console import Group, RenderableType
from rich.text import Text

from runbooks.composite_rows import finding_rows, proof_rows
from runbooks.readiness import Grade, ReadinessReport, ReadinessState, score
from runbooks.restoring import RestoreTestState
from runbooks.words import clean
from triggers.cli.exits import Exit
from triggers.cli.frame import BAD, GOING, GOOD, STYLES, rows, standing, title
from triggers.cli.view import event_table

_WORST_FIRST = (Grade.BAD, Grade.UNKNOWN, Grade.WARN, Grade.OK)


def readiness_code(state: ReadinessState) -> Exit:
    """Ready is 0."""
    if state.report is None:
        return Exit.FAILED if state.ended else Exit.TIMED_OUT
    return Exit.DONE if state.report.ready else Exit.FAILED


def readiness_view(state: ReadinessState, now: float) -> RenderableType:
    """The score, then every finding, the worst first."""
    made = state.report
    what = "readiness" if made is None else f"readiness {score(made, now)} of 100"
    parts = [title(state.runbook, what, "", state.run)]
    if made is None:
        parts.append(standing("failed" if state.ended else "looking", BAD if state.ended else GOING, state.message))
        if state.events:
            parts += [Text(), event_table(state.events, state.started_at)]
    else:
        parts.append(standing("ready" if made.ready else "not ready", GOOD if made.ready else BAD, _counted(made)))
        found = [(f"{one.word:<8}{one.name}", one.sentence, STYLES[one.tone]) for one in finding_rows(made, now)]
        parts += [Text(), rows(found, width=18)]
    if state.record:
        parts += [Text(), Text(f"record: {state.record}", style="dim")]
    return Group(*parts)


def readiness_closing(state: ReadinessState) -> str:
    """How it stands, in one line."""
    if state.report is None:
        return f"no report: {clean(state.message)}"
    word = "ready" if state.report.ready else "not ready"
    return f"{word}: {state.runbook}, {score(state.report, time.time())} of 100; {_counted(state.report)}"


def readiness_lines(state: ReadinessState) -> list[str]:
    """Every finding, a line each, the worst first; what is looked at, while there is none."""
    if state.report is None:
        return [clean(state.message)]
    found = state.report.findings
    ordered = sorted(found, key=lambda finding: _WORST_FIRST.index(finding.grade))
    return [f"{one.grade:<8}{one.topic:<10}{clean(one.sentence)}" for one in ordered]


def _counted(made: ReadinessReport) -> str:
    counts = Counter(finding.grade for finding in made.findings)
    return ", ".join(f"{counts[grade]} {grade}" for grade in _WORST_FIRST if counts[grade])


def restore_code(state: RestoreTestState) -> Exit:
    """Every store proved is 0."""
    if state.report is None:
        return Exit.FAILED if state.ended else Exit.TIMED_OUT
    return Exit.DONE if state.report.passed else Exit.FAILED


def restore_view(state: RestoreTestState, now: float) -> RenderableType:
    """Each store's proof, or how far it is."""
    del now
    parts = [title(state.runbook, "restore test", f"in {state.region}", state.run)]
    if state.report is None:
        parts.append(standing("failed" if state.ended else "restoring", BAD if state.ended else GOING, state.message))
        if state.events:
            parts += [Text(), event_table(state.events, state.started_at)]
    else:
        good = state.report.passed
        told = state.message.partition(":")[0]  # what follows is said by the proofs
        parts.append(standing("passed" if good else "failed", GOOD if good else BAD, told))
        proofs = [(f"{one.mark} {one.name}", one.sentence, STYLES[one.tone]) for one in proof_rows(state.report)]
        known = {proof.sentence for proof in state.report.proofs}
        proofs += [("", sentence, "") for sentence in state.report.sentences if sentence not in known]
        parts += [Text(), rows(proofs)]
    if state.record:
        parts += [Text(), Text(f"record: {state.record}", style="dim")]
    return Group(*parts)


def restore_closing(state: RestoreTestState) -> str:
    """How it ended, in one line."""
    word = "no verdict" if state.report is None else "passed" if state.report.passed else "failed"
    return f"{word}: {clean(state.message)}"
