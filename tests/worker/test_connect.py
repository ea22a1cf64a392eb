"""The connection: Temporal's own configuration, then this home's embedded server; a sentence when there is none."""

import json
from pathlib import Path

import pytest

from worker.connect import CannotReachTemporalError, connect, connection
from worker.settings import Settings

PROFILE = """
[profile.prod]
address = "temporal.example.com:7233"
namespace = "dr"
[profile.prod.tls]
disabled = false
"""


def test_a_profile_of_temporals_own_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same profiles as its command line's."""
    file = tmp_path / "temporal.toml"
    file.write_text(PROFILE)
    monkeypatch.setenv("TEMPORAL_CONFIG_FILE", str(file))
    found = connection(Settings(home=tmp_path, profile="prod"))
    assert (found["target_host"], found["namespace"]) == ("temporal.example.com:7233", "dr")
    assert found["tls"]


def test_an_unknown_profile_is_a_sentence(tmp_path: Path) -> None:
    """No stack trace for a typing error."""
    with pytest.raises(CannotReachTemporalError, match="Profile 'nope' not found"):
        connection(Settings(home=tmp_path, profile="nope"))


def test_the_embedded_server_of_this_home(tmp_path: Path) -> None:
    """A server that has said where it is, is found without any setting."""
    settings = Settings(home=tmp_path)
    settings.server_file.write_text(json.dumps({"address": "127.0.0.1:4711", "ui": "http://127.0.0.1:1"}))
    assert connection(settings)["target_host"] == "127.0.0.1:4711"


def test_the_environment_wins_over_the_embedded_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """TEMPORAL_ADDRESS is somebody's word."""
    monkeypatch.setenv("TEMPORAL_ADDRESS", "elsewhere:7233")
    settings = Settings(home=tmp_path)
    settings.server_file.write_text(json.dumps({"address": "127.0.0.1:4711", "ui": "http://127.0.0.1:1"}))
    assert connection(settings)["target_host"] == "elsewhere:7233"


async def test_an_address_or_a_certificate_that_is_none_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What somebody has mistyped is no fault in Evac."""
    monkeypatch.setenv("TEMPORAL_ADDRESS", ":::bad")
    with pytest.raises(CannotReachTemporalError, match="cannot be reached at :::bad"):
        await connect(Settings(home=tmp_path))
    monkeypatch.setenv("TEMPORAL_ADDRESS", "127.0.0.1:1")
    monkeypatch.setenv("TEMPORAL_TLS_CLIENT_CERT_PATH", str(tmp_path / "none.pem"))
    with pytest.raises(CannotReachTemporalError, match=r"configuration cannot be used: .*none\.pem"):
        await connect(Settings(home=tmp_path))


async def test_nobody_there_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentence names the address and the next command."""
    monkeypatch.setenv("TEMPORAL_ADDRESS", "127.0.0.1:1")
    with pytest.raises(CannotReachTemporalError) as caught:
        await connect(Settings(home=tmp_path))
    assert "Temporal cannot be reached at 127.0.0.1:1 (nothing listens there)" in str(caught.value)
    assert "evac worker --embedded" in str(caught.value)
