"""Cosmos DB accounts: https://learn.microsoft.com/rest/api/cosmos-db-resource-provider/database-accounts.

What a change of priorities and a region that is taken offline do is from
https://learn.microsoft.com/azure/reliability/reliability-cosmos-db; how an account shows a region that is offline is
not documented: here it is in no list but that of priorities.
"""

from typing import Any

from tests.azure.arm import Answer, Arm, Asked, Body, Provider, Refusal, Serve

_ACCOUNT = "databaseAccounts/*"


class DocumentDb(Provider):
    """An account is Updating while its operation goes on, and takes no other one."""

    namespace = "Microsoft.DocumentDB"
    versions = frozenset({"2026-03-15"})

    def operations(self, asked: Asked) -> tuple[str, str]:
        """By the names that its role-based access control has for them."""
        del asked
        return "operationsStatus", "operationResults"

    def routes(self) -> dict[tuple[str, str], Serve]:
        """Accounts, and the two ways to move their write region."""
        return {
            ("GET", _ACCOUNT): lambda arm, asked: Answer(200, arm.must(asked)),
            ("PATCH", _ACCOUNT): _tag,
            ("POST", f"{_ACCOUNT}/failoverPriorityChange"): _change,
            ("POST", f"{_ACCOUNT}/offlineRegion"): _take_offline,
        }


def _tag(arm: Arm, asked: Asked) -> Answer:
    if set(asked.body) != {"tags"}:
        raise Refusal(501, "NotInTheFake", f"an account's {sorted(asked.body)}")
    found = arm.must(asked)
    return _begun(arm, asked, found, lambda: found.update(tags=asked.body["tags"]))


def _change(arm: Arm, asked: Asked) -> Answer:
    found = arm.must(asked, asked.path.rpartition("/")[0])
    given = {one["locationName"]: one["failoverPriority"] for one in asked.body.get("failoverPolicies", ())}
    names = {one["locationName"] for one in found["properties"]["failoverPolicies"]}
    if set(given) != names or sorted(given.values()) != list(range(len(names))):
        raise Refusal(400, "BadRequest", "The failover policies must name each region once, with priorities from 0.")
    if min(given, key=lambda name: given[name]) not in _online(found):
        raise Refusal(412, "PreconditionFailed", "A region that is offline cannot be the write region.")
    return _begun(arm, asked, found, lambda: _order(found, sorted(given, key=lambda name: given[name])))


def _take_offline(arm: Arm, asked: Asked) -> Answer:
    found, region = arm.must(asked, asked.path.rpartition("/")[0]), asked.body.get("region")
    if region not in _online(found) or len(_online(found)) == 1:
        raise Refusal(400, "BadRequest", f"The region '{region}' cannot be taken offline.")
    order = [one["locationName"] for one in found["properties"]["failoverPolicies"] if one["locationName"] != region]

    def finish() -> None:
        found["properties"]["readLocations"] = [
            one for one in found["properties"]["readLocations"] if one["locationName"] != region
        ]
        _order(found, [*order, region])

    return _begun(arm, asked, found, finish)


def _online(found: Body) -> set[str]:
    return {one["locationName"] for one in found["properties"]["readLocations"]}


def _order(found: Body, names: list[str]) -> None:
    policies = [{"locationName": name, "failoverPriority": number} for number, name in enumerate(names)]
    writes = {"locationName": names[0], "failoverPriority": 0, "provisioningState": "Succeeded"}
    found["properties"].update(failoverPolicies=policies, writeLocations=[writes])


def _begun(arm: Arm, asked: Asked, found: Body, effect: Any) -> Answer:
    properties = found["properties"]
    if properties["provisioningState"] != "Succeeded":
        message = "There is already an operation in progress which requires exclusive lock on this service."
        raise Refusal(409, "ConflictingOperationInProgress", message)
    properties["provisioningState"] = "Updating"

    def over() -> None:
        properties["provisioningState"] = "Succeeded"

    def finish() -> None:
        effect()
        over()

    status = 200 if asked.method == "PATCH" else 202
    return arm.begin(asked, found["id"], finish, status, fall_back=over)
