"""What only a worker can prove of itself: that it can resolve the secrets, and how the system looks from there."""

import asyncio
from pathlib import Path

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.catalog import CATALOG
from activities.errors import StepError
from activities.lifeline import heartbeating
from activities.secrets import resolve
from runbooks.reports import PublicCall, PublicReport, SecretsCall, SecretsReport
from runbooks.secret_refs import references
from runbooks.steps import StepCall, StepResult


@activity.defn(name="secrets")
async def secrets(call: SecretsCall) -> SecretsReport:
    """Resolve every secret of the runbook here; the answer holds their names, never a value."""
    found: list[str] = []
    missing: dict[str, str] = {}
    for reference in references(call.runbook):
        try:
            await asyncio.to_thread(resolve, reference)
        except StepError as error:
            missing[reference] = error.sentence
        else:
            found.append(reference)
    return SecretsReport(found=tuple(found), missing=missing)


class Outside:
    """Looks at the system as its users do."""

    def __init__(self, home: Path) -> None:
        self._home = home

    @activity.defn(name="public")
    async def public(self, call: PublicCall) -> PublicReport:
        """The read-only twin of each check, all at once."""
        async with heartbeating():
            results = await asyncio.gather(*(self._look(each) for each in call.calls))
        return PublicReport(vantage=call.vantage, results=tuple(results))

    async def _look(self, call: StepCall) -> StepResult:
        try:
            return await CATALOG[call.uses].technology(self._home).check(call)
        except ApplicationError as error:
            return StepResult(changed=False, proved=False, reason=error.message)
