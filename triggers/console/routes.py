"""All of the console as one router, which `evac serve` mounts when its file has a section `console:`."""

import asyncio
from typing import Protocol

from fastapi import APIRouter

from triggers.console import api, home, records, runs, static_files
from triggers.console.sight import Sight
from triggers.serve.library import Library
from triggers.serve.link import Link
from worker.settings import Settings


class House(Protocol):
    """What stands behind the server (`triggers/serve/app.py`)."""

    settings: Settings
    library: Library
    link: Link
    ending: asyncio.Event


def console_routes(house: House) -> APIRouter:
    """The pages, the REST API, and the files that they need."""
    return routes(Sight(house.settings, house.library, house.link, house.ending))


def routes(sight: Sight) -> APIRouter:
    """The same, of what the console sees."""
    rest = api.routes(sight)
    router = APIRouter()
    for part in (static_files.routes(), home.routes(sight), runs.routes(sight), records.routes(sight)):
        router.include_router(part)
    router.include_router(rest)
    router.include_router(api.described(rest))
    return router
