"""What Temporal's own web page shows of a run: a summary (200 bytes at most) and details in Markdown."""

from runbooks.faults import plain
from runbooks.runs import RunInput, WatchInput

_SUMMARY_BYTES = 200
_CELL = 500


def run_summary(request: RunInput) -> str:
    """One line: which system leaves which region, and who says so."""
    target = request.target or "the best target"
    return _short(f"{request.runbook.name}: failover {request.source} -> {target}, asked by {request.trigger.by}")


def run_details(request: RunInput) -> str:
    """What was asked, why, and how to follow and steer it."""
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
    return f"| | |\n|---|---|\n{table}\n\nFollow: `evac watch {book.name}`. State: the query `state`."


def watch_summary(request: WatchInput) -> str:
    """One line: what is watched, and whether it acts."""
    acts = "starts a failover" if request.start_failover else "reports only"
    return _short(f"{request.runbook.name}: detector of {', '.join(request.runbook.regions)}; {acts}")


def watch_details(request: WatchInput) -> str:
    """How the detector decides."""
    rule = request.runbook.detect
    quorum = rule.quorum or "a majority"
    return (
        f"Each vantage point probes every {rule.interval:g} s; {rule.failures} bad rounds make a region unhealthy; "
        f"{quorum} of the vantage points outside it make it down.\n\nStop: `evac detect --stop {request.runbook.name}`."
    )


def _cell(text: str) -> str:
    """One cell of a Markdown table, of bounded length: all details together may have 20 KB."""
    return plain(text, _CELL).replace("|", "\\|")


def _short(text: str) -> str:
    """At most 200 bytes, cut between characters."""
    return text.encode()[:_SUMMARY_BYTES].decode(errors="ignore")
