"""Who sent it: the endpoint's one way to prove senders, on the raw bytes."""

from collections.abc import Iterator

from triggers.alerts import shared_secrets, signatures, sns_signature, tokens
from triggers.alerts.endpoints import Auth, Endpoint
from triggers.alerts.fetching import Fetcher
from triggers.alerts.keyring import Keyring
from triggers.alerts.proof import ForgedError, Proof
from triggers.alerts.received import Received


async def prove(received: Received, keys: Keyring, fetcher: Fetcher) -> Proof:
    """How the sender is proved. Raises ForgedError, UnreachableError."""
    endpoint = received.endpoint
    if not isinstance(endpoint.auth, Auth):
        if "origin" in received.headers:  # any page that a person here looks at could send it
            message = "it comes from a browser, and nothing proves who wrote it"
            raise ForgedError(message)
        return Proof(f"nobody proved, {endpoint.source}/{endpoint.name} takes all that comes on this machine")
    if endpoint.auth.sns is not None:
        return await sns_signature.signed(received, fetcher, endpoint.auth.sns)
    return Proof(f"{await _how(received, endpoint.auth, keys, fetcher)} of {endpoint.source}/{endpoint.name}")


async def _how(received: Received, auth: Auth, keys: Keyring, fetcher: Fetcher) -> str:
    if auth.bearer is not None:
        return shared_secrets.bearer(received, keys, auth.bearer)
    if auth.basic is not None:
        return shared_secrets.basic(received, keys, auth.basic)
    if auth.header is not None:
        return shared_secrets.header(received, keys, auth.header)
    if auth.query is not None:
        return shared_secrets.query(received, keys, auth.query)
    if auth.hmac is not None:
        return signatures.signed(received, keys, auth.hmac)
    assert auth.jwt is not None  # the server's file is refused without any
    return await tokens.token(received, fetcher, auth.jwt)


def secrets_of(endpoints: tuple[Endpoint, ...]) -> Iterator[str]:
    """Every reference that they name."""
    for endpoint in endpoints:
        auth = endpoint.auth
        if not isinstance(auth, Auth):
            continue
        if auth.bearer is not None:
            yield auth.bearer
        if auth.basic is not None:
            yield auth.basic.password
        yield from (way.secret for way in (auth.header, auth.query, auth.hmac) if way is not None)
