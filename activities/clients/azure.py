"""Azure Resource Manager, asked through Azure's own asynchronous libraries: one client a service and call.

`read` may be sent again by azure-core itself; `change` and the request that begins an operation are sent once. One
whose answer was lost is never repeated here: the step ends, comes again, and looks first (`activities/acting.py`). Only
throttling and an expired token, which say that nothing was done, are asked again. An operation goes on by itself: its
continuation token is in the heartbeat, so that another worker goes on waiting for it, and sends nothing.

Answers are the JSON of the REST reference (https://learn.microsoft.com/rest/api/azure/), as dictionaries.
"""

import hashlib
import importlib
import json
import uuid
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from operator import attrgetter
from typing import Any, TypeVar

from activities.clients import azure_errors
from activities.clients.azure_credential import Credential
from activities.clients.azure_transport import transport
from activities.clients.bounded import bounded
from activities.clients.throttled import patiently
from activities.contract import Job
from activities.errors import StepError
from runbooks.azure.access import AzureSettings
from runbooks.steps import ErrorType

T = TypeVar("T")
Answer = dict[str, Any]
NO_MEANINGS: Mapping[str, ErrorType] = {}

SERVICES = {
    "appcontainers": ("azure.mgmt.appcontainers.aio", "ContainerAppsAPIClient"),
    "automation": ("azure.mgmt.automation.aio", "AutomationClient"),
    "cdn": ("azure.mgmt.cdn.aio", "CdnManagementClient"),
    "compute": ("azure.mgmt.compute.aio", "ComputeManagementClient"),
    "containerservice": ("azure.mgmt.containerservice.aio", "ContainerServiceClient"),
    "cosmosdb": ("azure.mgmt.cosmosdb.aio", "CosmosDBManagementClient"),
    "deployments": ("azure.mgmt.resource.deployments.aio", "DeploymentsMgmtClient"),
    "dns": ("azure.mgmt.dns.aio", "DnsManagementClient"),
    "locks": ("azure.mgmt.resource.locks.aio", "ManagementLockClient"),
    "monitor": ("azure.mgmt.monitor.aio", "MonitorManagementClient"),
    "postgres": ("azure.mgmt.postgresqlflexibleservers.aio", "PostgreSQLManagementClient"),
    "redis": ("azure.mgmt.redis.aio", "RedisManagementClient"),
    "resourcehealth": ("azure.mgmt.resourcehealth.aio", "ResourceHealthMgmtClient"),
    "resources": ("azure.mgmt.resource.resources.aio", "ResourceManagementClient"),
    "siterecovery": ("azure.mgmt.recoveryservicessiterecovery.aio", "SiteRecoveryManagementClient"),
    "sql": ("azure.mgmt.sql.aio", "SqlManagementClient"),
    "storage": ("azure.mgmt.storage.aio", "StorageManagementClient"),
    "trafficmanager": ("azure.mgmt.trafficmanager.aio", "TrafficManagerManagementClient"),
}

_READ_TRIES = 2
_FIRST_WAIT = 0.3
_LOOK_EVERY = 1
"""Seconds between two looks at an operation, where Azure does not say how many."""
_BODY = "#"
"""What parts the digest of a body from the operation's name: no name of Azure's has it."""
_CONDITIONS = frozenset({"etag", "match_condition"})
_RUNS = uuid.UUID("0b1f5d3a-2f7f-4a0e-9c39-3a4f4f6a7e11")


class Azure:
    """One subscription of Azure for one call. Made by `azure(job)`."""

    def __init__(self, job: Job[Any], settings: AzureSettings) -> None:
        self._job = job
        self._settings = settings
        self._credential = Credential(settings.identity)
        self._clients: dict[str, Any] = {}

    @property
    def region(self) -> str:
        """The region that is asked about."""
        return self._settings.azure_region

    async def read(
        self, service: str, operation: str, /, *asked: Any, meanings: Mapping[str, ErrorType] = NO_MEANINGS, **more: Any
    ) -> Answer:
        """Ask what changes nothing: `read("compute", "virtual_machine_scale_sets.get", group, name)`.

        `meanings` says what an error code means where the general rule is wrong. Raises StepError.
        """
        call = await self._operation(service, operation)
        return await self._asking(
            lambda: call(*asked, cls=_wire, retry_total=_READ_TRIES, **self._way(), **more), operation, meanings
        )

    async def pages(
        self, service: str, operation: str, /, *asked: Any, meanings: Mapping[str, ErrorType] = NO_MEANINGS, **more: Any
    ) -> list[Answer]:
        """All items of a list, over all its pages. Raises StepError."""
        call = await self._operation(service, operation)

        async def walk() -> list[Answer]:
            found = call(*asked, retry_total=_READ_TRIES, **self._way(), **more)
            return [_plain(item) async for item in found]

        return await self._asking(walk, operation, meanings)

    async def change(
        self, service: str, operation: str, /, *asked: Any, meanings: Mapping[str, ErrorType] = NO_MEANINGS, **more: Any
    ) -> Answer:
        """Ask for a change that is done when it is answered, once. Raises StepError.

        TIMED_OUT or UNREACHABLE may mean that it was done: whoever asks looks again before asking again.
        """
        call = await self._operation(service, operation)
        return await self._once(
            lambda: call(*asked, cls=_wire, retry_total=0, **self._way(), **more), operation, meanings
        )

    async def operate(
        self, service: str, operation: str, /, *asked: Any, meanings: Mapping[str, ErrorType] = NO_MEANINGS, **more: Any
    ) -> Answer:
        """Begin an operation (`servers.begin_update`), once, and wait for its end: what it has made of the resource.

        When another attempt of this activity has begun the very same, only the wait goes on; one with another body is
        waited for first, and does not stand for it. Raises StepError, which is WRONG_STATE (or what its code means)
        when the operation has failed or was cancelled.
        """
        call = await self._operation(service, operation)
        name = f"{_name(service, operation, asked)}{_BODY}{_digest(asked, more)}"
        for other in self._begun(service, operation, asked):
            if other != name:
                await self._ended(other, call, operation, asked, NO_MEANINGS)
        if name not in self._job.progress.tokens:

            async def begin() -> Any:  # noqa: ANN401 - azure-core's poller
                return await call(*asked, cls=_wire, retry_total=0, polling_interval=_LOOK_EVERY, **self._way(), **more)

            poller = await self._once(begin, operation, meanings)
            if poller.polling_method().finished():  # answered at once: there is nothing that could be waited for
                answer: Answer = await self._asking(poller.result, operation, meanings)
                return answer
            self._job.progress.keep(name, str(poller.continuation_token()))
        return await self._ended(name, call, operation, asked, meanings)

    async def resume(
        self, service: str, operation: str, /, *asked: Any, meanings: Mapping[str, ErrorType] = NO_MEANINGS
    ) -> Answer | None:
        """Wait for the end of what an earlier attempt of this activity has begun, whatever its body; None: nothing.

        In `asked` any body stands for it. Raises StepError, as `operate`.
        """
        answer = None
        for name in self._begun(service, operation, asked):
            answer = await self._ended(name, await self._operation(service, operation), operation, asked, meanings)
        return answer

    def _begun(self, service: str, operation: str, asked: tuple[Any, ...]) -> list[str]:
        """What earlier attempts have begun by that operation on that resource, and is not known to have ended."""
        same = _name(service, operation, asked)
        return [name for name in self._job.progress.tokens if name.partition(_BODY)[0] == same]

    async def _ended(
        self,
        name: str,
        call: Callable[..., Any],
        operation: str,
        asked: tuple[Any, ...],
        meanings: Mapping[str, ErrorType],
    ) -> Answer:
        token = self._job.progress.tokens[name]

        async def wait() -> Answer:
            way = {"retry_total": _READ_TRIES, "polling_interval": _LOOK_EVERY, **self._way()}
            poller = await call(*asked, cls=_wire, continuation_token=token, **way)
            answer: Answer = await poller.result()
            return answer

        try:
            ended = await self._asking(wait, operation, meanings)
        except StepError as error:
            if error.final or error.kind is ErrorType.CONFLICT:  # it is over: the next attempt begins by looking
                self._job.progress.tokens.pop(name, None)
            raise
        self._job.progress.tokens.pop(name, None)
        return ended

    def _way(self) -> dict[str, Any]:
        """What every request is sent with."""
        settings = self._settings
        return {
            "connection_timeout": settings.connect_timeout,
            "read_timeout": min(settings.read_timeout, max(1.0, self._job.allowed / 2)),
            "enforce_https": settings.endpoint.startswith("https:"),
        }

    async def _operation(self, service: str, operation: str) -> Callable[..., Any]:
        if service not in self._clients:
            self._clients[service] = await self._job.stack.enter_async_context(self._made(service))
        method: Callable[..., Any] = attrgetter(operation)(self._clients[service])
        return method

    def _made(self, service: str) -> Any:  # noqa: ANN401 - Azure's libraries are an extra
        module, name = SERVICES[service]
        try:
            kind = getattr(importlib.import_module(module), name)
        except ModuleNotFoundError:
            raise StepError(
                ErrorType.BAD_SETTINGS, "It needs the packages of evac[azure]: pip install 'evac[azure]'."
            ) from None
        endpoint = self._settings.endpoint
        return kind(
            self._credential,
            self._settings.subscription,
            base_url=endpoint,
            credential_scopes=[f"{endpoint}/.default"],
            user_agent="evac",
            transport=transport(),
            headers={"x-ms-correlation-request-id": str(uuid.uuid5(_RUNS, self._job.call.run))},
            retry_backoff_factor=_FIRST_WAIT,
        )

    async def _once(self, ask: Callable[[], Awaitable[T]], asked: str, meanings: Mapping[str, ErrorType]) -> T:
        return await patiently(
            lambda: self._asking(ask, asked, meanings),
            lambda error: error.evidence.get("status") in azure_errors.THROTTLED,
            _FIRST_WAIT,
        )

    async def _asking(self, ask: Callable[[], Awaitable[T]], asked: str, meanings: Mapping[str, ErrorType]) -> T:
        """Ask; with a new token once more when the one that was kept is refused, which means that nothing was done."""
        try:
            return await self._bounded(ask, asked, meanings)
        except StepError as error:
            if error.evidence.get("status") != HTTPStatus.UNAUTHORIZED:
                raise
        self._credential.forget()
        return await self._bounded(ask, asked, meanings)

    async def _bounded(self, ask: Callable[[], Awaitable[T]], asked: str, meanings: Mapping[str, ErrorType]) -> T:
        return await bounded(
            ask, self._job, "Azure", asked, lambda error: azure_errors.of_exception(error, asked, meanings)
        )


def azure(job: Job[Any], settings: AzureSettings | None = None) -> Azure:
    """Azure for this call: as its settings say, or as others do (of an upstream, for one). One a place and call."""
    found = settings or job.settings
    assert isinstance(found, AzureSettings)
    key = ("azure", found.subscription, found.identity, found.endpoint, found.azure_region)
    made = job.kept.get(key) or Azure(job, found)
    job.kept[key] = made
    assert isinstance(made, Azure)
    return made


def _wire(answered: Any, _: Any, __: Any) -> Any:  # noqa: ANN401 - what azure-core hands on
    """What was answered, as JSON: the libraries' models differ by their age, and the wire does not. Else its `text`."""
    said = answered.http_response.text()
    try:
        body = json.loads(said)
    except ValueError:
        return {"text": said} if said.strip() else {}
    return body if isinstance(body, dict) else {"value": body}


def _plain(item: Any) -> Answer:  # noqa: ANN401
    """One of Azure's models as JSON, whether it is of the older or the newer make."""
    found = item.serialize(keep_readonly=True) if hasattr(item, "serialize") else item.as_dict()
    return dict(found)


def _name(service: str, operation: str, asked: tuple[Any, ...]) -> str:
    """What an operation on a resource is known by between attempts. Two bodies are two of them: `_digest` follows."""
    return "/".join((f"{service}.{operation}", *(str(one) for one in asked if isinstance(one, str))))


def _digest(asked: tuple[Any, ...], more: Mapping[str, Any]) -> str:
    """Of everything in a question that is no name; a condition (`etag`) says when, and not what."""
    options = {key: value for key, value in more.items() if key not in _CONDITIONS}
    body = [[one for one in asked if not isinstance(one, str)], options]
    return hashlib.sha256(json.dumps(body, sort_keys=True, default=str).encode()).hexdigest()[:16]
