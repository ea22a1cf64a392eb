"""Senders that sign the raw body with a shared secret (HMAC-SHA256, in hex), each in its own way."""

import hashlib
import hmac
import re

from triggers.alerts.endpoints import Hmac
from triggers.alerts.keyring import Keyring, same
from triggers.alerts.proof import ForgedError
from triggers.alerts.received import Received

_OWN = {"grafana": "X-Grafana-Alerting-Signature", "pagerduty": "X-PagerDuty-Signature"}
_MARK = re.compile(r"^(v1|sha256)=")
_MOST = 10
"""Signatures that one request may hold: a sender that changes its secret sends one of each."""
WINDOW = 300.0
"""So much may the sender's clock differ from ours where it signs the time."""


def signed(received: Received, keys: Keyring, declared: Hmac) -> str:
    """One of the signatures fits: several come while a secret is being changed. Raises ForgedError."""
    name = declared.header or _OWN[received.endpoint.source]
    given = [_MARK.sub("", text.strip()) for text in received.headers.get(name.lower(), "").split(",")[:_MOST]]
    if not any(given):
        message = f"the header {name} is not there"
        raise ForgedError(message)
    body = _timed(received, declared) + received.body

    def proves(secret: str) -> bool:
        expected = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        return any([same(one, expected) for one in given])  # noqa: C419 - every one is compared, however early one fits

    if not keys.fits(declared.secret, proves):
        message = f"no signature in {name} fits"
        raise ForgedError(message)
    return f"HMAC signature in {name}"


def _timed(received: Received, declared: Hmac) -> bytes:
    """What is signed before the body: the time, if the sender signs it. Raises ForgedError."""
    if not declared.timestamp_header:
        return b""
    text = received.headers.get(declared.timestamp_header.lower(), "")
    if not (text.isascii() and text.isdecimal()) or abs(int(text[:20]) - received.at) > WINDOW:
        message = f"the time in {declared.timestamp_header} is not there, or not of now"
        raise ForgedError(message)
    return f"{text}:".encode()
