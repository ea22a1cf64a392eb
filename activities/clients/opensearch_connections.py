"""Connections between domains: a follower's domain has an outbound one to its leader's, which sees it as inbound.

https://docs.aws.amazon.com/opensearch-service/latest/developerguide/replication.html
"""

from typing import Any

from activities.acting import View
from activities.clients.aws import aws
from activities.clients.opensearch import DomainView
from activities.contract import Job
from activities.errors import StepError
from activities.lifeline import poll
from runbooks.aws.opensearch import OpensearchSettings
from runbooks.steps import ErrorType

OUTBOUND, INBOUND = "es:DescribeOutboundConnections", "es:DescribeInboundConnections"
CONNECTS = ("es:CreateOutboundConnection", "es:AcceptInboundConnection")
ACTIVE, PENDING = "ACTIVE", "PENDING_ACCEPTANCE"

_GONE = frozenset({"DELETED", "DELETING", "REJECTED", "REJECTING", "VALIDATION_FAILED"})
_EVERY = 1.0
_MEANWHILE = {"ResourceAlreadyExistsException": ErrorType.BUSY, "ResourceNotFoundException": ErrorType.BUSY}
"""Another run of the same step has made, or accepted, it: it is looked at again."""


class Connection(View):
    """One, from a domain's side."""

    id: str
    other: str
    """`region:domain` at its far end."""
    status: str
    message: str = ""
    alias: str = ""

    @property
    def stands(self) -> bool:
        """It is there, or comes to be."""
        return self.status not in _GONE


async def outbound(job: Job[Any], settings: OpensearchSettings) -> tuple[Connection, ...]:
    """Those to the domains that it may follow. Raises StepError."""
    return await _read(job, settings, "describe_outbound_connections")


async def inbound(job: Job[Any], settings: OpensearchSettings) -> tuple[Connection, ...]:
    """Those from the domains that may follow it. Raises StepError."""
    return await _read(job, settings, "describe_inbound_connections")


async def connected(
    job: Job[Any],
    own: tuple[OpensearchSettings, DomainView],
    upstream: tuple[OpensearchSettings, DomainView],
) -> Connection:
    """The connection to the upstream: the one that is there, or a new one, which is accepted. Raises StepError."""
    (settings, view), (above, there) = own, upstream

    async def look() -> Connection | None:
        found = to(await outbound(job, settings), there.name)
        job.progress.text = f"the connection to {there.name} is {'not there' if found is None else found.status}"
        return found

    now = await look()
    if now is None:
        await _create(job, settings, view, there)
        now = await look()
    if now is not None and now.status != ACTIVE:
        await _accept(job, above, now)
    now, done = await poll(
        look, lambda now: now is not None and now.status == ACTIVE, every=_EVERY, within=job.allowed / 2
    )
    if now is None or not done:
        told = "is not there" if now is None else f"is {now.status}: {now.message}".rstrip(": ")
        sentence = f"The connection from {view.name} to {there.name} {told}. Look at the domain's connections."
        raise StepError(ErrorType.NOT_YET, sentence)
    return now


def to(known: tuple[Connection, ...], other: str) -> Connection | None:
    """The best one to that domain."""
    found = [one for one in known if one.other == other and one.stands]
    return max(found, key=lambda one: one.status == ACTIVE, default=None)


async def _create(job: Job[Any], settings: OpensearchSettings, own: DomainView, there: DomainView) -> None:
    asked: dict[str, Any] = {
        "LocalDomainInfo": _information(own),
        "RemoteDomainInfo": _information(there),
        "ConnectionAlias": f"evac-{there.name.replace(':', '-')}",
        "ConnectionMode": "DIRECT",
    }
    await aws(job, settings).change("opensearch", "create_outbound_connection", meanings=_MEANWHILE, **asked)


async def _accept(job: Job[Any], above: OpensearchSettings, connection: Connection) -> None:
    """In the other end's region, as soon as it is asked there. Raises StepError."""

    async def look() -> Connection | None:
        return next((one for one in await inbound(job, above) if one.id == connection.id), None)

    found, _ = await poll(look, lambda one: one is not None, every=_EVERY, within=job.allowed / 4)
    if found is not None and found.status == PENDING:
        asked = {"ConnectionId": connection.id}
        await aws(job, above).change("opensearch", "accept_inbound_connection", meanings=_MEANWHILE, **asked)


async def _read(job: Job[Any], settings: OpensearchSettings, operation: str) -> tuple[Connection, ...]:
    there, found = aws(job, settings), list[Connection]()
    asked: dict[str, Any] = {}
    while True:
        page = await there.read("opensearch", operation, **asked)
        ends = [({_end(one["LocalDomainInfo"]), _end(one["RemoteDomainInfo"])}, one) for one in page["Connections"]]
        found += [_seen(both - {settings.name}, one) for both, one in ends if settings.name in both]
        if not page.get("NextToken"):
            return tuple(found)
        asked = {"NextToken": page["NextToken"]}


def _seen(others: set[str], shown: dict[str, Any]) -> Connection:
    status = shown.get("ConnectionStatus", {})
    return Connection(
        id=shown["ConnectionId"],
        other=next(iter(others), ""),
        status=status.get("StatusCode", ""),
        message=status.get("Message") or "",
        alias=shown.get("ConnectionAlias") or "",
    )


def _end(shown: dict[str, Any]) -> str:
    domain = shown.get("AWSDomainInformation", {})
    return f"{domain.get('Region', '')}:{domain.get('DomainName', '')}"


def _information(view: DomainView) -> dict[str, Any]:
    parts = view.arn.split(":")
    domain = {"OwnerId": parts[4], "DomainName": parts[5].removeprefix("domain/"), "Region": parts[3]}
    return {"AWSDomainInformation": domain}
