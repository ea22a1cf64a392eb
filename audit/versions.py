"""The versions of what decides how Evac behaves."""

import platform
from importlib.metadata import PackageNotFoundError, version

_STANDS_ON = ("evac", "temporalio", "pydantic")


def versions() -> dict[str, str]:
    """Evac, Python, and the libraries."""
    return {name: _version(name) for name in _STANDS_ON} | {"python": platform.python_version()}


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"
