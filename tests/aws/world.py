"""AWS as a test sees it: asked by boto3 itself, never through our code, and bent by a word."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest
from botocore.config import Config

HERE, THERE, THIRD = "us-east-1", "eu-west-1", "ap-southeast-2"
ACCOUNT = "123456789012"
_ROOT = Path(__file__).parents[2]
_IMAGES = Path(__file__).with_name("images.json")
_STARTS_WITHIN = 60.0


class World:
    """A server of AWS's on loopback, and nothing in it."""

    def __init__(self, url: str) -> None:
        self.url = url
        # One for all that is said: making one costs more than the request. Plain HTTP, on loopback.
        self._http = httpx.Client(base_url=url, timeout=30, trust_env=False, verify=False)  # noqa: S501
        self._clients: dict[tuple[str, str], Any] = {}

    def client(self, service: str, region: str = HERE) -> Any:
        """Boto3's own client."""
        made = self._clients.get((service, region))
        if made is None:
            config = Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=30)
            made = boto3.client(service, region_name=region, endpoint_url=self.url, config=config)
            self._clients[service, region] = made
        return made

    def settings(self, region: str = HERE, **more: Any) -> dict[str, Any]:
        """What AwsSettings need to come here."""
        return {"aws_region": region, "endpoint": self.url, **more}

    def bend(self, match: str, mode: str, times: int | None = None, after: int = 0) -> None:
        """From now on requests that match end so (`front.py`): all of them, or so many, after so many."""
        self._say("bend", match=match, mode=mode, times=times, after=after)

    def straighten(self) -> None:
        """No bends any more. What hangs goes on hanging until the test ends."""
        self._say("straighten")

    def tell(self, service: str, **what: Any) -> Any:
        """Say something to a fake."""
        return self._say("tell", service=service, what=what)

    def calls(self) -> list[dict[str, Any]]:
        """Every request since the test began: `asked` (`rds:PromoteReadReplica`), `region`, `change`, `as`."""
        found: list[dict[str, Any]] = self._say("calls")
        return found

    def asked(self, *, changes: bool | None = None) -> list[str]:
        """Their names: all, or only those that change something."""
        return [call["asked"] for call in self.calls() if changes is None or call["change"] == changes]

    def reset(self) -> None:
        """Nothing is there any more."""
        self._say("reset")

    def close(self) -> None:
        """Nothing more is said."""
        self._http.close()

    def _say(self, word: str, **said: Any) -> Any:
        return self._http.post(f"/_evac/{word}", json=said).raise_for_status().json()


@pytest.fixture(scope="session")
def aws_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One server for all tests of this process: it takes seconds to start."""
    home = tmp_path_factory.mktemp("aws")
    environment = {**os.environ, "PYTHONPATH": str(_ROOT), "PYTHONWARNINGS": "ignore", "MOTO_AMIS_PATH": str(_IMAGES)}
    with (home / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.aws.server", str(home / "port")],
            cwd=_ROOT,
            env=environment,
            stdout=log,
            stderr=log,
        )
    try:
        deadline = time.monotonic() + _STARTS_WITHIN
        while not (home / "port").exists():
            assert process.poll() is None, (home / "log").read_text()
            assert time.monotonic() < deadline, (home / "log").read_text()
            time.sleep(0.05)
        world = World(f"http://127.0.0.1:{(home / 'port').read_text()}")
        yield world
        world.close()
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def aws(aws_server: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """AWS with nothing in it, for one test; credentials are in the environment."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIATEST")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "made-up")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    aws_server.reset()
    return aws_server
