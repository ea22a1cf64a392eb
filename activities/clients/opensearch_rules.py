"""Rules by which a domain follows each new index of another one (auto-follow), and the roles that replication has.

https://docs.opensearch.org/latest/tuning-your-cluster/replication-plugin/auto-follow/
"""

from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Any, Self

from activities.acting import View
from activities.clients.opensearch_wire import Wire
from activities.errors import StepError
from runbooks.aws.opensearch import OpensearchSettings
from runbooks.steps import ErrorType

_PATH = "/_plugins/_replication/_autofollow"


class Rule(View):
    """One rule."""

    name: str
    pattern: str
    alias: str = ""
    """The connection to the leader's domain; empty where the plugin is too old to tell it."""

    def is_in(self, known: Iterable[Self]) -> bool:
        """One of these is it, or does the same."""
        return any(one.name == self.name or (one.alias, one.pattern) == (self.alias, self.pattern) for one in known)


def wanted_rules(settings: OpensearchSettings, alias: str) -> tuple[Rule, ...]:
    """Those that a standby must have: one for each pattern."""
    patterns = (one for one in settings.indices if "*" in one)
    return tuple(
        Rule(name=f"{alias}-{pattern.replace('*', 'all')}", pattern=pattern, alias=alias) for pattern in patterns
    )


async def read_rules(there: Wire, settings: OpensearchSettings) -> tuple[Rule, ...]:
    """The rules that may have one of these indices follow another. Raises StepError."""
    said = await there.ask("/_plugins/_replication/autofollow_stats")
    rules = (
        Rule(name=one["name"], pattern=one["pattern"], alias=one.get("leader_alias") or "")
        for one in said.get("autofollow_stats", ())
    )
    return tuple(rule for rule in rules if any(_meet(rule.pattern, name) for name in settings.indices))


async def add_rule(there: Wire, settings: OpensearchSettings, rule: Rule, *, guarded: bool) -> None:
    """Raises StepError."""
    body = {"leader_alias": rule.alias, "name": rule.name, "pattern": rule.pattern, **roles(settings, guarded=guarded)}
    await there.change("POST", _PATH, body)


async def remove_rule(there: Wire, settings: OpensearchSettings, rule: Rule, aliases: Iterable[str]) -> None:
    """By its connection, or by each of `aliases` where the plugin does not tell which. Raises StepError."""
    for alias in (rule.alias,) if rule.alias else tuple(aliases):
        try:
            await there.change("DELETE", _PATH, {"leader_alias": alias, "name": rule.name})
        except StepError as error:
            if rule.alias or error.kind not in (ErrorType.NOT_FOUND, ErrorType.WRONG_STATE):
                raise
    left = {one.name for one in await read_rules(there, settings)}
    if rule.name in left:
        sentence = f"The rule {rule.name} ({rule.pattern}) of {settings.name} is still there: remove it by hand."
        raise StepError(ErrorType.NOT_YET, sentence, rule.evidence())


def roles(settings: OpensearchSettings, *, guarded: bool) -> dict[str, Any]:
    """As whom replication works, where the domain asks for it."""
    if not guarded:
        return {}
    given = {"leader_cluster_role": settings.leader_role, "follower_cluster_role": settings.follower_role}
    return {"use_roles": given}


def _meet(one: str, other: str) -> bool:
    """Some index may match both; of two patterns perhaps a little too often, which does no harm."""
    if "*" in one and "*" in other:
        return _stem(one).startswith(_stem(other)) or _stem(other).startswith(_stem(one))
    return fnmatchcase(one, other) or fnmatchcase(other, one)


def _stem(pattern: str) -> str:
    return pattern.partition("*")[0]
