"""Evac's own settings: environment variables `EVAC_*`. How Temporal is reached is Temporal's affair (`connect.py`)."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from audit.store import why_no_store
from runbooks.references import is_reference, kms_key, why_none
from runbooks.values import Seconds


def _store(url: str) -> str:
    why = why_no_store(url)
    if why is not None:
        raise ValueError(why)
    return url


def _signing_key(reference: str) -> str:
    if not is_reference(reference) and kms_key(reference) is None:
        message = f"{why_none(reference)}; a key of AWS KMS is given as awskms:///ARN or awskms://REGION/alias/NAME"
        raise ValueError(message)
    return reference


class Settings(BaseSettings):
    """Where Evac keeps its files and which task queues it uses."""

    model_config = SettingsConfigDict(env_prefix="EVAC_", extra="ignore")

    home: Path = Field(default_factory=lambda: Path.cwd() / ".evac")
    """State of the embedded server, records, notices. `EVAC_HOME`."""
    task_queue: str = Field("evac", min_length=1)
    profile: str | None = None
    """A profile of Temporal's own configuration file (the same as its CLI's). `EVAC_PROFILE`."""
    actor: str | None = None
    """Who is acting, when it is not the Unix user. `EVAC_ACTOR`."""
    signing_key: Annotated[str, AfterValidator(_signing_key)] | None = None
    """The key that signs records: an Ed25519 key by reference (`file:///path`, ...), or `awskms:///ARN` for one of KMS.
    `EVAC_SIGNING_KEY`.
    """
    records_store: Annotated[str, AfterValidator(_store)] | None = None
    """Where records are copied to: `s3://bucket/prefix`, `az://`, `gs://`, `file://`. `EVAC_RECORDS_STORE`."""
    records_keep: Seconds | None = None
    """How long records are kept here once the store has them, such as `400d`; none: for ever. `EVAC_RECORDS_KEEP`."""
    records_locked: Seconds | None = None
    """How long the store itself is to keep each record from being removed, such as `400d`. `EVAC_RECORDS_LOCKED`."""

    @property
    def records(self) -> Path:
        """Where the records of runs are kept."""
        return self.home / "records"

    @property
    def server_file(self) -> Path:
        """Where a running embedded server says how it is reached."""
        return self.home / "server.json"

    def vantage_queue(self, vantage: str) -> str:
        """The task queue that the worker at this vantage point polls."""
        return f"{self.task_queue}@{vantage}"
