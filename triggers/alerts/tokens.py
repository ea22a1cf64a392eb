"""Senders with a signed token (OpenID Connect): Azure's secure webhooks, Google's Pub/Sub, or any issuer."""

from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jwt import JWTClaimsRegistry
from pydantic import TypeAdapter

from triggers.alerts.endpoints import Jwt
from triggers.alerts.fetching import Fetcher
from triggers.alerts.proof import ForgedError
from triggers.alerts.received import Received
from triggers.alerts.shared_secrets import credentials

_ALGORITHMS = ("RS256", "PS256", "ES256")
_LEEWAY = 60
_LONGEST = 8192
_KEYS: TypeAdapter[dict[str, Any]] = TypeAdapter(dict[str, Any])


async def token(received: Received, fetcher: Fetcher, declared: Jwt) -> str:
    """The token is the issuer's, of now, for us, and of who is declared. Raises ForgedError, UnreachableError."""
    text = credentials(received, "bearer")
    if len(text) > _LONGEST:
        message = "the token is too long"
        raise ForgedError(message)
    claims = await _claims(text, fetcher, declared)
    other = [name for name, value in declared.claims.items() if claims.get(name) != value]
    if other or claims.get("email_verified") is False:
        message = f"the token is another one's: {' and '.join(other) or 'email_verified'} is not as declared"
        raise ForgedError(message)
    whose = ", ".join(f"{name} {value}" for name, value in declared.claims.items())
    return f"token of {declared.issuer} ({whose})"


async def _claims(text: str, fetcher: Fetcher, declared: Jwt) -> dict[str, Any]:
    """What the token says, if it counts now; the issuer's keys are fetched anew when none fits."""
    registry = JWTClaimsRegistry(
        leeway=_LEEWAY,
        iss={"essential": True, "value": declared.issuer},
        aud={"essential": True, "value": declared.audience},
        exp={"essential": True},
    )
    reason = ""
    for anew in (False, True):
        keys = await fetcher.kept(declared.jwks, _keys, anew=anew)
        try:
            claims = jwt.decode(text, keys, algorithms=_ALGORITHMS).claims
        except (JoseError, ValueError) as error:
            reason = f"the token is not signed by {declared.issuer} ({error})"
            continue
        try:
            registry.validate(claims)
        except JoseError as error:
            message = f"the token does not count here and now ({error})"
            raise ForgedError(message) from None
        return claims
    raise ForgedError(reason)


def _keys(content: bytes) -> KeySet:
    """An issuer's keys. Raises ValueError."""
    try:
        return KeySet.import_key_set({"keys": _KEYS.validate_json(content)["keys"]})
    except (KeyError, TypeError, JoseError) as error:
        raise ValueError(str(error)) from None
