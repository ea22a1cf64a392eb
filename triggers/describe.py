"""What is asked for, in words: for whoever is about to ask for it, and for Temporal's own web page.

That page takes a summary (200 bytes at most) and details in Markdown.
"""

from runbooks.durations import duration
from runbooks.faults import plain
from runbooks.models import Procedure
from runbooks.runs import RunInput
from runbooks.watches import WatchInput

_SUMMARY_BYTES = 200
_CELL = 500


_CONSEQUENCES: dict[Procedure, tuple[str, ...]] = {
    Procedure.FAILOVER: (
        "Writes: {source} is presumed dead and is made to take no more; they go on in the new primary.",
        "Data: what {source} had not copied is LOST. The plan says how much; over the RPO of {rpo} it refuses itself.",
        "Back: an abort takes back what was done until a standby is promoted; after that, by a failback only.",
    ),
    Procedure.SWITCHOVER: (
        "Writes: they stop until the standby has everything and takes over.",
        "Data: no acknowledged write is lost; if the standby does not catch up, nothing moves.",
        "Back: an abort takes back what was done until the standby is promoted; after that, by another switchover.",
    ),
    Procedure.FAILBACK: (
        "Writes: they go on in {source} while home is rebuilt, then stop until home has everything and takes over.",
        "Data: the copy in {target} is REBUILT from {source}; what only it has is written to a file for review first.",
        "Back: an abort takes back what was done until home is promoted; what was rebuilt stays a standby.",
    ),
}
DRILL_CONSEQUENCES = (
    "Writes: they stop twice, each time until the other side has everything and takes over.",
    "Data: no acknowledged write is lost; if a standby does not catch up, nothing moves.",
    "A disaster meanwhile: the drill becomes the real failover. An abort leads home.",
)
"""Of a full drill."""


def consequences(request: RunInput) -> tuple[str, ...]:
    """What the procedure does to writes and data, and how to get back: sentences."""
    words = {"source": request.source, "target": request.target or "the target"}
    rpo = duration(request.runbook.objectives.rpo)
    return tuple(text.format(**words, rpo=rpo) for text in _CONSEQUENCES.get(request.procedure, ()))


def approvals(request: RunInput) -> str:
    """Who must approve the plan."""
    rule = request.runbook.policy.of(request.procedure).approval
    if not rule.count:
        return "NO further approval"
    anyone = "anyone" if rule.allow_self or request.trigger.kind != "person" else "somebody else"
    count = f"{rule.count} approval{'' if rule.count == 1 else 's'} by {', '.join(rule.by) or anyone}"
    if rule.on_timeout == "proceed":
        return f"{count}, or goes on unless vetoed within {duration(rule.timeout)}"
    return count


def way(request: RunInput) -> str:
    """From where to where."""
    return f"{request.source} -> {request.target or 'the best target'}"


def run_summary(request: RunInput) -> str:
    """One line: what is done to which system, and who says so."""
    return _short(f"{request.runbook.name}: {request.procedure} {way(request)}, asked by {request.trigger.by}")


def run_details(request: RunInput) -> str:
    """What was asked, why, what it does, and how to follow and steer it."""
    book, trigger = request.runbook, request.trigger
    rows = {
        "Runbook": book.name,
        "From": request.source,
        "To": request.target or "chosen by the plan",
        "Objectives": f"RTO {book.objectives.rto:g} s, RPO {book.objectives.rpo:g} s",
        "Asked by": f"{trigger.by} ({trigger.proof or trigger.kind})",
        "Reason": trigger.reason or "none given",
        "Accepted beforehand": ", ".join(request.accept) or "nothing",
        "Owners": ", ".join(book.owners) or "none named",
    }
    table = "\n".join(f"| {key} | {_cell(value)} |" for key, value in rows.items())
    does = "\n".join(f"- {sentence}" for sentence in consequences(request))
    return f"| | |\n|---|---|\n{table}\n\n{does}\n\nFollow: `evac watch {book.name}`. State: the query `state`."


def watch_summary(request: WatchInput) -> str:
    """One line: what is watched, and whether it acts."""
    acts = "starts a failover" if request.start_failover else "reports only"
    return _short(f"{request.runbook.name}: detector of {', '.join(request.runbook.regions)}; {acts}")


def watch_details(request: WatchInput) -> str:
    """How the detector decides."""
    rule = request.runbook.detect
    quorum = rule.quorum or "a majority"
    dwell = f" Before anything is started, that must stand for {rule.dwell:g} s." if rule.dwell else ""
    return (
        f"Each vantage point probes every {rule.interval:g} s; {rule.failures} bad rounds make a region unhealthy, "
        f"{rule.successes} good ones healthy again; {quorum} of the vantage points outside it make it down.{dwell}\n\n"
        f"What keeps it from starting a failover: {', '.join(rule.vetoes) or 'nothing'}, and the kill switch.\n\n"
        f"Stop: `evac detect --stop {request.runbook.name}`."
    )


def _cell(text: str) -> str:
    """One cell of a Markdown table, of bounded length: all details together may have 20 KB."""
    return plain(text, _CELL).replace("|", "\\|")


def _short(text: str) -> str:
    """At most 200 bytes, cut between characters."""
    return text.encode()[:_SUMMARY_BYTES].decode(errors="ignore")
