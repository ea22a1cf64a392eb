"""Telling people: each notice of the runbook gets the sentence. No step waits for it, and nothing fails by it."""

import asyncio
from collections.abc import Coroutine, Sequence
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ActivityError, FailureError
from temporalio.workflow import ParentClosePolicy

with workflow.unsafe.imports_passed_through():
    from runbooks.announcing import AnnounceCall
    from runbooks.models import Notice, Runbook
    from runbooks.notices import FOLLOWING
    from runbooks.steps import StepCall, Verb
    from workflows.calling import perform
    from workflows.retries import PATIENCE

LAST_WAIT = timedelta(seconds=30)
"""How long the end of a run waits for its notices to be out."""


class Notices:
    """The notices of one run, or of several runbooks under one `name`: whom more than one of them names is told once.

    `live`: those that can follow a run do so, and get no single sentences.
    """

    def __init__(
        self, runbooks: Runbook | Sequence[Runbook], run: str, epoch: int, *, name: str = "", live: bool = False
    ) -> None:
        books = (runbooks,) if isinstance(runbooks, Runbook) else tuple(runbooks)
        self._name = name or ", ".join(book.name for book in books)
        self._notify: list[Notice] = []
        for notice in (notice for book in books for notice in book.notify):
            self._notify += [] if notice in self._notify and len(books) > 1 else [notice]
        self._run = run
        self._epoch = epoch
        self._live = live
        self._sent = 0
        self._going: set[asyncio.Task[None]] = set()

    def send(self, text: str) -> None:
        """Hand the sentence to every notice, in the background."""
        for notice in self._notify:
            if not (self._live and notice.uses in FOLLOWING):
                self._sent += 1
                self._begin(self._send(notice, f"notify.{self._sent}", text))

    def follow(self) -> None:
        """Start, in the background, what keeps a live message of this run for each notice that can."""
        for number, notice in enumerate(self._notify, 1):
            if self._live and notice.uses in FOLLOWING:
                self._begin(self._follow(notice, number))

    async def settled(self) -> None:
        """Wait a little for what is still being sent."""
        if self._going:
            await workflow.wait(self._going, timeout=LAST_WAIT.total_seconds())

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._going.add(task)
        task.add_done_callback(self._going.discard)

    async def _follow(self, notice: Notice, number: int) -> None:
        call = AnnounceCall(
            runbook=self._name,
            workflow_id=workflow.info().workflow_id,
            run=self._run,
            uses=notice.uses,
            settings=notice.settings,
        )
        try:
            await workflow.start_child_workflow(
                "announce",
                call,
                id=f"evac/{self._name}/announce/{self._run}/{number}",
                parent_close_policy=ParentClosePolicy.ABANDON,
                static_summary=f"Shows a run of {self._name} by {notice.uses}",
            )
        except FailureError as error:
            workflow.logger.warning("The run is not shown by %s: %s", notice.uses, error)

    async def _send(self, notice: Notice, step: str, text: str) -> None:
        call = StepCall(
            runbook=self._name,
            run=self._run,
            step=step,
            uses=notice.uses,
            resource=self._name,
            region="",
            epoch=self._epoch,
            settings={**notice.settings, "text": text},
        )
        try:
            await perform(notice.uses, call, PATIENCE[Verb.NOTIFY], f"Tell people by {notice.uses}")
        except ActivityError as error:
            workflow.logger.warning("A notice was not sent by %s: %s", notice.uses, error.__cause__)
