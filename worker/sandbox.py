"""Temporal's sandbox for our workflows, without a way into it for each payload.

Before a payload is encoded or decoded the SDK (1.35) asks the workflow instance, by code run in its sandbox, which
serialization context that payload has. Our converter, pydantic's, knows no contexts: the answer changes nothing, and to
get it takes a ninth of a busy worker's time (measured by py-spy over the tests of `workflows/`).
"""

from typing import Any

from temporalio.worker import WorkflowInstance, WorkflowInstanceDetails
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner


class Sandbox(SandboxedWorkflowRunner):
    """The sandbox as it is, for workers whose data converter knows no serialization contexts."""

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        """As Temporal asks, when a run comes to this worker."""
        instance = super().create_instance(det)
        instance.get_serialization_context = _none  # type: ignore[assignment]  # of a private class
        return instance


def _none(_command_info: Any) -> None:  # noqa: ANN401 - the SDK has no public name for it
    """In no context: the converter is used as it is."""
