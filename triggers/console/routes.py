"""All of the console as one router, which `evac serve` mounts when its file has a section `console:`."""

import asyncio
from typing import Protocol

from fastapi import APIRouter

from triggers.console import api, api_works, home, records, runs, static_files, switch_pages, work_pages
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
    rest = [one.routes(sight) for one in (api, api_works)]
    pages = [one.routes(sight) for one in (home, runs, work_pages, switch_pages, records)]
    described = api.described([route for one in rest for route in one.routes])
    router = APIRouter()
    for part in (static_files.routes(), *pages, *rest, described):
        router.include_router(part)
    return router
