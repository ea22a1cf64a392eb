"""One replica of the lab's inference service: retrieval from pgvector, then a real small language model.

    GET  /healthz                -> 200, or 503 when the database is down: {"region", "database", "model"}
    POST /v1/chat/completions    OpenAI's form; the passage nearest to the last message is told to the model. An answer
                                 that was given before comes from the cache, unless `?fresh=1` asks for a new one
    POST /rows {"client", "n"}   -> 201 {"client", "n", "region"} when the row is committed, its event is in the queue,
                                 and its mark is in the cache; 503 when one of them is not sure

All replicas of a region listen on the same address and port (SO_REUSEPORT): the kernel spreads connections over those
that live. `python -m lab.inference --config FILE`.
"""

import asyncio
import json
import logging
import time
from typing import Any, Literal

from aiohttp import web
from aiohttp.typedefs import Handler
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lab.language_model import MODEL_NAME, LanguageModel, ModelBusyError
from lab.program import Config, config_from_argv, say_ready, stop_signal
from lab.service_cache import CacheConfig, question_key
from lab.service_database import DatabaseConfig, StandbyError
from lab.service_peers import PASSED_ON, NoWriterError, Peers
from lab.service_queue import QueueConfig
from lab.service_stores import STORE_ERRORS, Stores

LOG = logging.getLogger(__name__)
NEAREST = 1
"""Passages put before the question: a second one leads a model this small astray."""
SYSTEM = "You answer questions in one short sentence. You know this: "


class InferenceConfig(Config):
    """One region's replicas, all alike. `model: false` answers with the nearest passage instead (for quick tests)."""

    region: str
    address: str
    port: int = Field(ge=1, le=65535)
    database: DatabaseConfig
    cache: CacheConfig | None = None
    queue: QueueConfig | None = None
    """A service without one of them does without."""
    peers: tuple[str, ...] = ()
    """The services of other regions, to which a row is passed on that this region's database does not take."""
    model: bool = True
    context: int = Field(default=1024, ge=512)
    """The model's context in tokens: passages, question and answer together."""


class Message(BaseModel):
    """One message of a conversation."""

    model_config = ConfigDict(frozen=True)

    role: Literal["system", "user", "assistant"]
    content: str = Field(max_length=1000)


class ChatRequest(BaseModel):
    """What is understood of OpenAI's chat request; the rest is ignored."""

    model_config = ConfigDict(frozen=True)

    messages: list[Message] = Field(min_length=1, max_length=8)
    temperature: float = Field(default=0.0, ge=0, le=2)
    max_tokens: int = Field(default=32, ge=1, le=128)


class RowRequest(BaseModel):
    """The n-th row of a client."""

    model_config = ConfigDict(frozen=True, strict=True)

    client: str = Field(min_length=1, max_length=100)
    n: int = Field(ge=0, lt=2**63)


class Service:
    """The endpoints of one replica."""

    def __init__(self, config: InferenceConfig, stores: Stores, model: LanguageModel | None) -> None:
        self._region = config.region
        self._stores = stores
        self._database = stores.database
        self._peers = Peers(config.peers)
        self._model = model

    async def health(self, _request: web.Request) -> web.Response:
        """Whether questions can be answered, and what the region's database is."""
        role = await self._database.role()
        body = {"region": self._region, "database": role, "model": self._model is not None}
        return web.json_response(body, status=503 if role == "down" else 200)

    async def chat(self, request: web.Request) -> web.Response:
        """Retrieve, then answer; or say again what was answered before."""
        asked = ChatRequest.model_validate(await request.json())
        cache, key = self._stores.cache, question_key(asked.model_dump(mode="json"))
        if cache is not None and not request.query.get("fresh") and (kept := await cache.answer(key)) is not None:
            return web.json_response({**kept, "region": self._region, "cached": True})
        answer = await self._answer(asked)
        if cache is not None:
            await cache.keep(key, answer)
        return web.json_response({**answer, "region": self._region, "cached": False})

    async def _answer(self, asked: ChatRequest) -> dict[str, Any]:
        passages = await self._database.nearest(asked.messages[-1].content, NEAREST)
        if self._model is None:
            answer = _completion(passages[0] if passages else "")
        else:
            answer = await self._model.chat(_prompt(asked.messages, passages), asked.temperature, asked.max_tokens)
        # A field of our own, which OpenAI's clients ignore: from what it was answered.
        return {**answer, "model": MODEL_NAME, "passages": passages}

    async def row(self, request: web.Request) -> web.Response:
        """Write a row; 201 promises that all stores have it of the region that holds the writer: this one or a peer."""
        row = RowRequest.model_validate(await request.json())
        writer = self._region
        try:
            await self._stores.write(row.client, row.n, self._region)
        except StandbyError:
            if PASSED_ON in request.headers or not self._peers.urls:
                raise
            writer = await self._peers.write(row.model_dump())
        body = {"client": row.client, "n": row.n, "region": self._region, "writer": writer}
        return web.json_response(body, status=201)

    @web.middleware
    async def explain(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Turn errors into answers: 400 for the caller's faults, 503 for what may go better next time."""
        try:
            response: web.StreamResponse = await handler(request)
        except (json.JSONDecodeError, UnicodeDecodeError, ValidationError) as error:
            return _fault(400, f"The request cannot be understood: {error}", self._region)
        except (*STORE_ERRORS, NoWriterError, ModelBusyError) as error:
            LOG.debug("%s %s: %s", request.method, request.path, error)
            return _fault(503, str(error), self._region)
        return response


def _prompt(messages: list[Message], passages: list[str]) -> list[dict[str, str]]:
    """The conversation, told the passages first in the place of the caller's own instructions."""
    return [
        {"role": "system", "content": SYSTEM + " ".join(passages)},
        *({"role": message.role, "content": message.content} for message in messages if message.role != "system"),
    ]


def _completion(text: str) -> dict[str, Any]:
    message = {"role": "assistant", "content": text}
    choice = {"index": 0, "finish_reason": "stop", "message": message}
    return {"object": "chat.completion", "created": int(time.time()), "choices": [choice]}


def _fault(status: int, sentence: str, region: str) -> web.Response:
    return web.json_response({"error": {"message": sentence}, "region": region}, status=status)


async def serve(config: InferenceConfig, stop: asyncio.Event) -> None:
    """Load the model, then serve until `stop` is set."""
    stores = Stores(config.database, config.cache, config.queue)
    model = LanguageModel(config.context) if config.model else None
    service = Service(config, stores, model)
    app = web.Application(middlewares=[service.explain], client_max_size=64 * 1024)
    app.add_routes([web.get("/healthz", service.health), web.post("/rows", service.row)])
    app.add_routes([web.post("/v1/chat/completions", service.chat)])
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        if model is not None:
            await model.load()
        await web.TCPSite(runner, config.address, config.port, reuse_port=True).start()
        say_ready()
        await stop.wait()
    finally:
        await runner.cleanup()
        await stores.close()
        if model is not None:
            model.close()


async def main() -> None:
    """Serve until SIGTERM."""
    config = config_from_argv(InferenceConfig, "lab.inference")
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    await serve(config, stop_signal())


if __name__ == "__main__":
    asyncio.run(main())
