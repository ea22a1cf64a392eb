import uuid
from datetime import timedelta

import pytest
from temporalio.client import Client, WorkflowFailureError
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.converter import WithSerializationContext, WorkflowSerializationContext
from temporalio.worker import Worker

from tests.worker.peeking import Peeks
from tests.workflows.conftest import server  # noqa: F401 - a fixture
from worker.sandbox import Sandbox


async def test_what_is_not_deterministic_is_still_refused(server: str) -> None:  # noqa: F811
    """The sandbox is as strict as Temporal's own."""
    client = await Client.connect(server, data_converter=pydantic_data_converter)
    queue = str(uuid.uuid4())
    async with Worker(
        client,
        task_queue=queue,
        workflows=[Peeks],
        workflow_runner=Sandbox(),
        workflow_failure_exception_types=[Exception],
    ):
        with pytest.raises(WorkflowFailureError) as raised:
            await client.execute_workflow(
                Peeks.run, __file__, id=queue, task_queue=queue, run_timeout=timedelta(seconds=60)
            )
    assert "Cannot access pathlib.Path.exists.__call__ from inside a workflow" in str(raised.value.cause)


def test_our_converter_is_the_same_in_every_context() -> None:
    """So that to ask for a payload's context would change nothing."""
    context = WorkflowSerializationContext(namespace="default", workflow_id="evac/llm")
    converter = pydantic_data_converter.payload_converter_class()
    assert isinstance(converter, WithSerializationContext)
    assert converter.with_context(context) is converter
    assert pydantic_data_converter.payload_codec is None
    failures = pydantic_data_converter.failure_converter_class()
    assert not isinstance(failures, WithSerializationContext)
