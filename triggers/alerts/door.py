"""One request through the door: found, read within bounds, proved, understood, handed over. Nothing on the way is lost.

202 only after Temporal has every signal; 503 when it does not take them (senders come again); 401 and 413 before a word
of the body is believed; 422 for what is proved, but cannot be understood. That, and what no rule is about, is kept.
"""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse

from runbooks.alerts import Alert
from runbooks.evidence import concerns
from runbooks.faults import sentence_of
from runbooks.load import LoadedRunbook
from triggers.alerts.courier import Courier
from triggers.alerts.dead_letters import DeadLetter, DeadLetters, bounded
from triggers.alerts.endpoints import Endpoint
from triggers.alerts.fetching import Fetcher
from triggers.alerts.keyring import Keyring
from triggers.alerts.proof import ForgedError, Proof, UnreachableError
from triggers.alerts.prove import prove
from triggers.alerts.received import Received, UnreadableError
from triggers.alerts.sources import READERS

log = logging.getLogger(__name__)

MAX_BODY = 256 * 1024
RETRY_AFTER = 5
_BODY_WITHIN = 10.0
_MOST_AT_ONCE = 512


class RefusedError(Exception):
    """The request ends with this status and sentence."""

    def __init__(self, status: int, sentence: str) -> None:
        self.status = status
        self.sentence = sentence
        super().__init__(sentence)


@dataclass
class AlertDoor:
    """Every endpoint, and what is behind it."""

    endpoints: dict[str, Endpoint]
    keys: Keyring
    fetcher: Fetcher
    books: Callable[[], Sequence[LoadedRunbook]]
    courier: Courier
    dead: DeadLetters
    counts: Counter[str] = field(default_factory=Counter)
    """Of `accepted`, `ignored` and `unparseable` alerts, and of `forged` requests."""
    under_way: int = 0

    async def answer(self, source: str, name: str, request: Request) -> JSONResponse:
        """What the sender is told."""
        if self.under_way >= _MOST_AT_ONCE:
            return _refusal(RefusedError(503, "too much at once; come again"))
        self.under_way += 1
        try:
            return await self._through(source, name, request)
        except RefusedError as refused:
            return _refusal(refused)
        finally:
            self.under_way -= 1

    async def _through(self, source: str, name: str, request: Request) -> JSONResponse:
        endpoint = self.endpoints.get(f"/alerts/{source}/{name}")
        if endpoint is None:
            raise RefusedError(404, "no such endpoint: the server's file declares what is taken, and where")
        received = Received(endpoint, await _body(request), time.time(), request.headers, request.query_params)
        proof = await self._proved(received)
        if proof.settled:
            return JSONResponse({"accepted": 0, "ignored": 0, "runbooks": [], "note": proof.settled})
        alerts = await self._understood(received, proof)
        return await self._handed_over(alerts, proof)

    async def _proved(self, received: Received) -> Proof:
        try:
            return await prove(received, self.keys, self.fetcher)
        except ForgedError as error:
            self.counts["forged"] += 1
            log.warning("Refused at %s: %s", received.endpoint.path, sentence_of(self.keys.strike(str(error))))
            raise RefusedError(401, "the sender is not proved") from None
        except UnreachableError as error:
            log.warning("Not to be proved now at %s: %s", received.endpoint.path, error)
            raise RefusedError(503, "the sender cannot be proved now; come again") from None

    async def _understood(self, received: Received, proof: Proof) -> tuple[Alert, ...]:
        endpoint = received.endpoint
        try:
            return READERS[endpoint.source](received)
        except UnreadableError as error:
            sentence = self.keys.strike(str(error))
        self.counts["unparseable"] += 1
        log.warning("Not understood at %s: %s", endpoint.path, sentence)
        body = self.keys.strike(bounded(received.body))
        await self._keep(
            DeadLetter(
                at=received.at,
                why="unparseable",
                source=endpoint.source,
                name=endpoint.name,
                sentence=sentence,
                proof=proof.sentence,
                digest=received.digest,
                body=body,
            )
        )
        raise RefusedError(422, sentence)

    async def _handed_over(self, alerts: tuple[Alert, ...], proof: Proof) -> JSONResponse:
        """Every alert to every runbook that it concerns."""
        if not self.books():
            raise RefusedError(503, "no runbook can be read now; come again")
        about = {
            read.runbook.name: (read, [one for one in alerts if concerns(read.runbook, one)]) for read in self.books()
        }
        about = {name: (read, found) for name, (read, found) in about.items() if found}
        wanted = {id(one) for _, found in about.values() for one in found}
        ignored = [one for one in alerts if id(one) not in wanted]
        deliveries = (self.courier.deliver(read, found, proof.sentence) for read, found in about.values())
        undelivered = [one for one in await asyncio.gather(*deliveries, return_exceptions=True) if one is not None]
        if undelivered:
            raise RefusedError(503, "Temporal does not take it now; come again")
        await self._keep(*(_unmatched(one, proof, self.keys.strike) for one in ignored))
        self.counts.update(accepted=len(wanted), ignored=len(ignored))
        answer = {"accepted": len(wanted), "ignored": len(ignored), "runbooks": sorted(about)}
        return JSONResponse(answer, status_code=202)

    async def _keep(self, *letters: DeadLetter) -> None:
        if not letters:
            return
        try:
            await self.dead.keep(letters)
        except OSError as error:
            log.error("Dead letters cannot be written: %s", error)  # noqa: TRY400 - the sentence is all there is to say
            raise RefusedError(503, "it cannot be kept now; come again") from None


async def _body(request: Request) -> bytes:
    """The raw body, whatever length it announces. Raises RefusedError."""
    content = bytearray()
    try:
        async with asyncio.timeout(_BODY_WITHIN):
            async for chunk in request.stream():
                content += chunk
                if len(content) > MAX_BODY:
                    raise RefusedError(413, f"the body has more than {MAX_BODY} bytes")
    except TimeoutError:
        raise RefusedError(408, "the body did not come in time") from None
    except ClientDisconnect:
        raise RefusedError(400, "the sender went away") from None
    return bytes(content)


def _unmatched(alert: Alert, proof: Proof, strike: Callable[[str], str]) -> DeadLetter:
    labels = {strike(name): strike(value) for name, value in alert.labels.items()}
    texts = {name: strike(getattr(alert, name)) for name in ("key", "delivery", "title", "url")}
    return DeadLetter(
        at=alert.received_at,
        why="unmatched",
        source=alert.source,
        name=alert.name,
        sentence="no rule of any runbook is about it",
        proof=proof.sentence,
        digest=alert.digest,
        alert=alert.model_copy(update={**texts, "labels": labels}),
    )


def _refusal(refused: RefusedError) -> JSONResponse:
    headers = {503: {"Retry-After": str(RETRY_AFTER)}, 401: {"WWW-Authenticate": "Bearer"}}.get(refused.status, {})
    if refused.status in (408, 413):
        headers = {"Connection": "close"}
    return JSONResponse({"error": refused.sentence}, status_code=refused.status, headers=headers)
