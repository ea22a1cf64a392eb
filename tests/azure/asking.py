"""A request put to the fake itself, past HTTP and tokens: for tests of what it refuses."""

from typing import Any

import pytest

from tests.azure.arm import Answer, Refusal, taken_apart
from tests.azure.world import AzureWorld


def ask(azure: AzureWorld, method: str, path: str, version: str, body: Any = None, **headers: str) -> Answer:
    """Its answer; headers as `if_match`. Raises Refusal."""
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    path, _, query = path.partition("?")
    given = dict(pair.split("=", 1) for pair in query.split("&") if pair)
    with azure.arm.lock:
        return azure.arm.serve(taken_apart(method, path, {**given, "api-version": version}, named, body or {}))


def refused(azure: AzureWorld, method: str, path: str, version: str, body: Any = None, **headers: str) -> int:
    """The status of its refusal."""
    with pytest.raises(Refusal) as caught:
        ask(azure, method, path, version, body, **headers)
    return caught.value.status
