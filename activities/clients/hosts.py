"""What this worker's own resolver says of a host. When it says nothing, that speaks of the worker, not of the host."""

import asyncio
import socket

from activities.errors import OwnError, StepError
from runbooks.steps import ErrorType


async def known(host: str, within: float) -> float:
    """The resolver has an address of it: the seconds that are left of `within`. Raises OwnError when it has none."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    try:
        async with asyncio.timeout(within):
            await loop.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except TimeoutError:
        why = f"This worker's resolver said nothing of {host} within {within:g} s: look at it."
        raise OwnError(ErrorType.UNREACHABLE, why) from None
    except socket.gaierror as error:
        why = f"This worker's resolver has no address of {host} ({error.strerror}): check the name, and the resolver."
        raise OwnError(ErrorType.UNREACHABLE, why) from None
    except UnicodeError:
        raise StepError(ErrorType.BAD_SETTINGS, f"{host!r} is no name of a host: correct it in the runbook.") from None
    return within - (loop.time() - began)
