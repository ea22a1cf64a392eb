"""News that reaches a workflow late: for tests of what has happened meanwhile."""

from typing import Any

from temporalio.worker import (
    Interceptor,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
    WorkflowOutboundInterceptor,
)


class LateNews(Interceptor, WorkflowInboundInterceptor, WorkflowOutboundInterceptor):
    """Subclasses say in `start_child_workflow` what is heard late, and how late."""

    def __init__(self, following: Any = None) -> None:
        self.next = following

    def workflow_interceptor_class(self, _input: WorkflowInterceptorClassInput) -> type[WorkflowInboundInterceptor]:
        """The same class does all three."""
        return type(self)

    def init(self, outbound: WorkflowOutboundInterceptor) -> None:
        """Put it before what goes out."""
        self.next.init(type(self)(outbound))
