"""The newest decision that this worker has carried out on a state: a file in its home, under a lock.

Workers that share a home share it. Where they do not, an old decision is still refused when the state has moved on: its
changes are not those that were approved.
"""

import fcntl
import hashlib
import json
from pathlib import Path

from activities.errors import StepError
from runbooks.steps import ErrorType, StepCall
from runbooks.terraform import TerraformSettings


class EpochFile:
    """Of one state: a backend and a workspace."""

    def __init__(self, home: Path, settings: TerraformSettings) -> None:
        place = settings.hcp or settings.backend
        known = [None if place is None else place.model_dump(mode="json"), settings.workspace]
        name = hashlib.sha256(json.dumps(known, sort_keys=True).encode()).hexdigest()[:32]
        self._path = home / "terraform" / ".epochs" / name

    def refuse_stale(self, call: StepCall) -> int | None:
        """The newest decision that was noted. Raises StepError when it is newer than this call's."""
        kept = self._read()
        if kept is not None and kept > call.epoch:
            raise StepError(
                ErrorType.STALE_EPOCH,
                f"The Terraform state of {call.resource} in {call.region} was changed by decision {kept}, which is "
                f"newer than this run's {call.epoch}: nothing was changed.",
                {"epoch": kept},
            )
        return kept

    def note(self, call: StepCall) -> None:
        """Before the change. Raises StepError as `refuse_stale`."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.refuse_stale(call)
            new = self._path.with_suffix(".new")
            new.write_text(str(call.epoch))
            new.replace(self._path)

    def _read(self) -> int | None:
        try:
            return int(self._path.read_text())
        except (FileNotFoundError, ValueError):
            return None
