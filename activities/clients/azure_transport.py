"""The way to Azure: aiohttp, as azure-core uses it, but that a change is never sent a second time by aiohttp itself.

aiohttp sends a PUT or DELETE again when the connection is closed before the answer, as RFC 9110 allows for methods that
are idempotent. Here whoever asks looks first (`activities/acting.py`): what was sent may have been done.
"""

from typing import Any

from aiohttp import (
    ClientConnectorError,
    ClientError,
    ClientHandlerType,
    ClientOSError,
    ClientRequest,
    ClientResponse,
    ClientSession,
    ConnectionTimeoutError,
    DummyCookieJar,
    ServerDisconnectedError,
)

_LOOKS = frozenset({"GET", "HEAD"})


class AnswerLostError(ClientError):
    """The connection was closed before the answer of a change."""


async def _sent_once(request: ClientRequest, ask: ClientHandlerType) -> ClientResponse:
    try:
        return await ask(request)
    except (ClientConnectorError, ConnectionTimeoutError):
        raise  # nothing was sent
    except (ClientOSError, ServerDisconnectedError) as error:
        if request.method in _LOOKS:
            raise
        raise AnswerLostError(*error.args) from error


def transport() -> Any:  # noqa: ANN401 - Azure's libraries are an extra
    """One for one client, which closes it. Must be made while an event loop runs."""
    from azure.core.pipeline.transport import AioHttpTransport  # noqa: PLC0415 - an extra

    session = ClientSession(
        trust_env=True, cookie_jar=DummyCookieJar(), auto_decompress=False, middlewares=(_sent_once,)
    )
    return AioHttpTransport(session=session, session_owner=True)
