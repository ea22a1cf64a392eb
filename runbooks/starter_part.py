"""What a part of a first runbook is."""

from dataclasses import dataclass
from enum import StrEnum


class What(StrEnum):
    """What a resource is to its owners. The values are the options of `evac init`."""

    DATABASE = "database"
    CACHE = "cache"
    QUEUE = "queue"
    SERVICE = "service"
    PUBLIC_NAME = "public-name"


STORES = (What.DATABASE, What.CACHE, What.QUEUE)
"""What holds data; there may be several of each."""


@dataclass(frozen=True)
class Part:
    """One kind: what its resource says, what it says for each region, and how it is checked."""

    kind: str
    what: What
    comment: str
    common: str
    regional: str
    checks: str = ""
