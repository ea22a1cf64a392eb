"""Storage accounts and their failover: https://learn.microsoft.com/rest/api/storagerp/storage-accounts/failover.

What a failover does is from https://learn.microsoft.com/azure/storage/common/storage-disaster-recovery-guidance.
"""

from tests.azure.arm import Answer, Arm, Asked, Provider, Refusal, Serve

_ACCOUNT = "storageAccounts/*"
_GEO = {"Standard_GRS", "Standard_RAGRS", "Standard_GZRS", "Standard_RAGZRS"}


class Storage(Provider):
    """Planned, both regions are swapped; else the second one is the only one, and the account is locally redundant."""

    namespace = "Microsoft.Storage"
    versions = frozenset({"2026-09-01"})

    def operations(self, asked: Asked) -> tuple[str, str]:
        """One type for both."""
        del asked
        return "asyncoperations", "asyncoperations"

    def routes(self) -> dict[tuple[str, str], Serve]:
        """Accounts."""
        return {
            ("GET", _ACCOUNT): _get,
            ("PATCH", _ACCOUNT): _update,
            ("POST", f"{_ACCOUNT}/failover"): _fail_over,
        }


def _get(arm: Arm, asked: Asked) -> Answer:
    found = arm.must(asked)
    properties = dict(found["properties"])
    if asked.query.get("$expand") != "geoReplicationStats" or not properties.get("secondaryLocation"):
        properties.pop("geoReplicationStats", None)
    return Answer(200, {**found, "properties": properties})


def _update(arm: Arm, asked: Asked) -> Answer:
    found = arm.must(asked)
    if set(asked.body) - {"tags", "sku"}:
        raise Refusal(501, "NotInTheFake", f"an account's {sorted(asked.body)}")
    if found["properties"].get("failoverInProgress"):
        raise Refusal(409, "AccountFailoverInProgress", "The account is failing over.")
    found.update(asked.body)
    sku = asked.body.get("sku", {}).get("name")
    if sku in _GEO and not found["properties"].get("secondaryLocation"):
        found["properties"]["secondaryLocation"] = found["pair"][found["properties"]["primaryLocation"]]
    return Answer(200, found)


def _fail_over(arm: Arm, asked: Asked) -> Answer:
    found = arm.must(asked, asked.path.rpartition("/")[0])
    properties, kind = found["properties"], asked.query.get("failoverType")
    if kind not in {None, "Planned"}:
        raise Refusal(400, "InvalidQueryParameterValue", "failoverType is invalid.")
    if properties.get("failoverInProgress"):
        raise Refusal(409, "AccountFailoverInProgress", "The account is failing over.")
    stats = properties["geoReplicationStats"]
    if not properties.get("secondaryLocation") or (kind and stats["status"] != "Live"):
        raise Refusal(400, "AccountFailoverNotSupported", "The account cannot fail over.")
    properties["failoverInProgress"] = True

    def finish() -> None:
        properties.pop("failoverInProgress")
        properties["primaryLocation"], properties["secondaryLocation"] = (
            properties["secondaryLocation"],
            properties["primaryLocation"],
        )
        if kind is None:
            properties["secondaryLocation"] = None
            found["sku"] = {"name": "Standard_LRS"}

    def fall_back() -> None:
        properties.pop("failoverInProgress")

    return arm.begin(asked, found["id"], finish, fall_back=fall_back)
