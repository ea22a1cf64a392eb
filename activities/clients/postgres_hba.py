"""`pg_hba.conf` rules, narrowed to the administrator and replication."""

import re
from collections.abc import Iterable, Sequence

from runbooks.values import Model

HBA_RULES = """
SELECT type, database, user_name, address, netmask, auth_method, options, error
FROM pg_hba_file_rules ORDER BY line_number
"""
MARK = "# Fenced by Evac"
BEFORE = ".before-evac"
"""The old pg_hba.conf is kept beside the new one, under this ending."""

_BARE = re.compile(r"[A-Za-z0-9_.+-]+")


class HbaRule(Model):
    """One rule as the view `pg_hba_file_rules` shows it; a line with an `error` has nothing else."""

    type: str | None
    database: tuple[str, ...] | None
    user_name: tuple[str, ...] | None
    address: str | None
    netmask: str | None
    auth_method: str | None
    options: tuple[str, ...] | None
    error: str | None = None


def header(at: str, epoch: int, path: str) -> str:
    """The first line of a fenced pg_hba.conf; the server itself reads it back."""
    return f"{MARK} at {at}, epoch {epoch}. The file before is {path}{BEFORE}"


def fenced_rules(rules: Iterable[HbaRule], admin: str) -> list[str]:
    """The lines that still admit `admin` and replication as before, and nobody else.

    The administrator's own rules are kept instead of written anew: only they are known to let Evac in again.
    """
    lines: list[str] = []
    for rule in rules:
        if rule.error is not None or rule.type is None or rule.auth_method is None:
            continue
        databases, users = rule.database or (), rule.user_name or ()
        others = tuple(name for name in databases if name != "replication")
        if rule.auth_method == "reject":
            lines.append(_line(rule, databases, users))
            continue
        if "replication" in databases:
            lines.append(_line(rule, ("replication",), users))
        if others and any(name in ("all", admin) or name[:1] in "+/" for name in users):
            lines.append(_line(rule, others, (admin,)))
    return lines


def _line(rule: HbaRule, databases: Sequence[str], users: Sequence[str]) -> str:
    where = [part for part in (rule.address, rule.netmask) if part]
    options = [f'"{option}"' if " " in option else option for option in rule.options or ()]
    names = [",".join(map(_quoted, databases)), ",".join(map(_quoted, users))]
    return " ".join([rule.type or "", *names, *where, rule.auth_method or "", *options])


def _quoted(name: str) -> str:
    return name if _BARE.fullmatch(name) else '"' + name.replace('"', '""') + '"'
