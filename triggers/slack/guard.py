"""Whatever goes wrong after Slack was told "heard" ends as a sentence for the person, with what to do instead."""

import logging
from collections.abc import Awaitable

from temporalio.service import RPCError

from activities.errors import StepError
from activities.slack.words import upper
from runbooks.evacuation import EvacuationError
from runbooks.plan import PlanError
from triggers.errors import TriggerError
from triggers.slack.reply import Reply, ours
from worker.connect import CannotReachTemporalError

log = logging.getLogger(__name__)

_SENTENCES = (TriggerError, PlanError, EvacuationError, StepError)


async def guarded(reply: Reply, instead: str, work: Awaitable[None]) -> None:
    """Do it; `instead` is the command that does the same without Slack."""
    try:
        await work
    except _SENTENCES as error:
        await reply.alone(ours(upper(str(error))))
    except (RPCError, CannotReachTemporalError) as error:
        log.warning("Temporal did not answer a command from Slack: %s", error)
        await reply.alone(
            f"Temporal does not answer, so this may not have been heard. Where it can be reached: `{ours(instead)}`"
        )
    except Exception:
        log.exception("A command from Slack failed")
        await reply.alone(f"A fault in Evac; the server's log says more. Instead: `{ours(instead)}`")
