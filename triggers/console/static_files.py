"""The console's own style sheet and script, from the package: nothing is loaded from anywhere else."""

from fastapi import APIRouter, Response

from audit import gantt
from triggers.console.page import HEADERS, STATIC, static

_WHOLE = {name: static(name) + (gantt.CSS.encode() if name.endswith(".css") else b"") for name in STATIC}


def routes() -> APIRouter:
    """Both files; they hold nothing that is secret."""
    router = APIRouter(include_in_schema=False)

    @router.get("/static/{name}")
    async def file(name: str) -> Response:
        """One of them."""
        if name not in _WHOLE:
            return Response(status_code=404, headers=HEADERS)
        return Response(_WHOLE[name], media_type=STATIC[name], headers={**HEADERS, "Cache-Control": "max-age=300"})

    return router
