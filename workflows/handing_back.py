"""What a run that ends says to those who asked for it by themselves: the detector, and the alerts."""

from collections.abc import Callable, Sequence
from contextlib import suppress

from temporalio import workflow
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from runbooks.runs import Trigger


async def hand_back(not_taken: list[Trigger], tell: Callable[[str], None]) -> None:
    """What they asked for and this run did not take is theirs again: nobody else asks anew."""
    while not_taken:
        trigger = not_taken.pop(0)
        whose, who = ("watch", "The detector is") if trigger.kind == "watch" else ("alerts", "The alerts are")
        asked = workflow.get_external_workflow_handle(f"{workflow.info().workflow_id}/{whose}")
        try:
            await asked.signal("not_taken", trigger.source)
        except ApplicationError:
            tell(f"{who} gone: nobody asks again for a {trigger.procedure} out of {trigger.source}")


async def say_unanswered(asked: Sequence[Trigger]) -> None:
    """Nobody approved it in time. Alerts that wanted it may still fire: they ask again later."""
    alerts = workflow.get_external_workflow_handle(f"{workflow.info().workflow_id}/alerts")
    for region in dict.fromkeys(one.source for one in asked if one.kind == "alert"):
        with suppress(ApplicationError):  # they are over
            await alerts.signal("unanswered", region)
