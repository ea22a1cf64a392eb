"""What settings of public names have in common on every cloud: addresses by record type, and stages of a move. Pure."""

import ipaddress
from collections.abc import Sequence

_FAMILY = {"A": 4, "AAAA": 6}
_WHOLE = 100


def is_address(text: str, record_type: str) -> bool:
    """It is one that a record of that type (A, AAAA) holds."""
    try:
        return ipaddress.ip_address(text).version == _FAMILY[record_type]
    except ValueError:
        return False


def unfit_stages(stages: Sequence[int], routing: str) -> str | None:
    """Why a name that is routed so cannot be moved in these stages, or None."""
    if list(stages) != sorted(set(stages)) or any(not 0 < part < _WHOLE for part in stages):
        return "`stages` must be percentages between 1 and 99 that grow, such as [10, 50]"
    if stages and routing != "weighted":
        return f"{routing} routing cannot be moved in stages: make it weighted, or take `stages` away"
    return None
