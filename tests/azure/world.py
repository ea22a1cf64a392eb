"""Azure as a test sees it: what is there, asked of the fake itself and never through our code, and bent by a word."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.azure.arm import Arm, Body
from tests.azure.fakes import all_providers
from tests.azure.front import HEADER, Bend, Front

HERE, THERE = "eastus", "westeurope"
SUBSCRIPTION = "11111111-2222-3333-4444-555555555555"
GROUP = "llm"


class AzureWorld:
    """A fake of Azure Resource Manager on loopback, with a group in each region."""

    def __init__(self, front: Front) -> None:
        self._front = front
        self.arm: Arm = front.arm
        self.url = front.start()

    def group(self, region: str = HERE) -> str:
        """The resource group of that region."""
        return f"{GROUP}-{region}"

    def settings(self, region: str = HERE, **more: Any) -> dict[str, Any]:
        """What AzureSettings need to come here."""
        where = {"subscription": SUBSCRIPTION, "resource_group": self.group(region), "azure_region": region}
        return {**where, "endpoint": self.url, **more}

    def id_of(self, kind: str, *names: str, region: str = HERE) -> str:
        """The id of what is in that region's group: `id_of("Microsoft.Compute/virtualMachineScaleSets", "a")`."""
        namespace, *types = kind.split("/")
        pairs = "/".join(f"{one}/{name}" for one, name in zip(types, names, strict=True))
        return f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{self.group(region)}/providers/{namespace}/{pairs}"

    def put(self, kind: str, *names: str, region: str = HERE, **body: Any) -> Body:
        """A resource that is there."""
        return self.arm.put(self.id_of(kind, *names, region=region), {"location": region, **body})

    def bend(self, match: str, mode: str, times: int | None = None, after: int = 0) -> None:
        """From now on requests that match end so (`front.py`): all of them, or so many, after so many."""
        with self.arm.lock:
            self._front.bends.append(Bend(match, mode, times, after))

    def straighten(self) -> None:
        """No bends any more."""
        with self.arm.lock:
            self._front.bends.clear()
        self._front.release()

    def knows(self, token: str) -> bool:
        """It was given out here, and lasts."""
        return self._front.tokens.get(token, 0.0) > time.time()

    def expire_tokens(self) -> None:
        """Every token that was given out has had its day."""
        with self.arm.lock:
            self._front.tokens.update(dict.fromkeys(self._front.tokens, 0.0))

    def calls(self) -> list[dict[str, Any]]:
        """Every request since the test began: `asked` (the permission), `path`, `method`, `region`, `change`."""
        with self.arm.lock:
            return list(self._front.calls)

    def asked(self, *, changes: bool | None = None) -> list[str]:
        """Their permissions: all, or only those that change something."""
        return [call["asked"] for call in self.calls() if changes is None or call["change"] == changes]

    def reset(self) -> None:
        """Nothing is there but the two groups."""
        self._front.reset()
        self.arm.groups.update({self.group(region): region for region in (HERE, THERE)})


@pytest.fixture(scope="session")
def azure_server() -> Iterator[AzureWorld]:
    """One server for all tests of this process."""
    front = Front(Arm(all_providers()))
    world = AzureWorld(front)
    yield world
    front.stop()


@pytest.fixture
def azure(azure_server: AzureWorld, monkeypatch: pytest.MonkeyPatch) -> Iterator[AzureWorld]:
    """Azure with nothing in it but groups, for one test; a managed identity is in the environment."""
    monkeypatch.setenv("AZURE_TOKEN_CREDENTIALS", "ManagedIdentityCredential")
    monkeypatch.setenv("IDENTITY_ENDPOINT", f"{azure_server.url}/token")
    monkeypatch.setenv("IDENTITY_HEADER", HEADER)
    azure_server.reset()
    yield azure_server
    azure_server.straighten()
