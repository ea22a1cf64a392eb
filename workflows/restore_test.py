"""Restore test: the newest backup of each store, restored aside in the standby region, checked by queries, removed."""

import asyncio
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from runbooks.models import Procedure
    from runbooks.restoring import (
        RestoreProof,
        RestoreReport,
        RestoreTestInput,
        RestoreTestState,
        call,
        proof,
        region_for,
        report,
        stores,
        undeclared,
    )
    from workflows.calling import perform
    from workflows.composite import Composite, about
    from workflows.notices import Notices
    from workflows.retries import Patience
    from workflows.sentences import sentence

_RESTORE = Patience(timedelta(hours=12), tries=3)
"""A large database takes hours; a try that failed has removed what it had restored."""


@workflow.defn(name="restore-test")
class RestoreTest(Composite):
    """One restore test of one runbook: workflow id `evac/<runbook>/restore-test`."""

    @workflow.init
    def __init__(self, request: RestoreTestInput) -> None:
        super().__init__()
        self._in = request
        self._book = request.runbook
        self._region = region_for(request.runbook, request.region)
        self._message = ""
        self._report: RestoreReport | None = None
        self._notices = Notices(request.runbook, self._run, 0)

    @workflow.run
    async def run(self, request: RestoreTestInput) -> RestoreTestState:
        """Restore everything side by side, and say what that proved."""
        del request
        wanted = stores(self._book, self._in.resource)
        self._message = f"Restoring {', '.join(wanted) or 'nothing'} of {self._book.name} aside in {self._region}"
        self._phase_is("running")
        self.tell(f"{self._message}, asked by {self._in.trigger.by}")
        if self._region in self._book.regions:
            proofs = await asyncio.gather(*(self._proved(name) for name in wanted))
            self._report = report(self._book, tuple(proofs))
        else:
            said = f"{self._book.name} has no region {self._region!r}; it has {', '.join(self._book.regions)}"
            self._report = RestoreReport(passed=False, sentences=(said,))
        outcome = "passed" if self._report.passed else "failed"
        self._message = f"The restore test {outcome}: {'; '.join(self._report.sentences)}"
        self.tell(self._message)
        self._outcome_is(outcome)
        self._phase_is("ended")
        if not self._report.passed:
            self._notices.send(f"{self._book.name}: {self._message}")
        subject = about(self._book, self._in.text)
        await self._keep(Procedure.RESTORE_TEST, self.state(), passed=self._report.passed, **subject)
        await self._notices.settled()
        return self.state()

    @workflow.query
    def state(self) -> RestoreTestState:
        """The test as it stands."""
        return RestoreTestState(
            runbook=self._book.name,
            run=self._run,
            region=self._region,
            ended=self._ended_at is not None,
            message=self._message,
            started_at=self._started_at,
            ended_at=self._ended_at,
            report=self._report,
            events=tuple(self._story.events),
            record=self._record,
        )

    async def _proved(self, name: str) -> RestoreProof:
        if self._book.resources[name].backup is None:
            return undeclared(name, self._region)
        asked = call(self._book, name, self._region, self._run, self._epoch)
        try:
            result = await perform(asked.uses, asked, _RESTORE, f"Restore the newest backup of {name} aside")
        except ActivityError as error:
            said = f"{name} in {self._region}: it could not be restored: {sentence(error).rstrip('.')}"
            found = RestoreProof(resource=name, region=self._region, proved=False, sentence=said)
        else:
            found = proof(self._book, name, self._region, result)
        self.tell(found.sentence)
        return found
