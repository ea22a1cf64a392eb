"""What a worker calls itself in Temporal: who looks at its task queue sees which release it is of."""

import os
import re
import socket
from importlib.metadata import PackageNotFoundError, version

_RELEASE = re.compile(r" evac-(\S+)$")
UNKNOWN = "unknown"


def release() -> str:
    """The version of Evac that runs here."""
    try:
        return version("evac")
    except PackageNotFoundError:  # it runs from a source tree that is not installed
        return UNKNOWN


def identity() -> str:
    """As Temporal's own (`pid@host`), and the release."""
    return f"{os.getpid()}@{socket.gethostname()} evac-{release()}"


def build() -> str:
    """What Temporal keeps with each task as the code that did it: else every start would hash every module."""
    return f"evac-{release()}"


def release_of(identity: str) -> str | None:
    """The release of a worker that calls itself so; None when it does not say."""
    found = _RELEASE.search(identity)
    return found[1] if found else None
