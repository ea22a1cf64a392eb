"""What the lab's small HTTP interfaces have in common: a bearer token, and refusals in one sentence."""

import hmac

from aiohttp import web
from aiohttp.typedefs import Handler


def fault(status: int, sentence: str) -> web.Response:
    """A refusal, in one sentence."""
    return web.json_response({"error": sentence}, status=status)


def authenticated(token: str) -> web.Application:
    """A web application that refuses whoever does not know the token."""

    @web.middleware
    async def authenticate(request: web.Request, handler: Handler) -> web.StreamResponse:
        given = request.headers.get("Authorization", "").encode(errors="replace")
        if not hmac.compare_digest(given, f"Bearer {token}".encode()):
            return fault(401, "The bearer token is missing or wrong.")
        return await handler(request)

    return web.Application(middlewares=[authenticate])
