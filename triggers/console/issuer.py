"""The issuer that people log in at, by Authlib: code flow with PKCE, state and nonce; every token is judged strictly.

LoginError          the login does not count; the sentence says why
IssuerDownError     the issuer cannot be asked now
"""

import ssl
import warnings
from typing import Any

from authlib.common.errors import AuthlibBaseError  # type: ignore[import-untyped]
from authlib.deprecate import AuthlibDeprecationWarning  # type: ignore[import-untyped]
from fastapi import Request, Response
from joserfc.errors import JoseError

from activities.secrets import resolve
from triggers.console.settings import Oidc

with warnings.catch_warnings():
    warnings.simplefilter("ignore", AuthlibDeprecationWarning)  # it would rather have httpx's successor
    from authlib.integrations.starlette_client import OAuth  # type: ignore[import-untyped]

_LEEWAY = 60
_TIMEOUT = 10.0
_ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")


class LoginError(RuntimeError):
    """It does not count."""


class IssuerDownError(RuntimeError):
    """It does not answer, or not as an issuer does."""


class Issuer:
    """The one of the server's file. What it publishes is read at each login, its secret, too: both may change."""

    def __init__(self, oidc: Oidc) -> None:
        self._oidc = oidc
        self._trusted = ssl.create_default_context()

    async def send(self, request: Request, back: str) -> Response:
        """Send the browser there; it comes back to that address. Raises IssuerDownError."""
        client = await self._client()
        try:
            response: Response = await client.authorize_redirect(request, back)
        except (RuntimeError, ValueError) as error:  # what it publishes lacks something
            raise IssuerDownError(_short(error)) from None
        return response

    async def claims(self, request: Request) -> dict[str, Any]:
        """What the issuer says about who came back. Raises LoginError, IssuerDownError."""
        client = await self._client()
        try:
            token = await client.authorize_access_token(
                request,
                leeway=_LEEWAY,
                claims_options={
                    "iss": {"essential": True, "value": self._oidc.issuer},
                    "aud": {"essential": True, "value": self._oidc.client_id},
                    "sub": {"essential": True},
                    "exp": {"essential": True},
                },
            )
        except (AuthlibBaseError, JoseError) as error:
            raise LoginError(_short(error)) from None
        except Exception as error:  # it went away, or sent what has no known form: nobody is let in
            raise IssuerDownError(_short(error)) from error
        said = token.get("userinfo")
        if not said:
            message = "the issuer sent no ID token"
            raise LoginError(message)
        return dict(said)

    async def _client(self) -> Any:  # noqa: ANN401 - Authlib has no types
        """Authlib's client for this login. Raises IssuerDownError."""
        oidc = self._oidc
        secret = resolve(oidc.client_secret).get_secret_value() if oidc.client_secret is not None else None
        client = OAuth().register(
            "evac",
            client_id=oidc.client_id,
            client_secret=secret,
            server_metadata_url=f"{oidc.issuer.rstrip('/')}/.well-known/openid-configuration",
            client_kwargs={
                "scope": " ".join(oidc.scopes),
                "code_challenge_method": "S256",
                "timeout": _TIMEOUT,
                "verify": self._trusted,
                **({} if secret is not None else {"token_endpoint_auth_method": "none"}),
            },
        )
        try:
            published = await client.load_server_metadata()
        except Exception as error:  # it is away, or it is no issuer
            raise IssuerDownError(_short(error)) from error
        if published.get("issuer") != oidc.issuer:
            message = f"it calls itself {published.get('issuer')!r}, and the server's file says {oidc.issuer!r}"
            raise IssuerDownError(message)
        known = published.get("id_token_signing_alg_values_supported") or ["RS256"]
        published["id_token_signing_alg_values_supported"] = [one for one in _ALGORITHMS if one in known] or ["RS256"]
        return client


def _short(error: Exception) -> str:
    return f"{type(error).__name__}: {(str(error).splitlines() or [''])[0][:200]}"
