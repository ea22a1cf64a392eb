"""Senders that know a secret: a bearer token, a user and a password, a header or a parameter of their own."""

import base64
import binascii

from triggers.alerts.endpoints import Basic, Header, Query
from triggers.alerts.keyring import Keyring, same
from triggers.alerts.proof import ForgedError
from triggers.alerts.received import Received


def bearer(received: Received, keys: Keyring, reference: str) -> str:
    """`Authorization: Bearer <token>`. Raises ForgedError."""
    token = credentials(received, "bearer")
    if not keys.fits(reference, lambda value: same(token, value)):
        message = "the bearer token is another one"
        raise ForgedError(message)
    return "bearer token"


def basic(received: Received, keys: Keyring, declared: Basic) -> str:
    """`Authorization: Basic <user:password>`. Raises ForgedError."""
    try:
        text = base64.b64decode(credentials(received, "basic"), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        message = "the credentials are no base64"
        raise ForgedError(message) from None
    user, _, password = text.partition(":")
    fits = keys.fits(declared.password, lambda value: same(password, value))
    if not (same(user, declared.user) and fits):
        message = "the user or the password is another one"
        raise ForgedError(message)
    return f"password of {declared.user}"


def header(received: Received, keys: Keyring, declared: Header) -> str:
    """A secret in the declared header. Raises ForgedError."""
    given = received.headers.get(declared.name.lower())
    if given is None or not keys.fits(declared.secret, lambda value: same(given, value)):
        message = f"the header {declared.name} is {'not there' if given is None else 'another one'}"
        raise ForgedError(message)
    return f"header {declared.name}"


def query(received: Received, keys: Keyring, declared: Query) -> str:
    """A secret in the declared parameter of the address. Raises ForgedError."""
    given = received.query.get(declared.name)
    if given is None or not keys.fits(declared.secret, lambda value: same(given, value)):
        message = f"the parameter {declared.name} is {'not there' if given is None else 'another one'}"
        raise ForgedError(message)
    return f"parameter {declared.name}"


def credentials(received: Received, scheme: str) -> str:
    """What stands behind the scheme in `Authorization`. Raises ForgedError."""
    given, _, rest = received.headers.get("authorization", "").partition(" ")
    if given.lower() != scheme or not rest:
        message = f"there is no `Authorization: {scheme.title()} ...`"
        raise ForgedError(message)
    return rest.strip()
