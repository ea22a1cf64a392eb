"""A domain's own interface over HTTP, which boto3 has no client for: signed as AWS wants it, or as a user of its own.

`ask` may be sent again by whoever asks; `change` is sent once. Only throttling, which did nothing, is waited out.
https://docs.aws.amazon.com/opensearch-service/latest/developerguide/request-signing.html
"""

import asyncio
import base64
import json
from typing import Any, Literal

import httpx

from activities.clients import http
from activities.clients.aws import aws
from activities.clients.hosts import known
from activities.clients.opensearch_errors import THROTTLED, of_answer
from activities.clients.throttled import patiently
from activities.contract import Job
from activities.errors import StepError
from runbooks.aws.opensearch import OpensearchSettings
from runbooks.steps import ErrorType

Method = Literal["GET", "POST", "PUT", "DELETE"]
Json = dict[str, Any]

_FIRST_WAIT = 0.2
_CHANGES_WITHIN = 60.0
"""A replication is stopped, or started, while one waits: with a leader that is dead, that takes its time."""


class Wire:
    """One domain's interface, for one call. Made by `wire(job, settings, address)`."""

    def __init__(self, job: Job[Any], settings: OpensearchSettings, base: str, line: httpx.AsyncClient) -> None:
        self._job = job
        self._settings = settings
        self._base = base
        self._line = line

    async def ask(self, path: str) -> Json:
        """What changes nothing: `ask("/_cluster/state/blocks")`. Raises StepError."""
        return await self._patiently("GET", path, None, min(self._settings.read_timeout, max(1.0, self._half)))

    async def change(self, method: Method, path: str, body: Json | None = None) -> Json:
        """Ask for a change, once. Raises StepError; TIMED_OUT or UNREACHABLE may mean that it was done."""
        bound = max(self._settings.read_timeout, _CHANGES_WITHIN)
        return await self._patiently(method, path, body, min(bound, self._half))

    @property
    def _half(self) -> float:
        return self._job.allowed / 2

    async def _patiently(self, method: Method, path: str, body: Json | None, within: float) -> Json:
        async def once() -> Json:
            answer = await self._sent(method, path, body, within)
            if not answer.is_success:
                raise of_answer(answer.status_code, answer.text, _action(method))
            found: Json = answer.json() if answer.content else {}
            return found

        return await patiently(once, lambda error: error.evidence.get("status") == THROTTLED, _FIRST_WAIT)

    async def _sent(self, method: Method, path: str, body: Json | None, within: float) -> httpx.Response:
        raw = b"" if body is None else json.dumps(body).encode()
        url = str(httpx.URL(f"{self._base}{path}"))  # what is signed is what is sent
        headers = await self._headers(method, url, raw)
        bounds = httpx.Timeout(within, connect=self._settings.connect_timeout)
        try:
            async with asyncio.timeout(self._job.allowed):
                return await self._line.request(method, url, content=raw, headers=headers, timeout=bounds)
        except TimeoutError:
            raise self._silence(ErrorType.TIMED_OUT, f"gave no answer within {self._job.allowed:g} s") from None
        except httpx.ReadTimeout:
            raise self._silence(ErrorType.TIMED_OUT, f"gave no answer within {within:g} s") from None
        except httpx.TransportError as error:
            raise self._silence(ErrorType.UNREACHABLE, http.words(error)) from None

    async def _headers(self, method: Method, url: str, raw: bytes) -> dict[str, str]:
        settings = self._settings
        if settings.user is None:
            return await aws(self._job, settings).signed("opensearch", method, url, raw)
        pair = f"{settings.user}:{self._job.secrets.reveal(settings.password)}".encode()
        return {"Authorization": f"Basic {base64.b64encode(pair).decode()}", "Content-Type": "application/json"}

    def _silence(self, kind: ErrorType, words: str) -> StepError:
        return StepError(kind, f"The domain {self._settings.domain} in {self._settings.aws_region} {words}.")


async def wire(job: Job[Any], settings: OpensearchSettings, address: str) -> Wire:
    """The domain's interface at `address`, or where the settings say; one line a domain and call.

    Raises OwnError when this worker's resolver does not know it.
    """
    base = (settings.url or f"https://{address}").rstrip("/")
    key = ("opensearch", base, settings.user, settings.role)
    made = job.kept.get(key)
    if made is None:
        await known(httpx.URL(base).host, settings.connect_timeout)
        line = httpx.AsyncClient(trust_env=False, verify=http.trust(httpx.URL(base)))
        made = job.kept.setdefault(key, Wire(job, settings, base, await job.stack.enter_async_context(line)))
    assert isinstance(made, Wire)
    return made


def _action(method: Method) -> str:
    """As IAM calls it."""
    return f"es:ESHttp{method.capitalize()}"
