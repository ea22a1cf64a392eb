"""How it is kept true: drills, backups and restore tests, schedules, and who is told."""

from collections.abc import Iterator

from runbooks.durations import duration
from runbooks.models import Backup, Runbook
from runbooks.paper.blocks import Block, Code, Grid, Items, Paragraph, Section
from runbooks.paper.system import plainly
from runbooks.restoring import region_for, stores
from runbooks.timetable import option_words, options_of, timetable_of


def proving(book: Runbook) -> Section:
    """The section."""
    return Section(
        "How it is kept true",
        (),
        (
            Section("Drills", (_drills(book),)),
            Section("Backups and restore tests", tuple(_backups(book))),
            Section("Schedules", tuple(_schedules(book))),
            Section("Who is told", tuple(_notices(book))),
        ),
    )


def _drills(book: Runbook) -> Items:
    rules = book.policy.drill
    usual = {
        "full": "A drill is a full one unless said otherwise: everything is really moved, and home again.",
        "isolated": "A drill is isolated unless said otherwise: nothing that is in use is touched.",
    }
    return Items(
        (
            usual[rules.mode],
            (
                f"A full drill is a switchover, {duration(rules.soak)} of service from the other region, watched from "
                "the vantage points, and the way home. Its verdict is measured: recovery, time without writes, loss."
            ),
            (
                f"A good drill counts for {duration(rules.max_age)}; after that, or after an edit of the runbook, the "
                "readiness report says that it must be drilled again."
            ),
            "A real failover that is asked for meanwhile takes precedence: the drill goes on as that failover.",
        )
    )


def _backups(book: Runbook) -> Iterator[Block]:
    found = stores(book)
    if not found:
        yield Paragraph("No resource of this runbook has backups that Evac can restore.")
        return
    where = region_for(book, None)
    yield Paragraph(
        f"A restore test restores the newest backup of each store aside, in {where} unless said otherwise, asks it, "
        "and removes it. Nothing in use is touched."
    )
    rows = tuple((Code(name), *_demands(backup)) for name, backup in found.items())
    yield Grid(("Store", "Newest backup at most", "What it must answer once restored"), rows)


def _demands(backup: Backup | None) -> tuple[str, str]:
    if backup is None:
        return "no backup is declared", "nothing says that it could be restored"
    asked = []
    for query in backup.queries:
        want = "any answer"
        want = f"at least {query.at_least:g}" if query.at_least is not None else want
        want = f"exactly {query.expect}" if query.expect is not None else want
        asked.append(f"{query.sql} → {want}")
    return f"{duration(backup.max_age)} old", "\n".join(asked) or "that it answers at all"


def _schedules(book: Runbook) -> Iterator[Block]:
    if not book.schedules:
        yield Paragraph("None is declared in the runbook.")
        return
    yield Paragraph("A time is skipped while the one before is still going. What they find is kept, as of every run.")
    rows = []
    for rule in book.schedules:
        options = options_of(rule)
        told = "\n".join(f"{name}: {option_words(name, options[name])}" for name in sorted(options))
        rows.append((rule.run, timetable_of(rule).words, told or "—"))
    yield Grid(("Procedure", "When", "How"), tuple(rows))


def _notices(book: Runbook) -> Iterator[Block]:
    if not book.notify:
        yield Paragraph("The runbook names nobody to be told; a run is seen by those who look at it.")
        return
    rows = tuple(
        (Code(notice.uses), "\n".join(f"{k}: {plainly(v)}" for k, v in notice.settings.items()) or "—")
        for notice in book.notify
    )
    yield Grid(("Technology", "Settings"), rows)
