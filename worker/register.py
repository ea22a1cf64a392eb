"""Search attributes must be registered before a run upserts them, or its first task is blocked for ever."""

import logging

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, ListSearchAttributesRequest
from temporalio.client import Client
from temporalio.service import RPCError

from worker.connect import CannotReachTemporalError
from workflows.search_attributes import ALL

log = logging.getLogger(__name__)


async def register_search_attributes(client: Client) -> None:
    """Register what is missing. Raises CannotReachTemporalError with the command to run when that is not allowed."""
    try:
        missing = await missing_search_attributes(client)
        if not missing:
            return
        keyword = IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD
        await client.operator_service.add_search_attributes(
            AddSearchAttributesRequest(namespace=client.namespace, search_attributes=dict.fromkeys(missing, keyword))
        )
        log.info("Registered the search attributes %s", ", ".join(missing))
    except RPCError as error:
        message = (
            f"the search attributes of Evac could not be registered ({error.message}). An administrator can do it: "
            f"{registration(client)}"
        )
        raise CannotReachTemporalError(message) from None


async def missing_search_attributes(client: Client) -> list[str]:
    """Those of Evac that the namespace does not know. Raises RPCError."""
    request = ListSearchAttributesRequest(namespace=client.namespace)
    known = await client.operator_service.list_search_attributes(request)
    return [attribute.name for attribute in ALL if attribute.name not in known.custom_attributes]


def registration(client: Client) -> str:
    """The command by which an administrator registers them."""
    flags = " ".join(f"--name {attribute.name} --type Keyword" for attribute in ALL)
    return f"temporal operator search-attribute create --namespace {client.namespace} {flags}"
