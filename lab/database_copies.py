"""The database agent's word on copies: backups, which are kept, and the one copy aside, which is not.

    POST /backups                                           -> 202: one is taken of the region's server, and verified
    GET /backups                                            -> 200: all that are there, newest first
    PUT /scratch {"source": "backup", "key": "run-7"}       -> 202: the newest (or `backup`) is restored aside
    PUT /scratch {"source": "standby", "key": "run-7"}      -> 202: the region's server is copied aside
    GET /scratch                                            -> 200: its `host` and `port`, once it answers
    DELETE /scratch?key=run-7                               -> 200: nothing of it is left

A copy belongs to who made it (`key`) until it is removed, or for an hour: 503 for everybody else.
"""

import json
import time
from functools import partial

from aiohttp import web
from pydantic import ValidationError

from lab.background import Background
from lab.backups import backups, take
from lab.http_app import fault
from lab.scratch import Scratch, ScratchOrder
from lab.topology import Lab, LabRegion

_LEASE = 3600.0


class Copies:
    """One region's copies."""

    def __init__(self, lab: Lab, region: LabRegion) -> None:
        self._lab = lab
        self._region = region
        self._scratch = Scratch(lab, region)
        self._order: ScratchOrder | None = None
        self._ordered_at = 0.0
        self.backup = Background()
        self.copy = Background()

    def routes(self) -> list[web.RouteDef]:
        """What it answers."""
        return [
            web.get("/backups", self.get_backups),
            web.post("/backups", self.post_backup),
            web.get("/scratch", self.get_scratch),
            web.put("/scratch", self.put_scratch),
            web.delete("/scratch", self.delete_scratch),
        ]

    async def end(self) -> None:
        """Break off what is being done."""
        await self.backup.end()
        await self.copy.end()

    async def get_backups(self, _request: web.Request) -> web.Response:
        """All that are there."""
        return self._backups(200)

    async def post_backup(self, _request: web.Request) -> web.Response:
        """Take one; whoever asks meanwhile gets the same one."""
        if not self.backup.busy:
            self.backup.begin(partial(take, self._lab, self._region))
        return self._backups(202)

    async def get_scratch(self, _request: web.Request) -> web.Response:
        """How it stands."""
        return self._answer(200)

    async def put_scratch(self, request: web.Request) -> web.Response:
        """Make the copy; the same order again joins the work, or finds it done."""
        try:
            order = ScratchOrder.model_validate(await request.json())
        except (json.JSONDecodeError, UnicodeDecodeError, ValidationError) as error:
            return fault(400, f'The body must be {{"source": "backup" or "standby", "key": ...}}: {error}')
        if order == self._order and (self.copy.busy or (self._scratch.up and self.copy.error is None)):
            return self._answer(202)
        leased = self._scratch.up and time.monotonic() - self._ordered_at < _LEASE
        if self.copy.busy or (leased and self._order is not None and order.key != self._order.key):
            return fault(503, f"The copy in {self._region.name} is in use by {self._order and self._order.key}.")
        self._order, self._ordered_at = order, time.monotonic()
        self.copy.begin(partial(self._scratch.make, order))
        return self._answer(202)

    async def delete_scratch(self, request: web.Request) -> web.Response:
        """Remove it, if it is still that of who asks; answered when it is gone."""
        if self._order is None or request.query.get("key", self._order.key) != self._order.key:
            return self._answer(200)
        await self.copy.end()
        await self._scratch.remove()
        self._order = None
        return self._answer(200)

    def _backups(self, status: int) -> web.Response:
        found = [backup.model_dump(mode="json") for backup in backups(self._lab)]
        return web.json_response({**self.backup.answer(), "backups": found}, status=status)

    def _answer(self, status: int) -> web.Response:
        body = {
            "host": self._region.address,
            "port": self._scratch.port,
            "up": self._scratch.up,
            "key": self._order.key if self._order else None,
            **self.copy.answer(),
        }
        return web.json_response(body, status=status)
