"""The records of a folder: which there are, those that somebody looks for, and the one that is meant."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from audit.account_run import approvers
from audit.bundle import Bundle, BundleError, read
from audit.pending import places
from audit.store import Store, is_store
from runbooks.models import Procedure
from runbooks.reports import ReportCall
from runbooks.runs import RunState
from runbooks.values import UnixTime


@dataclass(frozen=True)
class Kept:
    """One record, as much as a list needs; `call` is None for a run, `state` for what is made of runs."""

    place: str
    state: RunState | None = None
    call: ReportCall | None = None

    @property
    def subject(self) -> str:
        """The runbook, or the region of an evacuation."""
        return self.place.split("/")[-2]

    @property
    def name(self) -> str:
        """The record's own name."""
        return self.place.rpartition("/")[2]

    @property
    def run(self) -> str:
        """The run's id; as much of it as the name has, where the record cannot be read."""
        if self.state is not None:
            return self.state.run
        return self.call.run_id if self.call is not None else self.name.rpartition("-")[2]

    @property
    def began(self) -> UnixTime:
        """When it began."""
        if self.state is not None:
            return self.state.started_at
        return self.call.started_at if self.call is not None else 0.0

    @property
    def outcome(self) -> str:
        """How it ended, in one word."""
        if self.state is not None:
            return str(self.state.outcome or self.state.phase)
        if self.call is None:
            return "unreadable"
        return str(self.call.report.get("outcome") or ("passed" if self.call.passed else "failed"))

    @property
    def kind(self) -> str:
        """The procedure."""
        if self.state is not None:
            return str(self.state.procedure)
        return str(self.call.procedure) if self.call is not None else "unknown"

    @property
    def regions(self) -> frozenset[str]:
        """The regions that it was about."""
        if self.state is not None:
            return frozenset({self.state.source, self.state.target})
        told = {} if self.call is None else self.call.report
        return frozenset(str(told[key]) for key in ("source", "target", "region") if told.get(key))

    @property
    def drill(self) -> bool:
        """It was an exercise."""
        if self.state is not None:
            return bool(self.state.drill) or self.state.procedure is Procedure.DRILL
        return self.call is not None and self.call.procedure in {Procedure.DRILL, Procedure.RESTORE_TEST}


@dataclass(frozen=True)
class Wanted:
    """What is looked for; what is None does not matter."""

    runbook: str | None = None
    region: str | None = None
    outcome: str | None = None
    drill: bool | None = None
    since: UnixTime | None = None
    until: UnixTime | None = None
    approver: str | None = None

    def matches(self, one: Kept) -> bool:
        """It is looked for."""
        yes = () if one.state is None else approvers(one.state)
        return (
            (self.runbook is None or self.runbook == one.subject)
            and (self.region is None or self.region in one.regions)
            and (self.outcome is None or self.outcome == one.outcome)
            and (self.drill is None or (self.drill == one.drill and (one.drill or one.state is not None)))
            and (self.since is None or one.began >= self.since)
            and (self.until is None or one.began <= self.until)
            and (self.approver is None or self.approver in yes)
        )


def kept(records: Path, wanted: Wanted | None = None) -> Iterator[Kept]:
    """The records that are wanted, newest first."""
    for place in reversed(places(records)):
        found = _kept(records, place)
        if wanted is None or wanted.matches(found):
            yield found


def _kept(records: Path, place: str) -> Kept:
    folder = records / place
    try:
        if (folder / "report.json").is_file():
            return Kept(place, call=ReportCall.model_validate_json((folder / "report.json").read_bytes()))
        return Kept(place, state=RunState.model_validate_json((folder / "state.json").read_bytes()))
    except (OSError, ValidationError):
        return Kept(place)


def found(records: Path, target: str) -> Bundle:
    """The record that is meant.

    A folder, a tar, an address in a store, the beginning of a run's id or of a record's name, or the name of a
    runbook, which stands for its newest. Raises BundleError, StoreError.
    """
    if is_store(target) and not target.startswith("file://"):
        above, _, name = target.rstrip("/").rpartition("/")
        return Store(above).get(name)
    path = Path(target.removeprefix("file://"))
    if path.exists() and ("/" in target or path.is_file() or (path / "manifest.json").exists()):
        return read(path)
    matching = [place for place in places(records) if _meant(place, target)]
    if len(matching) > 1:  # a name has the beginning of the run's id only
        matching = [place for place in matching if _kept(records, place).run.startswith(target)] or matching
    if not matching:
        matching = [place for place in places(records) if place.partition("/")[0] == target][-1:]
    if len(matching) == 1:
        return read(records / matching[0])
    if not matching:
        message = f"there is no record {target} in {records}: `evac audit list` shows what there is"
        raise BundleError(message)
    names = ", ".join(place.rpartition("/")[2] for place in matching[-4:])
    message = f"{target} may be any of {len(matching)} records, such as {names}: say more of its name"
    raise BundleError(message)


def _meant(place: str, target: str) -> bool:
    """Its name begins so, or its run's id does. A name has eight characters of that."""
    name = place.rpartition("/")[2]
    run = name.rpartition("-")[2]
    return target in {place, name} or name.startswith(target) or (len(target) >= 4 and _same(run, target))  # noqa: PLR2004 - fewer say nothing


def _same(run: str, target: str) -> bool:
    return run.startswith(target) or (len(target) > len(run) and target.startswith(run))
