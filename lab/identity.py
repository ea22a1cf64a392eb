"""The unprivileged user of the lab's databases: PostgreSQL refuses to run as root."""

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path

from lab.errors import MissingPartError

UNPRIVILEGED = "nobody"


@dataclass(frozen=True)
class Identity:
    """A user of this machine."""

    name: str
    uid: int
    gid: int

    def owns(self, path: Path) -> None:
        """Make the file or folder this user's."""
        os.chown(path, self.uid, self.gid)

    def may_enter(self, folder: Path) -> bool:
        """Whether the user can reach what is in the folder: it and all above it must let him pass."""
        resolved = folder.resolve()
        return all(self._may_pass(place) for place in (resolved, *resolved.parents) if place.exists())

    def _may_pass(self, folder: Path) -> bool:
        status = folder.stat()
        if status.st_uid == self.uid:
            return bool(status.st_mode & stat.S_IXUSR)
        if status.st_gid == self.gid:
            return bool(status.st_mode & stat.S_IXGRP)
        return bool(status.st_mode & stat.S_IXOTH)


def identity(name: str | None) -> Identity | None:
    """The user of that name; None for None (no change of user). Raises MissingPartError."""
    if name is None:
        return None
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        message = (
            f"This machine has no user {name!r}, as whom the lab's databases run when the lab is root's. Create it."
        )
        raise MissingPartError(message) from None
    return Identity(name=name, uid=entry.pw_uid, gid=entry.pw_gid)


def database_user() -> Identity | None:
    """As whom the databases run: `nobody` when we are root, else ourselves (None)."""
    return identity(UNPRIVILEGED) if os.geteuid() == 0 else None
