"""Who may decide what, and what is accepted beforehand."""

from collections.abc import Iterator

from runbooks.durations import duration
from runbooks.models import Approval, Procedure, ProcedurePolicy, Runbook
from runbooks.paper.blocks import Block, Code, Grid, Items, Paragraph, Section, listed
from runbooks.safety import ACCEPTABLE

_DECIDED = (Procedure.FAILOVER, Procedure.SWITCHOVER, Procedure.FAILBACK, Procedure.DRILL)


def deciding(book: Runbook) -> Section:
    """The section."""
    return Section(
        "Who decides",
        (_approvals(book),),
        (
            Section("Rules that hold for every decision", (Items(tuple(_rules(book))),)),
            Section("What is accepted beforehand", tuple(_accepted(book))),
        ),
    )


def _approvals(book: Runbook) -> Grid:
    rows = tuple(_row(book, procedure, book.policy.of(procedure)) for procedure in _DECIDED)
    head = ("Procedure", "Approvals", "By", "Whoever asked for it", "Time to decide", "When nobody decides")
    return Grid(head, rows)


def _row(book: Runbook, procedure: Procedure, rules: ProcedurePolicy) -> tuple[str, ...]:
    approval = rules.approval
    if not approval.count:
        return (str(procedure), "none: it begins unasked, unless its plan refuses itself", "—", "—", "—", "—")
    return (
        str(procedure),
        str(approval.count),
        _people(book, approval),
        "may approve it" if approval.allow_self else "does not count",
        duration(approval.timeout),
        "it goes on, unless somebody has vetoed it"
        if approval.on_timeout == "proceed"
        else "it ends; nothing is changed",
    )


def _people(book: Runbook, approval: Approval) -> str:
    if not approval.by:
        return "anyone"
    return "\n".join(
        f"{name}: {listed(book.roles[name], 'or')}" if book.roles.get(name) else name for name in approval.by
    )


def _rules(book: Runbook) -> Iterator[str]:
    yield (
        "Before anything is changed the run looks at everything, makes its plan, and shows what it would do and lose. "
        "An approval names that plan by its checksum: what was approved is what is run. If the situation has grown "
        "worse by then, it is planned, and asked for, anew."
    )
    yield (
        "A plan refuses itself when it would lose more than the RPO, when a fence cannot be proved, when a standby "
        "cannot be read, or when there would be two writers. Then somebody who may approve must accept that by its "
        "name, or it is mended; some of it cannot be accepted."
    )
    yield (
        "The workflow alone judges each decision: who it is and how that was proved, the role, the quorum, the expiry, "
        "and that it counts once. Refused ones are kept with their reasons, too."
    )
    yield (
        "Who may approve may also accept a risk, skip a step, or confirm. Anyone may hold, retry, abort or veto. "
        "A skipped step needs a reason; a fence is never skipped."
    )
    yield (
        "The kill switch stops every run before its next step that cannot be undone, and lets nothing begin while it "
        "is engaged."
    )
    yield (
        f"After a run that changed something, no failover begins by itself for {duration(book.policy.cool_down)}; "
        "a person may ask for one."
    )
    for procedure in _DECIDED:
        rules = book.policy.of(procedure)
        if rules.commit_within is not None:
            yield (
                f"After the cut-over of a {procedure} somebody must confirm within {duration(rules.commit_within)}; "
                "otherwise everything goes back."
            )
        if rules.cut_over == "while-scaling":
            yield f"In a {procedure}, a region that serves already gets the traffic while it still grows."
    for name, resource in book.resources.items():
        if resource.shared is not None:
            yield f"{name} is shared with other runbooks as {resource.shared}: one run at a time may act on it."


def _accepted(book: Runbook) -> Iterator[Block]:
    rows = tuple(
        (str(procedure), Code(name), ACCEPTABLE[name.partition(":")[0]])
        for procedure in _DECIDED
        for name in book.policy.of(procedure).accept
    )
    if not rows:
        yield Paragraph("Nothing: every risk that a plan names must be accepted by a person, in the run itself.")
        return
    yield Paragraph("For these a plan does not refuse itself, and nobody is asked again:")
    yield Grid(("Procedure", "Name", "What is accepted"), rows)
