"""`restore.postgres`: prove that the newest backup can be restored, and answers as it must.

It is restored aside, in the region where it would be needed; asked the runbook's queries; and removed.
"""

import time

from psycopg import sql
from pydantic import JsonValue

from activities.clients.postgres import Server, connected
from activities.clients.postgres_agent import BackupInfo, backups
from activities.clients.postgres_scratch import copied
from activities.contract import Job, Technology
from activities.errors import StepError
from runbooks.kinds import PostgresSettings
from runbooks.models import Query
from runbooks.steps import ErrorType, StepResult
from runbooks.values import Seconds

AGE = "backup_age"


class RestoreSettings(PostgresSettings):
    """The server whose backups are meant, and what is demanded of them."""

    max_age: Seconds = 86400.0
    queries: tuple[Query, ...] = ()


class RestorePostgres(Technology[RestoreSettings]):
    """Leaves nothing behind; `proved=False` with the sentence when the backup is missing, old, broken or wrong."""

    uses = "restore.postgres"
    permissions = ("database agent: GET /backups; GET, PUT and DELETE /scratch", "LOGIN on the copy, SELECT")
    Settings = RestoreSettings

    async def _run(self, job: Job[RestoreSettings]) -> StepResult:
        newest = await _newest(job)
        if newest is None:
            return _result(None, {}, ["There is no backup."])
        began = time.monotonic()
        try:
            async with copied(job, "backup") as settings:
                restored = time.monotonic() - began
                async with connected(settings, job.secrets) as server:
                    answers, faults = await _asked(server, job)
        except StepError as error:
            if error.kind is not ErrorType.WRONG_STATE:
                raise
            return _result(newest, {}, [f"Backup {newest.name} cannot be restored: {error.sentence}"])
        after: dict[str, JsonValue] = {"seconds": round(restored, 3), "answers": answers}
        return _result(newest, after, [*_too_old(newest, job), *faults])

    async def _check(self, job: Job[RestoreSettings]) -> StepResult:
        """How old the newest one is; nothing is restored."""
        newest = await _newest(job)
        return _result(newest, {}, ["There is no backup."] if newest is None else _too_old(newest, job), looked=True)


async def _newest(job: Job[RestoreSettings]) -> BackupInfo | None:
    found = (await backups(job).get()).backups
    return found[0] if found else None


def _too_old(newest: BackupInfo, job: Job[RestoreSettings]) -> list[str]:
    age, limit = time.time() - newest.at, job.settings.max_age
    return [f"Backup {newest.name} is {age:.0f} s old, and {limit:.0f} s are allowed."] if age > limit else []


async def _asked(server: Server, job: Job[RestoreSettings]) -> tuple[list[JsonValue], list[str]]:
    """Every answer, and the sentence of each that is wrong."""
    await server.rows("SET default_transaction_read_only = on")
    await server.rows("SET statement_timeout = 0")
    answers: list[JsonValue] = []
    faults = []
    for number, query in enumerate(job.settings.queries, start=1):
        job.progress.text = f"query {number} of {len(job.settings.queries)}"
        # A runbook's query is its owner's: it runs read-only, on a copy that is removed afterwards.
        text = sql.Composed([sql.SQL(query.sql)])
        try:
            rows = await server.rows(text, within=job.allowed)
        except StepError as error:
            faults.append(f"{query.sql}: {error.sentence}")
            continue
        answer = _text(next(iter(rows[0].values()))) if rows and rows[0] else None
        answers.append(answer)
        if wrong := _why_wrong(query, answer):
            faults.append(f"{query.sql}: {wrong}")
    return answers, faults


def _text(value: object) -> str | None:
    """As PostgreSQL would write it, nearly: what a person puts in a runbook."""
    if value is None:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)


def _why_wrong(query: Query, answer: str | None) -> str | None:
    if query.expect is not None and answer != query.expect:
        return f"it answered {answer!r}, and {query.expect!r} was expected."
    if query.at_least is not None:
        try:
            enough = answer is not None and float(answer) >= query.at_least
        except ValueError:
            enough = False
        if not enough:
            return f"it answered {answer!r}, and at least {query.at_least:g} was expected."
    return "it answered no row." if answer is None else None


def _result(
    newest: BackupInfo | None, more: dict[str, JsonValue], faults: list[str], *, looked: bool = False
) -> StepResult:
    """Nothing was changed: what was restored is gone again."""
    seen: dict[str, JsonValue] = {}
    if newest is not None:
        seen = {
            AGE: round(time.time() - newest.at, 3),
            "backup": newest.name,
            "taken_in": newest.region,
            "bytes": newest.bytes,
            **more,
        }
    said = "is there" if looked else f"was restored aside in {more.get('seconds')} s, answered, and was removed"
    reason = " ".join(faults) or f"Backup {newest.name if newest else ''} {said}."
    return StepResult(changed=False, proved=not faults, reason=reason, before=seen, after={} if looked else seen)
