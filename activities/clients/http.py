"""HTTP with short bounds: one call, one client, every failure a StepError.

The environment's proxies are not used: a probe must meet the system itself, and a proxy's region may be the
one that is down.
"""

import asyncio
import ssl
from typing import Literal

import httpcore  # noqa: F401 - httpx would import it in the first call, within that call's bound
import httpx
from pydantic import JsonValue

from activities.clients.dns import Resolver, resolve_host
from activities.clients.hosts import known
from activities.errors import StepError
from runbooks.steps import ErrorType

Method = Literal["GET", "PUT", "POST", "DELETE"]


async def ask(  # noqa: PLR0913 - the parts of one HTTP request
    method: Method,
    url: str,
    *,
    within: float,
    body: JsonValue = None,
    token: str | None = None,
    resolver: Resolver | None = None,
) -> httpx.Response:
    """The answer, whatever its status. Raises StepError when there is none within the bound."""
    try:
        target, left = httpx.URL(url), within
        if resolver is None and target.host:
            left = await known(target.host, within)
        async with asyncio.timeout(left):
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            extensions: dict[str, str] = {}
            if resolver is not None:
                headers["Host"] = target.netloc.decode()
                extensions["sni_hostname"] = target.host
                target = target.copy_with(host=await resolve_host(resolver, target.host, within))
            async with httpx.AsyncClient(timeout=within, trust_env=False, verify=trust(target)) as client:
                return await client.request(method, target, json=body, headers=headers, extensions=extensions)
    except TimeoutError:
        raise _unreachable(url, f"gave no answer within {within:g} s") from None
    except httpx.InvalidURL as error:
        raise StepError(ErrorType.BAD_SETTINGS, f"{url} is not a URL ({error}): correct it in the runbook.") from None
    except httpx.TransportError as error:
        raise _unreachable(url, words(error)) from None


def trust(url: httpx.URL) -> ssl.SSLContext:
    """Whom TLS believes there."""
    # Reading the system's authorities takes some 20 ms, for nothing where there is no TLS. A bare context trusts none.
    return ssl.create_default_context() if url.scheme == "https" else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def words(error: httpx.TransportError) -> str:
    """What went wrong on the way, after the address: `refuses connections`."""
    if isinstance(error, httpx.TimeoutException):
        return "gave no answer in time"
    if isinstance(error, httpx.UnsupportedProtocol):
        return "is no http:// or https:// address"
    if isinstance(error, httpx.ConnectError):
        return "refuses connections or cannot be reached"
    return f"broke the connection off ({type(error).__name__})"


def _unreachable(url: str, words: str) -> StepError:
    return StepError(ErrorType.UNREACHABLE, f"{url} {words}.")
