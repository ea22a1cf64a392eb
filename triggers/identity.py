"""Who is acting, and how that was established. The workflow judges what a person may decide; this only names them."""

import os
import pwd
import socket

from runbooks.values import Model
from worker.settings import Settings


class Identity(Model):
    """A person as `user@host`, and the proof of it in words."""

    name: str
    proof: str


def who(settings: Settings) -> Identity:
    """The person at this command line.

    `EVAC_ACTOR` is taken at its word and says so. Under `sudo` it is the person who called it, since
    several people are root.
    """
    if settings.actor:
        return Identity(name=settings.actor, proof="EVAC_ACTOR, not proved")
    host = socket.gethostname().partition(".")[0]
    caller = os.environ.get("SUDO_USER", "")
    if os.getuid() == 0 and caller and caller != "root":
        return Identity(name=f"{caller}@{host}", proof=f"sudo by {caller} on {host}")
    return Identity(name=f"{_login()}@{host}", proof=f"unix user {os.getuid()} on {host}")


def _login() -> str:
    """The user's login name; the number itself where the system has no name for it (containers)."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())
