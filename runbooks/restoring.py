"""A restore test: the newest backup of each store is restored aside, checked by queries, and removed."""

from pydantic import JsonValue

from runbooks.durations import duration
from runbooks.kinds import KINDS
from runbooks.models import Backup, Role, Runbook
from runbooks.runs import RunEvent, Trigger
from runbooks.steps import StepCall, StepResult, Verb
from runbooks.values import Model, Seconds, UnixTime

AGE = "backup_age"
"""The key under which a restore says how old the newest backup is, in seconds (`after`, or `before` of the check)."""


class RestoreTestInput(Model):
    """What a restore test needs. `region` None: the standby region; `resource` None: every store."""

    runbook: Runbook
    text: str = ""
    region: str | None = None
    resource: str | None = None
    trigger: Trigger


class RestoreProof(Model):
    """One store: `proved` says that its newest backup was restored and answered as demanded."""

    resource: str
    region: str
    proved: bool
    sentence: str
    backup_age: Seconds | None = None
    result: StepResult | None = None


class RestoreReport(Model):
    """Passed only when every store is proved."""

    passed: bool
    sentences: tuple[str, ...]
    proofs: tuple[RestoreProof, ...] = ()


class RestoreTestState(Model):
    """The test as anyone may see it (the query's answer), and its result."""

    runbook: str
    run: str
    region: str
    ended: bool = False
    message: str = ""
    started_at: UnixTime
    ended_at: UnixTime | None = None
    report: RestoreReport | None = None
    events: tuple[RunEvent, ...] = ()
    record: str = ""


def region_for(book: Runbook, wanted: str | None) -> str:
    """Where backups must be usable: in the region asked for, else the first standby, else any but the first."""
    standbys = [name for name, region in book.regions.items() if region.role == Role.STANDBY]
    return wanted or [*standbys, *list(book.regions)[1:]][0]


def stores(book: Runbook, only: str | None = None) -> dict[str, Backup | None]:
    """The resources whose backups matter (or that one): those that can be restored, with what is demanded of them."""
    return {
        name: resource.backup
        for name, resource in book.resources.items()
        if (resource.backup is not None or Verb.RESTORE in KINDS[resource.kind].verbs) and only in (None, name)
    }


def call(book: Runbook, name: str, region: str, run: str, epoch: int) -> StepCall:
    """The restore of that store as its activity is asked."""
    backup = book.resources[name].backup or Backup()
    demands: dict[str, JsonValue] = backup.model_dump(mode="json")
    uses = f"{Verb.RESTORE}.{book.resources[name].kind}"
    return StepCall(
        runbook=book.name,
        run=run,
        step=f"{Verb.RESTORE}.{name}.{region}",
        uses=uses,
        resource=name,
        region=region,
        epoch=epoch,
        settings={**book.settings_of(name, region), **demands},
    )


def undeclared(name: str, region: str) -> RestoreProof:
    """A store without a word about its backups."""
    said = f"{name}: no backup is declared (`backup:`), so nothing says that it could be restored"
    return RestoreProof(resource=name, region=region, proved=False, sentence=said)


def proof(book: Runbook, name: str, region: str, result: StepResult) -> RestoreProof:
    """What the restore proved: also a good one is too old when it is older than what is demanded of it."""
    age = age_of(result)
    limit = (book.resources[name].backup or Backup()).max_age
    old = age is not None and age > limit
    said = f"{name} in {region}: {result.reason.rstrip('.')}"
    if age is not None:
        said += (
            f"; the newest backup is {duration(age)} old, {'over' if old else 'within'} the {duration(limit)} allowed"
        )
    return RestoreProof(
        resource=name, region=region, proved=result.proved and not old, sentence=said, backup_age=age, result=result
    )


def report(book: Runbook, proofs: tuple[RestoreProof, ...]) -> RestoreReport:
    """All side by side. The objective is said too: what only backups can bring back is as old as they are."""
    if not proofs:
        return RestoreReport(passed=False, sentences=(f"{book.name} has no store that could be restored",))
    oldest = max((proof.backup_age for proof in proofs if proof.backup_age is not None), default=None)
    sentences = [proof.sentence for proof in proofs]
    rpo = book.objectives.rpo
    if oldest is not None and oldest > rpo:
        sentences.append(
            f"If only backups were left, up to {duration(oldest)} of data would be lost; the objective is "
            f"{duration(rpo)}, which replication alone can keep"
        )
    return RestoreReport(passed=all(proof.proved for proof in proofs), sentences=tuple(sentences), proofs=proofs)


def age_of(result: StepResult) -> float | None:
    """How old the newest backup is, as the technology saw it."""
    found = result.after.get(AGE, result.before.get(AGE))
    return float(found) if isinstance(found, int | float) else None
