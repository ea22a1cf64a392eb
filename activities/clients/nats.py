"""NATS connections for short questions to JetStream: every wait has a bound, every failure is a StepError.

Only the server's own JetStream is asked (`$JS.API`), never another domain's by its name: a request that a link carries
to another region would fence or promote the wrong stream.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import asynccontextmanager, suppress

import nats.errors
from nats.aio.client import Client
from nats.aio.msg import Msg
from pydantic import JsonValue

from activities.errors import StepError
from activities.secrets import Secrets
from runbooks.kinds import NatsSettings
from runbooks.steps import ErrorType

NAME = "evac"
REQUEST_SECONDS = 2.0
_CLOSE_SECONDS = 1.0

NO_STREAM = 10059
_TOO_BUSY = 500
_BY_CODE = {
    NO_STREAM: (ErrorType.NOT_FOUND, "check `stream` in the runbook, and whether it was made there"),
    10039: (ErrorType.WRONG_STATE, "give the account JetStream"),
    10076: (ErrorType.WRONG_STATE, "turn JetStream on in that server"),
}
_FULL = "connections exceeded"
_DENIED = ("authorization violation", "permissions violation", "authentication")


class Jet:
    """One connection to one server's JetStream."""

    def __init__(self, client: Client, where: str, complaints: list[str], broken: asyncio.Event) -> None:
        self.client = client
        self.where = where
        self._complaints = complaints
        self._broken = broken

    async def api(self, call: str, body: JsonValue = None, within: float = REQUEST_SECONDS) -> dict[str, JsonValue]:
        """What this server's JetStream answers. Raises StepError; evidence `err_code` when it refused."""
        return await self.ask(f"$JS.API.{call}", body, within)

    async def ask(self, subject: str, body: JsonValue, within: float = REQUEST_SECONDS) -> dict[str, JsonValue]:
        """The JSON answer to one request. Raises StepError."""
        payload = b"" if body is None else json.dumps(body).encode()
        answer = json.loads((await self.request(subject, payload, within=within)).data)
        if error := answer.get("error"):
            raise self._refused(error)
        return dict(answer)

    async def request(
        self, subject: str, payload: bytes, headers: Mapping[str, str] | None = None, within: float = REQUEST_SECONDS
    ) -> Msg:
        """The first answer. Raises StepError; evidence `nobody` when no one listens to the subject."""
        try:
            return await self._unless_broken(
                self.client.request(subject, payload, timeout=within, headers=dict(headers or {}) or None)
            )
        except nats.errors.NoRespondersError:
            sentence = f"NATS at {self.where}: nobody answers to {subject}: is JetStream on?"
            raise StepError(ErrorType.UNREACHABLE, sentence, {"nobody": True}) from None
        except (nats.errors.Error, OSError) as error:
            if denied := next((text for text in self._complaints if _denied(text)), None):
                raise StepError(ErrorType.DENIED, f"NATS at {self.where} refused ({denied}): check the user.") from None
            raise _silent(self.where, within, error) from None

    async def _unless_broken(self, asking: Coroutine[None, None, Msg]) -> Msg:
        """The answer. The client itself would wait for it until the end, on a connection that is gone."""
        asked, broken = asyncio.create_task(asking), asyncio.create_task(self._broken.wait())
        try:
            await asyncio.wait({asked, broken}, return_when=asyncio.FIRST_COMPLETED)
            if not asked.done():
                raise nats.errors.ConnectionClosedError
            return asked.result()
        finally:
            for task in (asked, broken):
                task.cancel()
            await asyncio.wait({asked, broken})

    def _refused(self, error: Mapping[str, JsonValue]) -> StepError:
        code = error.get("err_code")
        kind, advice = _BY_CODE.get(code if isinstance(code, int) else 0, (ErrorType.WRONG_STATE, "look at its log"))
        if error.get("code") in (_TOO_BUSY, 503) and kind is ErrorType.WRONG_STATE:
            kind, advice = ErrorType.BUSY, "it will be asked again"
        sentence = f"JetStream at {self.where} refused ({error.get('description')}): {advice}."
        return StepError(kind, sentence, {"err_code": code})


@asynccontextmanager
async def connected(settings: NatsSettings, secrets: Secrets) -> AsyncIterator[Jet]:
    """A connection as the user of the settings. Raises StepError within `connect_timeout`."""
    where = f"{settings.host}:{settings.port}"
    client, complaints, broken = Client(), list[str](), asyncio.Event()
    try:
        await _connect(client, settings, secrets.reveal(settings.password), complaints, broken)
        yield Jet(client, where, complaints, broken)
    finally:
        await _close(client)


async def _connect(
    client: Client, settings: NatsSettings, password: str | None, complaints: list[str], broken: asyncio.Event
) -> None:
    where = f"{settings.host}:{settings.port}"

    async def complain(error: Exception) -> None:
        complaints.append(str(error))
        if isinstance(error, OSError) and not client.is_connected:
            raise error  # the client would try again until our own bound, and a refusal is an answer

    async def disconnected() -> None:
        broken.set()

    try:
        async with asyncio.timeout(settings.connect_timeout):
            await client.connect(
                f"nats://{where}",
                user=settings.user,
                password=password,
                name=NAME,
                error_cb=complain,
                disconnected_cb=disconnected,
                allow_reconnect=False,
                max_reconnect_attempts=0,
                connect_timeout=max(1, round(settings.connect_timeout)),
            )
    except TimeoutError:
        raise _silent(where, settings.connect_timeout, None) from None
    except (nats.errors.Error, OSError) as error:
        raise _not_connected(where, error, complaints) from None


def _not_connected(where: str, error: Exception, complaints: list[str]) -> StepError:
    texts = [str(error), *complaints]
    if any(_denied(text) for text in texts):
        return StepError(ErrorType.DENIED, f"NATS at {where} refuses the user: check it, and its password.")
    if any(_FULL in text.lower() for text in texts):
        return StepError(ErrorType.BUSY, f"NATS at {where} has as many connections as it may: it will be asked again.")
    if isinstance(error, ConnectionRefusedError) or any("Connect call failed" in text for text in texts):
        sentence = f"NATS at {where} refuses connections: nothing listens there."
        return StepError(ErrorType.UNREACHABLE, sentence, {"refused": True})
    text = (texts[0] or type(error).__name__).removeprefix("nats: ")
    sentence = f"NATS at {where} gives no connection ({text}): look whether it is running."
    return StepError(ErrorType.UNREACHABLE, sentence)


def _denied(text: str) -> bool:
    return any(word in text.lower() for word in _DENIED)


def _silent(where: str, within: float, error: Exception | None) -> StepError:
    if error is None or isinstance(error, TimeoutError | nats.errors.TimeoutError):
        return StepError(ErrorType.UNREACHABLE, f"NATS at {where} gave no answer within {within:g} s.")
    text = (str(error) or type(error).__name__).removeprefix("nats: ")
    return StepError(ErrorType.UNREACHABLE, f"NATS at {where} broke the connection off ({text}).")


async def _close(client: Client) -> None:
    """Without waiting for what a frozen server has not read yet."""
    closing = asyncio.ensure_future(client.close())
    done, _ = await asyncio.wait({closing}, timeout=_CLOSE_SECONDS)
    if not done:
        closing.cancel()
    with suppress(Exception, asyncio.CancelledError):
        await closing
