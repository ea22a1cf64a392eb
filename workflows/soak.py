"""The soak of a drill: while the system serves away from home, the vantage points look at it as its users do."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from runbooks.drills import Soak
    from runbooks.models import Runbook
    from runbooks.reports import PublicCall, PublicReport
    from runbooks.steps import StepCall
    from workflows.composite import asked

EVERY = 5.0
"""Seconds between two rounds; a long soak has rarer ones, so that its history stays short."""
_ROUNDS = 60
_ENOUGH = 3
"""So many bad rounds in a row end the soak: the system is better off at home."""
_KEPT = 20
"""How many different sentences are kept."""


class Soaking:
    """One soak. `over` says that it ends before its time."""

    def __init__(self, book: Runbook, calls: tuple[StepCall, ...], planned: float, tell: Callable[[str], None]) -> None:
        self._book = book
        self._calls = calls
        self._tell = tell
        self._in_a_row = 0
        self._sentences: list[str] = []
        self.report = Soak(planned=planned, began_at=workflow.time())

    @property
    def until(self) -> float:
        """When it is to end."""
        return self.report.began_at + self.report.planned

    async def watch(self, over: Callable[[], bool]) -> None:
        """Round after round, until the time is up, it is over before, or the system fails there."""
        every = max(EVERY, self.report.planned / _ROUNDS)
        while not over():
            if self._calls:
                await self._round()
            left = self.until - workflow.time()
            if left <= 0 or self._in_a_row >= _ENOUGH:
                break
            try:
                await workflow.wait_condition(over, timeout=timedelta(seconds=min(every, left)), timeout_summary="soak")
            except TimeoutError:
                continue
        self._set(ended_at=workflow.time())

    async def _round(self) -> None:
        seen = await asyncio.gather(*(self._seen_from(vantage) for vantage in self._book.vantages()))
        answers = [faults for faults in seen if faults is not None]
        failing = [faults for faults in answers if faults]
        bad = 2 * len(failing) > len(answers)  # what a minority sees may be its own fault: said, and not counted
        for faults in failing:
            for fault in faults:
                self._say(fault)
        self._in_a_row = self._in_a_row + 1 if bad else 0
        report = self.report
        self._set(rounds=report.rounds + 1, bad=report.bad + bad, unknown=report.unknown + (not answers), ended_at=None)

    async def _seen_from(self, vantage: str) -> list[str] | None:
        """What does not hold as seen from there; None when nobody answers."""
        call = PublicCall(vantage=vantage, calls=self._calls)
        try:
            answer = await asked("public", call, PublicReport, f"Look at the system from {vantage}", vantage)
        except ActivityError:
            self._say(f"{vantage} did not answer")
            return None
        return [f"{vantage}: {result.reason.rstrip('.')}" for result in answer.results if not result.proved]

    def _say(self, text: str) -> None:
        if text not in self._sentences and len(self._sentences) < _KEPT:
            self._sentences.append(text)
            self._set(sentences=tuple(self._sentences))
            self._tell(f"While the system serves away from home: {text}")

    def _set(self, **changes: object) -> None:
        self.report = self.report.model_copy(update=changes)
