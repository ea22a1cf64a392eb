"""Announce: the live message of one run, for one notice. It outlives the run by its report, and fails nothing."""

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError

with workflow.unsafe.imports_passed_through():
    from runbooks.announcing import AnnounceCall, Announced
    from workflows.retries import FOLLOWING, HEARTBEAT
    from workflows.sentences import sentence


@workflow.defn(name="announce")
class Announce:
    """Workflow id `evac/<runbook>/announce/<run id>/<number of the notice>`."""

    @workflow.run
    async def run(self, call: AnnounceCall) -> Announced:
        """Follow the run to its end; when nobody can be told, the run's own story says so."""
        try:
            answer: Announced = await workflow.execute_activity(
                "announce",
                call,
                result_type=Announced,
                summary=f"Show the run by {call.uses}",
                start_to_close_timeout=FOLLOWING.attempt,
                heartbeat_timeout=HEARTBEAT,
                retry_policy=FOLLOWING.policy(),
            )
        except ActivityError as error:
            why = f"{call.uses} tells nobody of this run: {sentence(error)}"
        else:
            return answer
        run = workflow.get_external_workflow_handle(call.workflow_id, run_id=call.run)
        try:
            await run.signal("untold", why)
        except ApplicationError:
            workflow.logger.warning("The run had ended before it could be told: %s", why)
        return Announced(sentence=why)
