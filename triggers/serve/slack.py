"""The one place where the server meets Slack's door: its package is imported only where the file asks for it."""

import asyncio
import importlib
import logging
from typing import Any

from fastapi import FastAPI

from triggers.serve.config import ServeConfig
from triggers.serve.link import Link

log = logging.getLogger(__name__)

_PAUSE = 10.0


class SlackSide:
    """Runs Slack's door as long as the server runs."""

    def __init__(self, config: ServeConfig, link: Link) -> None:
        """Raises ModuleNotFoundError when the packages for Slack are not installed."""
        self._config = config
        self._open: Any = config.slack and importlib.import_module("triggers.slack.door").slack_door
        self._link = link
        self._trouble: str | None = "waits for Temporal"

    @staticmethod
    def secrets(config: ServeConfig) -> tuple[str, ...]:
        """The references that the section names."""
        slack = config.slack
        named = (slack.bot_token, slack.app_token, slack.signing_secret) if slack is not None else ()
        return tuple(reference for reference in named if reference is not None)

    def why_not(self) -> str | None:
        """Why Slack's door is not open, or None."""
        return None if self._config.slack is None else self._trouble

    async def run(self, app: FastAPI) -> None:
        """Open the door once Temporal is there, and again when it falls shut. Alerts are taken meanwhile."""
        if self._config.slack is None:
            return
        await self._link.ready.wait()
        while True:
            routes = []
            try:
                async with self._open(self._link.client, self._link.settings, self._config) as door:
                    routes = list(door.routes)
                    app.router.routes.extend(routes)
                    self._trouble = None
                    await asyncio.Event().wait()
            except Exception as error:  # whatever it is, alerts must not suffer from it
                self._trouble = f"Slack's door is shut: {type(error).__name__}; see the log"
                log.exception("Slack's door is shut")
            finally:
                for route in routes:
                    app.router.routes.remove(route)
            await asyncio.sleep(_PAUSE)
