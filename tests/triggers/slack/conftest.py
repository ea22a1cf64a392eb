"""Slack's own client on the fake, in front of a real Temporal and a world; people press what they are shown."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest_asyncio
from slack_sdk.web.async_client import AsyncWebClient
from temporalio.client import Client

from activities.slack.render import run_message
from runbooks.runs import Phase, RunState
from tests.slack.fake import FakeSlack
from tests.slack.state import Json
from tests.triggers.conftest import Door
from triggers.serve.config import ServeConfig
from triggers.slack.door import Door as SlackDoor
from triggers.slack.door import slack_door
from worker.settings import Settings

ANN, BEN, CARL, EVE = "U012", "U034", "U056", "U078"
PEOPLE = {ANN: "ann", BEN: "ben"}
ASK = {"failover": {"approval": {"by": ["ben"], "count": 1, "timeout": "5m"}}}


@dataclass
class Chat:
    """A Slack workspace before the door of one world."""

    door: Door
    slack: FakeSlack
    secrets: Path
    options: dict[str, Any] = field(default_factory=dict)
    """More of the section `slack:`."""

    def config(self) -> ServeConfig:
        """The server's file."""
        names = {"bot_token": self.slack.bot_token, "app_token": self.slack.app_token}
        names["signing_secret"] = self.slack.signing_secret
        for name, value in names.items():
            (self.secrets / name).write_text(value)
        slack = {name: f"file://{self.secrets / name}" for name in names}
        slack |= {"api": self.slack.api, "people": PEOPLE, "groups": ["S0123"], **self.options}
        return ServeConfig.model_validate({"evac-serve": 1, "runbooks": [f"{self.door.home}/*.yaml"], "slack": slack})

    @asynccontextmanager
    async def open(self, client: Client | None = None, **changes: Any) -> AsyncIterator[SlackDoor]:
        """Open the door."""
        settings = Settings(task_queue=self.door.queue, home=self.door.home / "state")
        config = self.config()
        config = config.model_copy(update={"slack": config.slack.model_copy(update=changes)})  # type: ignore[union-attr]
        async with slack_door(client or self.door.client, settings, config, ping=1.0) as opened:
            yield opened

    async def says(self, user: str, text: str) -> str:
        """What the person is answered to a command, alone."""
        before = len(self.slack.ephemerals(user))
        delivery = await self.slack.slash(user, text)
        assert delivery.acked
        return await self.answer(user, before)

    async def answer(self, user: str, before: int) -> str:
        """The next thing that only this person sees."""
        shown = await self.slack.until(lambda: self.slack.ephemerals(user)[before:])
        return str(shown[0]["text"])

    async def form(self, user: str, text: str) -> Json:
        """The modal that a command opens, as soon as it can be filled in (or says why not)."""
        assert (await self.slack.slash(user, text)).acked
        return await self.filled(user)

    async def filled(self, user: str) -> Json:
        """The modal that is open, once it does not say that it looks."""
        view: Json = await self.slack.until(lambda: _ready(self.slack.modal(user)))
        return view

    async def start(self, user: str = ANN, **values: str) -> Json:
        """Start a failover by its modal; what was said in the channel."""
        count = len(self.slack.messages())
        view = await self.form(user, "failover")
        await self.slack.submit(view, {"typed": "us-east-1", **values})
        said = await self.slack.until(lambda: self.slack.messages()[count:])
        return dict(said[0])

    async def until(self, wanted: Callable[[RunState], bool]) -> RunState:
        """The run's state, as soon as it is as wanted."""
        return await self.door.until(wanted)

    async def awaiting(self) -> tuple[RunState, Json]:
        """The run that awaits its approval, and its message as the worker would have posted it."""
        state = await self.until(lambda state: state.phase is Phase.AWAITING_APPROVAL)
        return state, await self.post(state)

    async def post(self, state: RunState) -> Json:
        """The run's message, in the channel."""
        web = AsyncWebClient(token=self.slack.bot_token, base_url=self.slack.api)
        message = run_message(state, state.triggered_at)
        posted = await web.chat_postMessage(channel="C0123", text=message.text, blocks=list(message.blocks))
        return self.slack.message("C0123", posted["ts"])

    async def press(self, message: Json, what: str, user: str, value: str = "") -> str:
        """Press a button of a run's message; what only that person then reads."""
        before = len(self.slack.ephemerals(user))
        assert (await self.slack.click(message, f"evac:{what}", user, value=value)).acked
        return await self.answer(user, before)


def _ready(view: Json | None) -> Json | None:
    if view is None or any("Looking" in str(block.get("text", "")) for block in view["blocks"]):
        return None
    return view


@pytest_asyncio.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    """A workspace."""
    async with FakeSlack() as made:
        yield made


@pytest_asyncio.fixture
async def shut(door: Door, slack: FakeSlack, tmp_path: Path) -> Chat:
    """Everything but the door: the test opens it."""
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    return Chat(door, slack, secrets)


@pytest_asyncio.fixture
async def chat(shut: Chat) -> AsyncIterator[Chat]:
    """The door is open, by Socket Mode; the runbook's plans await ben."""
    shut.door.file(policy=ASK)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(shut.open())
        await shut.slack.sockets.connected()
        yield shut
