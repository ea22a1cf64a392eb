"""The key that signs the cookies of the console: made once, in a file that only we can read."""

import os
import secrets
from pathlib import Path

_FILE = "console-session.key"


def session_key(home: Path) -> str:
    """The key; logins outlast a restart of the server. To end all of them, delete the file and start again."""
    home.mkdir(parents=True, exist_ok=True)
    path = home / _FILE
    try:
        made = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text()
    with os.fdopen(made, "w") as file:
        file.write(key := secrets.token_urlsafe(32))
    return key
