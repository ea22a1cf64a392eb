"""Failover groups of Azure SQL Database: https://learn.microsoft.com/rest/api/sql/failover-groups.

What a failover does is from https://learn.microsoft.com/azure/azure-sql/database/failover-group-sql-db. The codes of
refusals are not documented: they are of the service's usual kind.
"""

from tests.azure.arm import Answer, Arm, Asked, Body, Provider, Refusal, Serve

_SERVER, _GROUP = "servers/*", "servers/*/failoverGroups/*"


class Sql(Provider):
    """A group is on both servers; its role changes on both at once when a failover ends."""

    namespace = "Microsoft.Sql"
    versions = frozenset({"2025-01-01"})

    def operations(self, asked: Asked) -> tuple[str, str]:
        """Each type of resource has types of its own for them."""
        of = "failoverGroup" if "failoverGroups" in asked.types else "server"
        return f"{of}AzureAsyncOperation", f"{of}OperationResults"

    def routes(self) -> dict[tuple[str, str], Serve]:
        """Logical servers and their groups."""
        return {
            ("GET", _SERVER): lambda arm, asked: Answer(200, arm.must(asked)),
            ("PATCH", _SERVER): _tag,
            ("GET", _GROUP): lambda arm, asked: Answer(200, arm.must(asked)),
            ("POST", f"{_GROUP}/failover"): lambda arm, asked: _fail_over(arm, asked, planned=True),
            ("POST", f"{_GROUP}/forceFailoverAllowDataLoss"): lambda arm, asked: _fail_over(arm, asked, planned=False),
        }


def _tag(arm: Arm, asked: Asked) -> Answer:
    found = arm.must(asked)
    if set(asked.body) != {"tags"}:
        raise Refusal(501, "NotInTheFake", f"a server's {sorted(asked.body)}")
    _must_be_idle(arm, found)

    def finish() -> None:
        found["tags"] = asked.body["tags"]

    return arm.begin(asked, asked.path, finish)


def _fail_over(arm: Arm, asked: Asked, *, planned: bool) -> Answer:
    found = arm.must(asked, asked.path.rpartition("/")[0])
    partner = arm.resource(f"{found['properties']['partnerServers'][0]['id']}/failoverGroups/{found['name']}")
    if found["properties"]["replicationRole"] != "Secondary":
        raise Refusal(400, "InvalidFailoverTarget", f"The server is already the primary of {found['name']}.")
    if planned and found["properties"]["replicationState"] != "CATCH_UP":
        raise Refusal(400, "GeoReplicationNotReady", "The secondary is not synchronized with its primary.")
    _must_be_idle(arm, found)

    def finish() -> None:
        for one, role in ((found, "Primary"), (partner, "Secondary")):
            one["properties"]["replicationRole"] = role

    return arm.begin(asked, found["id"], finish)


def _must_be_idle(arm: Arm, found: Body) -> None:
    if arm.busy(found["id"]) is not None:
        message = "There is already some conflicting operation in progress."
        raise Refusal(409, "ConflictingServerOperation", message)
