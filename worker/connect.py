"""The connection to Temporal: Temporal's own environment configuration, or the embedded server of this home.

CannotReachTemporalError    the sentence says what was tried and what to do
"""

import json
from datetime import timedelta
from typing import Any

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.envconfig import ClientConfig
from temporalio.service import RPCError

from worker.settings import Settings


class CannotReachTemporalError(RuntimeError):
    """Temporal did not answer."""


def connection(settings: Settings) -> dict[str, Any]:
    """How to connect, as `Client.connect` takes it.

    A named profile or `TEMPORAL_*` wins; else the embedded server of this home, if one has said where it
    is; else Temporal's default profile (localhost:7233). Raises CannotReachTemporalError for an unknown profile.
    """
    try:
        config: dict[str, Any] = dict(ClientConfig.load_client_connect_config(profile=settings.profile))
    except (RuntimeError, OSError) as error:  # what the SDK's ConfigError is; a certificate that cannot be read
        message = f"Temporal's configuration cannot be used: {error}"
        raise CannotReachTemporalError(message) from None
    if settings.profile is None and "target_host" not in config and settings.server_file.exists():
        config["target_host"] = json.loads(settings.server_file.read_text())["address"]
    config.setdefault("target_host", "localhost:7233")
    return config


async def connect(settings: Settings) -> Client:
    """A client whose payloads are pydantic models. Raises CannotReachTemporalError."""
    config = connection(settings)
    try:
        client = await Client.connect(**config, data_converter=pydantic_data_converter)
        await client.service_client.check_health(timeout=timedelta(seconds=5))
    except (RuntimeError, RPCError, ValueError) as error:  # ValueError: an address that is none
        message = (
            f"Temporal cannot be reached at {config['target_host']} ({_why(error)}). "
            "Start one with `evac worker --embedded`, or set TEMPORAL_ADDRESS or EVAC_PROFILE."
        )
        raise CannotReachTemporalError(message) from None
    return client


def _why(error: Exception) -> str:
    """The reason in a few words: the SDK's own text holds the names of its Rust types."""
    text = str(error).strip()
    if "ConnectionRefused" in text:
        return "nothing listens there"
    if "dns error" in text:
        return "its name cannot be resolved"
    return (text.splitlines() or [type(error).__name__])[0][:200]
