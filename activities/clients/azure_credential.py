"""Who asks Azure: azure-identity's chain, told by the environment which member of it; a token is kept while it lasts.

https://learn.microsoft.com/python/api/azure-identity/azure.identity.aio.defaultazurecredential
"""

import time
from typing import Any, Self

_EARLY = 300.0
"""Seconds before its end that a token is no longer used, as Azure's own libraries do it."""
_TOKENS: dict[tuple[str | None, tuple[str, ...]], Any] = {}
"""Of this process: no client, only what one has said. The metadata service answers but a few questions a second."""


class Credential:
    """What Azure's clients ask for tokens (`AsyncTokenCredential`), for one call."""

    def __init__(self, identity: str | None) -> None:
        self._identity = identity

    async def get_token(self, *scopes: str, **_: Any) -> Any:  # noqa: ANN401 - azure-core is an extra
        """A token that lasts. Raises azure-core's and azure-identity's errors, which `azure_errors` understands."""
        key = (self._identity, scopes)
        if (kept := _lasting(key)) is not None:
            return kept
        made = _TOKENS[key] = await self._new(scopes)
        return made

    def forget(self) -> None:
        """Azure has refused the token."""
        for key in [key for key in _TOKENS if key[0] == self._identity]:
            del _TOKENS[key]

    async def close(self) -> None:
        """Nothing is open between two questions."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _new(self, scopes: tuple[str, ...]) -> Any:  # noqa: ANN401
        from azure.identity.aio import DefaultAzureCredential  # noqa: PLC0415 - an extra

        async with DefaultAzureCredential(require_envvar=True, **_whose(self._identity)) as chain:
            return await chain.get_token(*scopes)


class BlockingCredential:
    """The same for Azure's libraries that block (`TokenCredential`): one identity, and the same tokens."""

    def __init__(self, identity: str | None) -> None:
        self._identity = identity

    def get_token(self, *scopes: str, **_: Any) -> Any:  # noqa: ANN401 - azure-core is an extra
        """A token that lasts. Raises as `Credential.get_token`."""
        from azure.identity import DefaultAzureCredential  # noqa: PLC0415 - an extra

        key = (self._identity, scopes)
        if (kept := _lasting(key)) is not None:
            return kept
        with DefaultAzureCredential(require_envvar=True, **_whose(self._identity)) as chain:
            made = _TOKENS[key] = chain.get_token(*scopes)
        return made


def _lasting(key: tuple[str | None, tuple[str, ...]]) -> Any:  # noqa: ANN401
    kept = _TOKENS.get(key)
    return None if kept is None or kept.expires_on - time.time() < _EARLY else kept


def _whose(identity: str | None) -> dict[str, str]:
    return {} if identity is None else {"managed_identity_client_id": identity}
