"""The same name server as `dns_server.py`, with BIND's `named` where it is installed (Debian: package bind9).

The configuration and the interface are in `dns_config.py`. BIND keeps its zone, and a
journal of updates, in the folder `bind` of its home.
"""

import os
import pwd
import shutil
from pathlib import Path

from lab.dns_config import DnsConfig, first_zone
from lab.program import Program, write_durably

_CONFIGURATION = """\
key "{key}" {{ algorithm {algorithm}; secret "{secret}"; }};
options {{
  directory "{directory}";
  pid-file none;
  session-keyfile none;
  listen-on port {port} {{ {listen} }};
  listen-on-v6 port {port} {{ {listen6} }};
  recursion no;
  notify no;
  dnssec-validation no;
  minimal-responses yes;
}};
controls {{ }};
logging {{ category default {{ default_stderr; }}; }};
zone "{zone}" {{ type primary; file "zone"; update-policy {{ grant "{key}" zonesub ANY; }}; }};
"""


def available() -> str | None:
    """Why BIND cannot be used here, or None."""
    if _named() is None:
        return "BIND's named is not installed (Debian: apt-get install bind9)"
    return None


def program(config: DnsConfig, home: Path, user: str | None = None) -> Program:
    """Write named.conf, and the zone unless it is there already, and say how to start named.

    Root's files are handed to `user`, so that named never has more rights than it needs.
    """
    named = _named() or "named"
    directory = home / "bind"
    directory.mkdir(exist_ok=True)
    zone = directory / "zone"
    if not zone.exists():
        write_durably(zone, first_zone(config))
    settings = directory / "named.conf"
    write_durably(settings, _configuration(config, directory))
    settings.chmod(0o600)
    if user is not None and os.geteuid() == 0:
        _hand_over(user, directory, settings, zone)
    return Program(argv=(named, "-g", "-n", "1", "-c", str(settings)), user=user)


def _named() -> str | None:
    # Debian keeps it where an ordinary user's PATH does not lead.
    return shutil.which("named") or shutil.which("named", path="/usr/sbin:/usr/local/sbin")


def _configuration(config: DnsConfig, directory: Path) -> str:
    six = ":" in config.address
    return _CONFIGURATION.format(
        key=config.key.name.rstrip("."),
        algorithm=config.key.algorithm,
        secret=config.key.secret_file.read_text().strip(),
        directory=directory,
        port=config.port,
        listen="none;" if six else f"{config.address};",
        listen6=f"{config.address};" if six else "none;",
        zone=str(config.origin).rstrip("."),
    )


def _hand_over(user: str, *paths: Path) -> None:
    account = pwd.getpwnam(user)
    for path in paths:
        os.chown(path, account.pw_uid, account.pw_gid)
