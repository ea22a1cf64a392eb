"""A flexible server made of the backups of another one, in the fake: in its own region, or in the paired one."""

from datetime import UTC, datetime

from tests.azure.arm import Answer, Arm, Asked, Refusal

_RESTORED = {"createMode", "sourceServerResourceId", "pointInTimeUTC", "network", "availabilityZone"}


def restored(arm: Arm, asked: Asked) -> Answer:
    """A PUT with such a createMode. The source goes on as it is. Raises Refusal."""
    body, properties = asked.body, asked.body["properties"]
    if set(properties) - _RESTORED or set(body) - {"location", "tags", "properties"}:
        raise Refusal(501, "NotInTheFake", f"a server that is restored by {sorted(properties)}")
    if asked.path.lower() in arm.resources:
        raise Refusal(409, "ServerNameAlreadyExists", f"The server name {asked.names[0]} is taken.")
    source = arm.must(asked, properties["sourceServerResourceId"])
    _must_be_kept(source, body["location"], properties)
    made = arm.put(
        asked.path,
        {
            "location": body["location"],
            "tags": body.get("tags", {}),
            "sku": source.get("sku"),
            "databases": [],
            "properties": {
                "state": "Provisioning",
                "replicationRole": "Primary",
                "replica": {"role": "Primary", "capacity": 5},
                "network": properties.get("network", {}),
            },
        },
    )

    def finish() -> None:
        made["properties"]["state"] = "Ready"
        made["databases"] = list(source.get("databases", ()))

    def fall_back() -> None:
        made["properties"]["state"] = "Disabled"

    return arm.begin(asked, asked.path, finish, fall_back=fall_back)


def _must_be_kept(source: dict[str, object], location: str, properties: dict[str, str]) -> None:
    shown = source["properties"]
    assert isinstance(shown, dict)
    backup = shown.get("backup", {})
    own = location == source["location"]
    if own != (properties["createMode"] == "PointInTimeRestore"):
        raise Refusal(400, "InvalidParameterValue", "The create mode is not for that region.")
    if not own and backup.get("geoRedundantBackup") != "Enabled":
        raise Refusal(400, "GeoRestoreNotEnabled", "The source server has no geographically redundant backups.")
    point = datetime.fromisoformat(properties["pointInTimeUTC"])
    earliest = backup.get("earliestRestoreDate")
    if earliest is None or not datetime.fromisoformat(earliest) <= point <= datetime.now(UTC):
        raise Refusal(400, "InvalidPointInTimeUTC", "The point in time is not between the earliest one and now.")
