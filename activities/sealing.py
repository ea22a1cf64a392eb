"""The key that signs records. A key that cannot be used never stands in the way of a record: it is written unsigned."""

import logging

from activities.errors import StepError
from activities.secrets import resolve
from audit.seal import UNSEALED, Sealing
from audit.signing import KeyFault, signing_key

log = logging.getLogger(__name__)


def sealed_by(reference: str | None) -> Sealing:
    """The key behind the reference, or why the record is unsigned."""
    if reference is None:
        return UNSEALED
    try:
        return Sealing(signing_key(resolve(reference).get_secret_value()), "")
    except StepError as error:
        why = error.sentence
    except KeyFault as fault:
        why = f"{reference}: {fault}"
    log.warning("A record is written unsigned: %s", why)
    return Sealing(None, why)
