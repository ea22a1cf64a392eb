"""One client of the public service: single attempts, each on a new connection, each ending in an `Attempt`."""

import time
import uuid
from pathlib import Path
from typing import Any

import aiohttp
from pydantic import Field

from lab.journal import Attempt, Kind
from lab.passages import CODE_ANSWER, CODE_QUESTION
from lab.program import Config
from lab.resolver import CannotResolveError, Resolver

OK = 200
CREATED = 201
REASON_LENGTH = 200


class LoadConfig(Config):
    """Whom to ask, how often, and where to keep count."""

    name: str
    """The public name."""
    port: int = Field(ge=1, le=65535)
    servers: tuple[str, ...] = Field(min_length=1)
    """The authoritative DNS servers, `host:port`."""
    journal: Path
    report: Path | None = None
    """Where the program leaves its report when it is stopped."""
    client: str = Field(default_factory=lambda: f"client-{uuid.uuid4().hex[:8]}")
    """Under which name numbers are written; they begin at 0, so it Must be new to the database."""
    write_every: float = Field(default=0.05, gt=0)
    write_timeout: float = Field(default=1.0, gt=0)
    ask_every: float = Field(default=0.5, gt=0)
    ask_again: float = Field(default=0.1, gt=0)
    """The pause after a question that was not answered rightly."""
    ask_timeout: float = Field(default=3.0, gt=0)
    question: str = CODE_QUESTION
    expect: str = CODE_ANSWER


class NotGoodError(Exception):
    """The attempt failed; the sentence says how."""


class Client:
    """Writes numbers and asks questions through the public name."""

    def __init__(self, config: LoadConfig, session: aiohttp.ClientSession) -> None:
        self._config = config
        self._session = session
        self._resolver = Resolver(config.name, config.servers)
        self._host = config.name.rstrip(".")
        self._turn = 0
        self.addresses: tuple[str, ...] = ()
        """What the public name led to last."""

    async def write(self, number: int) -> Attempt:
        """Write one number; good means acknowledged."""
        body = {"client": self._config.client, "n": number}
        return await self._attempt("write", "/rows", body, self._config.write_timeout, number)

    async def ask(self) -> Attempt:
        """Ask the question; good means that the answer holds the expected text."""
        message = {"role": "user", "content": self._config.question}
        body = {"messages": [message], "temperature": 0, "max_tokens": 32}
        return await self._attempt("ask", "/v1/chat/completions", body, self._config.ask_timeout)

    async def _attempt(self, kind: Kind, path: str, body: Any, within: float, n: int | None = None) -> Attempt:  # noqa: ANN401  (JSON)
        started = time.time()
        region, why = None, None
        try:
            status, answer = await self._post(path, body, within)
            region = str(answer.get("region", "")) or None
            why = self._fault(kind, n, status, answer)
        except NotGoodError as error:
            why = str(error)[:REASON_LENGTH]
        return Attempt(
            kind=kind,
            client=self._config.client,
            started=started,
            at=time.time(),
            good=why is None,
            n=n,
            region=region,
            why=why,
        )

    async def _post(self, path: str, body: Any, within: float) -> tuple[int, dict[str, Any]]:  # noqa: ANN401  (JSON)
        try:
            self.addresses = await self._resolver.addresses()
            # Several addresses are taken in turn, as resolvers do.
            self._turn += 1
            address = self.addresses[self._turn % len(self.addresses)]
            async with self._session.post(
                f"http://{address}:{self._config.port}{path}",
                json=body,
                headers={"Host": f"{self._host}:{self._config.port}"},
                timeout=aiohttp.ClientTimeout(total=within),
            ) as response:
                answer = await response.json()
                return response.status, answer if isinstance(answer, dict) else {}
        except CannotResolveError as error:
            raise NotGoodError(str(error)) from None
        except TimeoutError:
            message = f"no answer within {within:g} s"
            raise NotGoodError(message) from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            message = f"no answer: {str(error) or type(error).__name__}"
            raise NotGoodError(message) from None

    def _fault(self, kind: Kind, n: int | None, status: int, answer: dict[str, Any]) -> str | None:
        if kind == "write":
            good = status == CREATED and answer.get("n") == n
            return None if good else f"answered {status}: {_sentence(answer)}"
        text = _content(answer)
        if status == OK and self._config.expect.lower() in text.lower():
            return None
        return f"answered {status}: {text or _sentence(answer)}"


def _content(answer: dict[str, Any]) -> str:
    try:
        return str(answer["choices"][0]["message"]["content"])
    except (KeyError, IndexError, TypeError):
        return ""


def _sentence(answer: dict[str, Any]) -> str:
    error = answer.get("error")
    return str(error.get("message")) if isinstance(error, dict) else str(answer)
