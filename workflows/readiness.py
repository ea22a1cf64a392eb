"""Readiness: is everything that a failover would need there now, and when was it last proved? Changes nothing."""

import asyncio

from temporalio import workflow
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from runbooks import findings
    from runbooks.models import Procedure
    from runbooks.plan import Plan, Step, declared_checksum
    from runbooks.probes import observations
    from runbooks.readiness import Finding, ReadinessInput, ReadinessReport, ReadinessState, report
    from runbooks.reports import Past, PastCall, PollersCall, PollersReport, SecretsCall, SecretsReport
    from runbooks.restoring import RestoreProof, call, proof, region_for, stores, undeclared
    from runbooks.run_calls import PlanAnswer, PlanCall
    from runbooks.runs import RunInput
    from runbooks.steps import Reading, StepCall, Verb
    from runbooks.terraform import DRIFT
    from workflows.calling import perform
    from workflows.checks import CHECKED, patience_of
    from workflows.composite import Composite, about, asked
    from workflows.observing import observed
    from workflows.retries import PATIENCE, PREVIEWING
    from workflows.sentences import sentence

_ACTS = frozenset({*CHECKED, Verb.RUN})


@workflow.defn(name="readiness")
class Readiness(Composite):
    """One readiness report of one runbook: workflow id `evac/<runbook>/readiness`."""

    @workflow.init
    def __init__(self, request: ReadinessInput) -> None:
        super().__init__()
        self._in = request
        self._book = request.runbook
        self._message = ""
        self._report: ReadinessReport | None = None

    @workflow.run
    async def run(self, request: ReadinessInput) -> ReadinessState:
        """Look at everything at once, and say what was found."""
        del request
        self._message = f"Is {self._book.name} ready? Asked by {self._in.trigger.by}"
        self._phase_is("running")
        self.tell(self._message)
        parts = await asyncio.gather(
            self._directions(), self._secrets(), self._workers(), self._backups(), self._proofs(), self._drifts()
        )
        found = [finding for part in parts for finding in part]
        self._report = report(self._book.name, declared_checksum(self._book), workflow.time(), found)
        for finding in self._report.findings:
            self.tell(f"{finding.topic} {finding.grade}: {finding.sentence}")
        outcome = "ready" if self._report.ready else "not-ready"
        self._message = f"{self._book.name} is {outcome.replace('-', ' ')}: {self._report.score} of 100"
        self.tell(self._message)
        self._outcome_is(outcome)
        self._phase_is("ended")
        subject = about(self._book, self._in.text)
        await self._keep(Procedure.READINESS, self.state(), passed=self._report.ready, **subject)
        return self.state()

    @workflow.query
    def state(self) -> ReadinessState:
        """The report as it stands."""
        return ReadinessState(
            runbook=self._book.name,
            run=self._run,
            ended=self._ended_at is not None,
            message=self._message,
            started_at=self._started_at,
            ended_at=self._ended_at,
            report=self._report,
            events=tuple(self._story.events),
            record=self._record,
        )

    async def _directions(self) -> list[Finding]:
        """Every failover that matters: out of each active region."""
        readings = await observed(observations(self._book), self._book.name)
        kept = (reading.values.get("epoch") for reading in readings)  # another server's clock may have been ahead
        self._epoch = max(self._epoch, *(epoch + 1 for epoch in kept if isinstance(epoch, int)), 0)
        sources = findings.sources(self._book)
        parts = await asyncio.gather(*(self._direction(source, readings) for source in sources))
        return [finding for part in parts for finding in part]

    async def _direction(self, source: str, readings: tuple[Reading, ...]) -> list[Finding]:
        request = RunInput(runbook=self._book, source=source, trigger=self._in.trigger)
        asking = PlanCall(request=request, readings=readings, at=workflow.time())
        try:
            answer = await asked("plan", asking, PlanAnswer, f"Plan a failover out of {source}")
        except ActivityError as error:
            answer = PlanAnswer(error=sentence(error))
        found = findings.planned(source, answer.plan, answer.error or "no plan", workflow.time())
        if answer.plan is None:
            return found
        steps = [step for step in answer.plan.steps if step.verb in _ACTS]
        return [*found, *await asyncio.gather(*(self._act(step, answer.plan) for step in steps))]

    async def _act(self, step: Step, plan: Plan) -> Finding:
        asking = step.call(plan.runbook, self._run, self._epoch)
        summary = f"Could it be done now? {step.sentence}"
        try:
            result = await perform(f"{step.uses}.check", asking, patience_of(step), summary)
        except ActivityError as error:
            return findings.act(step, None, sentence(error), workflow.time())
        return findings.act(step, result, "", workflow.time())

    async def _secrets(self) -> list[Finding]:
        places = ("", *self._book.vantages())
        parts = await asyncio.gather(*(self._secrets_at(place) for place in places))
        return [finding for part in parts for finding in part]

    async def _secrets_at(self, place: str) -> list[Finding]:
        where = place or "the worker of the procedures"
        asking = SecretsCall(runbook=self._book)
        try:
            answer = await asked("secrets", asking, SecretsReport, f"Resolve every secret at {where}", place)
        except ActivityError as error:
            return findings.secrets(place, None, sentence(error), workflow.time())
        return findings.secrets(place, answer, "", workflow.time())

    async def _workers(self) -> list[Finding]:
        queue = workflow.info().task_queue
        queues = (queue, *(f"{queue}@{vantage}" for vantage in self._book.vantages()))
        try:
            answer = await asked("pollers", PollersCall(queues=queues), PollersReport, "Does anybody listen?")
        except ActivityError:
            return findings.workers(self._book, queue, None, workflow.time())
        return findings.workers(self._book, queue, answer.ages, workflow.time())

    async def _backups(self) -> list[Finding]:
        return list(await asyncio.gather(*(self._backup(name) for name in stores(self._book))))

    async def _backup(self, name: str) -> Finding:
        region = region_for(self._book, None)
        if self._book.resources[name].backup is None:
            return findings.no_backup(undeclared(name, region), workflow.time())
        asking = call(self._book, name, region, self._run, self._epoch)
        summary = f"Is there a young backup of {name}?"
        try:
            result = await perform(f"{asking.uses}.check", asking, PATIENCE[Verb.DETECT], summary)
        except ActivityError as error:
            unknown = RestoreProof(resource=name, region=region, proved=False, sentence=f"The backup of {name}")
            return findings.backup(unknown, workflow.time(), sentence(error))
        return findings.backup(proof(self._book, name, region, result), workflow.time())

    async def _drifts(self) -> list[Finding]:
        """What Terraform holds, compared with what it applied."""
        names = [name for name, resource in self._book.resources.items() if resource.kind == "terraform"]
        places = [(name, region) for name in names for region in self._book.regions]
        return list(await asyncio.gather(*(self._drift(name, region) for name, region in places)))

    async def _drift(self, name: str, region: str) -> Finding:
        asking = StepCall(
            runbook=self._book.name,
            run=self._run,
            step=f"drift.{name}.{region}",
            uses=DRIFT,
            resource=name,
            region=region,
            epoch=self._epoch,
            settings=self._book.settings_of(name, region),
        )
        summary = f"Is {name} in {region} as it was applied?"
        try:
            result = await perform(DRIFT, asking, PREVIEWING, summary)
        except ActivityError as error:
            return findings.applied(name, region, None, sentence(error), workflow.time())
        return findings.applied(name, region, result.reading, "", workflow.time())

    async def _proofs(self) -> list[Finding]:
        past: Past | None
        try:
            past = await asked("past", PastCall(runbook=self._book.name), Past, "When was what last proved?")
        except ActivityError:
            past = None
        tested = [findings.restore_tested(past, workflow.time())] if any(stores(self._book).values()) else []
        return [*tested, *findings.drilled(self._book, past, workflow.time())]
