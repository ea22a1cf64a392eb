"""Telling people: each notice of the runbook gets the sentence. No step waits for it, and nothing fails by it."""

import asyncio
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from runbooks.models import Notice, Runbook
    from runbooks.steps import StepCall, Verb
    from workflows.calling import perform
    from workflows.retries import PATIENCE

LAST_WAIT = timedelta(seconds=30)
"""How long the end of a run waits for its notices to be out."""


class Notices:
    """The notices of one run."""

    def __init__(self, runbook: Runbook, run: str, epoch: int) -> None:
        self._runbook = runbook
        self._run = run
        self._epoch = epoch
        self._sent = 0
        self._going: set[asyncio.Task[None]] = set()

    def send(self, text: str) -> None:
        """Hand the sentence to every notice of the runbook, in the background."""
        for notice in self._runbook.notify:
            self._sent += 1
            task = asyncio.create_task(self._send(notice, f"notify.{self._sent}", text))
            self._going.add(task)
            task.add_done_callback(self._going.discard)

    async def settled(self) -> None:
        """Wait a little for what is still being sent."""
        if self._going:
            await workflow.wait(self._going, timeout=LAST_WAIT.total_seconds())

    async def _send(self, notice: Notice, step: str, text: str) -> None:
        call = StepCall(
            runbook=self._runbook.name,
            run=self._run,
            step=step,
            uses=notice.uses,
            resource=self._runbook.name,
            region="",
            epoch=self._epoch,
            settings={**notice.settings, "text": text},
        )
        try:
            await perform(notice.uses, call, PATIENCE[Verb.NOTIFY], f"Tell people by {notice.uses}")
        except ActivityError as error:
            workflow.logger.warning("A notice was not sent by %s: %s", notice.uses, error.__cause__)
