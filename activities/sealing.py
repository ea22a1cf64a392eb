"""The key that signs records. A key that cannot be used never stands in the way of a record: it is written unsigned."""

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path

from activities.clients.kms import kms_signing_key
from activities.errors import StepError
from activities.secrets import resolve
from audit.seal import UNSEALED, Seal, Sealing
from audit.signing import KeyFault, signing_key
from runbooks.references import kms_key

log = logging.getLogger(__name__)


async def written(reference: str | None, write: Callable[[Sealing], Path]) -> Path:
    """What `write` has written, signed by the key behind the reference if it can be. Works beside the event loop."""
    sealing = await asyncio.to_thread(sealed_by, reference)
    try:
        return await asyncio.to_thread(write, sealing)
    except KeyFault as fault:  # a key that is elsewhere may be away at the very moment
        return await asyncio.to_thread(write, _unsigned(f"{reference}: {fault}"))


def sealed_by(reference: str | None) -> Sealing:
    """The key behind the reference, or why the record is unsigned. It may take seconds."""
    if reference is None:
        return UNSEALED
    try:
        return Sealing(key_behind(reference), "")
    except StepError as error:
        return _unsigned(error.sentence)
    except KeyFault as fault:
        return _unsigned(f"{reference}: {fault}")


def key_behind(reference: str) -> Seal:
    """The key. Raises StepError when it cannot be had, and KeyFault when it cannot be used."""
    key = kms_key(reference)
    return kms_signing_key(key) if key is not None else signing_key(resolve(reference).get_secret_value())


def _unsigned(why: str) -> Sealing:
    log.warning("A record is written unsigned: %s", why)
    return Sealing(None, why)
